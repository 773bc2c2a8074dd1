"""The rehearsal as a connection: the made-up event, played on its own clock, over and over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import msgspec

from watchfloor.sources.clock import Clock, Pace, WallClock, play
from watchfloor.sources.read_only import ReadOnly
from watchfloor.sources.rehearsal.made import Plan
from watchfloor.sources.rehearsal.parse import in_edition, read_line, write_line
from watchfloor.sources.rehearsal.plan import (
    DEFAULT_DAYS,
    DEFAULT_POSTS,
    DEFAULT_SEED,
    FEWEST_POSTS,
    MOST_DAYS,
    MOST_POSTS,
    plan,
)
from watchfloor.sources.source import (
    AuthorChanged,
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
    Written,
)

# Where "now" falls when nobody says when the event begins: the first day's talks are on, the food trucks are near.
LIVELY = (1, time(10, 30))
# The past of that moment slows down from the playing speed to natural speed over this long.
BEND = timedelta(hours=6)
# Behind by more than this, nobody was listening: the event waited, and goes on now instead of rushing after.
PATIENCE = timedelta(hours=1)


class RehearsalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`starts`: when the event's first moment is, as ISO time with a zone; None: so that now is a lively moment of
    day 1, with what came before as history. `speed`: how many of its seconds pass in one of ours."""

    seed: int = DEFAULT_SEED
    posts: Annotated[int, msgspec.Meta(ge=FEWEST_POSTS, le=MOST_POSTS)] = DEFAULT_POSTS
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = DEFAULT_DAYS
    speed: Annotated[float, msgspec.Meta(ge=0.1, le=10_000)] = 12.0
    starts: datetime | None = None
    loop: bool = True


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The cursor: how many items of which edition are done, and the pace that maps their times to the wall clock."""

    world: str  # seed, posts and days, as the ids carry them
    edition: int
    done: int
    recorded: datetime
    wall: datetime
    speed: float
    bent: bool
    again: bool = False  # gone back on purpose: what has passed comes at once, at the times that it had

    @property
    def pace(self) -> Pace:
        return Pace(self.recorded, self.wall, self.speed, BEND if self.bent else None)


class RehearsalSource(ReadOnly):
    name = "rehearsal"
    settings_type = RehearsalSettings
    facts = Facts(
        title="Rehearsal",
        networks=("bluesky", "mastodon", "wordpress", "news", "reddit"),
        terms="Made up on this machine: no network, no real people.",
        limits="An event of 25,000 posts on two days, played at the speed you set, and again from the start.",
        cannot_tell=("metrics.views",),
        rhythm=timedelta(minutes=10),
        follows_edits=True,
        follows_deletions=True,
        letters="Rh",
    )

    no_reply = ("Nothing was sent: a rehearsal's people are made up", "Connect a real network to answer real people.")

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or WallClock()

    async def listen(
        self, settings: RehearsalSettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncIterator[Batch]:
        """Play from `cursor` on. Without one everything up to now comes at once, in batches of 500. Ends only if
        `loop` is off. Raises NeedsHands for a cursor that is none of its own."""
        event = await asyncio.to_thread(plan, settings.seed, settings.posts, settings.days)
        position = self._resume(event, settings, cursor)
        # What came before the moment it begins at is there as well: it is made up, so nothing of it is missing.
        since = position.pace.at(event.items[0].at) if cursor is None and event.items else None
        while True:
            async for events in play(_timed(event, position), self.clock):
                position = msgspec.structs.replace(position, done=position.done + len(events))
                lag = self._lag(event, position) if events else timedelta(0)
                yield Batch(events=events, cursor=_write_cursor(position), lag=lag, since=since)
                since = None
            if not settings.loop:
                return
            position = self._next_edition(event, position)

    def parse(self, raw: bytes) -> list[Event]:
        return read_line(raw)

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        """The cursor `by` earlier on the wall clock, in the same edition; at most back to its beginning."""
        if cursor is None:
            return None
        position = _read_cursor(cursor)
        seed, posts, days = (int(part) for part in position.world.split("/"))
        items = plan(seed, posts, days).items
        done, pace = position.done, position.pace
        if done:
            until = pace.at(items[done - 1].at) - by
            while done and pace.at(items[done - 1].at) > until:
                done -= 1
        return _write_cursor(msgspec.structs.replace(position, done=done, again=True))

    async def check(self, settings: RehearsalSettings, *, secrets: Mapping[str, str]) -> Checked:
        event = await asyncio.to_thread(plan, settings.seed, settings.posts, settings.days)
        length = (event.programme.ends - event.programme.begins) / settings.speed
        return Checked(
            f"Made up an event of {settings.posts:,} posts by {len(event.people):,} people.",
            {"Plays for": f"{length / timedelta(hours=1):.1f} hours", "Talks": str(len(event.programme.sessions))},
        )

    def cost(self, settings: RehearsalSettings) -> Cost:
        return Cost(requests_per_hour=0, money_per_1000_posts=0, note="Nothing leaves this machine.")

    def _resume(self, event: Plan, settings: RehearsalSettings, cursor: str | None) -> Position:
        now = self.clock.now()
        world = f"{settings.seed}/{settings.posts}/{settings.days}"
        position = _read_cursor(cursor) if cursor else None
        if position is None or position.world != world:  # other settings make another event: it begins anew
            return _first(event, world, settings, now)
        if position.done > len(event.items):
            raise NeedsHands(
                "Tried to go on with the rehearsal", f"cursor {cursor}", "Remove the connection and add it again."
            )
        if position.done == len(event.items) or position.again:
            return position
        next_at = event.items[position.done].at
        late = now - position.pace.at(next_at)
        if position.speed != settings.speed or (late > PATIENCE and settings.starts is None):
            # Goes on from here: what comes next comes now, and the rest at the speed that is set now.
            return msgspec.structs.replace(
                position, recorded=next_at, wall=_whole(now), speed=settings.speed, bent=False
            )
        return position

    def _lag(self, event: Plan, position: Position) -> timedelta:
        return max(self.clock.now() - position.pace.at(event.items[position.done - 1].at), timedelta(0))

    def _next_edition(self, event: Plan, position: Position) -> Position:
        begins = event.programme.begins.astimezone(UTC)
        ended = position.pace.at(event.programme.ends.astimezone(UTC))
        wall = max(ended, _whole(self.clock.now()))
        return msgspec.structs.replace(
            position, edition=position.edition + 1, done=0, recorded=begins, wall=wall, bent=False
        )


def _first(event: Plan, world: str, settings: RehearsalSettings, now: datetime) -> Position:
    if settings.starts is not None:
        begins = event.programme.begins.astimezone(UTC)
        return Position(world, 0, 0, begins, settings.starts.astimezone(UTC), settings.speed, bent=False)
    lively = event.programme.at(*LIVELY).astimezone(UTC)
    return Position(world, 0, 0, lively, _whole(now), settings.speed, bent=True)


def _timed(event: Plan, position: Position) -> Iterator[tuple[datetime, Event]]:
    """What is still to come in this edition, with wall times, as it is to be delivered."""
    pace = position.pace
    gone = next((i.event.author_id for i in event.items if isinstance(i.event, AuthorChanged)), None)
    for at, happening in ((i.at, i.event) for i in event.items[position.done :]):
        moved = in_edition(happening, position.edition, gone)
        if isinstance(moved, Written):
            post = msgspec.structs.replace(moved.post, created_at=pace.at(moved.post.created_at))
            moved = Written(post, edited=moved.edited)
            moved = msgspec.structs.replace(moved, raw=write_line(moved))
        yield pace.at(at), moved


def _whole(moment: datetime) -> datetime:
    """In whole milliseconds, so that a cursor that was written and read means the same times."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000).astimezone(UTC)


def _write_cursor(position: Position) -> str:
    return msgspec.json.encode(position).decode()


def _read_cursor(cursor: str) -> Position:
    try:
        return msgspec.json.decode(cursor, type=Position)
    except msgspec.MsgspecError as problem:
        raise NeedsHands(
            f"Tried to go on with the rehearsal, but its cursor can't be read: {problem}", f"cursor {cursor[:80]}",
            "Remove the connection and add it again.",
        ) from problem  # fmt: skip
