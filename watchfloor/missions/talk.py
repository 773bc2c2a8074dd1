"""Talk counted window by window, topic by topic, for rules that compare now with the usual.

Windows end at `now` and lie side by side into the past. Where they are whole minutes they come from the counters; where
a rehearsal plays fast they are seconds long and come from the posts' ids, which carry the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import BigIntegerField, Count, F, IntegerField, Sum
from django.db.models.functions import Cast

from watchfloor.mentions.models import Counter, Mention, MissionCounter, MissionPost, Sentiment
from watchfloor.mentions.store.ids import SLOTS, first_id, minute_at
from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission

MINUTE = timedelta(minutes=1)
PLAYED = ("rehearsal", "replay")  # sources whose time runs at a speed


@dataclass
class Tally:
    """Posts of one window."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unknown: int = 0

    @property
    def posts(self) -> int:
        return self.negative + self.neutral + self.positive + self.unknown

    @property
    def net(self) -> float | None:
        """(positive − negative) ÷ (positive + negative) × 100; None without either."""
        judged = self.positive + self.negative
        return (self.positive - self.negative) / judged * 100 if judged else None


NAMES = {
    Sentiment.NEGATIVE: "negative",
    Sentiment.NEUTRAL: "neutral",
    Sentiment.POSITIVE: "positive",
    Sentiment.UNKNOWN: "unknown",
}


@dataclass
class Talk:
    """Tallies by topic and of the mission as a whole; index 0 is the window that ends now, 1 the one before."""

    width: timedelta
    since: datetime
    until: datetime
    mission: list[Tally]
    topics: dict[int, list[Tally]] = field(default_factory=dict)


def pace_of(mission: Mission) -> float:
    """How fast the mission's time runs: the speed of the rehearsal or recording that it plays, else 1."""
    played = Connection.objects.filter(mission=mission, is_on=True, source__in=PLAYED)
    speeds = (getattr(_settings(connection), "speed", 1.0) for connection in played)
    return max([1.0, *(float(speed) for speed in speeds)])


def _settings(connection: Connection) -> object:
    """As the source reads them; its defaults where they can't be read any more."""
    try:
        return msgspec.convert(connection.settings, connection.plug.settings_type, strict=False)
    except msgspec.ValidationError:
        return None


def talk(mission: Mission, now: datetime, *, width: timedelta, windows: int) -> Talk:
    """`windows` windows of `width`, of all topics of the mission. Two queries."""
    if width >= MINUTE and width % MINUTE == timedelta(0):
        return _from_counters(mission, now, width, windows)
    return _from_posts(mission, now, width, windows)


def _from_counters(mission: Mission, now: datetime, width: timedelta, windows: int) -> Talk:
    minutes = width // MINUTE
    last = minute_at(now) + 1  # the running minute is inside
    first = last - minutes * windows
    window = Cast((last - 1 - Cast(F("minute"), IntegerField())) / minutes, IntegerField())
    within = {"minute__gte": first, "minute__lt": last}
    by_topic = (
        Counter.objects.filter(topic__mission=mission, **within)
        .annotate(window=window)
        .values_list("topic_id", "window", "sentiment")
        .annotate(n=Sum("posts"))
    )
    of_all = (
        MissionCounter.objects.filter(mission=mission, **within)
        .annotate(window=window)
        .values_list("window", "sentiment")
        .annotate(n=Sum("posts"))
    )
    until = now.replace(second=0, microsecond=0) + MINUTE
    return _put_together(until, width, windows, by_topic, of_all)


def _from_posts(mission: Mission, now: datetime, width: timedelta, windows: int) -> Talk:
    ids = max(1, width // timedelta(milliseconds=1)) * SLOTS
    last = first_id(now) + SLOTS
    window = Cast((last - 1 - Cast(F("post_id"), BigIntegerField())) / ids, IntegerField())
    within = {"post_id__gte": last - ids * windows, "post_id__lt": last}
    by_topic = (
        Mention.objects.filter(topic__mission=mission, **within)
        .annotate(window=window)
        .values_list("topic_id", "window", "post__sentiment")
        .annotate(n=Count("post_id"))
    )
    of_all = (
        MissionPost.objects.filter(mission=mission, **within)
        .annotate(window=window)
        .values_list("window", "post__sentiment")
        .annotate(n=Count("post_id"))
    )
    return _put_together(now, width, windows, by_topic, of_all)


def _put_together(until: datetime, width: timedelta, windows: int, by_topic: Any, of_all: Any) -> Talk:
    found = Talk(width, until - width * windows, until, _empty(windows))
    topics: dict[int, list[Tally]] = defaultdict(lambda: _empty(windows))
    for topic, number, sentiment, posts in by_topic:
        _add(topics[topic][number], sentiment, posts)
    for number, sentiment, posts in of_all:
        _add(found.mission[number], sentiment, posts)
    found.topics = dict(topics)
    return found


def _empty(windows: int) -> list[Tally]:
    return [Tally() for _ in range(windows)]


def _add(tally: Tally, sentiment: int, posts: int) -> None:
    name = NAMES[Sentiment(sentiment)]
    setattr(tally, name, getattr(tally, name) + posts)


def negative_pairs(of_topic: list[Tally], of_all: list[Tally]) -> Iterator[tuple[int, int]]:
    """(negative posts of the topic, all posts of the mission) window by window."""
    return ((part.negative, whole.posts) for part, whole in zip(of_topic, of_all, strict=True))
