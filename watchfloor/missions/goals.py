"""How a goal stands: its metric's figure, its attainment, and a state by a written rule.

**Attainment** = (actual − baseline) ÷ (target − baseline) × 100.

**State.** A goal is expected on a straight line from its start to its date. Counts over its whole period (mentions,
authors, …) begin at 0, everything else begins at the baseline. What is missing is how far the actual lies on the wrong
side of that line, in per cent of the way from the line's begin to the target. A figure that does not count up and has
no baseline is to be held: its line is the target at all times, and what is missing is in per cent of the target.

    reached     the actual is at the target or beyond it
    late        the date has passed, or more than 25 % of the way is missing
    due soon    more than 10 % of the way is missing, or less than a tenth of the time is left
    on time     otherwise
    unknown     no figure, no target, a share of fewer than 30 posts, or a way to go and no date; the reason is told

What is to be held, and what is to stay below a ceiling while it counts up, is reached only when its date has come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from watchfloor.metrics.figure import Figure
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import UnknownMetric, metric
from watchfloor.metrics.unit import Better, Unit
from watchfloor.missions.models import Goal
from watchfloor.team.models import Mission

ATTAINMENT_VERSION = 1
MISSING_LATE, MISSING_DUE = 25.0, 10.0
LAST_TENTH = 0.1
LEAST_SAMPLE = 30  # posts, before a share of them says anything
JUDGED = frozenset({Unit.PERCENT, Unit.POINTS, Unit.SCORE, Unit.RATIO})
COUNTS = frozenset({Unit.POSTS, Unit.AUTHORS, Unit.PEOPLE, Unit.ENGAGEMENTS, Unit.QUESTIONS, Unit.PHOTOS})
SPANS = {
    Goal.Over.HOUR: timedelta(hours=1),
    Goal.Over.DAY: timedelta(days=1),
    Goal.Over.WEEK: timedelta(days=7),
}
MINUTE = timedelta(minutes=1)


STATE_RULE = gettext_lazy(
    "Attainment is (actual − baseline) ÷ (target − baseline) × 100. A goal is expected on a straight line from its "
    "start to its date. Counts over its whole period begin at 0, everything else at the baseline; a figure that does "
    "not count up and has no baseline is to be held at its target. Late: the date has passed, or the goal is more than "
    "25 % of the way behind its line. Due soon: more than 10 % behind, or less than a tenth of its time is left. "
    "Reached: the figure is at the target (what is to be held, or to stay below a ceiling, only at its date). Unknown: "
    "no figure, no target, or a share of fewer than 30 posts. Otherwise on time."
)


class State(StrEnum):
    REACHED = "reached"
    ON_TIME = "on time"
    DUE = "due soon"
    LATE = "late"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Standing:
    """A goal now. `figure` None: its metric is not installed. `expected`: where the line is. `missing`: per cent of the
    way, below 0 ahead of the line. `why`: why the state is unknown, or what it rests on."""

    goal: Goal
    figure: Figure | None
    attainment: float | None
    expected: float | None
    missing: float | None
    state: State
    why: str

    @property
    def value(self) -> float | None:
        return self.figure.value if self.figure else None

    @property
    def has_data(self) -> bool:
        return self.value is not None


def standing(goal: Goal, now: datetime) -> Standing:
    figure = measure(goal, now)
    return judge(goal, figure, now)


def standings(goals: Iterable[Goal], now: datetime) -> list[Standing]:
    return [standing(goal, now) for goal in goals]


def measure(goal: Goal, now: datetime, *, version: int | None = None) -> Figure | None:
    """The figure of the goal's metric over the stretch it is measured over; None if no package brings the metric."""
    try:
        found = metric(goal.metric)
    except UnknownMetric:
        return None
    if found.figure is None:
        return None
    return found.figure(question(goal, window_of(goal, now), now, version=version))


def question(goal: Goal, window: Window, now: datetime, *, version: int | None = None) -> Question:
    topics = (goal.topic_id,) if goal.topic_id else None
    return Question(goal.mission, window, topic_ids=topics, now=now, version=version)


def window_of(goal: Goal, now: datetime) -> Window:
    """What the goal is measured over, as seen at `now`; after its date, as it was then."""
    end = min(now, goal.due_at) if goal.due_at else now
    until = end + MINUTE if end == now else end  # a post of this very second is inside
    if goal.over == Goal.Over.PERIOD:
        return Window(min(goal.starts_at, until - MINUTE), until)
    return Window(until - SPANS[Goal.Over(goal.over)], until)


