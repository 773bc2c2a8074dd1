"""A number with everything that makes it honest: what it counts, over what, by which formula, how complete, of when.

What is not known is None with the reason, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.unit import Unit


@dataclass(frozen=True)
class Hole:
    """A stretch that a source did not receive. `connection_name` is what people call it."""

    since: datetime
    until: datetime
    connection_name: str = ""
    why: str = ""


@dataclass(frozen=True)
class Coverage:
    """How much of the window was received, 0 … 1 over sources and time. None: not known."""

    part: float | None
    missing: tuple[Hole, ...] = ()


@dataclass(frozen=True)
class Behind:
    """The posts behind a number."""

    topic_ids: tuple[int, ...] | None
    query: str | None
    window: Window


@dataclass(frozen=True)
class Figure:
    """`value` None: not known, `why_unknown` says why. `sample`: of how many posts it was computed."""

    metric: str
    version: int
    value: float | None
    why_unknown: str
    unit: Unit
    window: Window
    at: datetime
    sample: int | None
    coverage: Coverage | None
    behind: Behind | None
    note: str = ""
    question: Question | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Point:
    """`value` None: a gap."""

    at: datetime
    value: float | None


@dataclass(frozen=True)
class Part:
    """`name` None: not told. `share` is 0 … 1 of what was asked about, None where parts overlap."""

    name: str | None
    value: float
    share: float | None
    behind: Behind | None
    detail: dict[str, Any] = field(default_factory=dict)
