"""The commonest words of languages: alone they say nothing of what a post is about, and no phrase begins or ends with
one. Shipped as `shipped/common_words.txt`, folded as tokens are."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from watchfloor.listening.language.characters import fold, without_apostrophes


@cache
def languages_of_common_words() -> dict[str, tuple[str, ...]]:
    """Word → the languages in which it is among the commonest, in the order of the file."""
    found: dict[str, list[str]] = {}
    for line in files(__package__).joinpath("shipped/common_words.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        language, words = line.split(":", 1)
        for word in dict.fromkeys(fold(without_apostrophes(one)) for one in words.split()):
            found.setdefault(word, []).append(language.strip())
    return {word: tuple(languages) for word, languages in found.items()}


def is_common(word: str) -> bool:
    """Whether a folded word is among the commonest of any language."""
    return word in languages_of_common_words()
