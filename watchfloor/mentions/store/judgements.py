"""What people decide about single posts: another label, or that a mission does not want to see it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.db.backends.utils import CursorWrapper
from msgspec import UNSET, UnsetType

from watchfloor.mentions import arrivals
from watchfloor.mentions.store.derived import Derived
from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.ids import LARGEST
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.rows import SENTIMENT_CODE, labellers, relabelled
from watchfloor.mentions.store.store import Scope, StoredPost
from watchfloor.mentions.store.stored import insert_arrivals, load, missions_of
from watchfloor.mentions.store.tidy import tidy_word
from watchfloor.mentions.store.words import PERSON, ensure_words, people_among, read_words
from watchfloor.sources.post import Sentiment


class NewLabels(msgspec.Struct):
    language: str | UnsetType | None
    sentiment: Sentiment | UnsetType | None
    by: str
    language_confidence: float | None
    sentiment_score: float | None
    sentiment_confidence: float | None


def relabel(engine: Engine, cursor: CursorWrapper, post_id: int, new: NewLabels, *, over_people: bool = False) -> bool:
    held = load(cursor, [post_id]).get(post_id)
    if held is None or not held.standing.shown:
        return False
    before, by = held.standing, tidy_word(new.by)
    is_person = by.startswith(PERSON)
    people = set() if is_person or over_people else people_among(read_words(cursor))
    language_by, sentiment_by = labellers(held.rest)
    language = UNSET if language_by in people else new.language
    sentiment = UNSET if sentiment_by in people else new.sentiment
    words = ensure_words(engine, cursor, {by, "" if language is UNSET else tidy_word(language or "")})
    after = msgspec.structs.replace(
        before,
        language=before.language if language is UNSET else words[tidy_word(language or "")],
        sentiment=before.sentiment if sentiment is UNSET else SENTIMENT_CODE[sentiment],
    )
    rest = relabelled(
        held.rest,
        language_by=None if language is UNSET else words[by],
        sentiment_by=None if sentiment is UNSET else words[by],
        language_confidence=None if is_person else new.language_confidence,
        sentiment_score=None if is_person else new.sentiment_score,
        sentiment_confidence=None if is_person else new.sentiment_confidence,
    )
    if (after, rest) == (before, held.rest):
        return True
    cursor.execute(
        "UPDATE mentions_post SET language_id = %s, sentiment = %s, rest = %s WHERE id = %s",
        [after.language, after.sentiment, rest, post_id],
    )
    derived = Derived(engine, cursor, missions_of(cursor, before.topics))
    derived.move(before, after)
    derived.save()
    return True


def set_aside(engine: Engine, cursor: CursorWrapper, mission_id: int, post_ids: Iterable[int]) -> list[int]:
    moved = _move(engine, cursor, mission_id, post_ids, aside=True)
    engine.insert(cursor, "mentions_setaside", "mission_id, post_id", [(mission_id, post_id) for post_id in moved])
    return moved


def take_back(engine: Engine, cursor: CursorWrapper, mission_id: int, post_ids: Iterable[int]) -> list[int]:
    moved = _move(engine, cursor, mission_id, post_ids, aside=False)
    sql = "DELETE FROM mentions_setaside WHERE mission_id = %s AND post_id = %s"
    cursor.executemany(sql, [(mission_id, post_id) for post_id in moved])
    return moved


def _move(engine: Engine, cursor: CursorWrapper, mission_id: int, post_ids: Iterable[int], *, aside: bool) -> list[int]:
    """Those of the posts that the mission holds and that stood otherwise."""
    held = load(cursor, sorted(set(post_ids)))
    missions = missions_of(cursor, (topic for one in held.values() for topic in one.standing.topics))
    derived = Derived(engine, cursor, missions)
    moved: list[int] = []
    told: list[tuple[str, int, list[int]]] = []
    for post_id, one in sorted(held.items()):
        before = one.standing
        topics = [topic for topic in before.topics if missions.get(topic) == mission_id]
        if (mission_id in before.aside) == aside or (aside and not topics):
            continue
        others = before.aside - {mission_id}
        derived.move(before, msgspec.structs.replace(before, aside=others | {mission_id} if aside else others))
        moved.append(post_id)
        if before.shown and topics:
            told.append(("deleted" if aside else "new", post_id, topics))
    derived.save()
    if desks := arrivals.desks():
        insert_arrivals(engine, cursor, desks, told)
    return moved


def set_aside_posts(
    engine: Engine, cursor: CursorWrapper, mission_id: int, before: int | None, limit: int
) -> list[StoredPost]:
    reading = Reading(engine, cursor, Scope(mission_id))
    end = LARGEST if before is None else before
    found: list[StoredPost] = []
    while len(found) < limit:
        cursor.execute(
            "SELECT s.post_id FROM mentions_setaside s JOIN mentions_post p ON p.id = s.post_id "
            "WHERE s.mission_id = %s AND s.post_id < %s AND p.state = 0 ORDER BY s.post_id DESC LIMIT %s",
            [mission_id, end, limit],
        )
        ids = [row[0] for row in cursor.fetchall()]
        # One that no topic of the mission finds any more is not the mission's for now.
        found += [post for post in reading.load(ids, unseen=True) if post.topics]
        if len(ids) < limit:
            break
        end = ids[-1]
    return found[:limit]
