"""A post → the hashtags and phrases in it, by our own tokens.

A phrase is two or three words that stand side by side in one clause, begins and ends with a word that is none of the
commonest of any language, and holds at least five letters. Words of hashtags, handles and links are in no phrase, and
neither are scripts without spaces, where a run of two characters is rarely a word.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

from watchfloor.listening.common_words import languages_of_common_words
from watchfloor.listening.language.characters import nfc
from watchfloor.listening.language.tokens import Tokens, cut
from watchfloor.sources.post import Post

LONGEST_TEXT = 2_000  # characters looked at
LONGEST_TERM = 100
FEWEST_LETTERS = 5
MOST_HASHTAGS, MOST_PHRASES = 30, 80  # of one post
FEWEST_WORDS_OF_A_COPY = 5  # shorter texts are alike by chance: "lunch!" twice is two people


class Said(msgspec.Struct, frozen=True):
    """`terms`: folded form → as it is written here. `copy_of`: alike for texts that say the same words in any order;
    None for short ones. `author`: alike for posts of one account."""

    author: str
    copy_of: int | None
    language: str | None
    is_repost: bool
    terms: dict[str, str]


def said_in(post: Post, *, author: str, language: str | None) -> Said:
    tokens = cut(post.title, post.text[:LONGEST_TEXT])
    terms = _hashtags(tokens)
    terms.update(_phrases(tokens))
    is_repost = post.repost_of is not None
    return Said(author, _copy_of(tokens), language, is_repost, terms)


def term_hash(term: str) -> int:
    """A signed 64-bit number for a term, never 0."""
    return int.from_bytes(blake2b(term.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True) or 1


def _hashtags(tokens: Tokens) -> dict[str, str]:
    found: dict[str, str] = {}
    for other in tokens.others:
        if other.kind == "hashtag" and 2 < len(other.form) <= LONGEST_TERM and not other.form[1:].isdecimal():
            written = tokens.clean.text[other.start : other.end]
            found.setdefault(other.form, "#" + nfc(written[1:]))
            if len(found) == MOST_HASHTAGS:
                break
    return found


def _phrases(tokens: Tokens) -> dict[str, str]:
    words, common = tokens.words, languages_of_common_words()
    taken = {position for other in tokens.others if other.kind != "possessive"
             for position in range(other.position, other.position + other.span)}  # fmt: skip
    plain = [
        position not in taken and position not in tokens.pictures and _is_spaced(tokens, position)
        for position in range(len(words))
    ]
    joined = [_goes_on(tokens, position) for position in range(len(words) - 1)]
    found: dict[str, str] = {}
    for first in range(len(words) - 1):
        if not plain[first] or words[first] in common or not _says_something(words[first]):
            continue
        for last in (first + 1, first + 2):
            if last >= len(words) or not plain[last] or not joined[last - 1]:
                break
            if words[last] in common or not _says_something(words[last]):
                continue
            phrase = " ".join(words[first : last + 1])
            if sum(letter.isalpha() for letter in phrase) >= FEWEST_LETTERS and len(phrase) <= LONGEST_TERM:
                written = tokens.clean.text[tokens.starts[first] : tokens.ends[last]]
                found.setdefault(phrase, " ".join(written.split()))
        if len(found) >= MOST_PHRASES:
            break
    return found


def _says_something(word: str) -> bool:
    return any(letter.isalpha() for letter in word)


def _is_spaced(tokens: Tokens, position: int) -> bool:
    return "S" not in tokens.clean.shapes[tokens.starts[position] : tokens.ends[position]]


def _goes_on(tokens: Tokens, position: int) -> bool:
    """Whether nothing but a blank or a hyphen stands before the next word. Where a link was, several blanks stand."""
    between = tokens.clean.text[tokens.ends[position] : tokens.starts[position + 1]]
    return between in (" ", "-", "\u00a0", "  ")


def _copy_of(tokens: Tokens) -> int | None:
    """The same for the same words in any order, without numbers, handles and what links and signs stood between."""
    handles = {position for other in tokens.others if other.kind == "handle"
               for position in range(other.position, other.position + other.span)}  # fmt: skip
    words = {
        word for position, word in enumerate(tokens.words) if position not in handles and not _NUMBER.fullmatch(word)
    }
    return term_hash(" ".join(sorted(words))) if len(words) >= FEWEST_WORDS_OF_A_COPY else None


_NUMBER = re.compile(r"\d+\w?")
