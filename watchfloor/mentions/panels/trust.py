"""How far to trust the rest, and what rises that nobody listens to yet."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.panels.building import bars, beside, drawn, figures, parts_of, parts_table
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import metric
from watchfloor.metrics.unit import Unit
from watchfloor.panels.charts import Line, line_chart
from watchfloor.panels.registry import Column, Drawn, Panel, Setting, Table
from watchfloor.panels.words import bucket_title, bucket_words, covered

BUCKETS = 30


def coverage(question: Question, settings: dict[str, Any]) -> Drawn:
    """The line says how much, the table which connection missed what, and why."""
    figure = figures(question, "coverage")[0]
    bucket = question.window.bucket(BUCKETS)
    window = question.elapsed.from_a_round_time(bucket)
    ask = metric("coverage").series
    assert ask is not None
    points = ask(question.within(window), bucket)
    tips = [
        f"{bucket_title(point.at, bucket)}\n" + ("–" if point.value is None else f"{covered(point.value / 100)} %")
        for point in points
    ]
    holes = figure.coverage.missing if figure.coverage else ()
    columns = (
        Column("from", _("from"), "time"),
        Column("to", _("to"), "time"),
        Column("connection", _("connection")),
        Column("why", _("why")),
    )
    told = figure.value is not None
    return drawn(
        "coverage",
        question,
        settings,
        metrics=(figure,),
        chart=line_chart(
            [Line("", points)],
            bucket,
            window,
            beside(question, "coverage", window),
            tips,
            per_cent=True,
            bounds=(0, 100),
            words=_("Coverage over time. In all %(part)s %%.") % {"part": covered((figure.value or 0) / 100)},
        )
        if told
        else None,
        table=Table(columns, tuple((hole.since, hole.until, hole.connection_name, hole.why) for hole in holes)),
        bucket_words=bucket_words(bucket),
        empty="" if told else figure.why_unknown,
    )


def emerging(question: Question, settings: dict[str, Any]) -> Drawn:
    parts = parts_of("emerging-terms", question, settings.get("most", 8))
    return drawn(
        "emerging",
        question,
        settings,
        metrics=figures(question, "emerging-terms"),
        chart=bars(
            question,
            parts,
            [part.name or "" for part in parts],
            ", ".join(f"{part.name}: {part.value:,.1f}" for part in parts),
            "quiet",
        ),
        table=parts_table(
            parts,
            Column("term", _("term")),
            Column("score", _("hype score"), "number", Unit.SCORE),
            Column("posts", _("mentions"), "number", Unit.POSTS),
            Column("authors", _("authors"), "number", Unit.AUTHORS),
            Column("first_seen", _("first seen"), "time"),
        ),
        empty="" if parts else _("No hashtag or phrase rose in this stretch."),
    )


PANELS = (
    Panel(
        "emerging",
        lazy("Emerging terms"),
        lazy("What rises around the mentions and no topic listens to yet."),
        ("emerging-terms",),
        "bars",
        emerging,
        settings=(Setting("most", lazy("how many at most"), 8, 1, 30),),
    ),
    Panel(
        "coverage",
        lazy("Coverage"),
        lazy("How much was listened to, and what is missing."),
        ("coverage",),
        "line",
        coverage,
    ),
)
