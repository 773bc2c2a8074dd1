"""Questions to the store: newest, all, how many, how many by time.

The text index narrows down, the evaluator decides. Where the index alone is exact, counts come from it alone. Every
statement asks the index for words, the scope among them, and for a stretch of ids: no other condition stands beside the
text, because that is where a planner loses its way.
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.backends.utils import CursorWrapper

from watchfloor.listening.language.tree import Query
from watchfloor.mentions.store.conditions import Matched
from watchfloor.mentions.store.counters import Kind, Of, count
from watchfloor.mentions.store.engine import Engine, pieces, rows_in
from watchfloor.mentions.store.ids import (
    EPOCH,
    ID_PER_MINUTE,
    LARGEST,
    SLOTS,
    minute_at,
    start_of,
    time_of,
)
from watchfloor.mentions.store.rows import COLUMNS, SENTIMENT, unpack, unpack_topics
from watchfloor.mentions.store.seen import Seen, Stretch, stretch
from watchfloor.mentions.store.store import Labels, Scope, Slot, StoredPost
from watchfloor.mentions.store.text_index import Decides, TextIndex, decide, split
from watchfloor.mentions.store.words import read_words
from watchfloor.sources.post import Sentiment

FIRST_PIECE, LARGEST_PIECE = 200, 4_000  # candidates looked at in one go: a page needs few, a count many
LARGEST_STRETCH = 500_000  # posts of a stretch that is asked for in one go
KINDS = ("network_id", "language_id", "sentiment")


class Reading:
    def __init__(self, engine: Engine, cursor: CursorWrapper, scope: Scope) -> None:
        self.engine, self.cursor = engine, cursor
        self.index = TextIndex(engine)
        self.mission_id = scope.mission_id
        self.seen = Seen(engine, cursor, scope)
        self._words: dict[int, str] | None = None
        self._overlong: bool | None = None
        self._own: set[int] | None = None
        self._kinds: dict[Kind, tuple[str, str | None, Sentiment | None]] = {}  # in words

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
            ids = self.seen.newest(narrowed, Stretch(within.first, end), piece)
            for post in self.load(ids):
                if decides is None or decides(post):
                    yield post
            if len(ids) < piece:
                return
            piece, end = min(piece * 2, LARGEST_PIECE), ids[-1]

    def count(self, query: Query | None, within: Stretch) -> int:
        decides, narrowed = self._plan(query)
        if decides is None:
            sql, values = self.seen.source(narrowed, within)
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
            sql, values = self.seen.source(narrowed, within)
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
        if of := self._counters(query, since, until, bucket):
            minutes = max(1, width // ID_PER_MINUTE)
            first, end = minute_at(since), minute_at(until)
            counted = count(self.cursor, *of, first, end, start=first, width=minutes)
            return {self._slot(bucket, *kind): posts for (_, bucket, kind), posts in counted.items()}
        if decides is None:
            sql, values = self.seen.source(narrowed, within, KINDS)
            self.cursor.execute(
                f"SELECT (f.id - %s) / %s, {', '.join(f'f.{column}' for column in KINDS)}, count(*) "
                f"FROM ({sql}) f GROUP BY 1, 2, 3, 4",
                [start, width, *values],
            )
            return {self._slot(int(bucket), *kind): posts for bucket, *kind, posts in self.cursor.fetchall()}
        return dict(
            Counter(
                Slot((post.id - start) // width, post.post.network, post.language, post.sentiment)
                for post in self._decided(narrowed, within, decides)
            )
        )

    def tallies(self, since: datetime, until: datetime, bucket: timedelta | None) -> dict[int | None, dict[Slot, int]]:
        if bucket is not None and bucket < timedelta(milliseconds=1):
            raise ValueError(f"A bucket must be a millisecond or more, not {bucket}.")
        width = LARGEST if bucket is None else bucket // timedelta(milliseconds=1) * SLOTS
        found: dict[int | None, dict[Slot, int]] = {None: {}}
        if self._counters(None, since, until, bucket):
            minutes, first, end = max(1, width // ID_PER_MINUTE), minute_at(since), minute_at(until)
            whole = count(self.cursor, "mission", [self.mission_id], first, end, start=first, width=minutes)
            topics = self._own_topics()
            parts = count(self.cursor, "topic", topics, first, end, start=first, width=minutes) if topics else {}
            for (_, at, kind), posts in whole.items():
                found[None][self._slot(at, *kind)] = posts
            for (topic, at, kind), posts in parts.items():
                found.setdefault(topic, {})[self._slot(at, *kind)] = posts
            return found
        start = start_of(since)
        for post in self.labels(stretch(since, until)):
            slot = Slot((post.id - start) // width, post.network, post.language, post.sentiment)
            for number in (None, *post.topics):
                of_one = found.setdefault(number, {})
                of_one[slot] = of_one.get(slot, 0) + 1
        return found

    def _slot(self, bucket: int, network: int, language: int, sentiment: int) -> Slot:
        names = self._kinds.get((network, language, sentiment))
        if names is None:
            words = self._all_words()
            names = words[network], words[language] or None, SENTIMENT[sentiment]
            self._kinds[network, language, sentiment] = names
        return Slot(bucket, *names)

    def _counters(
        self, query: Query | None, since: datetime, until: datetime, bucket: timedelta | None
    ) -> tuple[Of, list[int]] | None:
        """What to ask the counters for, if they can answer."""
        minute = timedelta(minutes=1)
        if query is not None or self.seen.marks or since < EPOCH or any((at - EPOCH) % minute for at in (since, until)):
            return None
        if bucket is not None and bucket % minute:
            return None
        of, numbers = self.seen.counted
        return (of, numbers) if len(numbers) == 1 else None

    def authors(self, query: Query | None, within: Stretch) -> int:
        decides, narrowed = self._plan(query)
        if decides is None:
            sql, values = self.seen.source(narrowed, within, ["author_id"])
            self.cursor.execute(f"SELECT count(DISTINCT f.author_id) FROM ({sql}) f", values)
            return int(self.cursor.fetchone()[0])
        return len({post.author_row for post in self._decided(narrowed, within, decides)} - {None})

    def labels(self, within: Stretch, limit: int | None = None) -> Iterator[Labels]:
        """Newest first."""
        topics, gathered = self._own_topics(), 0
        for part in self.seen.newest_first(within, LARGEST_STRETCH if limit is None else limit):
            sql, values = self.seen.source(None, part, [*KINDS, "author_id", "topics"])
            self.cursor.execute(sql, values)
            for post_id, *kind, author, packed in sorted(self.cursor.fetchall(), reverse=True):
                if gathered == limit:
                    return
                gathered += 1
                slot = self._slot(0, *kind)
                own = [topic for topic in unpack_topics(packed) if topic in topics]
                yield Labels(post_id, slot.network, slot.language, slot.sentiment, author, own)

    def _decided(self, narrowed: Matched | None, within: Stretch, decides: Decides) -> Iterator[StoredPost]:
        for part in self.seen.newest_first(within, LARGEST_STRETCH):
            sql, values = self.seen.source(narrowed, part)
            self.cursor.execute(sql, values)
            ids = sorted((row[0] for row in self.cursor.fetchall()), reverse=True)
            for piece in pieces(ids, LARGEST_PIECE):
                yield from (post for post in self.load(piece, with_topics=False) if decides(post))

    def ids(self, within: Stretch) -> list[int]:
        """Oldest first."""
        sql, values = self.seen.source(None, within)
        self.cursor.execute(sql, values)
        return sorted(row[0] for row in self.cursor.fetchall())

    def candidates(self, query: Query | None, within: Stretch, limit: int) -> list[int]:
        """The newest posts that the index takes for possible matches."""
        return self.seen.newest(self._plan(query)[1], within, limit)

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

    def _own_topics(self) -> set[int]:
        if self._own is None:
            self.cursor.execute("SELECT id FROM listening_topic WHERE mission_id = %s", [self.mission_id])
            self._own = {row[0] for row in self.cursor.fetchall()}
        return self._own

    def load(self, ids: Sequence[int], *, with_topics: bool = True, unseen: bool = False) -> list[StoredPost]:
        """The posts in the order of `ids`, with their topics in this mission. One that is hidden, or that the mission
        set aside, has no topics, unless `unseen`."""
        words = self._all_words()
        own = self._own_topics() if with_topics else set()
        aside = f"SELECT 1 FROM mentions_setaside s WHERE s.post_id = p.id AND s.mission_id = {int(self.mission_id)}"
        posts = "mentions_post p LEFT JOIN mentions_author a ON a.id = p.author_id"
        sql = f"SELECT {COLUMNS}, EXISTS ({aside}) FROM {posts} WHERE p.id IN ({{}})"
        rows = {row[0]: row for row in rows_in(self.cursor, sql, ids)}
        found = []
        for row in (rows[post_id] for post_id in ids if post_id in rows):
            post = unpack(row, words, own)
            if not unseen and (post.state == "hidden" or row[-1]):
                post.topics = []
            found.append(post)
        return found

    def _all_words(self) -> dict[int, str]:
        if self._words is None:
            self._words = read_words(self.cursor)
        return self._words
