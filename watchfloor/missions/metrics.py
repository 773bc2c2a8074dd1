"""What missions add to the metrics: how far the goals are."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from watchfloor.metrics.figure import Behind, Figure, Part
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit
from watchfloor.missions.goals import ATTAINMENT_VERSION, Standing, standings
from watchfloor.missions.models import Goal

NAME = "goal-attainment"


def figure(question: Question) -> Figure:
    """The mean over the goals whose attainment is known."""
    asked = _standings(question)
    known = [one.attainment for one in asked if one.attainment is not None]
    return Figure(
        metric=NAME,
        version=ATTAINMENT_VERSION,
        value=sum(known) / len(known) if known else None,
        why_unknown="" if known else _why_unknown(asked),
        unit=Unit.PERCENT,
        window=question.window,
        at=question.asked_at,
        sample=None,
        coverage=None,
        behind=None,
        note=_("%(n)d of %(all)d goals are known.") % {"n": len(known), "all": len(asked)} if asked else "",
        question=question,
    )


def parts(question: Question, most: int) -> list[Part]:
    """One part a goal, the furthest first. Goals whose attainment is unknown are left out."""
    known = [(one.attainment, one) for one in _standings(question) if one.attainment is not None]
    known.sort(key=lambda pair: (-pair[0], pair[1].goal.place))
    return [
        Part(one.goal.name, reached, None, _behind(one), {"goal": one.goal.pk, "state": str(one.state)})
        for reached, one in known[:most]
    ]


def _standings(question: Question) -> list[Standing]:
    goals = Goal.objects.filter(mission=question.mission).select_related("mission", "topic", "owner")
    if question.topic_ids is not None:
        goals = goals.filter(topic__in=question.topic_ids)
    return standings(goals, question.asked_at)


def _why_unknown(asked: list[Standing]) -> str:
    if not asked:
        return _("The mission has no goal. Set one on its goals page.")
    return _("No goal has a figure, a baseline and a target that differ. The goals page says what is missing.")


def _behind(one: Standing) -> Behind | None:
    return one.figure.behind if one.figure else None


METRICS = (
    Metric(
        name=NAME,
        title=gettext_lazy("Goal attainment"),
        definition=gettext_lazy(
            "How far a goal has come from its baseline to its target, in per cent of the way. Over several goals: the "
            "mean of those that are known. Below 0 the figure moved away from the target, above 100 it went beyond."
        ),
        unit=Unit.PERCENT,
        better=Better.MORE,
        formulas=(
            Formula(
                version=ATTAINMENT_VERSION,
                since=date(2026, 11, 22),
                expression="(actual − baseline) ÷ (target − baseline) × 100",
                says=gettext_lazy(
                    "Actual is the goal’s metric over the stretch that the goal is measured over, at the moment asked "
                    "or at the goal’s date, whichever is first. Unknown without an actual, a baseline and a target "
                    "that differs from it."
                ),
                source="Watchfloor",
            ),
        ),
        figure=figure,
        parts=parts,
    ),
)
