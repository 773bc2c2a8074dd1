"""The last 24 hours of connections, for pages: rhythm, coverage, and the strip that shows both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from watchfloor.sources.coverage import Hole, Told, told_by_minute
from watchfloor.sources.minutes import moment_of
from watchfloor.sources.models import Connection

LONG = timedelta(hours=24)
LATELY = 10  # whole minutes that "now" means
ENOUGH = 60  # covered minutes before there is a usual rhythm
BUCKET = 10  # minutes of one bar of the strip
BASE = 32  # where bars stand, in the strip's own units: it is 36 high, and 1440 wide, one a minute
STATES = {"c": "covered", "l": "lost", "n": "coming", "o": "off"}


@dataclass(frozen=True)
class Run:
    """Minutes [since, until) in one state; `at` and `length` in minutes from the strip's beginning. `why` of a loss."""

    state: str
    since: datetime
    until: datetime
    at: int
    length: int
    why: str = ""


@dataclass(frozen=True)
class Bar:
    """Posts that came in BUCKET minutes, and how it is drawn."""

    at: int
    posts: int
    top: float
    height: float


@dataclass(frozen=True)
class Day:
    """`now` and `usual` are posts a minute; None: not known. `part` 0…1 of the minutes to be covered, None: none were.
    A recording with its own dates has no day."""

    since: datetime
    until: datetime
    now: float | None
    usual: float | None
    part: float | None
    runs: Sequence[Run]
    bars: Sequence[Bar]
    holes: Sequence[Hole]

    @property
    def is_low(self) -> bool:
        """Far below its usual rhythm, where the usual is enough to tell."""
        return (
            self.now is not None and self.usual is not None and self.usual * LATELY >= 5 and self.now < self.usual / 4
        )

    @property
    def ticks(self) -> list[datetime]:
        return [self.since + (self.until - self.since) * n / 4 for n in range(5)]

    @property
    def percent(self) -> str:
        """Never 100 while anything is missing."""
        if self.part is None:
            return "–"
        return f"{int(self.part * 1000) / 10:g} %"

    @property
    def lost_minutes(self) -> int:
        return sum(run.length for run in self.runs if run.state == "lost")


def days(connections: Iterable[Connection], now: datetime) -> dict[int, Day]:
    """By connection, of those that listen. Three queries for all of them."""
    until = now.replace(second=0, microsecond=0)
    told = told_by_minute([c for c in connections if not c.has_own_clock], until - LONG, until, now)
    return {one.connection.pk: _day(one) for one in told}


def _day(told: Told) -> Day:
    wanted = told.wanted.bit_count()
    minutes = range(told.first, told.first + told.length)
    received = [told.received.get(minute, 0) for minute in minutes]
    is_covered = [bool(told.covered >> n & 1) for n in range(told.length)]
    earlier = [posts for posts, is_one in zip(received[:-LATELY], is_covered[:-LATELY], strict=True) if is_one]
    lately = received[-LATELY:]
    holes = list(told.holes())
    return Day(
        since=moment_of(told.first),
        until=moment_of(told.first + told.length),
        now=sum(lately) / len(lately) if told.is_standing and lately else None,
        usual=sum(earlier) / len(earlier) if len(earlier) >= ENOUGH else None,
        part=(told.wanted & told.covered).bit_count() / wanted if wanted else None,
        runs=tuple(_runs(told, holes)),
        bars=tuple(_bars(received)),
        holes=holes,
    )


def _runs(told: Told, holes: Sequence[Hole]) -> Iterator[Run]:
    letters = "".join(_letter(told, n) for n in range(told.length))
    why = {hole.since: hole.why for hole in holes}
    at = 0
    for letter, same in groupby(letters):
        length = len(list(same))
        since = moment_of(told.first + at)
        yield Run(STATES[letter], since, moment_of(told.first + at + length), at, length, why.get(since, ""))
        at += length


def _letter(told: Told, n: int) -> str:
    if told.wanted >> n & 1:
        return "c" if told.covered >> n & 1 else "l"
    return "n" if told.coming >> n & 1 else "o"


def _bars(received: Sequence[int]) -> Iterator[Bar]:
    sums = [sum(received[at : at + BUCKET]) for at in range(0, len(received), BUCKET)]
    most = max(sums, default=0)
    for number, posts in enumerate(sums):
        if posts:
            height = max(1.5, round((BASE - 2) * posts / most, 1))
            yield Bar(number * BUCKET, posts, BASE - height, height)
