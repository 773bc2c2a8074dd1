"""A cheap guess at what is in a post: every word and emoji by which a query could find it, and perhaps more.

`cut` says exactly what is there and costs ten times as much; most posts match nothing and are never cut. Characters
are mapped one by one, so what depends on neighbours (combining marks, Hangul in parts, keycaps) is left to `cut`.
"""

from __future__ import annotations

from itertools import pairwise

import regex

from watchfloor.listening.language.characters import LINK, fold, shape
from watchfloor.listening.language.needs import picture_key
from watchfloor.listening.language.tokens import cut
from watchfloor.sources.post import Post

_ASK_CUT = "\x00"
_MAX_PARTS = 6


def inkling(post: Post) -> set[str]:
    """Return a set of keys (see `needs`) that holds every word of the post, and for an emoji its first code point."""
    text = post.text if post.title is None else f"{post.title}\n{post.text}"
    if "://" in text:
        text = LINK.sub(" ", text)
    mapped = text.translate(_MAPPED)
    if _ASK_CUT in mapped:
        return _surely(post)
    words = set(mapped.split())
    if "'" in mapped:
        for word in [word for word in words if "'" in word]:
            parts = word.split("'")
            if len(parts) > _MAX_PARTS:
                return _surely(post)
            words.update(parts)
            # A hashtag or handle ends at an apostrophe, and what follows is a word anew.
            for start in range(len(parts)):
                words.update(_without_apostrophes(parts[start:]))
    return words


def _surely(post: Post) -> set[str]:
    tokens = cut(post.title, post.text)
    words = set(tokens.places)
    for position in tokens.pictures:
        words.add(picture_key(tokens.words[position]))
    return words


def _without_apostrophes(parts: list[str]) -> list[str]:
    """Return what a word with apostrophes may be cut into: at every one that does not stand between letters."""
    found: list[str] = []
    joined = parts[0]
    for before, part in pairwise(parts):
        if before and part and _is_letter(before[-1]) and _is_letter(part[0]):
            if part == "s":
                found.append(joined)  # Acme's is found by acme, too
            joined += part
        else:
            found.append(joined)
            joined = part
    found.append(joined)
    return found


_LETTER = regex.compile(r"[\p{L}\p{M}]")


def _is_letter(sign: str) -> bool:
    return sign.isalpha() or bool(_LETTER.match(sign))


class _Mapped(dict[int, str]):
    """Code point → what it is in a normalised word: nothing, a blank between words, or `_ASK_CUT`."""

    def __missing__(self, code: int) -> str:
        if len(self) > 1 << 16:  # a hostile text may hold every character there is
            self.clear()
        self[code] = mapped = _map(chr(code))
        return mapped


_MAPPED = _Mapped()


def _map(sign: str) -> str:
    kind = shape(sign)
    if kind in "hZF":
        return ""
    if kind == "'":
        return "'"
    if kind in " #@j*T":
        return " "
    if kind in "KM":
        return _ASK_CUT
    folded = fold(sign)
    if kind in "RES":
        # U+FF9E and its like are tokens that normalise to a mark; none holds white space.
        return f" {folded} " if not _COMPOSES.search(sign) else _ASK_CUT
    if _UNSAFE.search(folded) or (kind == "N" and not folded.isnumeric() and sign != "_"):
        return _ASK_CUT
    return folded


# White space inside (ﷺ), marks, and what composes with its neighbours.
_UNSAFE = regex.compile(r"[\s\p{M}\u1100-\u11FF']")
_COMPOSES = regex.compile(r"\p{NFC_Quick_Check=Maybe}")
