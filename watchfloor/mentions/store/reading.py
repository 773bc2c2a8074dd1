"""Questions to the store: newest, all, how many, how many by time.

The text index narrows down, the evaluator decides. Where the index alone is exact, counts come from it alone. Every
statement asks the index for a stretch of ids only and looks up the scope by its key: no other condition stands beside
the text, because that is where a planner loses its way.
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from watchfloor.listening.language.tree import Query
from watchfloor.mentions.store.engine import Engine, pieces, places, rows_in
from watchfloor.mentions.store.ids import (
    EPOCH,
    ID_PER_MINUTE,
    LARGEST,
    SLOTS,
    first_id,
    minute_at,
    range_end,
    start_of,
    time_of,
)
from watchfloor.mentions.store.rows import COLUMNS, SENTIMENT, unpack
from watchfloor.mentions.store.store import Scope, Slot, StoredPost
from watchfloor.mentions.store.text_index import Decides, Matched, TextIndex, decide, split
from watchfloor.mentions.store.words import read_words

FIRST_PIECE, LARGEST_PIECE = 200, 4_000  # candidates looked at in one go: a page needs few, a count many


class Stretch(NamedTuple):
    """Ids from `first` up to and without `end`."""

    first: int
    end: int


def stretch(since: datetime | None, until: datetime | None, before: int | None = None) -> Stretch:
    first = 0 if since is None else first_id(since)
    end = LARGEST if until is None else range_end(until)
    return Stretch(first, end if before is None else min(end, before))


class Reading:
    def __init__(self, engine: Engine, cursor: CursorWrapper, scope: Scope) -> None:
        self.engine, self.cursor = engine, cursor
        self.index = TextIndex(engine)
        self.mission_id = scope.mission_id
        self.topics = self._topics(scope)
        self.marks = scope.marks
        self._words: dict[int, str] | None = None
        self._overlong: bool | None = None
        self._alone: bool | None = None

    def _topics(self, scope: Scope) -> list[int] | None:
        """The topics of the scope that are the mission's own; None: the mission as a whole."""
        if scope.topic_ids is None:
            return None
        sql = "SELECT id, mission_id FROM listening_topic WHERE id IN ({})"
        return sorted(
            topic for topic, mission in rows_in(self.cursor, sql, set(scope.topic_ids)) if mission == scope.mission_id
        )

    # --- The four questions ----------------------------------------------------------------------------------------

    def newest(self, query: Query | None, within: Stretch, limit: int) -> list[StoredPost]:
        found: list[StoredPost] = []
        if limit > 0:
            for post in self.matches(query, within, first_piece=max(limit, 1)):
                found.append(post)
                if len(found) == limit:
                    break
        return found

    def matches(self, query: Query | None, within: Stretch, *, first_piece: int = FIRST_PIECE) -> Iterator[StoredPost]:
        decides, narrowed = self._plan(query)
        piece, end = first_piece, within.end
        while True:
            ids = self._candidates(narrowed, Stretch(within.first, end), piece)
            for post in self.load(ids):
                if decides is None or decides(post):
                    yield post
            if len(ids) < piece:
                return
            piece, end = min(piece * 2, LARGEST_PIECE), ids[-1]

    def count(self, query: Query | None, within: Stretch) -> int:
        decides, narrowed = self._plan(query)
        if decides is None:
            sql, values = self._source(narrowed, within)
            self.cursor.execute(f"SELECT count(*) FROM ({sql}) found", values)
            return int(self.cursor.fetchone()[0])
        return sum(1 for _ in self._decided(narrowed, within, decides))

    def histogram(
        self, query: Query | None, since: datetime, until: datetime, bucket: timedelta
    ) -> list[tuple[datetime, int]]:
        within, start = stretch(since, until), start_of(since)
        width = bucket // timedelta(milliseconds=1) * SLOTS
        if width <= 0:
            raise ValueError(f"A bucket of a histogram must be a millisecond or more, not {bucket}.")
        decides, narrowed = self._plan(query)
        counted: Counter[int] = Counter()
        if decides is None:
            sql, values = self._source(narrowed, within)
            self.cursor.execute(
                f"SELECT (id - %s) / %s, count(*) FROM ({sql}) found GROUP BY 1", [start, width, *values]
            )
            counted.update(dict(self.cursor.fetchall()))
        else:
            counted.update((post.id - start) // width for post in self._decided(narrowed, within, decides))
        return [(time_of(start) + number * bucket, counted[number]) for number in sorted(counted)]

    def tally(self, query: Query | None, since: datetime, until: datetime, bucket: timedelta | None) -> dict[Slot, int]:
        if bucket is not None and bucket < timedelta(milliseconds=1):
            raise ValueError(f"A bucket must be a millisecond or more, not {bucket}.")
        within, start = stretch(since, until), start_of(since)
        # One bucket that holds everything, where none is asked for.
        width = LARGEST if bucket is None else bucket // timedelta(milliseconds=1) * SLOTS
        decides, narrowed = self._plan(query)
        words = self._all_words()
        if counters := self._counters(query, since, until, bucket):
            table, column, number = counters
            self.cursor.execute(
                f"SELECT (minute - %s) / %s, network_id, language_id, sentiment, sum(posts) FROM {table} "
                f"WHERE {column} = %s AND minute >= %s AND minute < %s GROUP BY 1, 2, 3, 4",
                [minute_at(since), max(1, width // ID_PER_MINUTE), number, minute_at(since), minute_at(until)],
            )
        elif decides is None:
            sql, values = self._source(narrowed, within)
            self.cursor.execute(
                "SELECT (f.id - %s) / %s, p.network_id, p.language_id, p.sentiment, count(*) "
                f"FROM ({sql}) f JOIN mentions_post p ON p.id = f.id GROUP BY 1, 2, 3, 4",
                [start, width, *values],
            )
        else:
            return dict(
                Counter(
                    Slot((post.id - start) // width, post.post.network, post.language, post.sentiment)
                    for post in self._decided(narrowed, within, decides)
                )
            )
        return {
            Slot(int(number), words[network], words[language] or None, SENTIMENT[sentiment]): int(posts)
            for number, network, language, sentiment, posts in self.cursor.fetchall()
        }

    def _counters(
        self, query: Query | None, since: datetime, until: datetime, bucket: timedelta | None
    ) -> tuple[str, str, int] | None:
        """The table, column and number to ask the counters for, if they can answer."""
        minute = timedelta(minutes=1)
        if query is not None or self.marks or since < EPOCH or any((at - EPOCH) % minute for at in (since, until)):
            return None
        if bucket is not None and bucket % minute:
            return None
        if self.topics is None:
            return "mentions_missioncounter", "mission_id", self.mission_id
        if len(self.topics) == 1:
            return "mentions_counter", "topic_id", self.topics[0]
        return None

    def authors(self, query: Query | None, within: Stretch) -> int:
        decides, narrowed = self._plan(query)
        if decides is None:
            sql, values = self._source(narrowed, within)
            self.cursor.execute(
                f"SELECT count(DISTINCT p.author_id) FROM ({sql}) f JOIN mentions_post p ON p.id = f.id", values
            )
            return int(self.cursor.fetchone()[0])
        return len({post.author_row for post in self._decided(narrowed, within, decides)} - {None})

    def _decided(self, narrowed: Matched | None, within: Stretch, decides: Decides) -> Iterator[StoredPost]:
        end = within.end
        while True:
            ids = self._candidates(narrowed, Stretch(within.first, end), LARGEST_PIECE)
            yield from (post for post in self.load(ids, with_topics=False) if decides(post))
            if len(ids) < LARGEST_PIECE:
                return
            end = ids[-1]

    def candidates(self, query: Query | None, within: Stretch, limit: int) -> list[int]:
        """The newest posts that the index takes for possible matches."""
        return self._candidates(self._plan(query)[1], within, limit)

    # --- How ------------------------------------------------------------------------------------------------------

    def _plan(self, query: Query | None) -> tuple[Decides | None, Matched | None]:
        """What decides (None: the index alone) and how the index narrows (None: it can't).

        Where the index is exact about the words, only the fields are left to decide, and no text is cut again.
        """
        if query is None:
            return None, None
        narrowed = self.index.narrow(query)
        if narrowed is not None and narrowed.exact and not self._has_overlong():
            return None, narrowed
        if parts := split(query):
            words, fields = parts
            by_words = self.index.narrow(words)
            if by_words is not None and by_words.exact and not self._has_overlong():
                return decide(fields), by_words
        return decide(query.root), narrowed

    def _has_overlong(self) -> bool:
        if self._overlong is None:
            self._overlong = self.index.holds_overlong(self.cursor)
        return self._overlong

    def _candidates(self, narrowed: Matched | None, within: Stretch, limit: int) -> list[int]:
        sql, values = self._source(narrowed, within)
        self.cursor.execute(f"{sql} ORDER BY 1 DESC LIMIT %s", [*values, limit])
        return [row[0] for row in self.cursor.fetchall()]

    def _source(self, narrowed: Matched | None, within: Stretch) -> tuple[str, list[Any]]:
        """A statement that gives the ids (as `id`) of the scope's shown posts in the stretch, narrowed by the index."""
        if self.marks:
            return self._carrying(narrowed, within)
        if narrowed is not None:
            sql, values = self.index.source(narrowed, *within)
            if self._is_alone():
                return sql, values
            belongs, more = self._belongs("i.id")
            return f"SELECT i.id AS id FROM ({sql}) i WHERE {belongs}", [*values, *more]
        between = "post_id >= %s AND post_id < %s"
        if self.topics is None:
            return (
                f"SELECT post_id AS id FROM mentions_missionpost WHERE mission_id = %s AND {between}",
                [self.mission_id, *within],
            )
        if len(self.topics) == 1:
            return f"SELECT post_id AS id FROM mentions_mention WHERE topic_id = %s AND {between}", [
                *self.topics,
                *within,
            ]
        if not self.topics:
            return "SELECT 0 AS id WHERE 1 = 0", []
        return (
            "SELECT DISTINCT post_id AS id FROM mentions_mention "
            f"WHERE topic_id IN ({places(self.topics)}) AND {between}",
            [*self.topics, *within],
        )

    def _carrying(self, narrowed: Matched | None, within: Stretch) -> tuple[str, list[Any]]:
        """The same of posts that carry a mark of each group: found by the marks of one, the rest is looked up by key.
        What was taken off by hand (source -1) is not carried, whatever rules say."""
        first, *others = self.marks
        belongs, values = self._belongs("k.post_id")
        on = "k.source >= 0 AND NOT EXISTS (SELECT 1 FROM mentions_marking o WHERE o.mark_id = k.mark_id " + (
            "AND o.post_id = k.post_id AND o.source = -1)"
        )
        sql = (
            f"SELECT DISTINCT k.post_id AS id FROM mentions_marking k WHERE k.mark_id IN ({places(first)}) "
            f"AND k.post_id >= %s AND k.post_id < %s AND {on} AND {belongs}"
        )
        values = [*first, *within, *values]
        for group in others:
            inner, more = Reading._carrying_group(group)
            sql, values = f"{sql} AND k.post_id IN ({inner})", [*values, *more]
        if narrowed is not None:
            inner, more = self.index.source(narrowed, *within)
            sql, values = f"{sql} AND k.post_id IN (SELECT id FROM ({inner}) i)", [*values, *more]
        return sql, values

    @staticmethod
    def _carrying_group(group: Sequence[int]) -> tuple[str, list[Any]]:
        return (
            f"SELECT m.post_id FROM mentions_marking m WHERE m.mark_id IN ({places(group)}) AND m.source >= 0 "
            "AND NOT EXISTS (SELECT 1 FROM mentions_marking o WHERE o.mark_id = m.mark_id AND o.post_id = m.post_id "
            "AND o.source = -1)",
            list(group),
        )

    def _is_alone(self) -> bool:
        """Whether the scope is a mission that all stored posts belong to: then nothing needs to be looked up."""
        if self.topics is not None:
            return False
        if self._alone is None:
            others = "SELECT 1 FROM mentions_missionpost WHERE mission_id"
            self.cursor.execute(
                f"SELECT EXISTS ({others} < %s) OR EXISTS ({others} > %s)", [self.mission_id, self.mission_id]
            )
            self._alone = not self.cursor.fetchone()[0]
        return self._alone

    def _belongs(self, post_id: str) -> tuple[str, list[Any]]:
        if self.topics is None:
            return (
                f"EXISTS (SELECT 1 FROM mentions_missionpost s WHERE s.mission_id = %s AND s.post_id = {post_id})",
                [self.mission_id],
            )
        if not self.topics:
            return "1 = 0", []
        return (
            "EXISTS (SELECT 1 FROM mentions_mention s "
            f"WHERE s.topic_id IN ({places(self.topics)}) AND s.post_id = {post_id})",
            list(self.topics),
        )

    def load(self, ids: Sequence[int], *, with_topics: bool = True) -> list[StoredPost]:
        """The posts in the order of `ids`, with their topics in this mission."""
        words = self._all_words()
        topics: dict[int, list[int]] = {}
        if with_topics:
            for piece in pieces(ids):
                self.cursor.execute(
                    "SELECT m.post_id, m.topic_id FROM mentions_mention m JOIN listening_topic t ON t.id = m.topic_id "
                    f"WHERE m.post_id IN ({places(piece)}) AND t.mission_id = %s ORDER BY 1, 2",
                    [*piece, self.mission_id],
                )
                for post_id, topic in self.cursor.fetchall():
                    topics.setdefault(post_id, []).append(topic)
        posts = "mentions_post p LEFT JOIN mentions_author a ON a.id = p.author_id"
        sql = f"SELECT {COLUMNS} FROM {posts} WHERE p.id IN ({{}})"
        rows = {row[0]: row for row in rows_in(self.cursor, sql, ids)}
        return [unpack(rows[post_id], words, topics.get(post_id, [])) for post_id in ids if post_id in rows]

    def _all_words(self) -> dict[int, str]:
        if self._words is None:
            self._words = read_words(self.cursor)
        return self._words
