"""Two editions beside each other, aligned by the hour since each began: volume hour by hour, figures side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from watchfloor.lib.spans import short_span
from watchfloor.mentions import reads
from watchfloor.mentions.reads import Window
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Metric, all_metrics
from watchfloor.missions.editions import period_of
from watchfloor.missions.value_words import number_words
from watchfloor.team.models import Mission

HOUR = timedelta(hours=1)
LONGEST_BY_HOUR = timedelta(days=14)  # beyond, by day
LONGEST = timedelta(days=731)
BEFORE = timedelta(days=1)  # the day before is part of an event


@dataclass(frozen=True)
class AlignedPoint:
    """`offset` steps after the beginning (below 0 before); `ours` and `theirs` None: that edition was not there yet or
    no more, or has not come so far."""

    offset: int
    ours: int | None
    theirs: int | None


@dataclass(frozen=True)
class Row:
    """One metric of both. `change`: per cent of ours against theirs where both are known and theirs is not 0; in points
    for metrics that are per cent or points already."""

    metric: Metric
    ours: float | None
    theirs: float | None
    why_ours: str
    why_theirs: str
    versions: tuple[int | None, int | None]
    change: str


@dataclass(frozen=True)
class Comparison:
    mission: Mission
    other: Mission
    step: timedelta
    points: list[AlignedPoint]
    so_far: timedelta
    rows: list[Row]
    goals: list[tuple[str, Any, Any]]

    @property
    def so_far_words(self) -> str:
        return short_span(self.so_far)

    @property
    def by_hour(self) -> bool:
        return self.step == HOUR


def compare(mission: Mission, other: Mission, now: datetime) -> Comparison:
    """Figures are of the same stretch of both: from each one's beginning to as far as the shorter has come."""
    ours, theirs = period_of(mission, now), period_of(other, now)
    so_far = min(ours.length, theirs.length, LONGEST)
    step = HOUR if max(ours.length, theirs.length) <= LONGEST_BY_HOUR else timedelta(days=1)
    return Comparison(
        mission=mission,
        other=other,
        step=step,
        points=_aligned(mission, other, ours, theirs, step),
        so_far=so_far,
        rows=[
            _row(metric, mission, other, ours, theirs, so_far, now)
            for metric in all_metrics().values()
            if metric.figure
        ],
        goals=_goals(mission, other),
    )


def _aligned(mission: Mission, other: Mission, ours: Window, theirs: Window, step: timedelta) -> list[AlignedPoint]:
    before = BEFORE // step
    both = [_volume(mission, ours, step, before), _volume(other, theirs, step, before)]
    longest = max(len(points) for points in both)
    return [
        AlignedPoint(n - before, *(points[n] if n < len(points) else None for points in both)) for n in range(longest)
    ]


def _volume(mission: Mission, period: Window, step: timedelta, before: int) -> list[int]:
    until = min(period.until, period.since + LONGEST)
    window = Window(period.since - before * step, until)
    return [point.posts for point in reads.volume(mission, None, window, step)]


def _row(
    metric: Metric, mission: Mission, other: Mission, ours: Window, theirs: Window, so_far: timedelta, now: datetime
) -> Row:
    values, whys, versions = [], [], []
    for one, period in ((mission, ours), (other, theirs)):
        # Posts of a closed edition may be gone; what it came to as a whole was kept.
        kept = (
            one.kept_figures.filter(metric=metric.name).first() if one.closed_at and so_far >= period.length else None
        )
        if kept is not None:
            values.append(kept.value)
            whys.append(kept.why_unknown or _("kept at its closing"))
            versions.append(kept.version)
            continue
        assert metric.figure
        figure = metric.figure(Question(one, Window(period.since, period.since + so_far), now=now))
        values.append(figure.value)
        whys.append(figure.why_unknown)
        versions.append(figure.version)
    return Row(metric, values[0], values[1], whys[0], whys[1], (versions[0], versions[1]), _change(metric, *values))


def _change(metric: Metric, ours: float | None, theirs: float | None) -> str:
    if ours is None or theirs is None:
        return "–"
    if metric.unit in ("percent", "points"):
        difference = ours - theirs
        return _("%(n)s points") % {"n": ("+" if difference > 0 else "") + number_words(round(difference, 1))}
    if theirs == 0:
        return "–"
    change = round((ours - theirs) / abs(theirs) * 100)
    return f"{'+' if change > 0 else ''}{change} %".replace("-", "−")


def _goals(mission: Mission, other: Mission) -> list[tuple[str, Any, Any]]:
    """(name, our goal, their goal of the same metric) for each of ours."""
    theirs = {(goal.metric, goal.over): goal for goal in other.goals.all()}
    return [(goal.name, goal, theirs.get((goal.metric, goal.over))) for goal in mission.goals.all()]
