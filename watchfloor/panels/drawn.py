"""What a panel comes to: one definition that a page, a wall, a picture and a table are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from watchfloor.metrics.figure import Behind, Coverage, Figure
from watchfloor.metrics.question import Question
from watchfloor.metrics.unit import Unit

CellKind = Literal["text", "words", "author", "number", "share", "time", "link", "network", "sentiment"]


@dataclass(frozen=True)
class Column:
    """`name` is what files call it, `title` what people read. `kind` share: 0 … 1, shown as per cent."""

    name: str
    title: str
    kind: CellKind = "text"
    unit: Unit | None = None


@dataclass(frozen=True)
class Table:
    """Rows hold plain values in the order of the columns; None is not known. `behind`: the posts behind each row."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    behind: tuple[Behind | None, ...] = ()


@dataclass(frozen=True)
class Change:
    """How a headline figure moved. `words` say it whole: "38 % more than the hour before". `direction`: 1, 0, -1.
    `short` is its first part, "38 % more", for whoever knows the rest."""

    words: str
    direction: int
    is_good: bool | None = None
    short: str = ""


@dataclass(frozen=True)
class Drawn:
    """`metrics`: headline figures. `chart`: a Vega-Lite specification with its data (`charts.py`). `rows`: post rows of
    kind "posts". `empty`: why there is nothing to show, "" if there is something."""

    panel: str
    title: str
    question: Question
    kind: str
    metrics: tuple[Figure, ...] = ()
    chart: dict[str, Any] | None = None
    table: Table = Table()
    rows: tuple[Any, ...] = ()
    empty: str = ""
    at: datetime = field(default_factory=datetime.now)
    zone: str = "UTC"
    coverage: Coverage | None = None
    change: Change | None = None
    says: str = ""
    bucket_words: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
