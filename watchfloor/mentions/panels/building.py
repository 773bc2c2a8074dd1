"""What panels of mentions have in common when they are built."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.mentions.gaps import gaps_of
from watchfloor.mentions.metrics.figures import coverage_of
from watchfloor.metrics.figure import Figure, Part
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import metric
from watchfloor.panels.charts import Bar, Beside, bar_chart
from watchfloor.panels.drawn import Column, Table
from watchfloor.panels.links import explore_link
from watchfloor.panels.marks import goal_lines, marks_of
from watchfloor.panels.registry import Drawn, panel

NOTHING = "–"


def drawn(name: str, question: Question, settings: dict[str, Any] | None = None, **parts: Any) -> Drawn:
    """The panel with what is the same for all: title, time, zone, coverage."""
    of = panel(name)
    parts.setdefault("title", str(of.title))
    parts.setdefault("coverage", coverage_of(question))
    return Drawn(
        panel=name,
        question=question,
        kind=of.kind,
        at=question.asked_at,
        zone=timezone.get_current_timezone_name(),
        settings=settings or {},
        **parts,
    )


def figures(question: Question, *names: str) -> tuple[Figure, ...]:
    found = (metric(name) for name in names)
    return tuple(one.figure(question) for one in found if one.figure)


def parts_of(name: str, question: Question, most: int) -> list[Part]:
    ask = metric(name).parts
    assert ask is not None, f"{name} has no parts"
    return ask(question, most)


def beside(question: Question, metric_name: str, window: Window, bucket: timedelta | None = None) -> Beside:
    """Gaps, events and goals for a chart of this metric. `bucket`: its figures are counts of so long."""
    mission = question.mission
    return Beside(gaps_of(mission, window), marks_of(mission, window), goal_lines(mission, metric_name, bucket))


def bars(question: Question, parts: Sequence[Part], titles: Sequence[str], words: str, kind: str = "own") -> Any:
    """A chart of parts; a click leads to the posts behind. None without parts."""
    if not parts:
        return None
    slug = question.mission.slug
    made = [
        Bar(
            title,
            part.value,
            f"{part.value:,.10g}",
            explore_link(slug, part.behind) if part.behind else "",
            str(part.detail.get("kind", kind)),
        )
        for part, title in zip(parts, titles, strict=True)
    ]
    return bar_chart(made, words=words)


def parts_table(parts: Sequence[Part], first: Column, *more: Column) -> Table:
    """`more` columns are read from the parts' value, share and details by their names."""
    rows = tuple((part.name, *(_cell(part, column.name) for column in more)) for part in parts)
    return Table((first, *more), rows, tuple(part.behind for part in parts))


def _cell(part: Part, name: str) -> Any:
    known = {"share": part.share, "mentions": part.value}
    return part.detail[name] if name in part.detail else known.get(name, part.value)


def nothing_here() -> str:
    return _("No mentions in this stretch.")


def clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M")
