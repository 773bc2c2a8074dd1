"""Counters: posts per topic, and per mission, by minute, network, language and sentiment.

A row holds an hour. `totals` are network, language, sentiment and posts, one after the other, for each that there is;
`minutes` are, in the same order, a list for each: minute of the hour and posts, and again. Changes are gathered in
memory and saved once a batch, in the batch's transaction, by the one writer there is at a time (`engine.writing`).
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.engine import Engine, pieces, places
from watchfloor.mentions.store.ids import minute_of

Of = Literal["topic", "mission"]
Kind = tuple[int, int, int]  # network, language, sentiment
Cells = dict[Kind, dict[int, int]]  # of an hour: minute → posts
Counted = dict[tuple[int, int, Kind], int]  # topic or mission, bucket, kind → posts

TABLES: dict[Of, str] = {"topic": "mentions_counter", "mission": "mentions_missioncounter"}

_encode = msgspec.msgpack.Encoder().encode
_decode_totals = msgspec.msgpack.Decoder(list[int]).decode
_decode_minutes = msgspec.msgpack.Decoder(list[list[int]]).decode


class Counters:
    """Gathers what a batch adds and takes."""

    def __init__(self) -> None:
        self._changes: dict[Of, dict[tuple[int, int], Cells]] = {"topic": {}, "mission": {}}

    def add(self, sign: int, post_id: int, kind: Kind, *, topics: Iterable[int], missions: Iterable[int]) -> None:
        hour, minute = divmod(minute_of(post_id), 60)
        self._add("topic", topics, hour, minute, kind, sign)
        self._add("mission", missions, hour, minute, kind, sign)

    def _add(self, of: Of, numbers: Iterable[int], hour: int, minute: int, kind: Kind, sign: int) -> None:
        changes = self._changes[of]
        for number in numbers:
            minutes = changes.setdefault((number, hour), {}).setdefault(kind, {})
            minutes[minute] = minutes.get(minute, 0) + sign

    def save(self, engine: Engine, cursor: CursorWrapper) -> None:
        for of, changes in self._changes.items():
            _save(engine, cursor, of, changes)
            changes.clear()


def _save(engine: Engine, cursor: CursorWrapper, of: Of, changes: Mapping[tuple[int, int], Cells]) -> None:
    table = TABLES[of]
    rows, empty = [], []
    held = _held(cursor, of, changes)
    for at in sorted(changes):
        cells = held.get(at, {})
        if not _merge(cells, changes[at]):
            continue
        posts, totals, minutes = pack(cells)
        if posts:
            rows.append((*at, posts, totals, minutes))
        else:
            empty.append(at)
    engine.insert(
        cursor,
        table,
        f"{of}_id, hour, posts, totals, minutes",
        rows,
        then=f"ON CONFLICT ({of}_id, hour) DO UPDATE SET "
        "posts = excluded.posts, totals = excluded.totals, minutes = excluded.minutes",
    )
    if empty:
        cursor.executemany(f"DELETE FROM {table} WHERE {of}_id = %s AND hour = %s", empty)


def _held(cursor: CursorWrapper, of: Of, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Cells]:
    found: dict[tuple[int, int], Cells] = {}
    for piece in pieces(sorted(wanted), 400):
        cursor.execute(
            f"SELECT {of}_id, hour, totals, minutes FROM {TABLES[of]} "
            f"WHERE ({of}_id, hour) IN (VALUES {', '.join(['(%s, %s)'] * len(piece))})",
            [value for pair in piece for value in pair],
        )
        for number, hour, totals, minutes in cursor.fetchall():
            found[number, hour] = unpack(totals, minutes)
    return found


def _merge(cells: Cells, changes: Cells) -> bool:
    """Add `changes` to `cells`; say whether there were any."""
    changed = False
    for kind, by_minute in changes.items():
        held = cells.setdefault(kind, {})
        for minute, posts in by_minute.items():
            if posts:
                changed = True
                held[minute] = held.get(minute, 0) + posts
                if held[minute] < 0:
                    raise ValueError(f"A counter would fall below 0: {kind} in minute {minute}.")
    return changed


def pack(cells: Cells) -> tuple[int, bytes, bytes]:
    """How many posts there are in all, their totals and their minutes."""
    totals: list[int] = []
    minutes: list[list[int]] = []
    for kind in sorted(cells):
        by_minute = sorted((minute, posts) for minute, posts in cells[kind].items() if posts)
        if by_minute:
            totals += (*kind, sum(posts for _, posts in by_minute))
            minutes.append([value for pair in by_minute for value in pair])
    return sum(totals[3::4]), _encode(totals), _encode(minutes)


def unpack(totals: bytes, minutes: bytes) -> Cells:
    kinds = _decode_totals(totals)
    return {
        (kinds[4 * n], kinds[4 * n + 1], kinds[4 * n + 2]): dict(zip(own[::2], own[1::2], strict=True))
        for n, own in enumerate(_decode_minutes(minutes))
    }


def count(
    cursor: CursorWrapper, of: Of, numbers: Collection[int], first: int, end: int, *, start: int, width: int
) -> Counted:
    """Posts of the minutes from `first` up to and without `end`, by buckets of `width` minutes counted from `start`.
    Hours that lie in one bucket whole are read by their totals alone."""
    counted: Counted = defaultdict(int)
    for number, hour, totals, minutes in _rows(cursor, of, numbers, first, end, start, width):
        kinds = _decode_totals(totals)
        if minutes is None:
            bucket = (hour * 60 - start) // width
            for n in range(0, len(kinds), 4):
                counted[number, bucket, (kinds[n], kinds[n + 1], kinds[n + 2])] += kinds[n + 3]
            continue
        for n, own in enumerate(_decode_minutes(minutes)):
            kind = (kinds[4 * n], kinds[4 * n + 1], kinds[4 * n + 2])
            for place in range(0, len(own), 2):
                at = hour * 60 + own[place]
                if first <= at < end:
                    counted[number, (at - start) // width, kind] += own[place + 1]
    return counted


def _rows(
    cursor: CursorWrapper, of: Of, numbers: Collection[int], first: int, end: int, start: int, width: int
) -> Iterator[tuple[int, int, bytes, bytes | None]]:
    """Topic or mission, hour, totals, and minutes where they are needed."""
    for piece in pieces(sorted(numbers)):
        cursor.execute(
            f"SELECT {of}_id, hour, totals, CASE WHEN hour * 60 < %s OR hour * 60 + 60 > %s "
            "OR (hour * 60 - %s) / %s <> (hour * 60 + 59 - %s) / %s THEN minutes END "
            f"FROM {TABLES[of]} WHERE {of}_id IN ({places(piece)}) AND hour >= %s AND hour <= %s",
            [first, end, start, width, start, width, *piece, first // 60, (end - 1) // 60],
        )
        yield from cursor.fetchall()


def first_and_last(cursor: CursorWrapper, of: Of, number: int) -> tuple[int, int] | None:
    """The minutes of the earliest and the latest posts that were counted."""
    ends = []
    for direction, pick in (("ASC", min), ("DESC", max)):
        cursor.execute(
            f"SELECT hour, totals, minutes FROM {TABLES[of]} WHERE {of}_id = %s ORDER BY hour {direction} LIMIT 1",
            [number],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        ends.append(row[0] * 60 + pick(minute for own in unpack(row[1], row[2]).values() for minute in own))
    return ends[0], ends[1]


def hours(
    cursor: CursorWrapper, of: Of, numbers: Collection[int], first: int, last: int, *, most: int
) -> list[tuple[int, int]]:
    """The latest `most` hours that have posts, of those from `first` to `last`: (hour, posts), latest first. A post of
    two topics counts twice."""
    cursor.execute(
        f"SELECT hour, sum(posts) FROM {TABLES[of]} WHERE {of}_id IN ({places(list(numbers))}) "
        "AND hour >= %s AND hour <= %s GROUP BY hour ORDER BY hour DESC LIMIT %s",
        [*numbers, first, last, most],
    )
    return [(hour, int(posts)) for hour, posts in cursor.fetchall()]
