"""Every metric, ours and other packages'.

    metric("net-sentiment-a").figure(Question(mission, window))

An entry point of the group "watchfloor.metrics" names a tuple of metrics. Formulas are numbered and kept: a figure says
by which it was made, and an old one can be made again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from watchfloor.metrics.figure import Figure, Part, Point
from watchfloor.metrics.question import Question
from watchfloor.metrics.unit import Better, Unit

__all__ = ["Better", "Formula", "Metric", "Unit", "UnknownMetric", "UnknownVersion", "all_metrics", "metric"]

GROUP = "watchfloor.metrics"
log = logging.getLogger(__name__)

Words = str | Promise


class UnknownMetric(KeyError):
    """There is no metric of this name. `near` are names that look like it."""

    def __init__(self, name: str, near: list[str]) -> None:
        super().__init__(name)
        self.name, self.near = name, near

    def __str__(self) -> str:
        said = _("There is no metric “%(name)s”.") % {"name": self.name}
        return said + (" " + _("Did you mean %(names)s?") % {"names": ", ".join(self.near)} if self.near else "")


class UnknownVersion(ValueError):
    """The metric has no formula of this number."""


@dataclass(frozen=True)
class Formula:
    """One way to compute a metric, in force from `since` until the next. `says`: in words; `source`: where from."""

    version: int
    since: date
    expression: str
    says: Words
    source: str


@dataclass(frozen=True)
class Metric:
    """A named number. `formulas`: newest last. At least one of `figure` (one number) and `parts` (broken down, at most
    so many, the largest first) is given; `series` is the number per bucket."""

    name: str
    title: Words
    definition: Words
    unit: Unit
    better: Better
    formulas: tuple[Formula, ...]
    figure: Callable[[Question], Figure] | None = None
    series: Callable[[Question, timedelta], list[Point]] | None = None
    parts: Callable[[Question, int], list[Part]] | None = None

    @property
    def version(self) -> int:
        """The newest."""
        return self.formulas[-1].version

    def formula(self, version: int | None = None) -> Formula:
        """That of `version`, else the newest. Raises UnknownVersion."""
        for formula in self.formulas:
            if formula.version == (version or self.version):
                return formula
        raise UnknownVersion(
            _("%(metric)s has no formula %(version)d; there are %(versions)s.")
            % {
                "metric": self.name,
                "version": version,
                "versions": ", ".join(str(formula.version) for formula in self.formulas),
            }
        )


@cache
def all_metrics() -> dict[str, Metric]:
    """Every metric by name. Entries that can't be loaded are left out and logged; a name belongs to the first."""
    found: dict[str, Metric] = {}
    for point in sorted(entry_points(group=GROUP), key=_ours_first):
        try:
            metrics: tuple[Metric, ...] = point.load()
        except (ImportError, AttributeError):
            log.exception("Metrics could not be loaded", extra={"entry": point.name})
            continue
        for one in metrics:
            if one.name in found:
                log.error("A metric's name is taken", extra={"metric": one.name, "entry": point.name})
            found.setdefault(one.name, one)
    return found


def metric(name: str) -> Metric:
    """Raises UnknownMetric."""
    known = all_metrics()
    if name not in known:
        raise UnknownMetric(name, get_close_matches(name, known, n=3, cutoff=0.5))
    return known[name]


def _ours_first(point: EntryPoint) -> tuple[bool, str]:
    return not point.value.startswith("watchfloor."), point.name
