"""How metrics of mentions ask the store, and how they hand over what they found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from watchfloor.lib.kept import Kept
from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import Query
from watchfloor.mentions import reads
from watchfloor.mentions.store.store import Slot
from watchfloor.metrics.figure import Behind, Coverage, Figure, Hole
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import metric
from watchfloor.sources.reads import coverage

_queries: Kept[Query] = Kept(500)


def query_of(question: Question) -> Query | None:
    """Raises QueryError."""
    text = (question.query or "").strip()
    return _queries.get(text, lambda: read(text)) if text else None


def tally(question: Question, bucket: timedelta | None = None) -> dict[Slot, int]:
    """Posts by bucket, network, language and sentiment; from the counters where they can say it."""
    return question.once(
        ("tally", question.window, bucket),
        lambda: reads.tally(question.mission, question.topic_ids, question.window, query_of(question), bucket),
    )


def posts_of(question: Question) -> int:
    return sum(tally(question).values())


def over_topics(question: Question, topic_ids: tuple[int, ...] | None) -> Question:
    return replace(question, topic_ids=topic_ids)


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
    within: Window | None = None,
) -> Figure:
    """`field` narrows the posts behind the number, as a query writes it; `within`: the part of the window that they lie
    in, where it isn't the whole."""
    of = metric(name)
    window = (within or question.window).whole_minutes()
    return Figure(
        metric=name,
        version=of.formula(question.version).version,
        value=value,
        why_unknown="" if value is not None else why_unknown,
        unit=of.unit,
        window=window,
        at=question.asked_at,
        sample=sample,
        coverage=coverage_of(question),
        behind=narrowed(question.within(window), field),
        note=note,
        question=question,
    )


def coverage_of(question: Question) -> Coverage:
    """How much of the window the mission's sources received."""
    window = question.window.whole_minutes()

    def find() -> Coverage:
        found = coverage(question.mission, window.since, window.until)
        holes = (Hole(hole.since, hole.until, hole.connection_name, hole.why) for hole in found.missing)
        return Coverage(found.part, tuple(holes))

    return question.once(("coverage", window), find)


def starts(window: Window, bucket: timedelta) -> list[Window]:
    """The window cut into buckets; the last ends with the window."""
    whole = window.whole_minutes()
    found, at = [], whole.since
    while at < whole.until:
        found.append(Window(at, min(at + bucket, whole.until)))
        at += bucket
    return found
