"""The Discourse source: the contract of `sources/source.py`, put together from this folder's parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.lib.spans import short_span
from watchfloor.sources import told
from watchfloor.sources.clock import Clock, WallClock
from watchfloor.sources.discourse.look import Place, look
from watchfloor.sources.discourse.parse import NETWORK, read_post
from watchfloor.sources.discourse.settings import DiscourseSettings
from watchfloor.sources.discourse.site import Site
from watchfloor.sources.read_only import ReadOnly
from watchfloor.sources.source import (
    Backoff,
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
    SourceError,
    TryAgain,
    Unreadable,
    Written,
)
from watchfloor.sources.told import NotRead

REMEMBERED = 600  # posts, over all forums of a connection: they stand in its cursor
FEWEST_REMEMBERED = 50
FIRST_WAIT, MOST_WAIT = timedelta(minutes=1), timedelta(hours=1)


class Position(msgspec.Struct, frozen=True):
    """The cursor: where each forum stands, and when it was last looked at with success (seconds)."""

    sites: dict[str, Place] = {}
    looked: dict[str, int] = {}


@dataclass
class _Turn:
    """When a forum is looked at next, and how often that failed."""

    site: Site
    next_at: datetime
    deep_at: datetime
    failures: int = 0
    trouble: SourceError | None = None


class Discourse(ReadOnly):
    name = NETWORK
    no_reply = ("Nothing was sent: replies to forums are not written from here", "Answer there.")
    settings_type = DiscourseSettings
    facts = Facts(
        title="Discourse",
        networks=(NETWORK,),
        terms="Public posts of forums that you name: each forum's own terms hold.",
        limits="Free. Forums allow an address about 200 requests a minute; this asks for one list a minute and forum.",
        cannot_tell=("author.followers", "metrics.reposts"),
        rhythm=timedelta(hours=6),
        backoff=Backoff(timedelta(seconds=30), timedelta(minutes=30)),
        follows_edits=True,
        follows_deletions=True,
        signs_of_life=timedelta(hours=1, minutes=5),  # the longest time between looks that can be set
        letters="D",
        shape="community",
    )

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or WallClock()

    async def listen(
        self, settings: DiscourseSettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncGenerator[Batch]:
        """Looks at each forum in its turn, for ever. A forum that fails waits and does not hold up the others; when all
        fail, raises TryAgain, or NeedsHands if none of them can heal by itself."""
        position = _read_position(cursor)
        now = self.clock.now()
        keep = max(FEWEST_REMEMBERED, REMEMBERED // len(settings.sites))
        async with GuardedClient(_guard()) as client:
            turns = [_Turn(Site(client, address), now, now) for address in settings.addresses]
            while True:
                turn = min(turns, key=lambda one: one.next_at)
                await self.clock.wait_until(turn.next_at)
                position, events = await self._look(turn, position, settings, keep)
                failed = [one.trouble for one in turns if one.trouble is not None]
                if len(failed) == len(turns):
                    raise _summed_up(failed)
                yield Batch(
                    events,
                    cursor=msgspec.json.encode(position).decode(),
                    lag=self._lag(turns, position),
                    trouble=str(failed[0]) if failed else "",
                )

    async def _look(
        self, turn: _Turn, position: Position, settings: DiscourseSettings, keep: int
    ) -> tuple[Position, list[Event]]:
        now, address = self.clock.now(), turn.site.address
        deep = now >= turn.deep_at
        try:
            place, events = await look(
                turn.site,
                position.sites.get(address),
                now=now,
                most_back=settings.most_posts_back,
                keep=keep,
                deep=deep,
            )
        except SourceError as error:
            wait = min(FIRST_WAIT * 2 ** min(turn.failures, 10), MOST_WAIT)
            asked = getattr(error, "after", None) or timedelta(0)
            turn.failures, turn.trouble = turn.failures + 1, error
            turn.next_at = now + max(wait, asked)
            return position, []
        turn.failures, turn.trouble = 0, None
        turn.next_at = now + timedelta(seconds=settings.every_seconds)
        if deep:
            turn.deep_at = now + timedelta(seconds=settings.changes_every_seconds)
        looked = {**position.looked, address: int(now.timestamp())}
        return Position({**position.sites, address: place}, looked), events

    def _lag(self, turns: list[_Turn], position: Position) -> timedelta:
        """Since the forum that was not looked at for longest: until then all is there."""
        addresses = [turn.site.address for turn in turns if turn.site.address in position.looked]
        oldest = min((position.looked[address] for address in addresses), default=self.clock.now().timestamp())
        return max(self.clock.now() - datetime.fromtimestamp(oldest, UTC), timedelta(0))

    def parse(self, raw: bytes) -> list[Event]:
        """One post as a forum tells it. It does not say which forum, so that its id has none."""
        try:
            seen = read_post(told.json_object(raw), "https://unknown.invalid")
        except NotRead as error:
            return [Unreadable(str(error), raw[:200])]
        return [] if seen is None or seen.post is None else [Written(seen.post, raw)]

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        return cursor  # ids are the forum's own

    async def check(self, settings: DiscourseSettings, *, secrets: Mapping[str, str]) -> Checked:
        """Read the newest posts of each forum. Raises SourceError."""
        count, newest, facts = 0, None, {}
        async with GuardedClient(_guard()) as client:
            for address in settings.addresses:
                site = Site(client, address)
                times = [at for of, _raw in await site.posts() if (at := told.instant(of, "created_at"))]
                count, newest = count + len(times), max([*times, *filter(None, [newest])], default=None)
                facts[site.name] = (await site.latest_title() or "no topic yet")[:200]
        if newest is None:
            return Checked("The forum answers, and shows no posts.", facts)
        return Checked(f"{count} posts read, the newest {short_span(self.clock.now() - newest)} old.", facts)

    def cost(self, settings: DiscourseSettings) -> Cost:
        looks, deep = 3600 / settings.every_seconds, 3600 / settings.changes_every_seconds
        pages = max(FEWEST_REMEMBERED, REMEMBERED // len(settings.sites)) / 50
        return Cost(
            requests_per_hour=round(len(settings.sites) * (looks + deep * pages)),
            money_per_1000_posts=0,
            note="Free. A busy forum needs a few more requests, for the posts that are answered.",
        )


def _read_position(cursor: str | None) -> Position:
    if cursor is None:
        return Position()
    try:
        return msgspec.json.decode(cursor, type=Position)
    except msgspec.MsgspecError as error:
        raise NeedsHands(
            f"Tried to go on, but the cursor can't be read: {error}", cursor[:80],
            "Remove the connection and add it again.",
        ) from error  # fmt: skip


def _summed_up(failed: list[SourceError]) -> SourceError:
    again = [error for error in failed if isinstance(error, TryAgain)]
    if not again:
        return failed[0]
    waits = [error.after for error in again]
    shown = again[0]
    return TryAgain(
        shown.tried,
        ", ".join(error.on for error in failed),
        shown.next_step,
        after=None if None in waits else min(wait for wait in waits if wait is not None),
    )


def _guard() -> Guard:
    try:
        return Guard.from_environment()
    except ValueError as error:
        raise NeedsHands(
            "The list of allowed addresses can't be read", str(error), "Correct it and restart."
        ) from error


SOURCE = Discourse()
