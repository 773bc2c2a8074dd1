"""A question to metrics and panels, read from an address as Explore reads its own."""

from __future__ import annotations

from watchfloor.mentions.explore import View
from watchfloor.metrics.question import Question


def question_of(view: View, version: int | None = None) -> Question:
    """What the view is about. Its filters are fields of the language, so the question is one query."""
    query = view.query
    return Question(
        mission=view.mission,
        window=view.window,
        topic_ids=view.topic_ids,
        query=query.text if query else None,
        now=view.now,
        version=version,
    )
