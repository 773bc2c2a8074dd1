"""Post ids that carry the time: milliseconds since 1995-01-01 UTC times 16, plus the next free slot.

So a stretch of time is a stretch of ids, newest first is `ORDER BY id DESC`, and a chart groups by id / (bucket × 16):
all of it is answered inside an index, without looking at the post.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

EPOCH = datetime(1995, 1, 1, tzinfo=UTC)
SLOTS = 16  # ids a millisecond
ID_PER_MINUTE = 60_000 * SLOTS
LARGEST = 2**63 - 1

DateDoubt = Literal["future", "ancient"]
TOLERATED = timedelta(minutes=10)  # clocks differ; more than this after we saw it is no honest date

_MICROSECOND = timedelta(microseconds=1)


def chart_time(written_at: datetime, seen_at: datetime) -> tuple[datetime, DateDoubt | None]:
    """The time a post has in charts: when it was written if that is plausible, else when it was seen, and the doubt."""
    if written_at < EPOCH:
        return seen_at, "ancient"
    if written_at > seen_at + TOLERATED:
        return seen_at, "future"
    return written_at, None


def first_id(at: datetime) -> int:
    """The smallest id of the millisecond of `at`; 0 for times before the epoch."""
    return max(0, start_of(at))


def start_of(at: datetime) -> int:
    """Where the millisecond of `at` begins on the scale of ids, below 0 for times before the epoch."""
    return (at - EPOCH) // _MICROSECOND // 1000 * SLOTS


def range_end(until: datetime) -> int:
    """The first id after all of those before `until`: [since, until) is first_id(since) <= id < range_end(until)."""
    return max(0, -(-((until - EPOCH) // _MICROSECOND) // 1000) * SLOTS)


def time_of(post_id: int) -> datetime:
    """The chart time, to the millisecond (the slot of a full millisecond may have moved it a little later)."""
    return EPOCH + timedelta(milliseconds=post_id // SLOTS)


def minute_of(post_id: int) -> int:
    """The minute since the epoch that the post is counted in."""
    return post_id // ID_PER_MINUTE


def minute_at(at: datetime) -> int:
    return (at - EPOCH) // timedelta(minutes=1)


def minute_time(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)
