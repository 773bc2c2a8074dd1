"""The mention store in SQLite and PostgreSQL, with the same statements wherever both understand them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from watchfloor.listening.language.tree import Query
from watchfloor.mentions.models import Tombstone
from watchfloor.mentions.store import judgements, maintenance
from watchfloor.mentions.store.counters import count, first_and_last
from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.ids import EPOCH, minute_at, minute_time
from watchfloor.mentions.store.keys import post_key
from watchfloor.mentions.store.payloads import decompress
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.recount import recount
from watchfloor.mentions.store.seen import Stretch, stretch
from watchfloor.mentions.store.store import (
    Applied,
    Changes,
    Difference,
    Key,
    Labels,
    Scope,
    Slot,
    StoredPost,
    Wrote,
)
from watchfloor.mentions.store.stored import ids_by_key, mentions_of
from watchfloor.mentions.store.text_index import TextIndex
from watchfloor.mentions.store.tidy import tidy_text
from watchfloor.mentions.store.writing import Writing
from watchfloor.sources.post import Sentiment

TOMBSTONES_LAST = timedelta(hours=72)


class SqlMentionStore:
    """`using` is the alias of the database."""

    def __init__(self, using: str = "default") -> None:
        self.engine = Engine(using)

    def write(self, changes: Changes) -> Wrote:
        with self.engine.writing() as cursor:
            return Writing(self.engine, cursor, changes).run(timezone.now())

    def known(self, keys: Iterable[Key]) -> set[Key]:
        by_hash = {
            post_key(tidy_text(network), tidy_text(native_id)): (network, native_id) for network, native_id in keys
        }
        with self.engine.connection.cursor() as cursor:
            return {by_hash[found] for found in ids_by_key(cursor, by_hash)}

    def search(
        self,
        scope: Scope,
        query: Query | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[StoredPost]:
        with self.engine.connection.cursor() as cursor:
            return Reading(self.engine, cursor, scope).newest(query, stretch(since, until, before), limit)

    def matches(
        self, scope: Scope, query: Query | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[StoredPost]:
        with self.engine.connection.cursor() as cursor:
            yield from Reading(self.engine, cursor, scope).matches(query, stretch(since, until))

    def count(
        self, scope: Scope, query: Query | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> int:
        with self.engine.connection.cursor() as cursor:
            return Reading(self.engine, cursor, scope).count(query, stretch(since, until))

    def histogram(
        self, scope: Scope, query: Query | None = None, *, since: datetime, until: datetime, bucket: timedelta
    ) -> list[tuple[datetime, int]]:
        with self.engine.connection.cursor() as cursor:
            return Reading(self.engine, cursor, scope).histogram(query, since, until, bucket)

    def tally(
        self,
        scope: Scope,
        query: Query | None = None,
        *,
        since: datetime,
        until: datetime,
        bucket: timedelta | None = None,
    ) -> dict[Slot, int]:
        with self.engine.connection.cursor() as cursor:
            return Reading(self.engine, cursor, scope).tally(query, since, until, bucket)

    def tallies(
        self, mission_id: int, *, since: datetime, until: datetime, bucket: timedelta | None = None
    ) -> dict[int | None, dict[Slot, int]]:
        with self.engine.connection.cursor() as cursor:
            return Reading(self.engine, cursor, Scope(mission_id)).tallies(since, until, bucket)

    def count_topics(
        self, topic_ids: Collection[int], *, since: datetime, until: datetime, bucket: timedelta
    ) -> dict[tuple[int, int], int]:
        first, end, width = minute_at(since), minute_at(until), bucket // timedelta(minutes=1)
        counted: dict[tuple[int, int], int] = {}
        with self.engine.connection.cursor() as cursor:
            for (topic, at, _), posts in count(
                cursor, "topic", topic_ids, first, end, start=first, width=width
            ).items():
                counted[topic, at] = counted.get((topic, at), 0) + posts
        return counted

    def labels(
        self,
        scope: Scope,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[Labels]:
        with self.engine.connection.cursor() as cursor:
            return list(Reading(self.engine, cursor, scope).labels(stretch(since, until), limit))

    def first_and_last(self, mission_id: int) -> tuple[datetime, datetime] | None:
        with self.engine.connection.cursor() as cursor:
            ends = first_and_last(cursor, "mission", mission_id)
        return None if ends is None else (minute_time(ends[0]), minute_time(ends[1]))

    def mentions_of(self, author_rows: Collection[int], most: int | None = None) -> list[tuple[int, int, int]]:
        with self.engine.connection.cursor() as cursor:
            return mentions_of(cursor, author_rows, most)

    def authors(self, scope: Scope, query: Query | None = None, *, since: datetime, until: datetime) -> int:
        with self.engine.connection.cursor() as cursor:
            return Reading(self.engine, cursor, scope).authors(query, stretch(since, until))

    def post(self, scope: Scope, post_id: int) -> StoredPost | None:
        with self.engine.connection.cursor() as cursor:
            found = Reading(self.engine, cursor, scope).newest(None, Stretch(post_id, post_id + 1), 1)
        return found[0] if found else None

    def raw(self, post_id: int) -> bytes | None:
        with self.engine.connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.payload, p.text FROM mentions_raw r JOIN mentions_post p ON p.id = r.post_id "
                "WHERE r.post_id = %s",
                [post_id],
            )
            row = cursor.fetchone()
        return None if row is None else decompress(bytes(row[0]), row[1])

    def relabel(
        self,
        post_id: int,
        *,
        language: str | UnsetType | None = UNSET,
        sentiment: Sentiment | UnsetType | None = UNSET,
        by: str,
        language_confidence: float | None = None,
        sentiment_score: float | None = None,
        sentiment_confidence: float | None = None,
        over_people: bool = False,
    ) -> bool:
        new = judgements.NewLabels(language, sentiment, by, language_confidence, sentiment_score, sentiment_confidence)
        with self.engine.writing() as cursor:
            return judgements.relabel(self.engine, cursor, post_id, new, over_people=over_people)

    def set_aside(self, mission_id: int, post_ids: Iterable[int]) -> list[int]:
        with self.engine.writing() as cursor:
            return judgements.set_aside(self.engine, cursor, mission_id, post_ids)

    def take_back(self, mission_id: int, post_ids: Iterable[int]) -> list[int]:
        with self.engine.writing() as cursor:
            return judgements.take_back(self.engine, cursor, mission_id, post_ids)

    def set_aside_posts(self, mission_id: int, before: int | None = None, limit: int = 50) -> list[StoredPost]:
        with self.engine.connection.cursor() as cursor:
            return judgements.set_aside_posts(self.engine, cursor, mission_id, before, limit)

    def apply_topic(
        self, topic_id: int, query: Query | None, version: int, *, before: int | None = None, chunk: int = 2_000
    ) -> Applied:
        with self.engine.writing() as cursor:
            return maintenance.apply_topic(self.engine, cursor, topic_id, query, version, before=before, chunk=chunk)

    def remove_before(self, mission_id: int, instant: datetime, *, limit: int = 1_000) -> int:
        with self.engine.writing() as cursor:
            return maintenance.remove_before(self.engine, cursor, mission_id, instant, limit=limit)

    def forget_author(self, network: str, native_id: str) -> int:
        with self.engine.writing() as cursor:
            return maintenance.forget_author(self.engine, cursor, network, native_id, timezone.now())

    def prune_tombstones(self, now: datetime) -> int:
        last_hour = (now - TOMBSTONES_LAST - EPOCH) // timedelta(hours=1)
        with self.engine.writing() as cursor:
            cursor.execute(
                "DELETE FROM mentions_tombstone WHERE hour < %s AND reason <> %s",
                [last_hour, int(Tombstone.Reason.ERASED)],
            )
            return int(cursor.rowcount)

    def purge_index(self, *, start: bool = True, pages: int = 500) -> bool:
        with self.engine.writing() as cursor:
            return TextIndex(self.engine).purge(cursor, start=start, pages=pages)

    def recount(self) -> list[Difference]:
        with self.engine.connection.cursor() as cursor:
            return recount(cursor)
