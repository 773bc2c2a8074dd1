"""How metrics of mentions ask the store, and how they hand over what they found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from watchfloor.lib.kept import Kept
from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import Query
from watchfloor.mentions import reads
from watchfloor.mentions.store.store import Slot
from watchfloor.metrics.figure import Behind, Coverage, Figure, Hole
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import metric

Found = TypeVar("Found")
_queries: Kept[Query] = Kept(500)


def query_of(question: Question) -> Query | None:
    """Raises QueryError."""
    text = (question.query or "").strip()
    return _queries.get(text, lambda: read(text)) if text else None


def tally(question: Question, bucket: timedelta | None = None) -> dict[Slot, int]:
    """Posts by bucket, network, language and sentiment; from the counters where they can say it."""
    return reads.tally(question.mission, question.topic_ids, question.window, query_of(question), bucket)


def narrowed(question: Question, field: str | None = None) -> Behind:
    """The posts behind the question's number, narrowed by a field of the query language."""
    text = question.query or ""
    if field:
        text = f"({text}) {field}" if text else field
    return Behind(question.topic_ids, text or None, question.window.whole_minutes())


def figure(
    name: str,
    question: Question,
    value: float | None,
    *,
    sample: int | None = None,
    why_unknown: str = "",
    field: str | None = None,
    note: str = "",
    coverage: Coverage | None = None,
) -> Figure:
    """`field` narrows the posts behind the number, as a query writes it."""
    of = metric(name)
    return Figure(
        metric=name,
        version=of.formula(question.version).version,
        value=value,
        why_unknown="" if value is not None else why_unknown,
        unit=of.unit,
        window=question.window.whole_minutes(),
        at=question.asked_at,
        sample=sample,
        coverage=coverage or coverage_of(question.mission, question.window),
        behind=narrowed(question, field),
        note=note,
        question=question,
    )


def coverage_of(mission: object, window: Window) -> Coverage:
    """How much of the window the mission's sources received."""
    return Coverage(None)


def starts(window: Window, bucket: timedelta) -> list[Window]:
    """The window cut into buckets; the last ends with the window."""
    whole = window.whole_minutes()
    found, at = [], whole.since
    while at < whole.until:
        found.append(Window(at, min(at + bucket, whole.until)))
        at += bucket
    return found


__all__ = ["Behind", "Callable", "Hole", "coverage_of", "figure", "narrowed", "query_of", "starts", "tally"]
