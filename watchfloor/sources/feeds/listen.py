"""Many feeds, each asked by its own rhythm.

1. Which are due? At most one of a host, a few at a time.
2. Plan the next try of each as if this one failed, and have that stored.
3. Ask them; find those whose address is a page's.
4. Yield what is new of each, with the place after it.
5. Wait until the next is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.sources.clock import Clock
from watchfloor.sources.feeds.fetch import Failed, Heard, ask
from watchfloor.sources.feeds.news import news_of
from watchfloor.sources.feeds.reader import Reader
from watchfloor.sources.feeds.rhythm import back_off, interval, jittered
from watchfloor.sources.feeds.settings import MOST_FEEDS, FeedsSettings
from watchfloor.sources.feeds.state import MOST_KNOWN, FeedState, Place, moment, seconds
from watchfloor.sources.source import Batch, Event, NeedsHands, SourceError, TryAgain

AT_ONCE = 6
HOST_PAUSE = timedelta(seconds=2)  # between two requests to one host
EVENTS_AT_MOST = 100  # a batch
RESTS_AFTER = timedelta(seconds=30)  # of nothing to read


async def listen(settings: FeedsSettings, *, place: Place, guard: Guard, clock: Clock) -> AsyncGenerator[Batch]:
    """Batches for ever. Raises TryAgain while no feed answers at all, NeedsHands when none ever will."""
    reader = Reader()
    async with GuardedClient(guard) as client:
        try:
            async with aclosing(Round(settings, place, clock, client, reader).batches()) as batches:
                async for batch in batches:
                    yield batch
        finally:
            reader.close()


class Round:
    def __init__(
        self, settings: FeedsSettings, place: Place, clock: Clock, client: GuardedClient, reader: Reader
    ) -> None:
        self.settings, self.clock, self.client, self.reader = settings, clock, client, reader
        self.place = place.reconciled(settings.addresses)
        self.asked_at: dict[str, datetime] = {}
        self.hopeless: set[str] = set()  # addresses at which trying again can't help
        self.heard_any = False
        self._trouble: str | None = None

    async def batches(self) -> AsyncGenerator[Batch]:
        self._say_soon_that_all_is_well()
        while True:
            if error := self._why_nobody_answers():
                yield Batch(cursor=self.place.cursor(), is_plan=True)
                raise error
            now = self.clock.now()
            due = self._due(now)
            if not due:
                await self._wait(now)
                continue
            self._plan(due, now)
            yield Batch(cursor=self.place.cursor(), is_plan=True)
            tasks = [asyncio.create_task(self._visit(feed)) for feed in due]
            try:
                for done in asyncio.as_completed(tasks):
                    for batch in self._told(*await done):
                        yield batch
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    # --- Which, and when -------------------------------------------------------------------------------------------

    def _living(self) -> Iterator[FeedState]:
        """Feeds that are asked. One that turned out to be another's address is not asked twice."""
        urls = set()
        for feed in self.place.feeds:
            if not feed.is_over and (feed.url or feed.address) not in urls:
                urls.add(feed.url or feed.address)
                yield feed

    def _when(self, feed: FeedState) -> datetime:
        asked = self.asked_at.get(feed.host)
        free_at = asked + HOST_PAUSE if asked is not None else moment(0)
        return max(moment(feed.next_at), moment(self.place.quiet.get(feed.host, 0)), free_at)

    def _due(self, now: datetime) -> list[FeedState]:
        hosts: dict[str, FeedState] = {}
        for feed in sorted(self._living(), key=lambda feed: feed.next_at):
            if self._when(feed) <= now and len(hosts) < AT_ONCE:
                hosts.setdefault(feed.host, feed)
        return list(hosts.values())

    def _plan(self, due: list[FeedState], now: datetime) -> None:
        for feed in due:
            feed.tries += 1
            feed.next_at = seconds(now + back_off(feed.tries))
            self.asked_at[feed.host] = now
        self.place.quiet = {host: until for host, until in self.place.quiet.items() if until > seconds(now)}
        self.asked_at = {host: at for host, at in self.asked_at.items() if now - at < HOST_PAUSE}

    async def _wait(self, now: datetime) -> None:
        until = min(self._when(feed) for feed in self._living())
        if until - now > RESTS_AFTER:
            await self.reader.rest()
        await self.clock.wait_until(until)

    def _say_soon_that_all_is_well(self) -> None:
        """After a restart one feed is asked early, so that people need not wait for hours to see that it works."""
        well = [feed for feed in self._living() if feed.heard_at and not feed.tries]
        if well:
            first = min(well, key=lambda feed: feed.next_at)
            first.next_at = min(first.next_at, first.heard_at + self.settings.most_often_minutes * 60)

    # --- One feed ---------------------------------------------------------------------------------------------------

    async def _visit(self, feed: FeedState) -> tuple[FeedState, Heard | Failed]:
        feed.kind = self.settings.told_kind or feed.kind
        try:
            return feed, await ask(feed, self.client, self.reader, now=self.clock.now())
        except Failed as failed:
            return feed, failed

    def _told(self, feed: FeedState, outcome: Heard | Failed) -> Iterator[Batch]:
        now = self.clock.now()
        if isinstance(outcome, Failed):
            self._failed(feed, outcome, now)
            if outcome.needs_hands:
                self.hopeless.add(feed.address)
            yield Batch(cursor=self.place.cursor(), is_plan=True, trouble=self._changed_trouble())
            return
        if not self.heard_any:
            self.heard_any, self._trouble = True, None  # what was said before it went live is said again
        events = self._heard(feed, outcome, now)
        unknown = dict.fromkeys(outcome.feed.unknown, 1) if outcome.feed is not None else {}
        for at in range(0, max(len(events), 1), EVENTS_AT_MOST):
            is_last = at + EVENTS_AT_MOST >= len(events)
            yield Batch(
                events[at : at + EVENTS_AT_MOST],
                self.place.cursor() if is_last else None,
                unknown_fields=unknown if is_last else {},
                trouble=self._changed_trouble() if is_last else None,
            )

    def _failed(self, feed: FeedState, failed: Failed, now: datetime) -> None:
        feed.why = f"{failed}"[:300]
        feed.is_over = failed.is_gone
        if failed.after is not None:
            self.place.quiet[feed.host] = seconds(now + failed.after) + 1
            feed.next_at = max(feed.next_at, self.place.quiet[feed.host])

    def _heard(self, feed: FeedState, heard: Heard, now: datetime) -> list[Event]:
        events: list[Event] = []
        feed.url = heard.url
        if heard.feed is not None:
            facts = heard.feed.facts
            feed.scope, feed.kind, feed.title = facts.scope, facts.kind, facts.title
            feed.is_comments = facts.is_comments
            feed.etag, feed.modified = heard.etag, heard.modified
            events = news_of(heard.feed, feed, now=now, most_known=self._most_known())
            every = interval(
                [entry.post.created_at for entry in heard.feed.entries if entry.post is not None and entry.is_dated],
                now=now,
                settings=self.settings,
                asks_seconds=heard.feed.asks_seconds,
                usual_seconds=heard.feed.usual_seconds,
                max_age_seconds=heard.max_age_seconds,
            )
            feed.every = int(every.total_seconds())
        if heard.comments is not None and self.settings.comments:
            self._follow_comments(feed, heard.comments)
        feed.tries, feed.why, feed.heard_at = 0, "", seconds(now)
        feed.next_at = seconds(
            now + jittered(timedelta(seconds=max(feed.every, self.settings.most_often_minutes * 60)))
        )
        return events

    def _follow_comments(self, feed: FeedState, url: str) -> None:
        known = {one.url for one in self.place.feeds} | {one.address for one in self.place.feeds}
        if url not in known and len(self.place.feeds) < 2 * MOST_FEEDS:
            self.place.feeds.append(
                FeedState(url, scope=feed.scope, kind=feed.kind, is_comments=True, also_of=feed.address)
            )

    def _most_known(self) -> int:
        return max(60, min(1_000, MOST_KNOWN // max(len(self.place.feeds), 1)))

    # --- What goes wrong --------------------------------------------------------------------------------------------

    def _why_nobody_answers(self) -> SourceError | None:
        living, now = list(self._living()), self.clock.now()
        if not living:
            gone = "; ".join(feed.name for feed in self.place.feeds[:3])
            return NeedsHands(
                "The feed is gone for good (410)", gone, "Give another address, or delete the connection."
            )
        if not all(feed.why for feed in living):
            return None
        first = living[0]
        says = first.why if len(living) == 1 else f"None of the {len(living)} feeds can be read. {first.why}"
        where = first.url or first.address
        if all(feed.address in self.hopeless and not feed.heard_at for feed in living):
            for feed in living:  # whoever switches it on again wants it tried
                feed.tries, feed.next_at, feed.why = 0, 0, ""
            return NeedsHands(says, where, "Correct the address in the settings.")
        after = min(self._when(feed) for feed in living) - now
        return TryAgain(says, where, "It is tried again by itself.", after=after) if after > timedelta() else None

    def _changed_trouble(self) -> str | None:
        says = trouble(self.place)
        if says == self._trouble:
            return None
        self._trouble = says
        return says


def trouble(place: Place) -> str:
    """Which feeds can't be read and why, in a few sentences; "" if all can."""
    ill = [feed for feed in place.feeds if feed.why]
    if not ill:
        return ""
    said = [f"{feed.name[:80]} ({(feed.url or feed.address)[:120]}): {feed.why}." for feed in ill[:3]]
    more = [f"And {len(ill) - 3} more."] if len(ill) > 3 else []
    gone = ["Take those that are gone out of the addresses."] if any(feed.is_over for feed in ill) else []
    return " ".join([f"{len(ill)} of {len(place.feeds)} feeds can't be read.", *said, *more, *gone])
