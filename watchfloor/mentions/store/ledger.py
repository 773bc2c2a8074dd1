"""Counters: posts per topic, and per mission, by minute, network, language and sentiment.

Changes are gathered in memory and saved once a batch, in the batch's transaction.
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.ids import minute_of

Slot = tuple[int, int, int, int, int]  # topic or mission, minute, network, language, sentiment

_KEYS = ("minute", "network_id", "language_id", "sentiment")


class Ledger:
    def __init__(self) -> None:
        self.topics: Counter[Slot] = Counter()
        self.missions: Counter[Slot] = Counter()

    def add(
        self,
        sign: int,
        post_id: int,
        network: int,
        language: int,
        sentiment: int,
        *,
        topics: Iterable[int],
        missions: Iterable[int],
    ) -> None:
        rest = (minute_of(post_id), network, language, sentiment)
        for topic in topics:
            self.topics[(topic, *rest)] += sign
        for mission in missions:
            self.missions[(mission, *rest)] += sign

    def save(self, engine: Engine, cursor: CursorWrapper) -> None:
        _save(engine, cursor, "mentions_counter", "topic_id", self.topics)
        _save(engine, cursor, "mentions_missioncounter", "mission_id", self.missions)
        self.topics.clear()
        self.missions.clear()


def _save(engine: Engine, cursor: CursorWrapper, table: str, of: str, changes: Counter[Slot]) -> None:
    key = (of, *_KEYS)
    more = sorted((*slot, n) for slot, n in changes.items() if n > 0)
    fewer = sorted((n, *slot) for slot, n in changes.items() if n < 0)
    engine.insert(
        cursor,
        table,
        f"{', '.join(key)}, posts",
        more,
        then=f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET posts = {table}.posts + excluded.posts",
    )
    if fewer:
        where = " AND ".join(f"{column} = %s" for column in key)
        cursor.executemany(f"UPDATE {table} SET posts = posts + %s WHERE {where}", fewer)
        cursor.executemany(f"DELETE FROM {table} WHERE posts = 0 AND {where}", [slot for _, *slot in fewer])
