"""What topics found lately, for the list of topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.listening.models import Topic
from watchfloor.mentions.store.store import mention_store

HOURS = 24


@dataclass(frozen=True)
class TopicRow:
    """`by_hour`: 24 figures, the running hour last."""

    topic: Topic
    posts: int
    by_hour: list[int]


def last_day(topics: Sequence[Topic], now: datetime) -> list[TopicRow]:
    """Posts of each topic by hour over 24 hours, from counters. One query."""
    until = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    since = until - timedelta(hours=HOURS)
    numbers = [topic.pk for topic in topics]
    counted = mention_store().count_topics(numbers, since=since, until=until, bucket=timedelta(hours=1))
    found = []
    for topic in topics:
        by_hour = [counted.get((topic.pk, n), 0) for n in range(HOURS)]
        found.append(TopicRow(topic, sum(by_hour), by_hour))
    return found
