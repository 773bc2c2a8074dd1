"""Charts as Vega-Lite, each defined once with Altair: pages draw them live, pictures and reports from the same.

A chart is a dictionary: `spec` names its data; whoever draws puts `data`, a width and the theme's `config` in
(`picture.py` here, `charts.js` in pages). Times are wall-clock times of the zone in force, written as if they were UTC,
so that an hour that a clock skips or repeats is drawn right. `starts` turns a brushed stretch into real times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.metrics.figure import Point
from watchfloor.metrics.question import Window
from watchfloor.panels.definitions import bars_definition, lines_definition, stack_definition
from watchfloor.panels.labels import LINE, ROWS, events, spread
from watchfloor.panels.marks import GoalLine, Mark

HEIGHT = 140
BAR = 27  # px from one bar to the next
LONGEST_END = 26  # letters of the label at a line's end
LONGEST_BAR = 60
TONES = ("negative", "neutral", "positive", "unknown")  # from the base line up
Chart = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Stretch:
    """A gap, in real time."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Line:
    """`says` stands at its end. `role`: own (ink), other (colour number `place`, 1 to 5) or previous (thin, grey)."""

    says: str
    points: Sequence[Point]
    role: str = "own"
    place: int = 0


@dataclass(frozen=True)
class Bar:
    """`says` stands at its end. `link`: where a click leads. `kind`: own, quiet, or a tone."""

    name: str
    value: float
    says: str
    link: str = ""
    kind: str = "own"


@dataclass(frozen=True)
class Beside:
    """What stands on a chart of time beside its figures."""

    gaps: Sequence[Stretch] = ()
    marks: Sequence[Mark] = ()
    goals: Sequence[GoalLine] = ()


def line_chart(
    lines: Sequence[Line],
    bucket: timedelta,
    window: Window,
    beside: Beside,
    tips: Sequence[str],
    *,
    per_cent: bool = False,
    bounds: tuple[float, float] | None = None,
    words: str = "",
    height: int = HEIGHT,
) -> Chart:
    """`tips`: what a hover over each bucket says. `bounds`: the scale; None: from 0 to a little over the highest."""
    values = [point.value for line in lines for point in line.points if point.value is not None]
    low, high = bounds or _bounds([*values, *(goal.value for goal in beside.goals)])
    high += (high - low) * _headroom(beside.marks, height)
    window = _whole_buckets(window, bucket)
    spec = deepcopy(lines_definition())
    ends = _ends(lines, bucket, low, high, height)
    data: dict[str, list[Row]] = {
        **_beside(beside, window),
        "hover": [
            {"at": wall(point.at), "to": wall(point.at + bucket), "tip": tip}
            for point, tip in zip(lines[0].points if lines else (), tips, strict=False)
        ],
        "ends-own": [end for end in ends if end["role"] == "own"],
        "ends-other": [end for end in ends if end["role"] == "other"],
        "ends-previous": [end for end in ends if end["role"] == "previous"],
        "dots": [row for line in lines if line.role != "previous" for row in _alone(line, bucket)],
    }
    for role in ("own", "other", "previous"):
        of_role = [(at, line) for at, line in enumerate(lines) if line.role == role]
        data[role] = [
            {"at": wall(point.at + bucket / 2), "v": point.value, "k": at, "c": str(line.place)}
            for at, line in of_role
            for point in line.points
        ]
    points = lines[0].points if lines else ()
    return {
        **_finish(spec, data, window, (low, high), beside, height, per_cent=per_cent),
        "words": words,
        **_brush([point.at for point in points], bucket),
    }


def stack_chart(
    stacks: Sequence[tuple[datetime, dict[str, int]]],
    bucket: timedelta,
    window: Window,
    beside: Beside,
    tips: Sequence[str],
    *,
    words: str = "",
    height: int = HEIGHT,
) -> Chart:
    """Bars of posts by tone over time."""
    window = _whole_buckets(window, bucket)
    tops = [sum(parts.values()) for _at, parts in stacks]
    low, high = _bounds([*tops, *(goal.value for goal in beside.goals)])
    high += (high - low) * _headroom(beside.marks, height)
    data = {
        **_beside(beside, window),
        "bars": [row for at, parts in stacks for row in _stack(at, parts, bucket)],
        "hover": [
            {"at": wall(at), "to": wall(at + bucket), "tip": tip}
            for (at, _parts), tip in zip(stacks, tips, strict=False)
        ],
    }
    spec = deepcopy(stack_definition())
    return {
        **_finish(spec, data, window, (low, high), beside, height, per_cent=False),
        "words": words,
        **_brush([at for at, _parts in stacks], bucket),
    }


