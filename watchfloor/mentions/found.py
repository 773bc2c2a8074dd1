"""Where in a post a query's terms were found."""

from __future__ import annotations

from watchfloor.listening.language.explain import found_terms
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.tree import Query
from watchfloor.mentions.store.store import StoredPost

Span = tuple[int, int]


def found_in(query: Query, stored: StoredPost) -> tuple[list[Span], list[Span]]:
    """Stretches of the title and of the text, in code points; of the terms that made the query true."""
    reading = Reading(stored.post, lambda _post: stored.sentiment)
    in_title = [(found.start, found.end) for found in found_terms(query, reading, in_title=True)]
    in_text = [(found.start, found.end) for found in found_terms(query, reading)]
    return in_title, in_text
