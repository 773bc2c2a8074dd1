"""A goal as home, goals and stand-up show it: figure, unit, state in shape and word, how full the bar is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from watchfloor.missions.goals import Standing, State, begins_at, counts_up, is_held
from watchfloor.missions.models import Goal
from watchfloor.missions.value_words import number_words, unit_of, value_words

SHAPES = {State.REACHED: "ok", State.ON_TIME: "ok", State.DUE: "due", State.LATE: "late", State.UNKNOWN: "unknown"}


@dataclass(frozen=True)
class GoalCard:
    """`fill` and `mark` are 0 … 100 along the bar: where the figure is, where it is expected. None: not drawn."""

    standing: Standing
    number: str
    unit: str
    shape: str
    word: str
    small: str
    fill: float | None
    mark: float | None

    @property
    def goal(self) -> Goal:
        return self.standing.goal

    @property
    def is_calm(self) -> bool:
        return self.shape in ("ok", "unknown")


def cards(standings: Iterable[Standing]) -> list[GoalCard]:
    return [card(one) for one in standings]


def card(one: Standing) -> GoalCard:
    goal = one.goal
    of = _("of %(target)s") % {"target": value_words(goal.metric, goal.target)} if goal.target is not None else ""
    unit = of or (value_words(goal.metric, one.value).partition(" ")[2])
    return GoalCard(
        standing=one,
        number=number_words(one.value, unit_of(goal.metric)),
        unit=unit,
        shape=SHAPES[one.state],
        word=_word(one),
        small=_small(one),
        fill=_along(one, one.value),
        mark=100.0 if is_held(goal) else _along(one, one.expected),
    )


def _word(one: Standing) -> str:
    return {
        State.REACHED: pgettext("goal", "reached"),
        State.ON_TIME: pgettext("goal", "held") if is_held(one.goal) else pgettext("goal", "on time"),
        State.DUE: pgettext("goal", "due soon"),
        State.LATE: pgettext("goal", "late"),
        State.UNKNOWN: pgettext("goal", "no data yet") if not one.has_data else pgettext("goal", "unknown"),
    }[one.state]


def _small(one: Standing) -> str:
    if one.state == State.UNKNOWN:
        return one.why
    parts = []
    unit = unit_of(one.goal.metric)
    if one.expected is not None and counts_up(one.goal) and one.goal.due_at and one.state != State.REACHED:
        parts.append(_("%(expected)s wanted by now") % {"expected": number_words(round(one.expected), unit)})
    elif one.attainment is not None:
        told = {"n": number_words(round(one.attainment)), "baseline": number_words(one.goal.baseline, unit)}
        parts.append(_("%(n)s %% of the way from %(baseline)s") % told)
    if one.goal.due_at:
        parts.append(
            _("target by %(day)s") % {"day": formats.date_format(timezone.localtime(one.goal.due_at), "D j M H:i")}
        )
    return ", ".join(parts) or one.why


def _along(one: Standing, value: float | None) -> float | None:
    """Where a value lies between the line's begin and the target; above 100 is 100."""
    target = one.goal.target
    if value is None or target is None:
        return None
    begin = 0.0 if is_held(one.goal) else begins_at(one.goal)
    if target == begin:
        return 100.0 if value >= target else 0.0
    return max(0.0, min(100.0, (value - begin) / (target - begin) * 100))
