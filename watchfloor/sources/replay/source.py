"""Replay as a connection: recorded posts come again, in the order and rhythm they were written in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from watchfloor.sources.clock import Clock, Pace, WallClock, play
from watchfloor.sources.post import Post
from watchfloor.sources.post_json import UnreadablePost, read_post
from watchfloor.sources.read_only import ReadOnly
from watchfloor.sources.replay.recordings import Provider, Recorded, file_recording
from watchfloor.sources.source import (
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
    Unreadable,
    Written,
)

# Behind by more than this, nobody was listening: the replay waited, and goes on now instead of rushing after.
PATIENCE = timedelta(hours=1)
STORED = "stored"


class ReplaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either `path` (a JSONL file in the data folder's `imports`), or `mission` with `since` and `until`.

    `shift`: posts are dated as they come, with ids of their own, so that they are new posts; without it they keep their
    times and ids, and those that are stored already stay as they are. `loop` needs `shift`.
    """

    path: str | None = None
    mission: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    speed: Annotated[float, msgspec.Meta(ge=1, le=1000)] = 1.0
    loop: bool = False
    shift: bool = True

    def __post_init__(self) -> None:
        if (self.path is None) == (self.mission is None):
            raise ValueError("give either a path or a mission")
        if self.loop and not self.shift:
            raise ValueError("loop needs shift: the same posts with the same times would change nothing")


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The cursor: how many posts of which round are done, and the pace that maps their times to the wall clock.
    `mark` is the replay's own, and goes into the ids of shifted posts."""

    recording: str
    mark: str
    round: int
    done: int
    recorded: datetime
    wall: datetime
    speed: float

    @property
    def pace(self) -> Pace:
        return Pace(self.recorded, self.wall, self.speed)


class ReplaySource(ReadOnly):
    """`providers["stored"]` is called with the settings and answers an iterator of posts, oldest first: the folder that
    stores posts registers it."""

    name = "replay"
    settings_type = ReplaySettings
    facts = Facts(
        title="Replay",
        networks=(),
        terms="Your own recording: its networks' terms still hold for what you do with it.",
        limits="Files in the data folder's imports, or stored posts; 1× to 1000×.",
        cannot_tell=(),
        rhythm=timedelta(hours=1),
        letters="Rp",
    )

    no_reply = (
        "Nothing was sent: this is a replay of recorded posts",
        "Reply through the network's own connection.",
    )

    def __init__(self, clock: Clock | None = None, imports: Callable[[], Path] | None = None) -> None:
        self.clock = clock or WallClock()
        self.imports = imports or _imports_folder
        self.providers: dict[str, Provider] = {}

    async def listen(
        self, settings: ReplaySettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncIterator[Batch]:
        """Play from `cursor` on, or from the first post. Ends with the recording, unless `loop` is on. Raises
        NeedsHands for a recording that is not there or empty, or a cursor that is none of its own."""
        recording = await asyncio.to_thread(self._open, settings)
        first, last = _first_and_last(recording, settings)
        position = self._resume(recording, settings, cursor, first)
        while True:
            async for events in play(_timed(recording, position, shift=settings.shift), self.clock):
                position = msgspec.structs.replace(position, done=position.done + len(events))
                clock = None if settings.shift or not position.done else recording.times[position.done - 1]
                yield Batch(events=events, cursor=_write_cursor(position), clock=clock)
            if not settings.loop:
                return
            wall = max(position.pace.at(last), _whole(self.clock.now())) + timedelta(seconds=1)
            position = msgspec.structs.replace(position, round=position.round + 1, done=0, recorded=first, wall=wall)

    def parse(self, raw: bytes) -> list[Event]:
        return [_read(raw)]

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        """The cursor as it is: a recording is on no other host whose clock could differ."""
        return cursor

    async def check(self, settings: ReplaySettings, *, secrets: Mapping[str, str]) -> Checked:
        recording = await asyncio.to_thread(self._open, settings)
        first, last = _first_and_last(recording, settings)
        plays = (last - first) / settings.speed
        return Checked(
            f"Found {len(recording.times):,} posts.",
            {
                "From": first.isoformat(),
                "Until": last.isoformat(),
                "Plays for": _minutes(plays),
            },
        )

    def cost(self, settings: ReplaySettings) -> Cost:
        return Cost(requests_per_hour=0, money_per_1000_posts=0, note="Nothing leaves this machine.")

    def _open(self, settings: ReplaySettings) -> Recorded:
        if settings.path is not None:
            return file_recording(settings.path, self.imports())
        provider = self.providers.get(STORED)
        if provider is None:
            raise NeedsHands(
                "Tried to replay stored posts, but no store is there", f"mission {settings.mission}", "Replay a file."
            )
        lines = [msgspec.json.encode(post) for post in provider(settings)]
        return Recorded.of_lines(f"stored:{settings.mission}:{settings.since}:{settings.until}", lines)

    def _resume(self, recording: Recorded, settings: ReplaySettings, cursor: str | None, first: datetime) -> Position:
        now = _whole(self.clock.now())
        position = _read_cursor(cursor) if cursor else None
        if position is None or position.recording != recording.name or position.done > len(recording.times):
            return Position(recording.name, f"{int(now.timestamp()):x}", 0, 0, first, now, settings.speed)
        if position.done == len(recording.times):
            return position
        next_at = recording.times[position.done]
        if position.speed != settings.speed or now - position.pace.at(next_at) > PATIENCE:
            return msgspec.structs.replace(position, recorded=next_at, wall=now, speed=settings.speed)
        return position


def _minutes(length: timedelta) -> str:
    return f"{length / timedelta(minutes=1):.0f} minutes"


def _first_and_last(recording: Recorded, settings: ReplaySettings) -> tuple[datetime, datetime]:
    if not recording.times:
        raise NeedsHands(
            "Tried to replay, and found no post",
            settings.path or f"mission {settings.mission}",
            "Choose another file or period.",
        )
    return recording.times[0], recording.times[-1]


def _timed(recording: Recorded, position: Position, *, shift: bool) -> Iterator[tuple[datetime, Event]]:
    pace = position.pace
    for at, line in recording.since(position.done):
        wall = pace.at(at)
        event = _read(line)
        if shift and isinstance(event, Written):
            post = _as_new(event.post, f"#{position.mark}.{position.round}", wall)
            event = Written(post, msgspec.json.encode(post))
        yield wall, event


def _as_new(post: Post, mark: str, wall: datetime) -> Post:
    ids = {name: f"{value}{mark}" for name in _IDS if (value := getattr(post, name))}
    return msgspec.structs.replace(post, created_at=wall, **ids)


_IDS = ("id", "reply_to", "repost_of", "quote_of", "conversation")


def _read(line: bytes) -> Event:
    try:
        return Written(read_post(line), line)
    except UnreadablePost as problem:
        return Unreadable(problem.what, line[:200])


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000).astimezone(UTC)


def _write_cursor(position: Position) -> str:
    return msgspec.json.encode(position).decode()


def _read_cursor(cursor: str) -> Position:
    try:
        return msgspec.json.decode(cursor, type=Position)
    except msgspec.MsgspecError as problem:
        raise NeedsHands(
            f"Tried to go on with the replay, but its cursor can't be read: {problem}", f"cursor {cursor[:80]}",
            "Remove the connection and add it again.",
        ) from problem  # fmt: skip


def _imports_folder() -> Path:
    from django.conf import settings

    return Path(settings.DATA) / "imports"
