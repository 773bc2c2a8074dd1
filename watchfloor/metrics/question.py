"""What a number is asked for: whose mission, which topics, which stretch of time, by which formula."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.utils import timezone

Found = TypeVar("Found")
MINUTE = timedelta(minutes=1)
MINUTES_A_BUCKET = (1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880, 10080, 43200, 129600)
MOST_BUCKETS = 60


@dataclass(frozen=True)
class Window:
    """[since, until) of chart time, aware."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def whole_minutes(self) -> Window:
        """The window widened to whole minutes, which is the grain that posts are counted in."""
        since = self.since.replace(second=0, microsecond=0)
        until = self.until.replace(second=0, microsecond=0)
        return Window(since, until if until == self.until else until + MINUTE)

    def moved(self, by: timedelta) -> Window:
        return Window(self.since + by, self.until + by)

    def bucket(self, most: int = MOST_BUCKETS) -> timedelta:
        """The smallest round stretch that cuts the window into at most `most`."""
        for minutes in MINUTES_A_BUCKET:
            if self.length <= timedelta(minutes=minutes) * most:
                return timedelta(minutes=minutes)
        return timedelta(minutes=MINUTES_A_BUCKET[-1])

    def from_a_round_time(self, bucket: timedelta) -> Window:
        """The window, begun at a round time of the clock in force, so that buckets do not shift as time goes on."""
        local = timezone.localtime(self.since)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        passed = (local - midnight) // bucket if bucket < timedelta(days=1) else 0
        return Window(midnight + passed * bucket, self.until)


@dataclass(frozen=True)
class Question:
    """`topic_ids` None: the whole mission. `query` narrows further, in the query language. `version` None: the newest
    formula. `against`: the window compared with, for metrics that compare; None: the one of equal length before.

    A question remembers what was found for it, and for those made from it, so that a page of many figures asks once.
    """

    mission: Any
    window: Window
    topic_ids: tuple[int, ...] | None = None
    query: str | None = None
    now: datetime | None = None
    version: int | None = None
    against: Window | None = None
    _found: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def asked_at(self) -> datetime:
        return self.now or timezone.now()

    @property
    def elapsed(self) -> Window:
        """The part of the window that has passed when it is asked: nothing has been written in the rest."""
        now = self.asked_at
        if self.window.since < now < self.window.until:
            return Window(self.window.since, now)
        return self.window

    @property
    def compared_with(self) -> Window:
        """`against`, else as long a stretch just before as has passed of the window."""
        return self.against or self.elapsed.moved(-self.elapsed.length)

    def once(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` says, asked the first time only. `key` names all that it depends on beside mission and query."""
        whole = (self.topic_ids, self.query, key)
        if whole not in self._found:
            self._found[whole] = find()
        return cast(Found, self._found[whole])

    def within(self, window: Window) -> Question:
        return replace(self, window=window)

    def by_version(self, version: int | None) -> Question:
        return replace(self, version=version)
