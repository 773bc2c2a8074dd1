"""The volume chart: one Vega-Lite definition made with Altair; the figures are put in beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.utils import timezone

from watchfloor.mentions.reads import VolumePoint, Window

ORDER = ("negative", "neutral", "positive", "unknown")  # from the base line up
COLOURS = ["positive", "neutral", "negative", "unknown"]  # the theme's `ordinal` range
HEIGHT = 140


@dataclass(frozen=True)
class Stretch:
    """A gap, in real time."""

    since: datetime
    until: datetime


def volume_chart(
    points: list[VolumePoint], bucket: timedelta, gaps: Iterable[Stretch], window: Window
) -> dict[str, Any]:
    """The specification with its data, and `starts` for turning a brushed stretch into real times.

    Times in it are wall-clock times of the zone that the page shows, without a zone: browsers draw them as they stand.
    """
    bars = [bar for point in points for bar in _stack(point, bucket)]
    holes = [
        {"at": _wall(max(gap.since, window.since)), "to": _wall(min(gap.until, window.until))}
        for gap in gaps
        if gap.until > window.since and gap.since < window.until
    ]
    domain = [_wall(points[0].at), _wall(points[-1].at + bucket)] if points else []
    return {
        "spec": _definition(),
        "data": {"bars": bars, "gaps": holes},
        "domain": domain,
        "format": _tick_format(window.until - window.since),
        "starts": [[_wall(p.at), p.at.isoformat()] for p in points],
        "end": (points[-1].at + bucket).isoformat() if points else None,
    }


@cache
def _definition() -> dict[str, Any]:
    import altair as alt  # takes half a second to import, which the first chart pays

    x = alt.X("at:T", title=None, axis=alt.Axis(tickCount=6, grid=False))
    gaps = alt.Chart(alt.NamedData("gaps")).mark_rect(style="gap").encode(x=x, x2="to:T")
    bars = (
        alt.Chart(alt.NamedData("bars"))
        .mark_rect()
        .encode(
            x=x,
            x2="to:T",
            y=alt.Y("low:Q", title=None, axis=alt.Axis(tickCount=3, tickMinStep=1, format=",d")),
            y2="high:Q",
            color=alt.Color("s:N", scale=alt.Scale(domain=COLOURS, range="ordinal"), legend=None),
        )
        .add_params(alt.selection_interval(name="brush", encodings=["x"]))
    )
    specification: dict[str, Any] = alt.layer(gaps, bars).properties(width="container", height=HEIGHT).to_dict()
    specification.pop("config", None)  # colours and type come from the theme
    return specification


def _stack(point: VolumePoint, bucket: timedelta) -> Iterator[dict[str, Any]]:
    """The parts of one bar, from zero up."""
    low = 0
    for name in ORDER:
        posts = getattr(point, name)
        if posts:
            at, to = _wall(point.at), _wall(point.at + bucket * 0.9)
            yield {"at": at, "to": to, "s": name, "n": posts, "low": low, "high": low + posts}
            low += posts


def _wall(moment: datetime) -> str:
    return timezone.localtime(moment).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _tick_format(span: timedelta) -> str:
    if span <= timedelta(days=2):
        return "%H:%M"
    if span < timedelta(days=6):  # six ticks fall within days
        return "%-d %b %H:%M"
    return "%-d %b" if span <= timedelta(days=400) else "%b %Y"
