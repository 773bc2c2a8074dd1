"""Where we are in the stream, and what the first line after it proves.

A cursor is inclusive: a server that still has the line at the cursor sends it once more. So the first line after
connecting tells, without knowing any server's look-back or clock:

- it is the line we had, or lies within `MARGIN` of it: nothing was lost;
- it is later than that: the line we had is no longer there, so what stood between is lost (the cursor was clamped);
- it lies before what we asked for: the server did not know that time yet and sent what is new instead.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor.sources.source import Gap, NeedsHands

# How far apart two hosts stamp the same event; we ask that much earlier when the host changes, and call nothing
# shorter a gap. One host's lines are out of order by some tens of milliseconds: even there we ask a little earlier.
MARGIN_US = 5_000_000
SAME_HOST_MARGIN_US = 1_000_000
LOOK_BACK_US = 36 * 3600 * 1_000_000  # how far back the public servers go


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """The stream's place after a line. `time_us` is that line's own time, `heard_us` our clock when we had it;
    `rewound_us` is how much earlier to ask; `seq` is the place in a firehose."""

    host: str
    time_us: int
    heard_us: int
    seq: int | None = None
    rewound_us: int = 0
    wanted: str = ""

    def cursor(self) -> str:
        return msgspec.json.encode(self).decode()

    def ask_from(self, host: str) -> int:
        """The time_us to ask `host` for."""
        margin = SAME_HOST_MARGIN_US if host == self.host else MARGIN_US
        return max(1, self.time_us - self.rewound_us - margin)


def read_cursor(cursor: str | None) -> Position | None:
    """Raises NeedsHands on a cursor that is not ours."""
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(cursor, type=Position)
    except (msgspec.MsgspecError, ValueError) as error:
        raise NeedsHands(
            "The stored place in the Bluesky stream can't be read", cursor[:100], "Reset the connection's position."
        ) from error


def rewind(cursor: str | None, *, by: timedelta) -> str | None:
    """The cursor that asks `by` earlier. A firehose counts by number, not by time: its place stays."""
    place = read_cursor(cursor)
    if place is None:
        return None
    return msgspec.structs.replace(place, rewound_us=place.rewound_us + by // timedelta(microseconds=1)).cursor()


def gap_before(first_us: int, place: Position, *, asked_us: int, wanted: str) -> Gap | None:
    """What was lost between our place and the first line that came after connecting, if anything."""
    if first_us < asked_us:
        since, until = sorted((place.heard_us, first_us))
        return Gap(
            moment(since), moment(until), "The server did not know our place in the stream and sent only what is new."
        )
    if first_us <= place.time_us + MARGIN_US:
        return None
    if place.wanted != wanted and first_us - place.time_us < LOOK_BACK_US:
        # The accounts asked for have changed: the line at our place may be none of theirs.
        return None
    return Gap(
        moment(place.time_us), moment(first_us), "The server no longer had our place in the stream and began later."
    )


def moment(time_us: int) -> datetime:
    """Microseconds since 1970 as a time; clipped to the years that a date can hold."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(max(time_us, 0), 250_000_000_000_000_000))


def now_us() -> int:
    return time.time_ns() // 1000
