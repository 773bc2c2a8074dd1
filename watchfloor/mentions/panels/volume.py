"""How much is said: over time, by network, and as one huge number."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions import reads
from watchfloor.mentions.charts import volume_chart
from watchfloor.mentions.gaps import gaps_of
from watchfloor.mentions.metrics.figures import query_of
from watchfloor.mentions.panels.building import bucket_words, drawn, figures
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import metric
from watchfloor.metrics.unit import Unit
from watchfloor.panels.registry import Column, Drawn, Panel, Table


def volume(question: Question, settings: dict[str, Any]) -> Drawn:
    bucket = question.window.bucket()
    window = question.window.from_a_round_time(bucket)
    points = reads.volume(question.mission, question.topic_ids, window, bucket, query_of(question))
    columns = (
        Column("from", _("from"), "time"),
        *(
            Column(name, title, "number", Unit.POSTS)
            for name, title in (
                ("mentions", _("mentions")),
                ("negative", _("negative")),
                ("neutral", _("neutral")),
                ("positive", _("positive")),
                ("unknown", _("tone unknown")),
            )
        ),
    )
    rows = tuple((p.at, p.posts, p.negative, p.neutral, p.positive, p.unknown) for p in points)
    return drawn(
        "volume",
        question,
        settings,
        metrics=figures(question, "volume"),
        chart=volume_chart(points, bucket, gaps_of(question.mission, window), window),
        table=Table(columns, rows),
        bucket_words=bucket_words(bucket),
    )


def pulse(question: Question, settings: dict[str, Any]) -> Drawn:
    made = volume(question, settings)
    return drawn(
        "pulse", question, settings, metrics=made.metrics, chart=made.chart, table=made.table,
        bucket_words=made.bucket_words,
    )  # fmt: skip


def network_share(question: Question, settings: dict[str, Any]) -> Drawn:
    by_network = metric("share-by-network").parts
    assert by_network
    parts = by_network(question, 12)
    columns = (
        Column("network", _("network"), "network"),
        Column("mentions", _("mentions"), "number", Unit.POSTS),
        Column("share", _("share"), "share", Unit.PERCENT),
    )
    table = Table(columns, tuple((p.name, p.value, p.share) for p in parts), tuple(p.behind for p in parts))
    empty = "" if parts else _("No mentions in this stretch.")
    return drawn("network-share", question, settings, metrics=figures(question, "volume"), table=table, empty=empty)


PANELS = (
    Panel("volume", lazy("Volume"), lazy("Mentions over time, by tone."), ("volume",), "line", volume),
    Panel("pulse", lazy("Pulse"), lazy("One number, its line, and what changed."), ("volume",), "number", pulse),
    Panel("network-share", lazy("Networks"), lazy("Where it is said."), ("share-by-network",), "bars", network_share),
)
