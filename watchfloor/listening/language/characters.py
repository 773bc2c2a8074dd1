"""What part each character plays in a token, and how a token is normalised.

Classes come from the `regex` package, so the answer does not hang on Python's own Unicode version.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import compress
from unicodedata import combining, is_normalized, normalize

import regex

# --- Shapes --------------------------------------------------------------------------------------------------------

_UNSPACED = r"[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]"
_SHAPES = (
    # The first that fits. A shape is one ASCII character, so that the grammar of tokens is plain `re` over ASCII.
    ("s", r"[sS]"),
    ("0", r"[0-9]"),
    ("'", r"['’]"),
    ("#", r"[#＃]"),
    ("@", r"[@＠]"),
    ("j", r"[.\-]"),  # joins the words of a handle
    ("*", r"\*"),
    ("h", r"[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"),  # hidden
    ("Z", r"\u200d"),  # joins two emoji, else hidden
    ("F", r"[\ufe0e\ufe0f]"),  # "as text" or "as an emoji, please": ignored
    ("K", r"\u20e3"),  # makes a keycap of a digit
    ("R", r"\p{Regional_Indicator}"),
    ("T", r"[\p{Emoji_Modifier}\U000E0020-\U000E007F]"),  # skin tones, and the tags of 🏴󠁧󠁢󠁷󠁬󠁳󠁿
    ("E", r"\p{Emoji}"),
    # A token of its own. What such a script shares with Latin (accents, the apostrophe U+02BC) stays with its letter.
    ("S", rf"[[[\p{{L}}\p{{M}}\p{{N}}]&&{_UNSPACED}]--\p{{scx=Latin}}]"),
    ("L", r"\p{L}"),
    ("M", r"\p{M}"),
    ("N", r"[\p{N}_]"),
)
_SHAPE = regex.compile("|".join(f"({fits})" for _, fits in _SHAPES), regex.V1)


class _ShapeOf(dict[int, str]):
    """Code point → shape; what separates is a blank. Learnt as characters are met, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        if len(self) > 1 << 16:  # a hostile text may hold every character there is
            self.clear()
        found = _SHAPE.match(chr(code))
        self[code] = shape = _SHAPES[found.lastindex - 1][0] if found else " "
        return shape


_shape_of = _ShapeOf()


def shape(text: str) -> str:
    """Return one ASCII character for each of `text` that says what part it plays (`_SHAPES`)."""
    return text.translate(_shape_of)


LINK = re.compile(r"[hH][tT][tT][pP][sS]?://\S*")
# What an emoji is, over shapes.
_TAIL = "[TF]*+"
PICTURE = f"(?:R{{1,2}}+{_TAIL}|E{_TAIL}(?:ZE{_TAIL})*+)"
KEYCAP = "[0#*]F?K"


def idle_hidden(shapes: str) -> bytearray | None:
    """Return what to keep (1) when hidden characters are dropped, or None when there are none."""
    return bytearray(shapes.translate(_ALL_BUT_HIDDEN), "latin-1") if "h" in shapes else None


def idle_joiners(shapes: str) -> bytearray | None:
    """Return what to keep (1) when joiners between no emoji and presentation marks after none are dropped, or None."""
    if "Z" not in shapes and "F" not in shapes:
        return None
    keep = bytearray(b"\x01") * len(shapes)
    for found in _KEPT_OR_IDLE.finditer(shapes):
        if found.lastgroup:
            keep[found.start()] = 0
    return keep


_ALL_BUT_HIDDEN = {ord(shape): "\x01" for shape, _ in _SHAPES} | {ord(" "): "\x01", ord("h"): "\x00"}
_KEPT_OR_IDLE = re.compile(f"{PICTURE}|{KEYCAP}|(?P<idle>[ZF])")

# --- Normalisation -------------------------------------------------------------------------------------------------


def fold(token: str) -> str:
    """Return a token as it is compared: NFKC, case-folded, without accents on Latin and Greek letters, NFC."""
    if token.isascii():
        return token.lower()
    return _fold_short(token) if len(token) <= 40 else _fold(token)


def fold_name(name: str) -> str:
    """Fold something that is compared whole (a name, a handle): hidden characters go, runs of white space are one."""
    if not name.isascii():
        name = nfc(name)
        for idle in (idle_hidden, idle_joiners):
            keep = idle(shape(name))
            name = "".join(compress(name, keep)) if keep else name
    return " ".join(fold(name).split())


def fold_emoji(emoji: str) -> str:
    """Fold an emoji: without presentation marks and skin tone."""
    return fold(_TONE_AND_PRESENTATION.sub("", emoji))


def exact(token: str) -> str:
    """Return a token as `{…}` compares it: apostrophes gone, spelling kept."""
    return nfc(_PRESENTATION.sub("", without_apostrophes(token)))


def without_apostrophes(token: str) -> str:
    for apostrophe in "'’":
        if apostrophe in token:
            token = token.replace(apostrophe, "")
    return token


def nfc(text: str) -> str:
    return text if is_normalized("NFC", text) else normalize("NFC", in_canonical_order(text))


def in_canonical_order(text: str) -> str:
    """Sort long runs of combining marks, which changes nothing about the normalised text.

    Python's `normalize` sorts them itself, but takes quadratic time: a megabyte of marks would stop the stream.
    """
    return _LONG_MARKS.sub(_sort_marks, text) if _LONG_MARKS.search(text) else text


_PRESENTATION = re.compile("[\ufe0e\ufe0f]")
_TONE_AND_PRESENTATION = regex.compile(r"[\p{Emoji_Modifier}\uFE0E\uFE0F]", regex.V1)
# The half-width voiced sound marks are letters, but become marks under NFKC.
_LONG_MARKS = regex.compile(r"\p{M}{32,}+")
_LONG_COMPATIBLE_MARKS = regex.compile(r"[\p{M}\uFF9E\uFF9F]{32,}+", regex.V1)
_ACCENTED = regex.compile(r"([[\p{Latin}\p{Greek}]&&\p{L}])(\p{M}++)", regex.V1)
_ACCENT = re.compile("[\u0300-\u036f]+")


def _fold(token: str) -> str:
    if _LONG_COMPATIBLE_MARKS.search(token):
        token = _LONG_COMPATIBLE_MARKS.sub(lambda run: _sort_marks(run, form="NFKD"), token)
    token = normalize("NFD", normalize("NFKC", _PRESENTATION.sub("", token)).casefold())
    if _ACCENT.search(token):
        token = _ACCENTED.sub(lambda found: found[1] + _ACCENT.sub("", found[2]), token)
    return normalize("NFC", token)


_fold_short = lru_cache(maxsize=1 << 16)(_fold)


def _sort_marks(run: re.Match[str], form: str = "NFD") -> str:
    marks: list[str] = []
    unsorted: list[str] = []
    for written in run.group():
        for mark in normalize(form, written):  # type: ignore[arg-type]  # one of the forms
            if combining(mark):
                unsorted.append(mark)
            else:
                marks += sorted(unsorted, key=combining)
                marks.append(mark)
                unsorted.clear()
    return "".join(marks + sorted(unsorted, key=combining))
