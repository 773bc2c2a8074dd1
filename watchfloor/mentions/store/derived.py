"""All that follows from the posts: mentions, the missions' posts, counters, the text index.

Whatever happens to a post is a move from one standing to another, and `Derived.move` is the only place that knows what
follows from it. So a counter can't miss a case that the mentions know, nor the index one that the counters know.
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.ledger import Ledger
from watchfloor.mentions.store.text_index import TextIndex


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
        return [topic for topic in self.topics if missions[topic] not in self.aside] if self.shown else []


class Derived:
    """Gathers the moves of a batch; `save` writes what follows from them."""

    def __init__(self, engine: Engine, cursor: CursorWrapper, missions: Mapping[int, int]) -> None:
        self.engine, self.cursor = engine, cursor
        self.missions = missions  # topic id → mission id, of every topic that a standing names
        self.index = TextIndex(engine)
        self._ledger = Ledger()
        self._unindexed: list[tuple[int, str | None, str]] = []
        self._indexed: list[tuple[int, str | None, str]] = []
        self._gone: dict[str, list[tuple[int, int]]] = {
            "mentions_mention": [],
            "mentions_withheld": [],
            "mentions_missionpost": [],
        }
        self._come: dict[str, list[tuple[int, ...]]] = {
            "mentions_mention": [],
            "mentions_withheld": [],
            "mentions_missionpost": [],
        }

    def move(self, before: Standing | None, after: Standing | None, *, counted: bool = True) -> None:
        """`before` None: the post is new. `after` None: it goes. Not `counted`: the counters stay (retention)."""
        seen_before = self._seen(before)
        seen_after = self._seen(after)
        missions_before = {self.missions[topic] for topic in seen_before}
        missions_after = {self.missions[topic] for topic in seen_after}

        if counted:
            if before is not None:
                self._count(-1, before, seen_before, missions_before)
            if after is not None:
                self._count(1, after, seen_after, missions_after)

        is_indexed, stays_indexed = bool(seen_before), bool(seen_after)
        same_text = (
            before is not None and after is not None and (before.title, before.text) == (after.title, after.text)
        )
        if is_indexed != stays_indexed or not same_text:
            if before is not None and is_indexed:
                self._unindexed.append((before.id, before.title, before.text))
            if after is not None and stays_indexed:
                self._indexed.append((after.id, after.title, after.text))

        for table, held, kept in (
            ("mentions_mention", seen_before, seen_after),
            ("mentions_withheld", self._unseen(before, seen_before), self._unseen(after, seen_after)),
        ):
            if before is not None:
                self._gone[table].extend((topic, before.id) for topic in held if topic not in kept)
            if after is not None:
                self._come[table].extend(
                    (topic, after.id, version) for topic, version in kept.items() if held.get(topic) != version
                )
        if before is not None:
            self._gone["mentions_missionpost"].extend((m, before.id) for m in missions_before - missions_after)
        if after is not None:
            self._come["mentions_missionpost"].extend((m, after.id) for m in missions_after - missions_before)

    def _seen(self, standing: Standing | None) -> dict[int, int]:
        return {} if standing is None else {t: standing.topics[t] for t in standing.seen(self.missions)}

    @staticmethod
    def _unseen(standing: Standing | None, seen: Mapping[int, int]) -> dict[int, int]:
        return {} if standing is None else {t: v for t, v in standing.topics.items() if t not in seen}

    def save(self) -> None:
        """Write what gathered. Call it after the posts' own rows are written, and before rows of posts that go."""
        self.index.remove(self.cursor, self._unindexed)
        self.index.add(self.cursor, self._indexed)
        self._ledger.save(self.engine, self.cursor)
        for table, of in (
            ("mentions_mention", "topic_id"),
            ("mentions_withheld", "topic_id"),
            ("mentions_missionpost", "mission_id"),
        ):
            if self._gone[table]:
                self.cursor.executemany(
                    f"DELETE FROM {table} WHERE {of} = %s AND post_id = %s", sorted(self._gone[table])
                )
            columns = f"{of}, post_id" if of == "mission_id" else f"{of}, post_id, topic_version"
            then = (
                ""
                if of == "mission_id"
                else f"ON CONFLICT ({of}, post_id) DO UPDATE SET topic_version = excluded.topic_version"
            )
            self.engine.insert(self.cursor, table, columns, sorted(self._come[table]), then=then)
            self._gone[table], self._come[table] = [], []
        self._unindexed, self._indexed = [], []

    def _count(self, sign: int, standing: Standing, topics: Iterable[int], missions: set[int]) -> None:
        self._ledger.add(
            sign,
            standing.id,
            standing.network,
            standing.language,
            standing.sentiment,
            topics=topics,
            missions=missions,
        )
