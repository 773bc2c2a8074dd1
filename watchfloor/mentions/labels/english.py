"""Telling English from words alone, where CLD2 has too little to go by.

The list has common words of English posts that are no everyday words of another language ("thank", not "in" or "die").
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

# English as well as something else: they neither tell for nor against.
_AMBIGUOUS = "i a an in on to is me no do so as at am was all it he we u my of or by be if up us im and"
_SHARED = frozenset(_AMBIGUOUS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Enough by themselves.
_ENOUGH = "thanks sorry awesome amazing terrible horrible awful worst finally disappointed please why what when where"
_ALONE = frozenset(_ENOUGH.split())


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "english_words.txt").read_text("utf-8").split())


def reads_as_english(prose: str) -> float | None:
    """The share of words that are on the list if it settles it: at least three quarters, and two words or one that is
    enough by itself."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(prose)]
    if len(words) < 2:
        return 1.0 if words and words[0] in _ALONE else None
    telling = [word in english_words() for word in words if word not in _SHARED]
    if not telling:
        return None
    share = sum(telling) / len(telling)
    return share if share >= 0.75 else None
