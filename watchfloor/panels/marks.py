"""What stands on charts beside their figures: events on the line, and goals as lines.

Folders further down the house bring them: an entry point of the group "watchfloor.marks" names a function
`(mission, window) -> list[Mark]`, one of "watchfloor.goal_lines" a function `(mission, metric_name) -> list[GoalLine]`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
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
    """What a goal wants of a metric, by when (None: at all times)."""

    value: float
    title: str
    by: date | None = None


def marks_of(mission: Any, window: Window) -> list[Mark]:
    """All marks within the window, oldest first."""
    found = [mark for bring in _all("watchfloor.marks") for mark in bring(mission, window)]
    return sorted((mark for mark in found if window.since <= mark.at < window.until), key=lambda mark: mark.at)


def goal_lines(mission: Any, metric: str) -> list[GoalLine]:
    return [line for bring in _all("watchfloor.goal_lines") for line in bring(mission, metric)]


@cache
def _all(group: str) -> list[Callable[..., Any]]:
    found = []
    for point in entry_points(group=group):
        try:
            found.append(point.load())
        except (ImportError, AttributeError):
            log.exception("Marks could not be loaded", extra={"entry": point.name})
    return found
