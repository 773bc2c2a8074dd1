"""A panel's data as files: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from watchfloor.lib.cells import safe_cell
from watchfloor.metrics.figure import Coverage, Figure
from watchfloor.panels.drawn import Drawn


class _Line:
    """What csv.writer writes into: one line at a time."""

    def write(self, line: str) -> str:
        return line


def csv_lines(drawn: Drawn) -> Iterator[str]:
    """Text with a byte order mark, so that spreadsheets read it as UTF-8. Unknown is an empty cell."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow([column.name for column in drawn.table.columns]))
    for row in drawn.table.rows:
        yield str(writer.writerow([safe_cell(_plain(value)) for value in row]))


def as_json(drawn: Drawn) -> dict[str, Any]:
    """The panel, its figures and its rows as plain values; times are ISO 8601 with their zone."""
    question = drawn.question
    return {
        "panel": drawn.panel,
        "title": drawn.title,
        "at": _plain(drawn.at),
        "zone": drawn.zone,
        "window": {"since": _plain(question.window.since), "until": _plain(question.window.until)},
        "topics": list(question.topic_ids) if question.topic_ids is not None else None,
        "query": question.query,
        "settings": drawn.settings,
        "coverage": coverage_json(drawn.coverage),
        "figures": [figure_json(figure) for figure in drawn.metrics],
        "columns": [
            {"name": column.name, "title": column.title, "unit": column.unit.value if column.unit else None}
            for column in drawn.table.columns
        ],
        "rows": [
            {column.name: _plain(value) for column, value in zip(drawn.table.columns, row, strict=True)}
            for row in drawn.table.rows
        ],
        "empty": drawn.empty or None,
    }


def figure_json(figure: Figure) -> dict[str, Any]:
    return {
        "metric": figure.metric,
        "version": figure.version,
        "value": figure.value,
        "why_unknown": figure.why_unknown or None,
        "unit": figure.unit.value,
        "window": {"since": _plain(figure.window.since), "until": _plain(figure.window.until)},
        "at": _plain(figure.at),
        "sample": figure.sample,
        "coverage": coverage_json(figure.coverage),
        "note": figure.note or None,
    }


def coverage_json(coverage: Coverage | None) -> dict[str, Any] | None:
    if coverage is None:
        return None
    holes = [{name: _plain(value) for name, value in asdict(hole).items()} for hole in coverage.missing]
    return {"part": coverage.part, "missing": holes}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
