"""What PostgreSQL indexes of a post, without keeping it twice: most of our tokens it can cut out of the text by itself.

The function `mentions_terms(text, more, less)` (made by migration 0002) cuts at everything but letters, digits and
what is not ASCII. `difference` says what it then lacks (`more`: hashtags, handles, the title's words, topics) and what
it has too much of (`less`: pieces of unusual words), usually little. Where that would be longer than the tokens
themselves (scripts without spaces), `less` is "*", and `more` holds them all.

`simple_terms` must cut exactly as the function does: a test holds one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import groupby

ALONE = "*"  # as `less`: nothing is cut out of the text
LONGEST_TEXT = 20_000  # characters that are still cut
LONGEST_TERM = 500  # characters; PostgreSQL refuses more than 2,046 bytes

# Links, and runs of what is no letter, digit or underscore, typographic signs among them.
CUTS = (
    r"(?:https?://[^\u0001-\u0020]*|[^a-z0-9_\u0080-\U0010ffff]"
    r"|[\u00a0\u00ab\u00bb\u2013\u2014\u2018\u201c-\u201e\u2026])+"
)
_cut = re.compile(CUTS).split
_fold = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "'’")


def simple_terms(text: str) -> list[str]:
    """What `mentions_terms` cuts out of a text by itself, in order."""
    return [term for term in _cut(text.translate(_fold)) if term]


def difference(words: Sequence[str], others: Collection[str], text: str) -> tuple[str, str]:
    """`more` and `less` of a post of that text that is to be found by `words`, which stand in this order, and `others`.
    None of them holds a space. `less` ends in a space, or is "*", where plain words do not stand as they were cut."""
    terms = {*words, *others}
    whole = " ".join(sorted(terms))
    if len(text) > LONGEST_TEXT:
        return whole, ALONE
    cut = simple_terms(text)
    if any(len(term) > LONGEST_TERM for term in cut):
        return whole, ALONE
    if cut == words:
        return " ".join(sorted(others)), ""
    simple = set(cut)
    more, less = " ".join(sorted(terms - simple)), " ".join(sorted(simple - terms))
    if len(more) + len(less) > len(whole):
        return whole, ALONE
    return more, less if _stand_alike(words, text) else f"{less} "


def _stand_alike(words: Sequence[str], text: str) -> bool:
    """Whether all plain words that stand side by side do so in the text as it is cut, domains of handles apart."""
    cut = simple_terms(_domains.sub("", text))
    whole = f" {' '.join(cut)} "
    runs = groupby(words, key=lambda word: _is_plain(word) is not None)
    return all(f" {' '.join(run)} " in whole for is_plain, run in runs if is_plain)


def side_by_side(words: Sequence[tuple[str, bool]]) -> str | None:
    """A regular expression for STANDS_ALIKE, which a post satisfies if it holds these words side by side; True: a word
    that begins like this. None: these are no plain words."""
    if not all(_is_plain(word) for word, _ in words):
        return None
    between = f"(?:[.][a-z0-9-]+)*{CUTS}"  # a handle's domain may follow its first word
    return between.join(f"{word}{LETTER}*" if is_prefix else word for word, is_prefix in words)


FOLDED = r"""translate(lower(p.text COLLATE "C"), E'\'\u2019', '')"""
STANDS_ALIKE = f"(right(p.less, 1) IN (' ', '{ALONE}') OR {FOLDED} ~ %s)"
LETTER = r"[a-z0-9_\u0080-\U0010ffff]"
_is_plain = re.compile("[a-z0-9_]+").fullmatch
_domains = re.compile(r"(?<=[a-zA-Z0-9_])(?:[.][a-zA-Z0-9-]+)+")
