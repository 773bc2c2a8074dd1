"""How much is said: over time, and as one huge number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions import reads
from watchfloor.mentions.charts import volume_chart
from watchfloor.mentions.metrics.counts import velocity_series
from watchfloor.mentions.metrics.figures import query_of
from watchfloor.mentions.panels.building import beside, drawn, figures, nothing_here
from watchfloor.metrics.figure import Figure, Point
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.unit import Unit
from watchfloor.panels.charts import Line, line_chart
from watchfloor.panels.registry import Change, Column, Drawn, Panel, Setting, Table
from watchfloor.panels.words import bucket_title, bucket_words

DAY = timedelta(days=1)


def volume(question: Question, settings: dict[str, Any]) -> Drawn:
    bucket = question.window.bucket()
    window = question.window.from_a_round_time(bucket)
    points = reads.volume(question.mission, question.topic_ids, window, bucket, query_of(question))
    stands = beside(question, "volume", window, bucket)
    peak = max(points, key=lambda point: point.posts, default=None)
    total = figures(question, "volume")[0]
    words = nothing_here()
    if peak and peak.posts:
        words = _("%(n)s mentions by tone, %(bucket)s. The most, %(peak)s, at %(at)s.") % {
            "n": f"{total.value or 0:,.0f}",
            "bucket": bucket_words(bucket),
            "peak": f"{peak.posts:,}",
            "at": bucket_title(peak.at, bucket),
        }
    titles = (
        ("mentions", _("mentions")),
        ("negative", _("negative")),
        ("neutral", _("neutral")),
        ("positive", _("positive")),
        ("unknown", _("tone unknown")),
    )
    columns = (Column("from", _("from"), "time"), *(Column(n, t, "number", Unit.POSTS) for n, t in titles))
    return drawn(
        "volume",
        question,
        settings,
        metrics=(total,),
        chart=volume_chart(points, bucket, stands.gaps, window, marks=stands.marks, goals=stands.goals, words=words),
        table=Table(columns, tuple((p.at, p.posts, p.negative, p.neutral, p.positive, p.unknown) for p in points)),
        bucket_words=bucket_words(bucket),
        change=change_of(figures(question, "delta")[0]),
        empty="" if total.value else nothing_here(),
    )


def pulse(question: Question, settings: dict[str, Any]) -> Drawn:
    """The window's mentions, what changed, and the line against the same time a day before."""
    bucket = question.window.bucket(48)
    window = question.window.from_a_round_time(bucket)
    now = question.within(window)
    lines = [Line(_("now"), _passed(velocity_series(now, bucket), question.asked_at, bucket))]
    # A day back a clock may have been moved by an hour: the same wall-clock time counts.
    before = Window(_day_before(window.since), _day_before(window.until))
    if settings.get("compare", True) and question.window.length <= DAY:
        past = velocity_series(question.within(before), bucket)
        if any(point.value for point in past):
            moved = [Point(at.at, point.value) for at, point in zip(lines[0].points, past, strict=False)]
            lines.insert(0, Line(_("the day before"), moved, "previous"))
    total = figures(question, "volume")[0]
    tips = [
        "\n".join([bucket_title(point.at, bucket), *(_said(line, at) for line in reversed(lines))])
        for at, point in enumerate(lines[-1].points)
    ]
    change = change_of(figures(question, "delta")[0])
    fast = figures(question, "velocity")[0]
    columns = (Column("from", _("from"), "time"), Column("per_hour", _("mentions an hour"), "number", Unit.PER_HOUR))
    return drawn(
        "pulse",
        question,
        settings,
        metrics=(total, fast),
        chart=line_chart(
            lines,
            bucket,
            window,
            beside(question, "velocity", window),
            tips,
            words=_("Mentions an hour over time. %(change)s") % {"change": change.words if change else ""},
        ),
        table=Table(columns, tuple((point.at, point.value) for point in lines[-1].points)),
        bucket_words=_("an hour"),
        change=change,
        empty="" if total.value else nothing_here(),
    )


def change_of(delta: Figure) -> Change | None:
    """A change in words; None where it is not known."""
    if delta.value is None:
        return None
    size = f"{abs(delta.value):,.0f}"
    before = delta.question.against is not None if delta.question else False
    than = _("than in the stretch compared with") if before else _("than in the stretch before")
    if round(delta.value) == 0:
        return Change(_("as many as in the stretch before"), 0)
    more = delta.value > 0
    words = _("%(n)s %% more %(than)s") if more else _("%(n)s %% fewer %(than)s")
    short = _("%(n)s %% more") if more else _("%(n)s %% fewer")
    return Change(words % {"n": size, "than": than}, 1 if more else -1, short=short % {"n": size})


def _passed(points: list[Point], now: datetime, bucket: timedelta) -> list[Point]:
    """A bucket that has only just begun says nothing yet."""
    return [Point(one.at, one.value if now - one.at >= bucket * 0.25 else None) for one in points]


def _day_before(at: datetime) -> datetime:
    local = timezone.localtime(at)
    return timezone.make_aware(local.replace(tzinfo=None) - DAY)


def _said(line: Line, at: int) -> str:
    value = line.points[at].value if at < len(line.points) else None
    shown = "–" if value is None else f"{value:,.0f}"
    return _("%(line)s: %(n)s an hour") % {"line": line.says, "n": shown}


PANELS = (
    Panel(
        "volume",
        lazy("Volume"),
        lazy("Mentions over time, by tone."),
        ("volume", "delta"),
        "line",
        volume,
    ),
    Panel(
        "pulse",
        lazy("Pulse"),
        lazy("One number, its line, and what changed."),
        ("volume", "velocity", "delta"),
        "number",
        pulse,
        settings=(Setting("compare", lazy("with the day before"), True),),
    ),
)
