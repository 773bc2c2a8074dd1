"""The short words that rows name by number: networks, languages, labellers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.engine import Engine, rows_in

PERSON = "person/"


def ensure_words(engine: Engine, cursor: CursorWrapper, words: Iterable[str]) -> dict[str, int]:
    """Each word's number. None is remembered between batches: one that is rolled back takes its new words along."""
    wanted = set(words)
    found = _numbers(cursor, wanted)
    if missing := sorted(wanted - found.keys()):
        engine.insert(
            cursor, "mentions_word", "word", [[word] for word in missing], then="ON CONFLICT (word) DO NOTHING"
        )
        found |= _numbers(cursor, set(missing))
    return found


def read_words(cursor: CursorWrapper) -> dict[int, str]:
    """All of them: a few hundred at most, since only known languages, networks and labellers come in."""
    cursor.execute("SELECT id, word FROM mentions_word")
    return dict(cursor.fetchall())


def people_among(words: Mapping[int, str]) -> set[int]:
    """The labellers who are people ("person/12")."""
    return {number for number, word in words.items() if word.startswith(PERSON)}


def _numbers(cursor: CursorWrapper, words: set[str]) -> dict[str, int]:
    return {
        word: number for number, word in rows_in(cursor, "SELECT id, word FROM mentions_word WHERE word IN ({})", words)
    }
