"""Whether a mission listens to a term already."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from watchfloor.listening.language.evaluate import Condition, condition
from watchfloor.listening.language.facts import EMPTY_POST
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.terms import read_term
from watchfloor.listening.language.tree import QueryError
from watchfloor.listening.models import Topic
from watchfloor.listening.typed import read_typed

MOST_REMEMBERED = 50_000


class Listened:
    """The queries of a mission's topics that listen.

    A term is listened to if a post that says nothing else would be found, or if it stands in one of the queries: then
    somebody thought of it already, be it together with other words or to shut it out.
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self.versions = {topic.pk: topic.version for topic in topics}
        self._conditions: list[Condition] = []
        self._named: set[tuple[str, ...]] = set()
        self._remembered: dict[str, bool] = {}
        for topic in topics:
            query = read_typed(topic.query).query
            if query is not None:
                self._conditions.append(condition(query))
                self._named |= {tuple(piece.form for piece in term.pieces) for term in query.terms}

    def covers(self, term: str) -> bool:
        known = self._remembered.get(term)
        if known is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[term] = self._covers(term)
        return known

    def _covers(self, term: str) -> bool:
        try:
            pieces = read_term(term, 0, len(term), inner=(0, len(term))).pieces
        except QueryError:
            return True  # what no query could look for is not worth offering
        if tuple(piece.form for piece in pieces) in self._named:
            return True
        reading = Reading(msgspec.structs.replace(EMPTY_POST, text=term))
        return any(holds(reading) for holds in self._conditions)
