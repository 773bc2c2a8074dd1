"""Any metric over time, with its goal."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.panels.building import beside, drawn, nothing_here
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Metric, all_metrics
from watchfloor.metrics.unit import Unit
from watchfloor.panels.charts import Line, line_chart
from watchfloor.panels.registry import Column, Drawn, Panel, Setting, Table
from watchfloor.panels.words import bucket_title, bucket_words, said

COUNTED = {Unit.POSTS, Unit.ENGAGEMENTS, Unit.QUESTIONS, Unit.PHOTOS}
BUCKETS = 40


def over_time(question: Question, settings: dict[str, Any]) -> Drawn:
    shown = _metric(settings.get("metric", ""))
    bucket = question.window.bucket(BUCKETS)
    window = question.window.from_a_round_time(bucket)
    assert shown.series is not None
    points = [point for point in shown.series(question.within(window), bucket) if point.at < question.elapsed.until]
    told = [point.value for point in points if point.value is not None]
    figure = shown.figure(question) if shown.figure else None
    bounds = {Unit.PERCENT: (0.0, 100.0), Unit.POINTS: (-100.0, 100.0)}.get(shown.unit)
    stands = beside(question, shown.name, window, bucket if shown.unit in COUNTED else None)
    if bounds and any(not bounds[0] <= goal.value <= bounds[1] for goal in stands.goals):
        bounds = None
    tips = [
        f"{bucket_title(point.at, bucket)}\n{said(point.value, shown.unit)} {shown.unit.words()}" for point in points
    ]
    words = _("%(metric)s over time, %(bucket)s.") % {"metric": shown.title, "bucket": bucket_words(bucket)}
    return drawn(
        "over-time",
        question,
        settings,
        title=str(shown.title),
        metrics=(figure,) if figure else (),
        chart=line_chart(
            [Line(said(told[-1], shown.unit) if told else "", points)],
            bucket,
            window,
            stands,
            tips,
            per_cent=shown.unit == Unit.PERCENT,
            bounds=bounds,
            words=words,
        )
        if told
        else None,
        table=Table(
            (Column("from", _("from"), "time"), Column(shown.name, str(shown.title), "number", shown.unit)),
            tuple((point.at, point.value) for point in points),
        ),
        bucket_words=bucket_words(bucket),
        empty="" if told else (figure.why_unknown if figure else "") or nothing_here(),
    )


def _metric(name: str) -> Metric:
    """The metric of this name if it can be drawn over time, else the mentions."""
    found = all_metrics().get(name)
    return found if found is not None and found.series is not None else all_metrics()["volume"]


PANELS = (
    Panel(
        "over-time",
        lazy("A metric over time"),
        lazy("Any metric as a line, with its goal."),
        (),
        "line",
        over_time,
        settings=(Setting("metric", lazy("metric"), "unique-authors"),),
    ),
)