def bar_chart(bars: Sequence[Bar], *, words: str = "") -> Chart:
    """Lying bars from zero, the first at the top, each with its figure at its end."""
    named = _told_apart(bars)
    spec = deepcopy(bars_definition())
    top = max((bar.value for bar in named), default=0)
    for layer in spec["layer"]:
        layer["encoding"]["y"]["scale"] = {"domain": [bar.name for bar in named]}
        layer["encoding"]["x"]["scale"] = {"domain": [0, top or 1], "nice": False}
    rows = [{"n": bar.name, "v": bar.value, "says": bar.says, "kind": bar.kind, "link": bar.link} for bar in named]
    for row in rows:
        row["tip"] = f"{row['n']}: {row['says']}"
        if not row["link"]:
            del row["link"]
    return {
        "spec": spec,
        "kind": "bars",
        "height": max(1, len(named)) * BAR,
        "words": words,
        "data": {
            "own": [row for row in rows if row["kind"] == "own"],
            "quiet": [row for row in rows if row["kind"] == "quiet"],
            "tones": [row for row in rows if row["kind"] in TONES],
            "all": rows,
        },
        "events": {},
    }


def wall(moment: datetime) -> str:
    """Wall-clock time of the zone in force, as if it were UTC."""
    return timezone.localtime(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


# --- What charts of time share -------------------------------------------------------------------------------------


def _whole_buckets(window: Window, bucket: timedelta) -> Window:
    return Window(window.since, window.since - (window.since - window.until) // bucket * bucket)


def _finish(
    spec: Chart,
    data: dict[str, list[Row]],
    window: Window,
    bounds: tuple[float, float],
    beside: Beside,
    height: int,
    *,
    per_cent: bool,
) -> Chart:
    domain = [wall(window.since), wall(window.until)]
    for layer in spec["layer"]:
        encoding = layer["encoding"]
        if "x" in encoding:
            encoding["x"]["scale"] = {"type": "utc", "domain": domain, "nice": False}
            encoding["x"]["axis"] = {"tickCount": 6, "grid": False, "format": tick_format(window.length)}
        if "field" in encoding.get("y", {}):
            encoding["y"]["scale"] = {"domain": list(bounds), "nice": False, "zero": False}
            encoding["y"]["axis"] = _y_axis(bounds, per_cent=per_cent)
    kept = [layer for layer in spec["layer"] if data.get(layer["data"]["name"]) or "-" in layer["data"]["name"]]
    spec["layer"] = [layer for layer in kept if _may_fill(layer["data"]["name"], data, beside)]
    return {
        "spec": spec,
        "kind": "time",
        "height": height,
        "data": data,
        "events": events(beside.marks, window, wall),
    }


def _may_fill(name: str, data: dict[str, list[Row]], beside: Beside) -> bool:
    """Layers that stay empty cost time and confuse scales."""
    if name.startswith(("event-", "alarm-")):
        kind = name.split("-")[0]
        return any(mark.is_alarm == (kind == "alarm") for mark in beside.marks)
    return bool(data.get(name))


def _y_axis(bounds: tuple[float, float], *, per_cent: bool) -> Row:
    axis: Row = {"tickCount": 3, "format": ",d" if bounds[1] < 100_000 else "~s"}
    if bounds[1] - bounds[0] < 3:
        axis["format"] = ".1f"
    if all(float(bound).is_integer() for bound in bounds):
        axis["tickMinStep"] = 1
    if per_cent:
        axis["labelExpr"] = "datum.label + ' %'"
    return axis


def _beside(beside: Beside, window: Window) -> dict[str, list[Row]]:
    cut = [
        replace(gap, since=max(gap.since, window.since), until=min(gap.until, window.until))
        for gap in beside.gaps
        if gap.until > window.since and gap.since < window.until
    ]
    wide = [gap for gap in cut if (gap.until - gap.since) / window.length > 0.09]
    return {
        "gaps": [{"at": wall(gap.since), "to": wall(gap.until)} for gap in cut],
        "gap-words": [{"mid": wall(gap.since + (gap.until - gap.since) / 2), "label": _("no data")} for gap in wide],
        "goals": [{"v": goal.value, "label": goal.title[:60], "at": wall(window.since)} for goal in beside.goals],
        "marks": [{"at": wall(mark.at)} for mark in beside.marks if not mark.is_alarm],
        "alarms": [{"at": wall(mark.at)} for mark in beside.marks if mark.is_alarm],
    }


def _brush(starts: Sequence[datetime], bucket: timedelta) -> Chart:
    return {
        "starts": [[wall(at), at.isoformat()] for at in starts],
        "end": (starts[-1] + bucket).isoformat() if starts else None,
    }


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """From zero (or below it) to a round number at or over the highest."""
    high, low = max(values, default=0), min(values, default=0)
    return (0 if low >= 0 else -_round_up(-low)), _round_up(high) if high > 0 else (10 if low >= 0 else 0)


def _round_up(value: float) -> float:
    size = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 1.0
    steps = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    found = next(step * size for step in steps if value <= step * size * 1.0000001)
    return float(int(found)) if found >= 10 else max(1.0, float(-(-found // 1)))


def _headroom(marks: Sequence[Mark], height: int) -> float:
    return min(len(marks), ROWS) * LINE / height


def _ends(lines: Sequence[Line], bucket: timedelta, low: float, high: float, height: int) -> list[Row]:
    """The last point of each line and where its label stands."""
    last = [
        (line, next((p for p in reversed(line.points) if p.value is not None), None)) for line in lines if line.says
    ]
    found = [(line, point) for line, point in last if point is not None]
    values = [point.value or 0.0 for _line, point in found]
    apart = LINE / height * (high - low)
    places = spread(values, apart, low + apart * 0.4, max(high - apart * 0.4, low))
    return [
        {
            "at": wall(point.at + bucket / 2),
            "v": point.value,
            "lv": place,
            "label": line.says if len(line.says) <= LONGEST_END else f"{line.says[: LONGEST_END - 1]}…",
            "c": str(line.place),
            "role": line.role,
        }
        for (line, point), place in zip(found, places, strict=True)
    ]


def _alone(line: Line, bucket: timedelta) -> list[Row]:
    """Points with a gap at both sides, which no line would show."""
    found = []
    for at, point in enumerate(line.points):
        near = [line.points[beside] for beside in (at - 1, at + 1) if 0 <= beside < len(line.points)]
        if point.value is not None and all(one.value is None for one in near):
            found.append({"at": wall(point.at + bucket / 2), "v": point.value})
    return found


def _stack(at: datetime, parts: dict[str, int], bucket: timedelta) -> Iterable[Row]:
    """The parts of one bar, from zero up."""
    low = 0
    for tone in TONES:
        if posts := parts.get(tone, 0):
            start, end = wall(at), wall(at + bucket * 0.9)
            yield {"at": start, "to": end, "s": tone, "n": posts, "low": low, "high": low + posts}
            low += posts


def _told_apart(bars: Sequence[Bar]) -> list[Bar]:
    """Long names cut; names that are alike differ by something that nobody sees."""
    seen: dict[str, int] = {}
    found = []
    for bar in bars:
        name = bar.name if len(bar.name) <= LONGEST_BAR else f"{bar.name[: LONGEST_BAR - 1]}…"
        seen[name] = seen.get(name, 0) + 1
        found.append(replace(bar, name=name + "\u200b" * (seen[name] - 1)))
    return found


def tick_format(span: timedelta) -> str:
    if span <= timedelta(days=2):
        return "%H:%M"
    if span < timedelta(days=6):  # six ticks fall within days
        return "%-d %b %H:%M"
    return "%-d %b" if span <= timedelta(days=400) else "%b %Y"
