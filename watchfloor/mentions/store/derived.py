"""All that follows from the posts: counters, the text index, and in it what topics and missions show.

Whatever happens to a post is a move from one standing to another, and `Derived.move` is the only place that knows what
follows from it. So a counter can't miss a case that the mentions know, nor the index one that the counters know.
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.counters import Counters
from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.rows import pack_topics
from watchfloor.mentions.store.text_index import Entry, TextIndex, scopes_of


class Standing(msgspec.Struct, frozen=True):
    """What a post is to everything that follows from it. `topics`: topic id → the version that found it. `aside`: the
    missions that took it out of their sight."""

    id: int
    network: int
    language: int
    sentiment: int
    shown: bool
    title: str | None
    text: str
    topics: Mapping[int, int]
    aside: frozenset[int] = frozenset()

    def seen(self, missions: Mapping[int, int]) -> list[int]:
        """The topics that show it. `missions`: topic id → mission id."""
        if not self.shown:
            return []
        return [topic for topic in self.topics if topic in missions and missions[topic] not in self.aside]


class Derived:
    """Gathers the moves of a batch; `save` writes what follows from them."""

    def __init__(self, engine: Engine, cursor: CursorWrapper, missions: Mapping[int, int]) -> None:
        self.engine, self.cursor = engine, cursor
        self.missions = missions  # topic id → mission id, of every topic that a standing names
        self.index = TextIndex(engine)
        self._counters = Counters()
        self._unindexed: list[Entry] = []
        self._indexed: list[Entry] = []
        self._moved: list[tuple[Any, ...]] = []

    def move(self, before: Standing | None, after: Standing | None, *, counted: bool = True) -> None:
        """`before` None: the post is new. `after` None: it goes. Not `counted`: the counters stay (retention).

        The rows of posts come and go by other hands: a new one's begins with `row_of` it.
        """
        if counted:
            self._count(-1, before)
            self._count(1, after)
        held, kept = self._entry(before), self._entry(after)
        if held != kept:
            if held is not None and held.scopes:
                self._unindexed.append(held)
            if kept is not None and kept.scopes:
                self._indexed.append(kept)
        if before is not None and after is not None and (held != kept or before.topics != after.topics):
            self._moved.append((*self.row_of(after), after.id))

    def row_of(self, standing: Standing) -> tuple[Any, ...]:
        """The values of `columns` in the post's row: what it follows from, and what PostgreSQL's index is made from."""
        entry = self._entry(standing)
        assert entry is not None
        return (pack_topics(standing.topics), standing.text, *self.index.values(entry))

    @property
    def columns(self) -> tuple[str, ...]:
        return ("topics", "text", *self.index.columns)

    def save(self) -> None:
        """Write what gathered. Call it after new posts' own rows are written, and before rows of posts that go."""
        self.index.remove(self.cursor, self._unindexed)
        self.index.add(self.cursor, self._indexed)
        self._counters.save(self.engine, self.cursor)
        if self._moved:
            changes = ", ".join(f"{column} = %s" for column in self.columns)
            self.cursor.executemany(f"UPDATE mentions_post SET {changes} WHERE id = %s", self._moved)
        self._unindexed, self._indexed, self._moved = [], [], []

    def _entry(self, standing: Standing | None) -> Entry | None:
        if standing is None:
            return None
        seen = standing.seen(self.missions)
        scopes = scopes_of(seen, {self.missions[topic] for topic in seen})
        return Entry(standing.id, standing.title, standing.text, scopes)

    def _count(self, sign: int, standing: Standing | None) -> None:
        if standing is not None:
            seen = standing.seen(self.missions)
            self._counters.add(
                sign,
                standing.id,
                (standing.network, standing.language, standing.sentiment),
                topics=seen,
                missions={self.missions[topic] for topic in seen},
            )
