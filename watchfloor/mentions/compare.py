"""Two or three of something beside each other: topics, stretches of time, missions. One named metric, one scale.

Series are aligned by how long after their own beginning a point lies, so this week stands over last week, and this
year's edition of an event over last year's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from watchfloor.listening.models import Topic
from watchfloor.mentions.explore import View, read_view
from watchfloor.metrics.figure import Figure, Point
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import Metric, all_metrics
from watchfloor.metrics.unit import Unit
from watchfloor.panels.charts import Beside, Line, line_chart
from watchfloor.panels.words import bucket_title, said
from watchfloor.team.models import Mission, Person

MOST = 3
WAYS = ("topics", "periods", "missions")
DEFAULT_METRIC = "volume"
HEIGHT = 220


@dataclass(frozen=True)
class Series:
    """`figure` is the metric over the whole stretch. `address` opens the posts in Explore."""

    name: str
    mission: Mission
    window: Window
    points: list[Point]
    figure: Figure | None
    address: str


@dataclass(frozen=True)
class Comparison:
    metric: Metric
    by: str
    bucket: timedelta
    series: list[Series]
    why_empty: str = ""


def comparable_metrics() -> list[Metric]:
    """Those that have a figure per bucket."""
    return [one for one in all_metrics().values() if one.series is not None]


def compare(view: View, asked: QueryDict, person: Person) -> Comparison:
    """What the address asks for: `by`, `metric`, and topics, `periods` or missions (`with`)."""
    known = {one.name: one for one in comparable_metrics()}
    metric = known.get(asked.get("metric", "")) or known[DEFAULT_METRIC]
    by = asked.get("by", "")
    by = by if by in WAYS else "topics"
    parts = {"topics": _topics, "periods": _periods, "missions": _missions}[by](view, asked, person)
    longest = max((window.length for _name, _mission, _topics, window in parts), default=timedelta(hours=1))
    bucket = view.window.bucket() if by == "periods" else Window(view.now - longest, view.now).bucket()
    series = [
        _series(metric, name, mission, topics, window.from_a_round_time(bucket), bucket, view, asked)
        for name, mission, topics, window in parts
    ]
    why_empty = "" if len(series) > 1 else _("Choose two or three to compare.")
    return Comparison(metric, by, bucket, series, why_empty)


Part = tuple[str, Mission, tuple[int, ...] | None, Window]


def _topics(view: View, asked: QueryDict, _person: Person) -> list[Part]:
    chosen = Topic.objects.filter(mission=view.mission, pk__in=view.topic_ids or ())[:MOST]
    topics = list(chosen) or list(Topic.objects.filter(mission=view.mission)[:MOST])
    return [(topic.name, view.mission, (topic.pk,), view.window) for topic in topics]


def _periods(view: View, asked: QueryDict, _person: Person) -> list[Part]:
    """The stretch, and as many of the same length just before it."""
    count = 3 if asked.get("periods") == "3" else 2
    bucket = view.window.bucket()
    first = view.window.from_a_round_time(bucket)
    length = -(-first.length // bucket) * bucket  # whole buckets, so that all begin at a round time
    names = (_("this stretch"), _("the one before"), _("two before"))
    return [(names[number], view.mission, view.topic_ids, first.moved(-number * length)) for number in range(count)]


def _missions(view: View, asked: QueryDict, person: Person) -> list[Part]:
    """This one and others that the person may enter; "all time" is each one's own."""
    slugs = [slug for slug in dict.fromkeys(asked.getlist("with")) if slug != view.mission.slug][: MOST - 1]
    others = {mission.slug: mission for mission in Mission.objects.for_person(person).filter(slug__in=slugs)}
    missions = [view.mission, *(others[slug] for slug in slugs if slug in others)]
    bare = QueryDict(mutable=True)
    for part in ("since", "from", "to"):
        bare.setlist(part, asked.getlist(part))
    return [(mission.name, mission, None, read_view(mission, bare, view.now).window) for mission in missions]


def _series(
    metric: Metric,
    name: str,
    mission: Mission,
    topics: tuple[int, ...] | None,
    window: Window,
    bucket: timedelta,
    view: View,
    asked: QueryDict,
) -> Series:
    query = view.query.text if view.query else None
    question = Question(mission, window, topics, query, view.now)
    assert metric.series is not None
    link = QueryDict(mutable=True)
    for part in ("q", "network", "sentiment", "lang", "author", "has"):
        link.setlist(part, asked.getlist(part))
    link.setlist("topic", [str(pk) for pk in topics or ()])
    link["from"], link["to"] = window.since.isoformat(), window.until.isoformat()
    return Series(
        name,
        mission,
        window,
        metric.series(question, bucket),
        metric.figure(question) if metric.figure else None,
        link.urlencode(),
    )


def comparison_chart(found: Comparison) -> dict[str, Any] | None:
    """One chart, all series drawn over the first one's time. None: nothing to draw."""
    if not found.series or not found.series[0].points:
        return None
    first = found.series[0]
    lines = [
        Line(
            one.name,
            [replace(point, at=first.window.since + (point.at - one.window.since)) for point in one.points],
            role="own" if number == 0 else "other",
            place=number,
        )
        for number, one in enumerate(found.series)
    ]
    tips = ["\n".join([bucket_title(at, found.bucket), *_tip_lines(found, values)]) for at, values in table_rows(found)]
    return line_chart(
        lines,
        found.bucket,
        Window(first.window.since, first.window.until),
        Beside(),
        tips,
        per_cent=found.metric.unit == Unit.PERCENT,
        bounds=(-100.0, 100.0) if found.metric.unit == Unit.POINTS else None,
        height=HEIGHT,
    )


def _tip_lines(found: Comparison, values: list[float | None]) -> list[str]:
    named = zip(found.series, values, strict=True)
    return [f"{one.name[:40]}: {said(value, found.metric.unit)}" for one, value in named]


def table_rows(found: Comparison) -> list[tuple[datetime, list[float | None]]]:
    """The same as figures: a row a bucket of the first series, a value of each."""
    if not found.series:
        return []
    columns = [
        {(point.at - one.window.since) // found.bucket: point.value for point in one.points} for one in found.series
    ]
    return [
        (point.at, [column.get(number) for column in columns]) for number, point in enumerate(found.series[0].points)
    ]
