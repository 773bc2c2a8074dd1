"""The feeds source: the contract of `sources/source.py`, put together from this folder's parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import msgspec

from watchfloor.lib.guarded import Guard
from watchfloor.sources.clock import Clock, WallClock
from watchfloor.sources.feeds.check import check
from watchfloor.sources.feeds.listen import listen
from watchfloor.sources.feeds.parse import parse
from watchfloor.sources.feeds.records import KINDS
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.state import read_cursor, rewind
from watchfloor.sources.read_only import ReadOnly
from watchfloor.sources.source import (
    Backoff,
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
    Source,
)


class Feeds(ReadOnly):
    no_reply = ("A feed can only be read", "Open the post and answer on its own page.")
    name = "feeds"
    settings_type: type[msgspec.Struct] = FeedsSettings
    facts = Facts(
        title="Feeds (RSS, Atom)",
        networks=KINDS,
        terms="Published to be read by programs; each site's own terms say what may be shown.",
        limits="A feed holds its last 10 to 50 items; older ones can't be asked for. Each is asked every 10 minutes to "
        "6 hours, by its own rhythm.",
        cannot_tell=(
            "author.handle",
            "author.followers",
            "metrics.likes",
            "metrics.reposts",
            "metrics.quotes",
            "metrics.views",
        ),
        rhythm=timedelta(days=3),
        backoff=Backoff(timedelta(seconds=10), timedelta(minutes=5)),
        follows_edits=True,
        follows_deletions=False,
        signs_of_life=timedelta(hours=7),
        letters="Fe",
        shape="page",
    )

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or WallClock()

    async def listen(
        self, settings: FeedsSettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncGenerator[Batch]:
        """Batches for ever; see `listen.listen`. Raises TryAgain, NeedsHands."""
        heard = listen(settings, place=read_cursor(cursor), guard=_guard(), clock=self._clock)
        async with aclosing(heard) as batches:
            async for batch in batches:
                yield batch

    def parse(self, raw: bytes) -> list[Event]:
        return parse(raw)

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        return rewind(cursor, by=by)

    async def check(self, settings: FeedsSettings, *, secrets: Mapping[str, str]) -> Checked:
        return await check(settings, _guard())

    def cost(self, settings: FeedsSettings) -> Cost:
        count = len(settings.addresses)
        feeds = "the feed" if count == 1 else f"each of {count} feeds"
        return Cost(
            requests_per_hour=count * 60 / settings.most_often_minutes,
            money_per_1000_posts=0,
            note=f"Free. At most one request every {settings.most_often_minutes} minutes to {feeds} (and as many to "
            "the feeds of comments that pages name), less where little is published; mostly answered by “not changed”.",
        )


def _guard() -> Guard:
    try:
        return Guard.from_environment()
    except ValueError as error:
        raise NeedsHands(
            "The list of allowed addresses can't be read", str(error), "Correct it and restart."
        ) from error


def _satisfies(source: Source) -> Any:
    """mypy checks here that the contract is kept."""
    return source


SOURCE = Feeds()
_satisfies(SOURCE)
