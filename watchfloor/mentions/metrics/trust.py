"""How far the other figures can be trusted: how much was heard, and how often labels are right."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.labels.accuracy import label_accuracy
from watchfloor.mentions.metrics.figures import coverage_of, figure, starts
from watchfloor.metrics.figure import Figure, Point
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit
from watchfloor.sources.reads import coverage as coverage_between

SINCE = date(2026, 11, 22)


def coverage(question: Question) -> Figure:
    part = coverage_of(question).part
    return figure(
        "coverage",
        question,
        None if part is None else part * 100,
        why_unknown=_("No connection was to be listened to in this stretch."),
    )


def coverage_series(question: Question, bucket: timedelta) -> list[Point]:
    points = []
    for stretch in starts(question.window, bucket):
        part = coverage_between(question.mission, stretch.since, stretch.until).part
        points.append(Point(stretch.since, None if part is None else part * 100))
    return points


def accuracy(question: Question) -> Figure:
    """Of the model in use now; the window does not matter."""
    found = label_accuracy(question.mission)
    return figure(
        "label-accuracy",
        question,
        None if found.value is None else found.value * 100,
        sample=found.sample,
        why_unknown=found.says,
        note=found.says if found.value is not None else "",
    )


METRICS = (
    Metric(
        name="coverage",
        title=lazy("Coverage"),
        definition=lazy(
            "How much of the time was listened to, over all connections of the mission. What was missed and fetched "
            "afterwards counts as covered."
        ),
        unit=Unit.PERCENT,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                "covered minutes / minutes to be covered, over connections × 100",
                lazy(
                    "A minute of a connection is to be covered while it is switched on, and covered if no gap holds it."
                ),
                "Coverage: share of sources and time actually collected, gaps listed (after TCAT)",
            ),
        ),
        figure=coverage,
        series=coverage_series,
    ),
    Metric(
        name="label-accuracy",
        title=lazy("Accuracy of labels"),
        definition=lazy(
            "How often the sentiment label is what a person says, among mentions that were drawn by chance and judged "
            "by people, and that the labeller never learnt from. Of the labeller in use now, whatever the window."
        ),
        unit=Unit.PERCENT,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                "labels that people confirmed / labels that people judged × 100",
                lazy("Where several people judged one mention, the last word counts. Fewer than 20 tell nothing."),
                "Accuracy on a held-out part",
            ),
        ),
        figure=accuracy,
    ),
)
