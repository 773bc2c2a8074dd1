"""Playing recorded or made-up events on their own clock.

`Clock` is what a playing source asks for the time and waits with, so that tests set it instead of sleeping. `Pace` says
when something recorded at one time happens on the wall clock. `play` brings the two together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

import msgspec

Item = TypeVar("Item")

BATCH_AT_MOST = 500
SIGN_OF_LIFE = timedelta(seconds=10)
# Posts that are due within this much of each other travel together: at 1000× one batch then carries many of them.
GRAIN = timedelta(milliseconds=50)


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    async def wait_until(self, when: datetime) -> None:
        """Come back at `when` or a little later. Comes back at once if it has passed."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def wait_until(self, when: datetime) -> None:
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()))


class SetClock:
    """A clock for tests: it stands still, and jumps to wherever somebody waits for."""

    def __init__(self, time: datetime) -> None:
        self.time = time
        self.waits: list[timedelta] = []

    def now(self) -> datetime:
        return self.time

    async def wait_until(self, when: datetime) -> None:
        self.waits.append(when - self.time)
        self.time = max(self.time, when)
        await asyncio.sleep(0)  # others get their turn, as with a real clock


class Pace(msgspec.Struct, frozen=True):
    """Recorded time `recorded` is wall time `wall`, and from there it runs `speed` times as fast as it was recorded.

    With `bend` the time *before* that moment slows down into the past until, `bend` earlier, it runs as recorded. A
    start in the middle then has a past of natural length, and no step in the number of posts a minute where it begins.
    """

    recorded: datetime
    wall: datetime
    speed: float
    bend: timedelta | None = None

    def at(self, recorded: datetime) -> datetime:
        """The wall time of something recorded at `recorded`, in whole milliseconds."""
        seconds = (recorded - self.recorded).total_seconds()
        if seconds >= 0 or self.bend is None:
            offset = seconds / self.speed
        else:
            offset = -self._bent(-seconds, self.bend.total_seconds())
        return self.wall + timedelta(milliseconds=round(offset * 1000))

    def _bent(self, before: float, bend: float) -> float:
        # A recorded second lasts 1/speed wall seconds at the moment itself, one at `bend` before it, in between
        # linearly: this is the integral.
        short = 1 / self.speed
        if before <= bend:
            return before * short + (1 - short) * before * before / (2 * bend)
        return bend * (1 + short) / 2 + (before - bend)


async def play(items: Iterable[tuple[datetime, Item]], clock: Clock) -> AsyncIterator[list[Item]]:
    """Yield the items (with their wall times, in order) when their time has come, at most BATCH_AT_MOST at once.

    Yields [] as a sign of life when nothing was due for SIGN_OF_LIFE. Ends with the items.
    """
    due: list[Item] = []
    now = clock.now()
    for at, item in items:
        while at > now:
            if due:
                yield due
                due = []
                now = clock.now()
                continue
            wake = min(max(at, now + GRAIN), now + SIGN_OF_LIFE)
            await clock.wait_until(wake)
            now = clock.now()
            if at > now and wake < at:
                yield []
        due.append(item)
        if len(due) >= BATCH_AT_MOST:
            yield due
            due = []
            now = clock.now()
    if due:
        yield due
