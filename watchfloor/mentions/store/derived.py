"""All that follows from the posts: mentions, the missions' posts, counters, the text index.

Whatever happens to a post is a move from one standing to another, and `Derived.move` is the only place that knows what
follows from it. So a counter can't miss a case that the mentions know, nor the index one that the counters know.
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.ledger import Ledger
from watchfloor.mentions.store.text_index import TextIndex


class Standing(msgspec.Struct, frozen=True):
    """What a post is to everything that follows from it. `topics`: topic id → the version that found it."""

    id: int
    network: int
    language: int
    sentiment: int
    shown: bool
    title: str | None
    text: str
    topics: Mapping[int, int]


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
        was_shown, is_shown = before is not None and before.shown, after is not None and after.shown
        missions_before = {self.missions[topic] for topic in before.topics} if before is not None else set()
        missions_after = {self.missions[topic] for topic in after.topics} if after is not None else set()

        if counted:
            if before is not None and was_shown:
                self._count(-1, before, missions_before)
            if after is not None and is_shown:
                self._count(1, after, missions_after)

        if (
            before is None
            or after is None
            or was_shown != is_shown
            or (before.title, before.text) != (after.title, after.text)
        ):
            if before is not None and was_shown:
                self._unindexed.append((before.id, before.title, before.text))
            if after is not None and is_shown:
                self._indexed.append((after.id, after.title, after.text))

        table_before = "mentions_mention" if was_shown else "mentions_withheld"
        table_after = "mentions_mention" if is_shown else "mentions_withheld"
        if before is not None:
            kept = after.topics if after is not None and table_before == table_after else {}
            self._gone[table_before].extend((topic, before.id) for topic in before.topics if topic not in kept)
        if after is not None:
            held = before.topics if before is not None and table_before == table_after else {}
            self._come[table_after].extend(
                (topic, after.id, version) for topic, version in after.topics.items() if held.get(topic) != version
            )
        seen_before = missions_before if was_shown else set()
        seen_after = missions_after if is_shown else set()
        if before is not None:
            self._gone["mentions_missionpost"].extend((mission, before.id) for mission in seen_before - seen_after)
        if after is not None:
            self._come["mentions_missionpost"].extend((mission, after.id) for mission in seen_after - seen_before)

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

    def _count(self, sign: int, standing: Standing, missions: set[int]) -> None:
        self._ledger.add(
            sign,
            standing.id,
            standing.network,
            standing.language,
            standing.sentiment,
            topics=standing.topics,
            missions=missions,
        )
