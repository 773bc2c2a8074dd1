"""Listening: every id is one item, so what is new since the last look, and what an outage left out, is known exactly.

Some ids have no item when they appear and get one a little later. They are owed: asked again until they are there or
GIVE_UP has passed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor.sources import told
from watchfloor.sources.clock import Clock
from watchfloor.sources.hackernews.api import Api
from watchfloor.sources.hackernews.parse import read_item, unknown_fields
from watchfloor.sources.hackernews.settings import HackerNewsSettings
from watchfloor.sources.source import Batch, Deleted, Event, Gap, NeedsHands, Unreadable, Written
from watchfloor.sources.told import NotRead, Object

AT_ONCE = 200  # items in a batch
GIVE_UP = timedelta(minutes=15)
MOST_OWED = 2_000
MOST_CHANGED = 300  # that are asked for at one look
MOST_ROOTS = 50_000


class Place(msgspec.Struct, frozen=True, array_like=True):
    """The cursor. All items up to `done` are taken but those `owed` (id → when it was first missed, in seconds);
    `first` is where this connection began; `at` when the last item taken was written."""

    first: int
    done: int
    at: int
    owed: dict[int, int] = {}

    def cursor(self) -> str:
        return msgspec.json.encode(self).decode()


def read_place(cursor: str | None) -> Place | None:
    """Raises NeedsHands."""
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(cursor, type=Place)
    except msgspec.MsgspecError as error:
        raise NeedsHands(
            f"Tried to go on, but the cursor can't be read: {error}", cursor[:80],
            "Remove the connection and add it again.",
        ) from error  # fmt: skip


class Listener:
    def __init__(self, api: Api, settings: HackerNewsSettings, clock: Clock) -> None:
        self.api, self.settings, self.clock = api, settings, clock
        self._roots: OrderedDict[int, int] = OrderedDict()  # item → its story, of those lately taken

    async def listen(self, place: Place | None) -> AsyncGenerator[Batch]:
        """Batches for ever, at least one a look. Raises SourceError."""
        next_changes = self.clock.now()
        while True:
            began = self.clock.now()
            newest = await self.api.newest()
            if place is None:
                place = Place(newest + 1, newest, int(began.timestamp()))
            place, gap = await self._bounded(place, newest)
            if gap is not None:
                yield Batch([gap], cursor=place.cursor(), lag=self._behind(place))
            while place.done < newest:
                ids = range(place.done + 1, min(newest, place.done + AT_ONCE) + 1)
                place, batch = await self._take(place, ids, is_last=ids[-1] == newest)
                yield batch
            if place.owed:
                place, batch = await self._take(place, sorted(place.owed), is_last=True)
                yield batch
            if self.clock.now() >= next_changes:
                next_changes = self.clock.now() + timedelta(seconds=self.settings.changes_every_seconds)
                yield await self._take_changes(place)
            else:
                yield Batch(cursor=place.cursor(), lag=timedelta(0))
            await self.clock.wait_until(began + timedelta(seconds=self.settings.every_seconds))

    async def _bounded(self, place: Place, newest: int) -> tuple[Place, Gap | None]:
        """No further back than the settings allow; what is left out is a Gap."""
        begin = newest - self.settings.most_items_back
        if place.done >= begin or place.done >= newest:
            return place, None
        since = datetime.fromtimestamp(place.at, UTC)
        until = await self._written_at(begin + 1, newest) or self.clock.now()
        why = (
            f"{begin - place.done:,} items were written meanwhile, more than the {self.settings.most_items_back:,} "
            "that this connection fetches after an outage."
        )
        after = msgspec.structs.replace(place, done=begin, at=int(until.timestamp()), owed={})
        return after, Gap(since, max(since, until), why)

    async def _written_at(self, first: int, newest: int) -> datetime | None:
        """When the first item from `first` on that says it was written."""
        ids = range(first, min(first + 20, newest + 1))
        for _number, raw in sorted((await self.api.items(ids)).items()):
            seconds = told.count(_object(raw) or {}, "time")
            if seconds is not None and seconds < 2**33:
                return datetime.fromtimestamp(seconds, UTC)
        return None

    async def _take(self, place: Place, ids: Iterable[int], *, is_last: bool) -> tuple[Place, Batch]:
        found = await self.api.items(ids)
        now = int(self.clock.now().timestamp())
        events: list[Event] = []
        unknown: dict[str, int] = {}
        owed, at = dict(place.owed), place.at
        for number, raw in sorted(found.items()):
            if raw is None:
                since = owed.setdefault(number, now)
                if now - since > GIVE_UP.total_seconds():
                    del owed[number]
                continue
            owed.pop(number, None)
            item = _object(raw)
            at = max(at, min(told.count(item or {}, "time") or 0, now))
            events += self._events(item, raw, unknown, is_new=True)
        for number in sorted(owed)[:-MOST_OWED]:
            del owed[number]
        done = max([place.done, *found])
        place = Place(place.first, done, at, owed)
        lag = timedelta(0) if is_last else self._behind(place)
        return place, Batch(events, place.cursor(), lag, unknown)

    async def _take_changes(self, place: Place) -> Batch:
        """Edits, deletions and figures of items that this connection has heard."""
        changed = [i for i in await self.api.changed() if place.first <= i <= place.done and i not in place.owed]
        events: list[Event] = []
        unknown: dict[str, int] = {}
        for _number, raw in sorted((await self.api.items(changed[:MOST_CHANGED])).items()):
            if raw is not None:
                events += self._events(_object(raw), raw, unknown, is_new=False)
        return Batch(events, place.cursor(), timedelta(0), unknown)

    def _events(self, item: Object | None, raw: bytes, unknown: dict[str, int], *, is_new: bool) -> list[Event]:
        if item is None:
            return [Unreadable("The item is no JSON object.", raw[:200])]
        for name in unknown_fields(item):
            unknown[name] = unknown.get(name, 0) + 1
        try:
            events = read_item(item, raw, edited=not is_new, conversation=self._story_of(item))
        except NotRead as error:
            return [Unreadable(str(error), raw[:200])]
        # One that was down before it was ever seen needs no tombstone: it may come back, and is then taken.
        return [one for one in events if not (is_new and isinstance(one, Deleted)) and self._is_wanted(one)]

    def _is_wanted(self, event: Event) -> bool:
        if self.settings.take == "all" or not isinstance(event, Written):
            return True
        return (event.post.reply_to is not None) == (self.settings.take == "comments")

    def _story_of(self, item: Object) -> str | None:
        """The story that a comment stands under, if its parent was taken lately."""
        number, parent = told.count(item, "id") or 0, told.count(item, "parent")
        root = number if parent is None else self._roots.get(parent)
        if root is None:
            return None
        self._roots[number] = root
        while len(self._roots) > MOST_ROOTS:
            self._roots.popitem(last=False)
        return str(root)

    def _behind(self, place: Place) -> timedelta:
        return max(self.clock.now() - datetime.fromtimestamp(place.at, UTC), timedelta(0))


def _object(raw: bytes | None) -> Object | None:
    try:
        return None if raw is None else told.json_object(raw)
    except NotRead:
        return None