def attainment(actual: float | None, baseline: float | None, target: float | None) -> float | None:
    """Per cent of the way from baseline to target; None where a part is unknown or there is no way to go."""
    if actual is None or baseline is None or target is None or target == baseline:
        return None
    return (actual - baseline) / (target - baseline) * 100


def judge(goal: Goal, figure: Figure | None, now: datetime) -> Standing:
    """The state by the rule at the top of this file."""
    value = figure.value if figure else None
    reached = attainment(value, goal.baseline, goal.target)
    if (why := _why_unknown(goal, figure)) is not None:
        return Standing(goal, figure, reached, None, None, State.UNKNOWN, why)
    assert value is not None
    assert goal.target is not None
    target = goal.target
    begin = begins_at(goal)
    if now < goal.starts_at:
        why = _("It is counted from %(at)s on.") % {"at": f"{goal.starts_at:%Y-%m-%d}"}
        return Standing(goal, figure, reached, begin, None, State.UNKNOWN, why)
    passed = _part_passed(goal, now)
    expected = begin + (target - begin) * passed
    less = wants_less(goal)
    way = abs(target - begin) or abs(target) or 1.0
    missing = (value - expected if less else expected - value) / way * 100
    there = value <= target if less else value >= target
    state, why = _state(goal, there=there, missing=missing, passed=passed, now=now)
    return Standing(goal, figure, reached, expected, missing, state, why)


def _state(goal: Goal, *, there: bool, missing: float, passed: float, now: datetime) -> tuple[State, str]:
    is_over = goal.due_at is not None and now >= goal.due_at
    if there and (is_over or not (is_held(goal) or (counts_up(goal) and wants_less(goal)))):
        return State.REACHED, _("The target is reached.")
    if is_over:
        return State.LATE, _("Its date has passed.")
    if goal.due_at is None and not there and not is_held(goal):
        return State.UNKNOWN, _("It has no date, so nothing says when it should be there. Set one.")
    if missing > MISSING_LATE:
        return State.LATE, _behind(missing)
    if missing > MISSING_DUE:
        return State.DUE, _behind(missing)
    if goal.due_at and 1 - passed < LAST_TENTH and not there:
        return State.DUE, _("Less than a tenth of its time is left.")
    return State.ON_TIME, _("At its target.") if there else _("On its line from start to date.")


def counts_up(goal: Goal) -> bool:
    """Whether the goal's figure grows from 0 over its period."""
    try:
        return goal.over == Goal.Over.PERIOD and metric(goal.metric).unit in COUNTS
    except UnknownMetric:
        return False


def wants_less(goal: Goal) -> bool:
    """Whether smaller is better: what the metric says; where it says neither, the way from baseline to target."""
    try:
        better = metric(goal.metric).better
    except UnknownMetric:
        better = Better.NEITHER
    if better != Better.NEITHER:
        return better == Better.LESS
    return goal.target is not None and goal.baseline is not None and goal.target < goal.baseline


def is_held(goal: Goal) -> bool:
    """Whether the target is to be held at all times, because there is no way to it."""
    return not counts_up(goal) and (goal.baseline is None or goal.baseline == goal.target)


def begins_at(goal: Goal) -> float:
    """Where the expected line begins."""
    if counts_up(goal):
        return 0.0
    held = goal.target if is_held(goal) else goal.baseline
    return 0.0 if held is None else held


def _part_passed(goal: Goal, now: datetime) -> float:
    """0 … 1 of the goal's time; without a date the whole way is expected at all times."""
    if goal.due_at is None:
        return 1.0
    return min(1.0, max(0.0, (now - goal.starts_at) / (goal.due_at - goal.starts_at)))


def _why_unknown(goal: Goal, figure: Figure | None) -> str | None:
    if figure is None:
        return _("Its metric “%(metric)s” is not installed.") % {"metric": goal.metric}
    if goal.target is None:
        return _("It has no target. Set one.")
    if figure.value is None:
        return figure.why_unknown or _("Nothing was measured so far.")
    if figure.unit in JUDGED and figure.sample is not None and figure.sample < LEAST_SAMPLE:
        told = {"n": figure.sample, "least": LEAST_SAMPLE}
        return _("Only %(n)d posts so far; it is judged from %(least)d on.") % told
    return None


def _behind(missing: float) -> str:
    return _("%(n)d %% of the way behind its line.") % {"n": round(missing)}


def data_flags(mission: Mission, now: datetime) -> list[Standing]:
    """The goals that have no data, with the reason."""
    return [one for one in standings(mission.goals.all(), now) if not one.has_data]
