"""What stands on charts beside their figures: events on the line, and goals as lines.

Folders further down the house bring them: an entry point of the group "watchfloor.marks" names a function
`(mission, window) -> list[Mark]`, one of "watchfloor.goal_lines" a function `(mission, metric_name) -> list[GoalLine]`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from watchfloor.metrics.question import Window

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mark:
    """Something that happened: a topic changed, a level was raised, the keynote began."""

    at: datetime
    title: str
    is_alarm: bool = False


@dataclass(frozen=True)
class GoalLine:
    """What a goal wants of a metric, by when (None: at all times). `per`: the value is to be counted up over this long;
    None: it is wanted as it stands."""

    value: float
    title: str
    by: date | None = None
    per: timedelta | None = None


def marks_of(mission: Any, window: Window) -> list[Mark]:
    """All marks within the window, oldest first."""
    found = [mark for bring in _all("watchfloor.marks") for mark in bring(mission, window)]
    return sorted((mark for mark in found if window.since <= mark.at < window.until), key=lambda mark: mark.at)


def goal_lines(mission: Any, metric: str, bucket: timedelta | None = None) -> list[GoalLine]:
    """With a `bucket`, a value that is to be counted up is the part of it that each bucket must bring; without, such
    goals have no line, because a chart of anything else can't show them."""
    lines = [line for bring in _all("watchfloor.goal_lines") for line in bring(mission, metric)]
    return [_per_bucket(line, bucket) for line in lines if line.per is None or bucket is not None]


def _per_bucket(line: GoalLine, bucket: timedelta | None) -> GoalLine:
    return replace(line, value=line.value * (bucket / line.per), per=None) if line.per and bucket else line


@cache
def _all(group: str) -> list[Callable[..., Any]]:
    found = []
    for point in entry_points(group=group):
        try:
            found.append(point.load())
        except (ImportError, AttributeError):
            log.exception("Marks could not be loaded", extra={"entry": point.name})
    return found
