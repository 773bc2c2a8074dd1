"""Do the counters say what the posts say? Counts from before what a mission keeps are final and not compared."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from typing import Literal

from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.ids import ID_PER_MINUTE, minute_time
from watchfloor.mentions.store.rows import SENTIMENT
from watchfloor.mentions.store.store import Difference
from watchfloor.mentions.store.words import read_words

_TOPICS = f"""
SELECT m.topic_id, m.post_id / {ID_PER_MINUTE}, p.network_id, p.language_id, p.sentiment, count(*)
FROM mentions_mention m JOIN mentions_post p ON p.id = m.post_id JOIN listening_topic t ON t.id = m.topic_id
LEFT JOIN mentions_keptsince k ON k.mission_id = t.mission_id
WHERE p.state = 0 AND m.post_id / {ID_PER_MINUTE} >= coalesce(k.minute, 0)
GROUP BY 1, 2, 3, 4, 5
"""

_TOPIC_COUNTERS = """
SELECT c.topic_id, c.minute, c.network_id, c.language_id, c.sentiment, c.posts
FROM mentions_counter c JOIN listening_topic t ON t.id = c.topic_id
LEFT JOIN mentions_keptsince k ON k.mission_id = t.mission_id
WHERE c.minute >= coalesce(k.minute, 0)
"""

# From the mentions, not from mentions_missionpost: that table is checked along with the counters.
_MISSIONS = f"""
SELECT t.mission_id, m.post_id / {ID_PER_MINUTE}, p.network_id, p.language_id, p.sentiment, count(DISTINCT m.post_id)
FROM mentions_mention m JOIN mentions_post p ON p.id = m.post_id JOIN listening_topic t ON t.id = m.topic_id
LEFT JOIN mentions_keptsince k ON k.mission_id = t.mission_id
WHERE p.state = 0 AND m.post_id / {ID_PER_MINUTE} >= coalesce(k.minute, 0)
GROUP BY 1, 2, 3, 4, 5
"""

_MISSION_COUNTERS = """
SELECT c.mission_id, c.minute, c.network_id, c.language_id, c.sentiment, c.posts
FROM mentions_missioncounter c LEFT JOIN mentions_keptsince k ON k.mission_id = c.mission_id
WHERE c.minute >= coalesce(k.minute, 0)
"""


def recount(cursor: CursorWrapper) -> list[Difference]:
    words = read_words(cursor)
    differences: list[Difference] = []
    for of, counters, posts in (("topic", _TOPIC_COUNTERS, _TOPICS), ("mission", _MISSION_COUNTERS, _MISSIONS)):
        counted, found = _by_slot(cursor, counters), _by_slot(cursor, posts)
        for slot in sorted(counted.keys() | found.keys()):
            if counted.get(slot, 0) != found.get(slot, 0):
                number, minute, network, language, sentiment = slot
                differences.append(
                    Difference(
                        of=_of(of),
                        id=number,
                        at=minute_time(minute),
                        network=words[network],
                        language=words[language] or None,
                        sentiment=SENTIMENT[sentiment],
                        counted=counted.get(slot, 0),
                        posts=found.get(slot, 0),
                    )
                )
    return differences


def _by_slot(cursor: CursorWrapper, sql: str) -> dict[tuple[int, int, int, int, int], int]:
    cursor.execute(sql)
    return {(a, b, c, d, e): posts for a, b, c, d, e, posts in cursor.fetchall()}


def _of(name: str) -> Literal["topic", "mission"]:
    return "topic" if name == "topic" else "mission"
