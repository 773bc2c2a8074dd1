"""What the rules of the home page look at, read once for all of them.

Stretches are those of the mission's own time: a rehearsal that plays 60 times as fast is looked at through windows 60
times as short, so that what shows up in 20 minutes of an event shows up in 20 seconds of its rehearsal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from watchfloor.listening.models import Topic
from watchfloor.mentions import reads
from watchfloor.mentions.reads import Window
from watchfloor.mentions.store.store import StoredPost
from watchfloor.missions.goals import Standing, standings
from watchfloor.missions.readiness import connections_of
from watchfloor.missions.talk import Talk, pace_of, talk
from watchfloor.sources.models import Connection, ConnectionGap
from watchfloor.team.models import Mission

WIDTH = timedelta(minutes=20)  # what "now" is, for rules about talk
PAST = timedelta(hours=24)  # what "usual" is learned from
LATELY = timedelta(hours=2)  # whose posts are looked at one by one
MOST_POSTS = 1_500
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Watch:
    """One look at a mission at `now`."""

    mission: Mission
    now: datetime

    @cached_property
    def pace(self) -> float:
        return pace_of(self.mission)

    def scaled(self, span: timedelta) -> timedelta:
        """As long in the mission's own time: whole minutes where that is possible, else whole seconds, one at least."""
        short = span / self.pace
        grain = MINUTE if short >= MINUTE else SECOND
        return max(SECOND, round(short / grain) * grain)

    @cached_property
    def topics(self) -> dict[int, Topic]:
        return {topic.pk: topic for topic in self.mission.topics.filter(is_on=True)}

    @cached_property
    def talk(self) -> Talk:
        width = self.scaled(WIDTH)
        return talk(self.mission, self.now, width=width, windows=1 + PAST // WIDTH)

    @cached_property
    def talk_window(self) -> Window:
        """The newest window of the talk."""
        return Window(self.talk.until - self.talk.width, self.talk.until)

    @cached_property
    def lately(self) -> Window:
        return Window(self.now - self.scaled(LATELY), self.now + SECOND)

    @cached_property
    def posts(self) -> list[StoredPost]:
        """The newest posts of the last two hours, newest first, at most 1,500."""
        return reads.newest(self.mission, None, window=self.lately, limit=MOST_POSTS)

    @cached_property
    def standings(self) -> list[Standing]:
        return standings(self.mission.goals.select_related("mission", "topic", "owner"), self.now)

    @cached_property
    def connections(self) -> list[Connection]:
        return list(connections_of(self.mission))

    @cached_property
    def gaps(self) -> list[ConnectionGap]:
        """Of the last hour."""
        since = self.now - timedelta(hours=1)
        heard = ConnectionGap.objects.unfilled().filter(
            connection__in=self.connections, until__gt=since, since__lte=self.now
        )
        return list(heard.select_related("connection")[:20])
