"""When a feed is asked next. Pure.

no more often than          it asks (`ttl`, Cache-Control max-age), and the connection's `most_often_minutes`
else as often as            a quarter of the usual time between its last items; a feed that fell quiet less and less
and at least as often as    it says that it changes (`sy:updatePeriod`), and the connection's `at_least_every_hours`
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median

from watchfloor.sources.feeds.settings import FeedsSettings

FIRST_BACK_OFF, MOST_BACK_OFF = timedelta(minutes=5), timedelta(hours=24)
MOST_RETRY_AFTER = timedelta(days=2)
LAST_ITEMS = 20
UNTOLD = timedelta(minutes=30)  # a feed whose items have no dates

_max_age = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE | re.ASCII).search


def interval(
    dates: Iterable[datetime],
    *,
    now: datetime,
    settings: FeedsSettings,
    asks_seconds: int | None = None,
    usual_seconds: int | None = None,
    max_age_seconds: int | None = None,
) -> timedelta:
    """The time between two tries."""
    most_often = timedelta(minutes=settings.most_often_minutes)
    at_least = max(timedelta(hours=settings.at_least_every_hours), most_often)
    wanted = from_history(dates, now)
    if usual_seconds is not None:
        wanted = min(wanted, timedelta(seconds=usual_seconds))
    asked = timedelta(seconds=max(asks_seconds or 0, max_age_seconds or 0))
    return min(max(wanted, asked, most_often), at_least)


def from_history(dates: Iterable[datetime], now: datetime) -> timedelta:
    recent = sorted({at for at in dates if at <= now}, reverse=True)[:LAST_ITEMS]
    if len(recent) < 2:
        return UNTOLD
    usual = timedelta(seconds=median((later - earlier).total_seconds() for later, earlier in pairwise(recent)))
    return max(usual / 4, (now - recent[0]) / 20)


def jittered(wait: timedelta) -> timedelta:
    """A tenth more or less, so that feeds that were added together are not asked together for ever."""
    return wait * (0.9 + 0.2 * random.random())  # noqa: S311 - no secret


def back_off(tries: int) -> timedelta:
    """After so many tries without an answer: doubling, the last half of it by chance."""
    most: timedelta = min(FIRST_BACK_OFF * 2 ** min(max(tries - 1, 0), 12), MOST_BACK_OFF)
    return most / 2 + most / 2 * random.random()  # noqa: S311 - no secret


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header: seconds or a date. None if there is none, or no sense in it."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=min(int(value[:9]), 10**8)), MOST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(value)
        return min(max((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, timedelta()), MOST_RETRY_AFTER)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def max_age(cache_control: str | None) -> int | None:
    found = _max_age(cache_control) if cache_control else None
    return int(found[1]) if found else None
