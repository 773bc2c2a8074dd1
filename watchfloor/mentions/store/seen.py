"""What a scope sees: statements that give its posts, and how far back to look for them."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.conditions import Matched
from watchfloor.mentions.store.counters import Of, hours
from watchfloor.mentions.store.engine import Engine, places, rows_in
from watchfloor.mentions.store.ids import ID_PER_MINUTE, LARGEST, first_id, range_end
from watchfloor.mentions.store.store import Scope
from watchfloor.mentions.store.text_index import TextIndex, mission_scope, topic_scope

FIRST_STRETCH = 20_000  # posts of the first stretch that is asked for words
HOURS_AT_ONCE = 500
ID_PER_HOUR = 60 * ID_PER_MINUTE


class Stretch(NamedTuple):
    """Ids from `first` up to and without `end`."""

    first: int
    end: int


def stretch(since: datetime | None, until: datetime | None, before: int | None = None) -> Stretch:
    first = 0 if since is None else first_id(since)
    end = LARGEST if until is None else range_end(until)
    return Stretch(first, end if before is None else min(end, before))


class Seen:
    def __init__(self, engine: Engine, cursor: CursorWrapper, scope: Scope) -> None:
        self.engine, self.cursor = engine, cursor
        self.index = TextIndex(engine)
        self.mission_id = scope.mission_id
        self.topics = self._topics(scope)
        self.marks = scope.marks
        self._alone: bool | None = None

    @property
    def counted(self) -> tuple[Of, list[int]]:
        """Whose counters count these posts; those of several topics count some of them several times."""
        return ("mission", [self.mission_id]) if self.topics is None else ("topic", self.topics)

    def source(self, narrowed: Matched | None, within: Stretch, columns: Sequence[str] = ()) -> tuple[str, list[Any]]:
        """A statement that gives the ids (as `id`), and `columns`, of the scope's posts in the stretch, narrowed by the
        index."""
        scopes = [mission_scope(self.mission_id)] if self.topics is None else [topic_scope(t) for t in self.topics]
        if not scopes:
            return f"SELECT {', '.join(['0 AS id', *(f'0 AS {column}' for column in columns)])} WHERE 1 = 0", []
        if narrowed is not None and self._is_alone():
            scopes = []
        if not self.marks:
            return self.index.source(narrowed, scopes, *within, columns)
        sql, values = self._carrying(narrowed, scopes, within)
        if columns:
            named = ", ".join(f"q.{column}" for column in columns)
            sql = f"SELECT c.id, {named} FROM ({sql}) c JOIN mentions_post q ON q.id = c.id"
        return sql, values

    def newest(self, narrowed: Matched | None, within: Stretch, limit: int) -> list[int]:
        """The newest `limit` ids that the index gives."""
        if self.engine.is_sqlite:  # FTS5 walks backwards by itself
            sql, values = self.source(narrowed, within)
            self.cursor.execute(f"{sql} ORDER BY 1 DESC LIMIT %s", [*values, limit])
            return [row[0] for row in self.cursor.fetchall()]
        # PostgreSQL would guess whether to walk through posts backwards or to collect all that match; where words or
        # topics have their time, it guesses wrong. So it collects, of ever longer stretches.
        ids: list[int] = []
        for part in self.newest_first(
            within, limit if narrowed is None and not self.marks else max(limit, FIRST_STRETCH), growing=True
        ):
            sql, values = self.source(narrowed, part)
            self.cursor.execute(f"SELECT id FROM ({sql}) f ORDER BY id + 0 DESC LIMIT %s", [*values, limit - len(ids)])
            ids += [row[0] for row in self.cursor.fetchall()]
            if len(ids) >= limit:
                break
        return ids

    def newest_first(self, within: Stretch, posts: int, *, growing: bool = False) -> Iterator[Stretch]:
        """The stretch in parts of about so many posts of the scope, the latest first; each one larger if `growing`.

        By the counters: where they know of no post, there is none.
        """
        of, numbers = self.counted
        if not numbers or within.first >= within.end:
            return
        first_hour, hour = within.first // ID_PER_HOUR, (within.end - 1) // ID_PER_HOUR
        gathered, end = 0, within.end
        latest: int | None = None
        while hour >= first_hour:
            known = hours(self.cursor, of, numbers, first_hour, hour, most=HOURS_AT_ONCE)
            for at, counted in known:
                latest = at if latest is None else latest
                gathered += counted
                if gathered >= posts:
                    start = max(within.first, at * ID_PER_HOUR)
                    yield Stretch(start, min(end, (latest + 1) * ID_PER_HOUR))
                    gathered, end, latest = 0, start, None
                    posts = posts * 8 if growing else posts
            if len(known) < HOURS_AT_ONCE:
                break
            hour = known[-1][0] - 1
        if latest is not None:
            start = max(within.first, known[-1][0] * ID_PER_HOUR) if known else within.first
            yield Stretch(start, min(end, (latest + 1) * ID_PER_HOUR))

    def oldest(self, end: int, limit: int) -> list[int]:
        """The oldest posts before `end`; not in order."""
        sql, values = self.source(None, Stretch(0, end))
        # Alone, a mission finds its oldest posts at the table's beginning; else those of others may stand before them.
        order = "id" if self.engine.is_sqlite or self._is_alone() else "id + 0"
        self.cursor.execute(f"SELECT id FROM ({sql}) f ORDER BY {order} LIMIT %s", [*values, limit])
        return [row[0] for row in self.cursor.fetchall()]

    def _carrying(self, narrowed: Matched | None, scopes: Sequence[str], within: Stretch) -> tuple[str, list[Any]]:
        """The same of posts that carry a mark of each group: found by the marks of one, the rest is looked up by key.
        What was taken off by hand (source -1) is not carried, whatever rules say."""
        first, *others = self.marks
        holds, more = self.index.holds("k.post_id", narrowed, scopes)
        on = "k.source >= 0 AND NOT EXISTS (SELECT 1 FROM mentions_marking o WHERE o.mark_id = k.mark_id " + (
            "AND o.post_id = k.post_id AND o.source = -1)"
        )
        sql = (
            f"SELECT DISTINCT k.post_id AS id FROM mentions_marking k WHERE k.mark_id IN ({places(first)}) "
            f"AND k.post_id >= %s AND k.post_id < %s AND {on} AND {holds}"
        )
        values = [*first, *within, *more]
        for group in others:
            inner, more = Seen._carrying_group(group)
            sql, values = f"{sql} AND k.post_id IN ({inner})", [*values, *more]
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
        """Whether the scope is a mission that everything belongs to that is in the index: its scope then need not be
        looked up. No other mission ever counted a post."""
        if self.topics is not None:
            return False
        if self._alone is None:
            others = "SELECT 1 FROM mentions_missioncounter WHERE mission_id"
            self.cursor.execute(
                f"SELECT EXISTS ({others} < %s) OR EXISTS ({others} > %s)", [self.mission_id, self.mission_id]
            )
            self._alone = not self.cursor.fetchone()[0]
        return self._alone

    def _topics(self, scope: Scope) -> list[int] | None:
        """The topics of the scope that are the mission's own; None: the mission as a whole."""
        if scope.topic_ids is None:
            return None
        sql = "SELECT id, mission_id FROM listening_topic WHERE id IN ({})"
        return sorted(
            topic for topic, mission in rows_in(self.cursor, sql, set(scope.topic_ids)) if mission == scope.mission_id
        )
