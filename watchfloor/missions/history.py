"""A goal's history: what its metric was, kept once a day and when somebody asks, with the formula it was made by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from watchfloor.missions.goals import ATTAINMENT_VERSION, Standing, standings
from watchfloor.missions.models import Goal, GoalValue
from watchfloor.team.models import Mission

KEPT_EVERY = timedelta(days=1)


def keep_values(mission: Mission, now: datetime) -> list[GoalValue]:
    """Measure every goal of the mission now and keep what it came to."""
    goals = mission.goals.select_related("mission", "topic")
    return keep(standings(goals, now), now)


def keep(asked: Iterable[Standing], now: datetime) -> list[GoalValue]:
    """Keep what was measured at `now`; a second time at the same moment changes nothing."""
    rows = [_row(one, now) for one in asked if one.figure is not None]
    GoalValue.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


def goals_to_measure(now: datetime) -> list[Goal]:
    """Those of missions that are open whose last kept value is a day old; a goal is measured once more at its date."""
    found = []
    for goal in Goal.objects.filter(mission__closed_at=None).select_related("mission", "topic"):
        last = goal.values.values_list("at", flat=True).first()
        if goal.due_at and last and last >= goal.due_at:
            continue
        is_due_between = goal.due_at is not None and last is not None and last < goal.due_at <= now
        if last is None or now - last >= KEPT_EVERY or is_due_between:
            found.append(goal)
    return found


def measure_what_is_due(now: datetime) -> int:
    """For the desk's clock. Returns how many goals were measured."""
    due = goals_to_measure(now)
    keep(standings(due, now), now)
    return len(due)


def _row(one: Standing, now: datetime) -> GoalValue:
    assert one.figure is not None
    return GoalValue(
        goal=one.goal,
        at=now,
        value=one.figure.value,
        why_unknown=one.figure.why_unknown[:500],
        attainment=one.attainment,
        metric_version=one.figure.version,
        attainment_version=ATTAINMENT_VERSION,
        sample=one.figure.sample,
        coverage=one.figure.coverage.part if one.figure.coverage else None,
    )
