"""Do the counters say what the posts say? Counts from before what a mission keeps are final and not compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.counters import TABLES, Kind, Of, count
from watchfloor.mentions.store.ids import ID_PER_MINUTE, minute_time
from watchfloor.mentions.store.rows import SENTIMENT, unpack_topics
from watchfloor.mentions.store.store import Difference
from watchfloor.mentions.store.words import read_words

DAY = 24 * 60  # minutes that are compared in one go

_Slot = tuple[int, int, Kind]  # topic or mission, minute, kind

# Not from the text index: that is checked along with the counters.
_POSTS = """
SELECT id, network_id, language_id, sentiment, topics FROM mentions_post WHERE state = 0 AND id >= %s AND id < %s
"""
_SET_ASIDE = "SELECT mission_id, post_id FROM mentions_setaside WHERE post_id >= %s AND post_id < %s"


def recount(cursor: CursorWrapper) -> list[Difference]:
    words = read_words(cursor)
    missions: dict[int, int] = dict(_rows(cursor, "SELECT id, mission_id FROM listening_topic"))
    kept_since: dict[int, int] = dict(_rows(cursor, "SELECT mission_id, minute FROM mentions_keptsince"))
    of_mission: dict[Of, dict[int, int]] = {"topic": missions, "mission": {one: one for one in missions.values()}}
    differences: list[Difference] = []
    for first in _days(cursor):
        found = _from_posts(cursor, first, missions)
        for of, own in of_mission.items():
            counted = count(cursor, of, own, first, first + DAY, start=0, width=1) if own else {}
            for slot in sorted(counted.keys() | found[of].keys()):
                number, minute, (network, language, sentiment) = slot
                posts = found[of][slot]
                if counted.get(slot, 0) != posts and minute >= kept_since.get(own[number], 0):
                    differences.append(
                        Difference(
                            of=of,
                            id=number,
                            at=minute_time(minute),
                            network=words[network],
                            language=words[language] or None,
                            sentiment=SENTIMENT[sentiment],
                            counted=counted.get(slot, 0),
                            posts=posts,
                        )
                    )
    return sorted(differences, key=lambda one: (one.of == "mission", one.id, one.at))


def _from_posts(cursor: CursorWrapper, first: int, missions: dict[int, int]) -> dict[Of, Counter[_Slot]]:
    found: dict[Of, Counter[_Slot]] = {"topic": Counter(), "mission": Counter()}
    ids = [first * ID_PER_MINUTE, (first + DAY) * ID_PER_MINUTE]
    aside = set(_rows(cursor, _SET_ASIDE, ids))
    for post_id, network, language, sentiment, packed in _rows(cursor, _POSTS, ids):
        minute, kind = post_id // ID_PER_MINUTE, (network, language, sentiment)
        known = [topic for topic in unpack_topics(packed) if topic in missions]
        topics = [topic for topic in known if (missions[topic], post_id) not in aside]
        found["topic"].update((topic, minute, kind) for topic in topics)
        found["mission"].update((mission, minute, kind) for mission in {missions[topic] for topic in topics})
    return found


def _days(cursor: CursorWrapper) -> Iterator[int]:
    """The first minutes of the days that have posts or counts."""
    at: int | None = 0
    while at is not None:
        posts = _rows(cursor, "SELECT min(id) FROM mentions_post WHERE id >= %s", [at * ID_PER_MINUTE])
        days = [post_id // ID_PER_MINUTE // DAY * DAY for (post_id,) in posts if post_id is not None]
        for table in TABLES.values():
            hours = _rows(cursor, f"SELECT min(hour) FROM {table} WHERE hour >= %s", [at // 60])  # noqa: S608
            days += [hour * 60 // DAY * DAY for (hour,) in hours if hour is not None]
        if days:
            yield min(days)
        at = min(days) + DAY if days else None


def _rows(cursor: CursorWrapper, sql: str, values: list[int] | None = None) -> list[Any]:
    cursor.execute(sql, values or [])
    return list(cursor.fetchall())
