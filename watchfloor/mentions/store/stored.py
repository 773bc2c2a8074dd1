"""Posts as they stand in the database, loaded for changing them, and how they go."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.mentions import arrivals
from watchfloor.mentions.store.derived import Derived, Standing
from watchfloor.mentions.store.engine import Engine, rows_in, run_in
from watchfloor.mentions.store.rows import title_of, unpack_topics


class Held(msgspec.Struct):
    """A stored post: its standing and what else changing it needs."""

    standing: Standing
    author: int | None
    rest: bytes


def load(cursor: CursorWrapper, ids: Iterable[int]) -> dict[int, Held]:
    """The posts of these ids with their topics, hidden ones included, by id."""
    ids = list(ids)
    aside: dict[int, set[int]] = {}
    sql = "SELECT post_id, mission_id FROM mentions_setaside WHERE post_id IN ({})"
    for post_id, mission in rows_in(cursor, sql, ids):
        aside.setdefault(post_id, set()).add(mission)
    columns = "id, network_id, author_id, language_id, sentiment, state, topics, text, rest"
    found: dict[int, Held] = {}
    for row in rows_in(cursor, f"SELECT {columns} FROM mentions_post WHERE id IN ({{}})", ids):
        post_id, network, author, language, sentiment, state, topics, text, rest = row
        standing = Standing(
            post_id,
            network,
            language,
            sentiment,
            state == 0,
            title_of(rest),
            text,
            unpack_topics(topics),
            frozenset(aside.get(post_id, ())),
        )
        found[post_id] = Held(standing, author, bytes(rest))
    return found


def ids_by_key(cursor: CursorWrapper, keys: Iterable[int]) -> dict[int, int]:
    return dict(rows_in(cursor, "SELECT key, id FROM mentions_post WHERE key IN ({})", keys))


def missions_of(cursor: CursorWrapper, topics: Iterable[int]) -> dict[int, int]:
    """Topic → its mission. A topic that is gone by now is left out."""
    return dict(rows_in(cursor, "SELECT id, mission_id FROM listening_topic WHERE id IN ({})", sorted(set(topics))))


def topics_of(cursor: CursorWrapper, mission_id: int) -> set[int]:
    cursor.execute("SELECT id FROM listening_topic WHERE mission_id = %s", [mission_id])
    return {row[0] for row in cursor.fetchall()}


def mentions_of(cursor: CursorWrapper, author_rows: Iterable[int], most: int | None) -> list[tuple[int, int, int]]:
    """(mission, topic, post) of the newest posts of these accounts that are shown, at most about `most`."""
    limit = "" if most is None else f" ORDER BY id DESC LIMIT {int(most)}"
    sql = f"SELECT id FROM mentions_post WHERE state = 0 AND author_id IN ({{}}){limit}"
    ids = sorted((row[0] for row in rows_in(cursor, sql, author_rows)), reverse=True)
    held = load(cursor, ids[:most])
    missions = missions_of(cursor, (topic for one in held.values() for topic in one.standing.topics))
    found = [
        (missions[topic], topic, post_id) for post_id in ids[:most] for topic in held[post_id].standing.seen(missions)
    ]
    return found[:most]


def remove(engine: Engine, cursor: CursorWrapper, held: Sequence[Held], *, counted: bool = True) -> Mapping[int, int]:
    """Take posts out of everything; say the missions of their topics. Not `counted`: the counters stay (retention)."""
    if not held:
        return {}
    derived = Derived(engine, cursor, missions_of(cursor, (t for one in held for t in one.standing.topics)))
    for one in held:
        derived.move(one.standing, None, counted=counted)
    derived.save()
    ids = [one.standing.id for one in held]
    run_in(cursor, "DELETE FROM mentions_raw WHERE post_id IN ({})", ids)
    run_in(cursor, "DELETE FROM mentions_setaside WHERE post_id IN ({})", ids)
    run_in(cursor, "DELETE FROM mentions_post WHERE id IN ({})", ids)
    _drop_idle_authors(cursor, {one.author for one in held if one.author is not None})
    return derived.missions


def _drop_idle_authors(cursor: CursorWrapper, authors: set[int]) -> None:
    """An account of whom no post is left is nobody we need to know; a hidden one stays known as hidden."""
    run_in(
        cursor,
        "DELETE FROM mentions_author WHERE id IN ({}) AND state = 0 "
        "AND NOT EXISTS (SELECT 1 FROM mentions_post WHERE author_id = mentions_author.id)",
        sorted(authors),
    )


def insert_arrivals(
    engine: Engine, cursor: CursorWrapper, desks: Sequence[str], rows: Iterable[tuple[str, int, Iterable[int]]]
) -> None:
    """One row for each desk that wants them and each (kind, post, topics)."""
    desks = arrivals.wanting(desks, using=engine.using)
    written: list[tuple[Any, ...]] = [
        (desk, kind, post_id, ",".join(str(topic) for topic in sorted(topics)))
        for kind, post_id, topics in rows
        for desk in desks
    ]
    engine.insert(cursor, "mentions_arrival", "desk, kind, post_id, topic_ids", written)
