"""All streams of a connection, in one row of batches with one cursor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.sources.mastodon.feed import Feed, Heard
from watchfloor.sources.mastodon.memory import Memory
from watchfloor.sources.mastodon.place import Place, now_ms, read_cursor, write_cursor
from watchfloor.sources.mastodon.server import Server
from watchfloor.sources.mastodon.settings import MastodonSettings
from watchfloor.sources.source import Batch, Deleted, Event, SourceError, TryAgain

MOST_AT_ONCE = 500
MOST_WAITING = 100  # what streams gave and nobody took; then they are slowed down
MOST_SAID = 1_000
SIGN_OF_LIFE_SECONDS = 3.0
CURSOR_SECONDS = 2.0  # it carries some 40 kB of numbers; what comes in between is fetched again after a crash


async def listen(
    settings: MastodonSettings, cursor: str | None, tokens: Mapping[str, str], guard: Guard
) -> AsyncGenerator[Batch]:
    """Batches for ever. A stream that fails is tried again by itself while others stand; when all of them failed,
    raises TryAgain, or NeedsHands if none of the failures can heal by itself."""
    async with GuardedClient(guard) as client:
        listening = Listening(settings, cursor, tokens, guard, client)
        tasks = [asyncio.create_task(feed.run()) for feed in listening.feeds]
        try:
            async for batch in listening.batches(tasks):
                yield batch
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class Listening:
    def __init__(
        self,
        settings: MastodonSettings,
        cursor: str | None,
        tokens: Mapping[str, str],
        guard: Guard,
        client: GuardedClient,
    ) -> None:
        read = read_cursor(cursor)
        self._heard: asyncio.Queue[Heard] = asyncio.Queue(MOST_WAITING)
        self._memory = Memory(read.known)
        servers = [Server(client, address, tokens.get(address, "")) for address in settings.addresses]
        self.feeds = [
            Feed(
                name,
                server,
                read.places.get(f"{server.address} {name}"),
                self._memory,
                self._heard,
                settings,
                guard,
            )
            for server in servers
            for name in settings.feeds
        ]
        self._places: dict[str, Place] = {
            feed.key: read.places[feed.key] for feed in self.feeds if feed.key in read.places
        }
        self._said = ""  # as after each start
        self._is_moved = False  # since a cursor was given
        self._cursor_at = float("-inf")

    async def batches(self, tasks: list[asyncio.Task[None]]) -> AsyncGenerator[Batch]:
        while True:
            heard = await self._take()
            if heard or any(feed.is_live for feed in self.feeds):
                yield self._batch(heard)
            if self._heard.empty():
                for task in tasks:
                    if task.done() and (error := task.exception()) is not None:
                        raise error  # unforeseen: the stream process tells of it and begins anew
                if failure := self._failure():
                    raise failure

    async def _take(self) -> list[Heard]:
        """What came, all of one hand-over at least; nothing if nothing came for a while or a stream has failed."""
        heard: list[Heard] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience()):
                heard.append(await self._heard.get())
        while not self._heard.empty() and sum(len(one.news) for one in heard) < MOST_AT_ONCE:
            heard.append(self._heard.get_nowait())
        return heard

    def _patience(self) -> float:
        return SIGN_OF_LIFE_SECONDS if any(feed.is_live for feed in self.feeds) else SIGN_OF_LIFE_SECONDS / 10

    def _batch(self, heard: list[Heard]) -> Batch:
        events: list[Event] = []
        unknown: dict[str, int] = {}
        for one in heard:
            for news in one.news:
                if news.uri:
                    if not self._memory.is_new(news.uri, news.edited_at):
                        continue
                    self._memory.sent(news.uri, news.edited_at)
                elif isinstance(news.event, Deleted):
                    self._memory.forget(news.event.id)
                events.append(news.event)
            for name in one.unknown:
                unknown[name] = unknown.get(name, 0) + 1
            if one.place is not None and self._places.get(one.key) != one.place:
                self._places[one.key] = one.place
                self._is_moved = True
        return Batch(events, self._cursor(), self._lag(), unknown, trouble=self._trouble())

    def _trouble(self) -> str | None:
        """What is wrong with some streams while others stand, and which are asked instead; None: nothing new."""
        said = [str(feed.failure) if feed.failure is not None else feed.asks_instead for feed in self.feeds]
        trouble = " ".join(dict.fromkeys(filter(None, said)))[:MOST_SAID]
        if trouble == self._said:
            return None
        self._said = trouble
        return trouble

    def _cursor(self) -> str | None:
        clock = asyncio.get_running_loop().time()
        if not self._is_moved or clock - self._cursor_at < CURSOR_SECONDS:
            return None
        self._is_moved, self._cursor_at = False, clock
        return write_cursor(self._places, self._memory.packed())

    def _lag(self) -> timedelta | None:
        """How far behind the stream is that has the least."""
        covered = [feed.covered_ms for feed in self.feeds]
        known = [at for at in covered if at is not None]
        return timedelta(milliseconds=max(0, now_ms() - min(known))) if known else None

    def _failure(self) -> SourceError | None:
        failures: list[SourceError] = [feed.failure for feed in self.feeds if feed.failure is not None]
        if len(failures) < len(self.feeds):
            return None
        again = [failure for failure in failures if isinstance(failure, TryAgain)]
        if not again:
            return failures[0]
        waits = [failure.after for failure in again]
        return TryAgain(
            again[0].tried,
            ", ".join(dict.fromkeys(failure.on for failure in failures)),
            again[0].next_step,
            after=None if None in waits else min(wait for wait in waits if wait is not None),
        )
