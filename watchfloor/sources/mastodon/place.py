"""Where each stream stands, and from which id its timeline is asked for after a gap.

Ids are a server's own, and rise with time: numbers on Mastodon, ULIDs and the like elsewhere; the longer one, or of two
as long the later in the alphabet, is the newer one. But a post that comes from another server is filed under the time
at which it was written, not the one at which it came: what came late lies *before* what we had last. So a backfill
begins a little earlier than our place, `ask`, and what came twice is dropped.
"""

from __future__ import annotations

import bisect
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor.sources.source import NeedsHands

MOST_BACK = 200  # posts that a backfill goes back at most, five pages
LONGEST_BACK_MS = 15 * 60 * 1000  # and no further than this
NOTHING = "0"  # an empty timeline: all that comes is after it

Order = tuple[int, str]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """All up to `newest` is sent on. `ask`: the id to ask from. `at_ms`: up to when (our clock) all is there."""

    newest: str
    ask: str
    at_ms: int


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """`places` by server address and stream, parted by a space."""

    places: dict[str, Place]
    known: str = ""


def order(number: str) -> Order:
    return len(number), number


class Recent:
    """The newest ids of one stream, whatever order they came in."""

    def __init__(self) -> None:
        self._ids: list[tuple[Order, int]] = []  # and when they were written

    def add(self, number: str, written_ms: int) -> None:
        entry = (order(number), written_ms)
        at = bisect.bisect_left(self._ids, entry)
        if at < len(self._ids) and self._ids[at][0] == entry[0]:
            return
        self._ids.insert(at, entry)
        if len(self._ids) > 2 * MOST_BACK:
            del self._ids[: len(self._ids) - MOST_BACK]

    def place(self, after: Place | None, at_ms: int, *, back: int = MOST_BACK) -> Place:
        """The place after all of these and `after`, from which it is asked `back` posts earlier."""
        newest, ask = (after.newest, after.ask) if after is not None else (NOTHING, NOTHING)
        if self._ids:
            last, written_ms = self._ids[-1]
            if order(newest) < last:
                newest = last[1]
            since_ms = written_ms - LONGEST_BACK_MS
            near = [number for (_, number), at in self._ids[-back:] if at >= since_ms]
            # All of these are near: then further back is what the place before knew.
            goes_on = len(near) == len(self._ids) and after is not None
            if not goes_on and order(ask) < order(near[0]):
                ask = near[0]
        return Place(newest, ask, at_ms)


def read_cursor(cursor: str | None) -> Cursor:
    """Raises NeedsHands on a cursor that is not ours."""
    if cursor is None:
        return Cursor({})
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NeedsHands(
            "The stored place in the Mastodon timelines can't be read", cursor[:100], "Reset the connection's position."
        ) from error


def write_cursor(places: Mapping[str, Place], known: str) -> str:
    return msgspec.json.encode(Cursor(dict(places), known)).decode()


def rewind(cursor: str | None, *, by: timedelta) -> str | None:
    """The cursor that asks `by` earlier, where ids are Mastodon's (they carry the time); others stay."""
    if cursor is None:
        return None
    read = read_cursor(cursor)
    places = {
        name: msgspec.structs.replace(place, ask=before(place.ask, by) or place.ask)
        for name, place in read.places.items()
    }
    return write_cursor(places, read.known)


def before(number: str, by: timedelta) -> str | None:
    """Mastodon's id of the time `by` before `number`'s: milliseconds since 1970, then 16 bits. None for other ids."""
    if not _has_time(number):
        return None
    return str(max(0, int(number) - ((by // timedelta(milliseconds=1)) << 16)))


def id_at(moment_ms: int, like: str) -> str | None:
    """The first id of a moment, where ids are like Mastodon's."""
    return str(moment_ms << 16) if _has_time(like) else None


def _has_time(number: str) -> bool:
    return number.isascii() and number.isdigit() and 17 <= len(number) <= 19


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as a time; clipped to the years that a date can hold."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(max(ms, 0), 250_000_000_000_000))
