"""The mission's home: everything it shows, put together once per change and shared by all who look.

body = home(mission, now)          # a dataclass, for pages, API and stand-up
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchfloor.mentions import reads
from watchfloor.mentions.reads import Window
from watchfloor.metrics.figure import Figure
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import UnknownMetric, metric
from watchfloor.missions.goal_card import GoalCard, cards
from watchfloor.missions.goals import Standing
from watchfloor.missions.headline import Headline, headline, where_we_are
from watchfloor.missions.rules import Found, look
from watchfloor.missions.scenes import panels_without_goal
from watchfloor.missions.voices import Voices, voices
from watchfloor.missions.watch import Watch
from watchfloor.panels.drawn import Drawn
from watchfloor.panels.registry import UnknownPanel, panel
from watchfloor.sources.reads import Coverage, coverage, health
from watchfloor.team.models import Mission

DAY = timedelta(days=1)
MOST_GOALS = 8


@dataclass(frozen=True)
class Home:
    mission: Mission
    now: datetime
    window: Window
    headline: Headline
    where: str
    goals: list[GoalCard]
    standings: list[Standing]
    found: Found
    volume: Drawn | None
    delta: Figure | None
    sentiment: Figure | None
    totals: reads.Totals
    voices: Voices
    sources: list[tuple[Any, Any]]
    coverage: Coverage
    goals_without_data: list[Standing]
    panels_without_goal: list[tuple[str, str]]

    @property
    def tones(self) -> list[tuple[str | None, int, int]]:
        """(tone, posts, per cent), those that occur."""
        counted = (
            ("positive", self.totals.positive),
            ("neutral", self.totals.neutral),
            ("negative", self.totals.negative),
            (None, self.totals.unknown),
        )
        whole = max(1, self.totals.posts)
        return [(name, posts, round(posts / whole * 100)) for name, posts in counted if posts]


def home(mission: Mission, now: datetime) -> Home:
    watch = Watch(mission, now)
    found = look(watch)
    window = day_of(mission, now)
    question = Question(mission, window, now=now)
    return Home(
        mission=mission,
        now=now,
        window=window,
        headline=headline(mission, found.needing, watch.standings),
        where=where_we_are(mission, now),
        goals=cards(watch.standings[:MOST_GOALS]),
        standings=watch.standings,
        found=found,
        volume=_draw("volume", question),
        delta=_figure("delta", question),
        sentiment=_figure("net-sentiment-a", question),
        totals=reads.totals(mission, None, window, with_authors=False),
        voices=voices(mission, window),
        sources=[(connection, health(connection, now)) for connection in watch.connections],
        coverage=coverage(mission, window.since, now),
        goals_without_data=[one for one in watch.standings if not one.has_data],
        panels_without_goal=panels_without_goal(mission),
    )


def day_of(mission: Mission, now: datetime) -> Window:
    """The last 24 hours; of a closed mission, of an event that is over, its last day."""
    end = now
    if mission.closed_at is not None:
        end = min(mission.closed_at, mission.ends_at or mission.closed_at)
    return Window(end - DAY, end + timedelta(minutes=1) if end == now else end)


def _figure(name: str, question: Question) -> Figure | None:
    try:
        found = metric(name)
    except UnknownMetric:
        return None
    return found.figure(question) if found.figure else None


def _draw(name: str, question: Question) -> Drawn | None:
    try:
        return panel(name).draw(question)
    except UnknownPanel:
        return None
