"""One stream of one server: followed live, every gap filled over REST, asked in turns where it does not stream.

1. Connect first, then fill: what comes while a backfill runs comes by the stream. 2. The backfill asks for what follows
our place (`min_id`), page by page, oldest first, a little before our place (place.py), until it meets what the stream
has brought. 3. Only then does the place move with the stream: a crash in between repeats the backfill.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import NamedTuple

from watchfloor.lib.guarded import Guard, GuardedError
from watchfloor.sources.mastodon.backfill import POLL_BACK, Timeline
from watchfloor.sources.mastodon.budget import SECONDS_EACH
from watchfloor.sources.mastodon.memory import Memory
from watchfloor.sources.mastodon.place import Place, now_ms
from watchfloor.sources.mastodon.server import NotMastodon, Refused, Server, explained
from watchfloor.sources.mastodon.settings import MastodonSettings
from watchfloor.sources.mastodon.sse import Message
from watchfloor.sources.mastodon.statuses import News, Read, Statuses
from watchfloor.sources.mastodon.stream import NotOffered, Way, opened
from watchfloor.sources.source import NeedsHands, SourceError, TryAgain

log = logging.getLogger(__name__)

STEADY_SECONDS = 10.0  # a connection that held this long counts as a success
QUIET_SECONDS = 300.0  # after this long without a post the timeline is asked whether the stream is stuck
STUCK_MS = 60_000  # a post older than this that the stream has not brought proves it
STREAM_AGAIN_SECONDS = 1_800.0  # where streaming was refused, it is tried again
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0

Failure = GuardedError | Refused | NotMastodon | NotOffered


class Heard(NamedTuple):
    """What one stream gave, and its place after it (None: the place has not moved)."""

    key: str
    news: list[News]
    place: Place | None
    unknown: list[str]


class Stuck(NotMastodon):
    """The stream stands, and posts that are in the timeline do not come."""


class Feed:
    """`is_live`: it gives signs of life. `covered_ms`: up to when (our clock) all is there."""

    def __init__(
        self,
        name: str,
        server: Server,
        place: Place | None,
        memory: Memory,
        out: asyncio.Queue[Heard],
        settings: MastodonSettings,
        guard: Guard,
    ) -> None:
        self.name, self.server, self.key = name, server, f"{server.address} {name}"
        self.is_live, self.asks_instead = False, ""
        self.failure: SourceError | None = None
        self._out, self._settings, self._guard = out, settings, guard
        self._statuses = Statuses(server.name, memory, may_be_private=name == "user")
        self._timeline = Timeline(name, server, self._statuses, place, self._tell, settings.backfill_hours)
        self._failures = 0
        self._poll_seconds = self.seconds_between(settings)

    @property
    def covered_ms(self) -> int | None:
        return self._timeline.covered_ms

    async def run(self) -> None:
        """For ever, or until it needs hands."""
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                await self._listen()
                self._failures = 0
                continue
            except (GuardedError, Refused, NotMastodon, NotOffered) as error:
                was_steady = self.is_live and clock() - began >= STEADY_SECONDS
                self.is_live = False
                wait = self._failed(error, steady=was_steady)
            self.server.forget_about()
            if wait is None:
                return
            await asyncio.sleep(wait)

    def _failed(self, error: Failure, *, steady: bool) -> float | None:
        """Note a failure; how long to wait, None if trying again can't help."""
        if steady and not isinstance(error, Refused):
            self._failures = 0
            return random.uniform(0, FIRST_WAIT)  # noqa: S311 - no secret
        self._failures += 1
        self.failure = explained(error, f"Listening to {self.name}", self.server.name)
        log.warning("A Mastodon stream failed", extra={"server": self.server.name, "failures": self._failures})
        if isinstance(self.failure, NeedsHands):
            return None
        after = self.failure.after if isinstance(self.failure, TryAgain) else None
        most = float(min(FIRST_WAIT * 2 ** min(self._failures, 20), LONGEST_WAIT))
        return max(most * random.uniform(0.5, 1), (after or timedelta()).total_seconds())  # noqa: S311

    async def _listen(self) -> None:
        """Raises what ends it; comes back where it asked for a while and streaming is to be tried again."""
        about = await self.server.about()
        self._statuses.domain = about.domain
        mode = self._settings.mode
        ways: tuple[Way, ...] = ("sse", "websocket") if mode == "auto" else () if mode == "poll" else (mode,)
        refusal: Failure | None = None
        for way in ways:
            try:
                async with opened(way, self.server, self.name, self._guard) as messages:
                    self.asks_instead = ""
                    await self._follow(messages)
            except NotOffered as error:
                refusal = error
            except Refused as error:
                if mode != "auto" or error.status not in (401, 403):
                    raise
                refusal = error
                break
        if mode not in ("auto", "poll"):
            assert refusal is not None
            raise NotMastodon(f"The server does not stream by {mode} ({refusal}). Choose another mode.")
        if refusal is not None and not self.asks_instead:
            self.asks_instead = (
                f"{self.server.name} does not stream {self.name} to us ({refusal}); its timeline is asked every "
                f"{self._poll_seconds:g} seconds instead."
            )
            log.warning("A Mastodon server refuses to stream; it is asked instead", extra={"server": self.server.name})
        await self._ask_in_turns(None if mode == "poll" else STREAM_AGAIN_SECONDS)

    @staticmethod
    def seconds_between(settings: MastodonSettings) -> float:
        """How often each timeline is asked where it is not streamed: no oftener than the server's limits bear."""
        return max(float(settings.poll_seconds), 1.2 * SECONDS_EACH * len(settings.feeds))

    async def _follow(self, messages: AsyncGenerator[list[Message]]) -> None:
        clock = asyncio.get_running_loop().time
        timeline, quiet_since = self._timeline, clock()
        timeline.connected()
        work: asyncio.Task[None] | None = asyncio.create_task(timeline.catch_up())
        try:
            async for some in messages:
                self.is_live, self.failure = True, None
                if some:
                    quiet_since = clock()
                    await self._hand_on([self._statuses.read_message(message) for message in some])
                timeline.alive()
                if work is not None and work.done():
                    work.result()
                    work = None
                if work is None and clock() - quiet_since > QUIET_SECONDS:
                    quiet_since = clock()
                    work = asyncio.create_task(self._is_it_stuck())
        finally:
            if work is not None:
                work.cancel()
                # Not `suppress(CancelledError)`: that would swallow our own end as well, and go on for ever.
                await asyncio.gather(work, return_exceptions=True)

    async def _hand_on(self, read: list[Read]) -> None:
        news = [one for status in read for one in status.news]
        unknown = [name for status in read for name in status.unknown]
        for status in read:
            if status.number is not None:
                self._timeline.streamed(status.number, status.written_ms)
        await self._tell(news, self._timeline.place_by_stream(), unknown)

    async def _is_it_stuck(self) -> None:
        oldest_ms = await self._timeline.fill(back=POLL_BACK)
        if oldest_ms is not None and oldest_ms < now_ms() - STUCK_MS:
            raise Stuck(f"{self.server.name} gives signs of life, but its stream lacks posts that its timeline has.")

    async def _ask_in_turns(self, seconds: float | None) -> None:
        clock = asyncio.get_running_loop().time
        until = None if seconds is None else clock() + seconds
        self._timeline.connected()
        while until is None or clock() < until:
            if self._timeline.place is None:
                await self._timeline.begin()
            else:
                await self._timeline.fill(back=POLL_BACK)
            self._timeline.complete()
            self.is_live, self.failure, self._failures = True, None, 0
            await self._tell([], self._timeline.place, [])
            await asyncio.sleep(self._poll_seconds)

    async def _tell(self, news: list[News], place: Place | None, unknown: list[str]) -> None:
        if news or unknown or place is not None:
            await self._out.put(Heard(self.key, news, place, unknown))
