"""Changes that do not come from a network: a changed query, retention, the erasure of a person."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING

import msgspec
from django.db.backends.utils import CursorWrapper

if TYPE_CHECKING:
    from watchfloor.listening.language.tree import Query
from watchfloor.mentions import arrivals
from watchfloor.mentions.models import Tombstone
from watchfloor.mentions.store.derived import Derived
from watchfloor.mentions.store.engine import Engine, run_in
from watchfloor.mentions.store.ids import ID_PER_MINUTE, LARGEST, minute_at
from watchfloor.mentions.store.keys import author_key
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.rows import unpack_topics
from watchfloor.mentions.store.seen import Seen, Stretch
from watchfloor.mentions.store.store import Applied, Scope
from watchfloor.mentions.store.stored import Held, insert_arrivals, load, missions_of, remove, topics_of
from watchfloor.mentions.store.text_index import decide
from watchfloor.mentions.store.tidy import tidy_text
from watchfloor.mentions.store.writing import bury, posts_of


def apply_topic(
    engine: Engine,
    cursor: CursorWrapper,
    topic_id: int,
    query: Query | None,
    version: int,
    *,
    before: int | None,
    chunk: int,
) -> Applied:
    """Look at the newest `chunk` posts below `before` that the topic holds or may come to hold. A topic looks only at
    posts of its own mission: what came in for another one (a rehearsal, a client's files) is none of its business."""
    mission = missions_of(cursor, [topic_id]).get(topic_id)
    if mission is None:
        return Applied([], [], None)
    end = LARGEST if before is None else before
    candidates = _candidates(engine, cursor, topic_id, mission, query, end, chunk)
    reading = Reading(engine, cursor, Scope(mission))
    held = load(cursor, candidates)
    posts = {post.id: post for post in reading.load(candidates, with_topics=False)}
    decides = None if query is None else decide(query.root)
    derived = Derived(
        engine,
        cursor,
        missions_of(cursor, (t for one in held.values() for t in one.standing.topics)) | {topic_id: mission},
    )
    going: list[Held] = []
    added: list[int] = []
    removed: list[int] = []
    for post_id, one in held.items():
        standing = one.standing
        was, matches = topic_id in standing.topics, decides is not None and decides(posts[post_id])
        if matches:
            after = msgspec.structs.replace(standing, topics={**standing.topics, topic_id: version})
        elif was:
            after = msgspec.structs.replace(
                standing, topics={t: v for t, v in standing.topics.items() if t != topic_id}
            )
        else:
            continue
        if was != matches and standing.shown and mission not in standing.aside:
            (added if matches else removed).append(post_id)
        if after.topics:
            derived.move(standing, after)
        else:
            going.append(one)
    derived.save()
    remove(engine, cursor, going)
    if desks := arrivals.desks():
        pairs = [("deleted", post_id) for post_id in removed] + [("new", post_id) for post_id in added]
        insert_arrivals(engine, cursor, desks, ((kind, post_id, [topic_id]) for kind, post_id in pairs))
    return Applied(added, removed, candidates[-1] if len(candidates) == chunk else None)


def _candidates(
    engine: Engine, cursor: CursorWrapper, topic_id: int, mission: int, query: Query | None, end: int, limit: int
) -> list[int]:
    """Newest first: what the topic holds, and what of the mission's posts it may come to hold; those too that nobody
    sees, because they are hidden or set aside."""
    streams = [
        Reading(engine, cursor, Scope(mission, (topic_id,))).candidates(None, Stretch(0, end), limit),
        _unseen(cursor, mission, {topic_id}, Stretch(0, end), limit),
    ]
    if query is not None:
        cursor.execute("SELECT minute FROM mentions_keptsince WHERE mission_id = %s", [mission])
        line = cursor.fetchone()
        kept = Stretch(0 if line is None else line[0] * ID_PER_MINUTE, end)
        streams.append(Reading(engine, cursor, Scope(mission)).candidates(query, kept, limit))
        streams.append(_unseen(cursor, mission, topics_of(cursor, mission), kept, limit))
    ids = list(dict.fromkeys(merge(*streams, reverse=True)))
    return ids[:limit]


def _unseen(cursor: CursorWrapper, mission: int, topics: set[int], within: Stretch, limit: int) -> list[int]:
    """The newest posts of these topics that the mission does not see."""
    aside = "id IN (SELECT post_id FROM mentions_setaside WHERE mission_id = %s)"
    streams = []
    for where, values in (("state = 1", []), (aside, [mission])):
        found: list[int] = []
        first, end = within
        while len(found) < limit:
            sql = f"SELECT id, topics FROM mentions_post WHERE {where} AND id >= %s AND id < %s"
            cursor.execute(f"{sql} ORDER BY id DESC LIMIT %s", [*values, first, end, limit])
            rows = cursor.fetchall()
            found += [post_id for post_id, packed in rows if not topics.isdisjoint(unpack_topics(packed))]
            if len(rows) < limit:
                break
            end = rows[-1][0]
        streams.append(found)
    return list(dict.fromkeys(merge(*streams, reverse=True)))[:limit]


def remove_before(engine: Engine, cursor: CursorWrapper, mission_id: int, instant: datetime, *, limit: int) -> int:
    minute = max(0, minute_at(instant))
    engine.insert(
        cursor,
        "mentions_keptsince",
        "mission_id, minute",
        [[mission_id, minute]],
        then="ON CONFLICT (mission_id) DO UPDATE SET minute = excluded.minute "
        "WHERE mentions_keptsince.minute < excluded.minute",
    )
    cursor.execute("SELECT minute FROM mentions_keptsince WHERE mission_id = %s", [mission_id])
    end = cursor.fetchone()[0] * ID_PER_MINUTE
    ids = Seen(engine, cursor, Scope(mission_id)).oldest(end, limit)
    if len(ids) < limit:
        ids += _unseen(cursor, mission_id, topics_of(cursor, mission_id), Stretch(0, end), limit - len(ids))
    held = list(load(cursor, ids).values())
    missions = missions_of(cursor, (topic for one in held for topic in one.standing.topics))
    derived = Derived(engine, cursor, missions)
    going = []
    for one in held:
        kept = {topic: v for topic, v in one.standing.topics.items() if missions.get(topic) != mission_id}
        if kept:
            aside = one.standing.aside - {mission_id}
            derived.move(one.standing, msgspec.structs.replace(one.standing, topics=kept, aside=aside), counted=False)
        else:
            going.append(one)
    derived.save()
    sql = "DELETE FROM mentions_setaside WHERE mission_id = %s AND post_id = %s"
    cursor.executemany(sql, [(mission_id, one.standing.id) for one in held if mission_id in one.standing.aside])
    remove(engine, cursor, going, counted=False)
    return len(held)


def forget_author(engine: Engine, cursor: CursorWrapper, network: str, native_id: str, now: datetime) -> int:
    key = author_key(tidy_text(network), tidy_text(native_id))
    assert key is not None
    bury(engine, cursor, [key], Tombstone.Reason.ERASED, now)
    cursor.execute("SELECT id FROM mentions_author WHERE key = %s", [key])
    row = cursor.fetchone()
    if row is None:
        return 0
    held = list(load(cursor, posts_of(cursor, row[0])).values())
    missions = remove(engine, cursor, held)
    run_in(cursor, "DELETE FROM mentions_arrival WHERE post_id IN ({})", [one.standing.id for one in held])
    insert_arrivals(
        engine, cursor, arrivals.desks(), (("deleted", one.standing.id, one.standing.seen(missions)) for one in held)
    )
    cursor.execute("DELETE FROM mentions_author WHERE id = %s", [row[0]])
    return len(held)
