"""What missions put on charts: their beginning, end and level changes on the line of time, and goals as lines."""

from __future__ import annotations

from django.utils.translation import gettext as _

from watchfloor.metrics.question import Window
from watchfloor.metrics.unit import Unit
from watchfloor.missions.goals import counts_up
from watchfloor.missions.models import Goal, LevelChange
from watchfloor.missions.value_words import unit_of, value_words
from watchfloor.panels.marks import GoalLine, Mark
from watchfloor.team.models import Mission

ADDING_UP = frozenset({Unit.POSTS, Unit.QUESTIONS, Unit.PHOTOS, Unit.ENGAGEMENTS})


def marks(mission: Mission, window: Window) -> list[Mark]:
    """Within the window."""
    found = []
    for at, title in ((mission.starts_at, _("begins")), (mission.ends_at, _("ends"))):
        if at is not None and window.since <= at < window.until:
            found.append(Mark(at, title))
    changes = LevelChange.objects.filter(mission=mission, at__gte=window.since, at__lt=window.until)
    for change in changes[:20]:
        found.append(Mark(change.at, change.get_after_display(), is_alarm=change.after == Mission.Level.CRISIS))
    return found


def goal_lines(mission: Mission, metric: str) -> list[GoalLine]:
    """The targets of the goals on this metric. What counts up over a period is told with the period's length: charts
    draw how much of it each of their buckets must bring. Different people can't be shared out so (who writes twice is
    one author of the period, and one of each bucket), so goals on them have no line."""
    found = []
    for goal in Goal.objects.filter(mission=mission, metric=metric).exclude(target=None):
        assert goal.target is not None
        title = f"{goal.name}: {value_words(metric, goal.target)}"
        by = goal.due_at.date() if goal.due_at else None
        if not counts_up(goal):
            found.append(GoalLine(goal.target, title, by))
        elif goal.due_at is not None and unit_of(metric) in ADDING_UP:
            found.append(GoalLine(goal.target, title, by, per=goal.due_at - goal.starts_at))
    return found
