"""The Hacker News source: the contract of `sources/source.py`, put together from this folder's parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import timedelta

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.lib.spans import short_span
from watchfloor.sources.clock import Clock, WallClock
from watchfloor.sources.hackernews.api import Api
from watchfloor.sources.hackernews.listen import Listener, read_place
from watchfloor.sources.hackernews.parse import NETWORK, parse
from watchfloor.sources.hackernews.settings import HackerNewsSettings
from watchfloor.sources.read_only import ReadOnly
from watchfloor.sources.source import (
    Backoff,
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
    Written,
)

NEW_ITEMS_AN_HOUR = 700  # about, on a weekday
CHANGED_AT_ONCE = 25  # about, that one look for changes leads to
LOOKED_AT = 20  # items that a test reads


class HackerNews(ReadOnly):
    name = NETWORK
    no_reply = ("Nothing was sent: Hacker News has no way to write", "Answer on its site.")
    settings_type = HackerNewsSettings
    facts = Facts(
        title="Hacker News",
        networks=(NETWORK,),
        terms="Public API by Y Combinator; deleted and killed items must be taken down.",
        terms_url="https://www.ycombinator.com/legal/",
        limits="Free, no published limit; a complete archive, so that every outage is caught up with.",
        cannot_tell=("lang", "author.followers", "metrics.reposts", "metrics.quotes", "metrics.views"),
        rhythm=timedelta(minutes=10),
        backoff=Backoff(timedelta(seconds=5), timedelta(minutes=10)),
        follows_edits=True,
        follows_deletions=True,
        signs_of_life=timedelta(hours=1, minutes=5),  # the longest time between looks that can be set
        letters="H",
        shape="community",
    )

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or WallClock()

    async def listen(
        self, settings: HackerNewsSettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncGenerator[Batch]:
        """See `listen.Listener`. Raises TryAgain, NeedsHands."""
        place = read_place(cursor)
        async with GuardedClient(_guard()) as client:
            listener = Listener(Api(client, settings.service), settings, self.clock)
            async with aclosing(listener.listen(place)) as batches:
                async for batch in batches:
                    yield batch

    def parse(self, raw: bytes) -> list[Event]:
        return parse(raw)

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        return cursor  # ids are the same on every host

    async def check(self, settings: HackerNewsSettings, *, secrets: Mapping[str, str]) -> Checked:
        """Read the newest items. Raises SourceError."""
        async with GuardedClient(_guard()) as client:
            api = Api(client, settings.service)
            newest = await api.newest()
            found = await api.items(range(max(1, newest - LOOKED_AT + 1), newest + 1))
        posts = [e.post for raw in found.values() if raw for e in parse(raw) if isinstance(e, Written)]
        if not posts:
            return Checked("Hacker News answers; its newest items are no posts yet.", {"Newest item": str(newest)})
        ago = short_span(self.clock.now() - max(post.created_at for post in posts))
        return Checked(f"{len(posts)} posts read, the newest {ago} old.", {"Newest item": str(newest)})

    def cost(self, settings: HackerNewsSettings) -> Cost:
        looks, changes = 3600 / settings.every_seconds, 3600 / settings.changes_every_seconds
        return Cost(
            requests_per_hour=round(looks + NEW_ITEMS_AN_HOUR + changes * (1 + CHANGED_AT_ONCE)),
            money_per_1000_posts=0,
            note="Free. Every item is a request of its own, about 700 new ones an hour.",
        )


def _guard() -> Guard:
    try:
        return Guard.from_environment()
    except ValueError as error:
        raise NeedsHands(
            "The list of allowed addresses can't be read", str(error), "Correct it and restart."
        ) from error


SOURCE = HackerNews()
