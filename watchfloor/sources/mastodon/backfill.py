"""One timeline over REST: what came after our place, oldest first; and what can't be had any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import quote

from watchfloor.lib.guarded import AddressRefused, GuardedError
from watchfloor.sources import told
from watchfloor.sources.mastodon.place import (
    MOST_BACK,
    NOTHING,
    Place,
    Recent,
    id_at,
    moment,
    now_ms,
    order,
)
from watchfloor.sources.mastodon.server import PAGE, NotMastodon, Refused, Server
from watchfloor.sources.mastodon.statuses import LONGEST_NUMBER, News, Read, Statuses
from watchfloor.sources.source import Gap

POLL_BACK = 20  # posts that each asking in turns goes back: half a page
MOST_STREAMED = 5_000
SETTLED_MS = 60_000
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
CANT_BE_ASKED = (400, 401, 403, 404, 405, 410, 422)

Tell = Callable[[list[News], Place | None, list[str]], Awaitable[None]]


class Timeline:
    """`place`: all up to there is sent on. `covered_ms`: up to when (our clock) all is there, None before the start."""

    def __init__(
        self, feed: str, server: Server, statuses: Statuses, place: Place | None, tell: Tell, hours: int
    ) -> None:
        self.place = place
        self.covered_ms = None if place is None else place.at_ms
        self._path, self._query = path_of(feed)
        self._server, self._statuses, self._tell, self._hours = server, statuses, tell, hours
        self._recent, self._filled = Recent(), Recent()  # of the stream and all; of the backfill that is going on
        self._is_complete = False
        self._connected_ms = now_ms()
        self._streamed: set[str] = set()

    # --- Told by the stream ----------------------------------------------------------------------------------------

    def connected(self) -> None:
        """A new connection: there may be a gap before it."""
        self._is_complete, self._connected_ms = False, now_ms()
        self._streamed.clear()

    def streamed(self, number: str, written_ms: int) -> None:
        self._recent.add(number, written_ms)
        if len(self._streamed) < MOST_STREAMED:
            self._streamed.add(number)

    def alive(self) -> None:
        if self._is_complete:
            self.covered_ms = now_ms()

    def place_by_stream(self) -> Place | None:
        """The place after what the stream gave; None while there is a gap before it."""
        if not self._is_complete:
            return None
        self.place = self._recent.place(self.place, now_ms())
        return self.place

    def complete(self) -> None:
        """There is no gap before what is known now."""
        self._is_complete = True
        self.covered_ms = now_ms()
        self.place = self._recent.place(self.place, self.covered_ms)

    # --- Asked over REST -------------------------------------------------------------------------------------------

    async def catch_up(self) -> None:
        """Fill the gap before the stream, trying again while the server has trouble of its own."""
        began_at = self.place
        wait = FIRST_WAIT
        while True:
            try:
                if self.place is None:
                    await self.begin()
                else:
                    await self._leave_out_what_is_too_old()
                    await self.fill(until_stream=True)
                break
            except AddressRefused as error:
                await self._give_up(str(error))
                break
            except Refused as error:
                if error.status in CANT_BE_ASKED:
                    await self._give_up(f"the server refuses ({error})")
                    break
                await asyncio.sleep(error.after or wait)
            except (GuardedError, NotMastodon):
                await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        if self.place is None and began_at is None and not self._streamed:
            self._is_complete = True  # nothing is known of the timeline: the place begins with the first post
            self.covered_ms = now_ms()
            return
        self.complete()
        await self._tell([], self.place, [])

    async def begin(self) -> None:
        """The place from which listening begins: the newest post that is there now. Raises GuardedError, Refused,
        NotMastodon."""
        newest = max(await self._numbers(limit="1"), key=order, default=NOTHING)
        self.place = Place(newest, newest, now_ms())
        self.covered_ms = now_ms()

    async def fill(self, *, back: int = MOST_BACK, until_stream: bool = False) -> int | None:
        """All that came after our place, to the end of the timeline, or with `until_stream` to what the stream has
        brought. When the oldest of what was new had been written, None if nothing was. Raises GuardedError, Refused,
        NotMastodon; what was read until then is sent on."""
        place = self.place
        assert place is not None
        # With a gap open, what the stream has brought since lies beyond it: only the place itself says where to begin.
        ask = self._recent.place(place, place.at_ms, back=back).ask if self._is_complete else place.ask
        self._filled = Recent()
        oldest_new_ms: int | None = None
        is_first = True
        while True:
            page = await self._page(limit=str(PAGE), min_id=ask)
            numbers = [read.number for read in page if read.number]
            if not numbers:
                # Statuses without numbers could never be left behind.
                await self._tell([one for read in page for one in read.news], None, [])
                return oldest_new_ms
            begins_anew = order(numbers[0]) <= order(ask)  # it does not know min_id, and gave the newest instead
            if (is_first or begins_anew) and (gap := await self._gap_before(page[0], place)):
                await self._tell([News(gap)], None, [])
            is_first = False
            for read in page:
                if read.number:
                    self._recent.add(read.number, read.written_ms)
                    self._filled.add(read.number, read.written_ms)
                if oldest_new_ms is None and any(self._statuses.is_news(one) for one in read.news):
                    oldest_new_ms = read.written_ms
            ask = max(numbers, key=order)
            await self._move_to(page, ask)
            if begins_anew or (self._meets_the_stream(page) if until_stream else len(page) < PAGE):
                return oldest_new_ms

    async def _move_to(self, page: list[Read], newest: str) -> None:
        """Send a page on. The place moves with it unless it has come as far by the stream."""
        assert self.place is not None
        news = [one for read in page for one in read.news]
        unknown = [name for read in page for name in read.unknown]
        if not self._is_complete and order(newest) > order(self.place.newest):
            at_ms = max(self.place.at_ms, min(page[-1].written_ms, now_ms()))
            self.place, self.covered_ms = self._filled.place(self.place, at_ms), at_ms
        await self._tell(news, self.place, unknown)

    def _meets_the_stream(self, page: list[Read]) -> bool:
        if all(read.number in self._streamed for read in page):
            return True
        return page[0].written_ms > self._connected_ms + SETTLED_MS

    async def _gap_before(self, oldest: Read, place: Place) -> Gap | None:
        """Whether something is missing between our place and the oldest status of a first page: the server is asked
        what came right before it."""
        assert oldest.number is not None
        if place.newest == NOTHING or order(oldest.number) <= order(place.newest):
            return None
        before = await self._numbers(limit="1", max_id=oldest.number)
        if before and order(before[0]) <= order(place.newest):
            return None
        why = (
            "The server gave what is newest, not what followed our place."
            if before
            else "The server keeps only the newest of this timeline, and no longer had our place."
        )
        return Gap(moment(min(place.at_ms, oldest.written_ms)), moment(oldest.written_ms), why)

    async def _leave_out_what_is_too_old(self) -> None:
        assert self.place is not None
        since_ms = now_ms() - int(timedelta(hours=self._hours).total_seconds() * 1000)
        if self.place.at_ms >= since_ms:
            return
        first = id_at(since_ms, self.place.newest)
        if first is None or order(first) <= order(self.place.newest):
            return
        why = f"Nobody listened, and more than {self._hours} hours back is not fetched (backfill_hours)."
        gap = Gap(moment(self.place.at_ms), moment(since_ms), why)
        self.place = Place(first, first, since_ms)
        await self._tell([News(gap)], self.place, [])

    async def _give_up(self, why: str) -> None:
        if self.place is not None:
            gap = Gap(
                moment(self.place.at_ms),
                moment(max(self.place.at_ms, self._connected_ms)),
                f"What came meanwhile can't be fetched: {why}"[:400],
            )
            await self._tell([News(gap)], None, [])

    async def _numbers(self, **query: str) -> list[str]:
        """Those of statuses that are only looked at. Raises GuardedError, Refused, NotMastodon."""
        page = await self._server.page(self._path, **self._query, **query)
        return [number for raw in page if (number := number_of(raw))]

    async def _page(self, **query: str) -> list[Read]:
        """Statuses by rising number. Raises GuardedError, Refused, NotMastodon."""
        found = [self._statuses.read(raw) for raw in await self._server.page(self._path, **self._query, **query)]
        return sorted(found, key=lambda read: order(read.number or ""))


def number_of(raw: bytes) -> str | None:
    try:
        number = told.name(told.json_object(raw), "id")
    except told.NotRead:
        return None
    return number if number and len(number) <= LONGEST_NUMBER else None


def path_of(feed: str) -> tuple[str, dict[str, str]]:
    if feed.startswith("hashtag:"):
        return f"/api/v1/timelines/tag/{quote(feed.removeprefix('hashtag:'), safe='')}", {}
    if feed == "user":
        return "/api/v1/timelines/home", {}
    return "/api/v1/timelines/public", {
        "public": {},
        "public:local": {"local": "true"},
        "public:remote": {"remote": "true"},
    }[feed]
