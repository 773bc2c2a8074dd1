"""A query as somebody typed it: read, put in words, or refused at a character."""

from __future__ import annotations

from dataclasses import dataclass

from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import Query, QueryError
from watchfloor.listening.language.words import in_words


@dataclass(frozen=True)
class Typed:
    """`query` None: `text` is empty (`error` None) or can't be read."""

    text: str
    query: Query | None = None
    words: str = ""
    error: QueryError | None = None

    @property
    def character(self) -> int:
        """Where it is wrong, counted as people count."""
        return self.error.offset + 1 if self.error else 0


def read_typed(text: str) -> Typed:
    if not text.strip():
        return Typed("")
    try:
        query = read(text)
    except QueryError as error:
        return Typed(text, error=error)
    return Typed(text, query, in_words(query))
