"""Talk counted window by window, topic by topic, for rules that compare now with the usual.

Windows end at `now` and lie side by side into the past. Where they are whole minutes they come from the counters; where
a rehearsal plays fast they are seconds long and come from the posts' ids, which carry the time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from watchfloor.mentions.store.store import mention_store
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
    """`windows` windows of `width`, of all topics of the mission. A few queries."""
    until = now
    if width >= MINUTE and width % MINUTE == timedelta(0):
        until = now.replace(second=0, microsecond=0) + MINUTE  # the running minute is inside
    since = until - width * windows
    found = Talk(width, since, until, _empty(windows))
    inside = until if until > now else until + timedelta(milliseconds=1)  # a post of this very millisecond
    for topic, slots in mention_store().tallies(mission.pk, since=since, until=inside, bucket=width).items():
        tallies = found.mission if topic is None else found.topics.setdefault(topic, _empty(windows))
        for slot, posts in slots.items():
            name = slot.sentiment or "unknown"
            tally = tallies[max(0, windows - 1 - slot.bucket)]
            setattr(tally, name, getattr(tally, name) + posts)
    return found


def _empty(windows: int) -> list[Tally]:
    return [Tally() for _ in range(windows)]


def negative_pairs(of_topic: list[Tally], of_all: list[Tally]) -> Iterator[tuple[int, int]]:
    """(negative posts of the topic, all posts of the mission) window by window."""
    return ((part.negative, whole.posts) for part, whole in zip(of_topic, of_all, strict=True))
