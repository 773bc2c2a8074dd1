"""What topics found lately, for the list of topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import IntegerField, Sum
from django.db.models.functions import Cast

from watchfloor.listening.models import Topic
from watchfloor.mentions.models import Counter
from watchfloor.mentions.store.ids import minute_at

HOURS = 24


@dataclass(frozen=True)
class TopicRow:
    """`by_hour`: 24 figures, the running hour last."""

    topic: Topic
    posts: int
    by_hour: list[int]


def last_day(topics: Sequence[Topic], now: datetime) -> list[TopicRow]:
    """Posts of each topic by hour over 24 hours, from counters. One query."""
    first = minute_at(now - timedelta(hours=HOURS)) + 1
    hour = Cast((Cast("minute", IntegerField()) - first) / 60, IntegerField())
    counted: dict[tuple[int, int], int] = {}
    rows = Counter.objects.filter(topic__in=topics, minute__gte=first).annotate(hour=hour)
    for topic_id, at, posts in rows.values_list("topic_id", "hour").annotate(n=Sum("posts")):
        counted[topic_id, min(at, HOURS - 1)] = counted.get((topic_id, min(at, HOURS - 1)), 0) + posts
    found = []
    for topic in topics:
        by_hour = [counted.get((topic.pk, n), 0) for n in range(HOURS)]
        found.append(TopicRow(topic, sum(by_hour), by_hour))
    return found
