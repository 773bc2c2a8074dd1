"""A post's title and text, cut into tokens with positions.

    tokens = cut("Acme's café", "Flat white at @ana.example #Coffee 👍🏽")
    tokens.words        ['acmes', 'cafe', 'flat', 'white', 'at', 'ana', 'coffee', '👍']
    tokens.others       acme (0), @ana.example and @ana (5), #coffee (6)

Each position carries one word in `words`. What else can be found there (a hashtag with its sign, a handle, a word
without its possessive `'s`) is in `others`. In scripts without spaces every character is a position, so `#東京` stands
over two: its `span`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal, NamedTuple

from watchfloor.listening.language.characters import (
    KEYCAP,
    PICTURE,
    exact,
    fold,
    fold_emoji,
    shape,
    without_apostrophes,
)
from watchfloor.listening.language.clean import Clean

Kind = Literal["possessive", "hashtag", "handle", "handle's first word"]


class Other(NamedTuple):
    """Something else that can be found at `position`. It covers `span` positions and `start:end` of the clean text."""

    form: str
    position: int
    span: int
    start: int
    end: int
    kind: Kind


class Tokens:
    """What `cut` found. `starts` and `ends` are places in `clean.text`, one for each of `words`."""

    __slots__ = ("__dict__", "clean", "ends", "others", "pictures", "starts", "title_length", "words")

    def __init__(self, clean: Clean, title_length: int) -> None:
        self.clean = clean
        self.title_length = title_length
        """How many code points stand before `text`: the title's and the line break's."""
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.others: list[Other] = []
        self.pictures: set[int] = set()
        """The positions of emoji."""

    @property
    def links(self) -> list[str]:
        return self.clean.links

    def written(self, start: int, end: int) -> tuple[bool, int, int]:
        """Return whether `clean.text[start:end]` stands in the title, and its place in the title or in the text."""
        start, end = self.clean.origin(start, end)
        if start >= self.title_length:
            return False, start - self.title_length, end - self.title_length
        return True, start, min(end, self.title_length - 1)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Every form that can be found, with its first positions in ascending order."""
        places: dict[str, list[int]] = {}
        for position, word in enumerate(self.words):
            if word in places:
                places[word].append(position)
            else:
                places[word] = [position]
        for other in self.others:
            places.setdefault(other.form, []).append(other.position)
        for form in {other.form for other in self.others}:
            if len(places[form]) > 1:
                places[form] = sorted(set(places[form]))
        return places

    @cached_property
    def exact_places(self) -> dict[str, list[int]]:
        """The same for forms as they are spelt, case and accents kept."""
        places: dict[str, set[int]] = {}
        for position in range(len(self.words)):
            places.setdefault(self.exact_word(position), set()).add(position)
        for other in self.others:
            places.setdefault(self.exact_form(other), set()).add(other.position)
        return {form: sorted(found) for form, found in places.items()}

    def exact_word(self, position: int) -> str:
        if position in self.pictures:
            return self.words[position]
        return exact(self.clean.text[self.starts[position] : self.ends[position]])

    def others_at(self, position: int) -> list[Other]:
        return self._others_by_position.get(position, [])

    @cached_property
    def _others_by_position(self) -> dict[int, list[Other]]:
        found: dict[int, list[Other]] = {}
        for other in self.others:
            found.setdefault(other.position, []).append(other)
        return found

    def exact_form(self, other: Other) -> str:
        spelt = exact(self.clean.text[other.start : other.end])
        return spelt if other.kind == "possessive" else spelt.replace("＠", "@").replace("＃", "#")


def cut(title: str | None, text: str) -> Tokens:
    """Cut a title and a text into tokens. The cost grows in step with their length."""
    if title is None:
        return _cut(text, 0)
    return _cut(f"{title}\n{text}", len(title) + 1)


def _cut(written: str, title_length: int) -> Tokens:
    clean = Clean(written)
    tokens = Tokens(clean, title_length)
    text, shapes = clean.text, clean.shapes
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    # Lower-casing ASCII is all there is to its normalisation, and keeps every character in its place.
    folded = text.lower() if text.isascii() else None
    for found in (_KEYCAPPED if "K" in shapes else _PLAIN).finditer(shapes):
        kind = found.lastgroup
        if kind == "word":
            start, end = found.span()
            form = folded[start:end] if folded is not None else fold(text[start:end])
        elif kind == "apostrophes":
            start, end = found.span()
            form = _word(tokens, text[start:end], start, end)
        elif kind == "single":
            start, end = found.span()
            form = fold(text[start:end])
        elif kind == "picture":
            start, end = found.span()
            form = fold_emoji(text[start:end])
            tokens.pictures.add(len(words))
        elif kind == "hashtag":
            _hashtag(tokens, *found.span("hashtag"))
            continue
        else:
            _handle(tokens, *found.span("handle"))
            continue
        if form:
            words.append(form)
            starts.append(start)
            ends.append(end)
    return tokens


def _word(tokens: Tokens, token: str, start: int, end: int) -> str:
    """Return the word without its apostrophes, and note how it reads without a possessive `'s`."""
    if token[-2] in "'’" and token[-1] in "sS":
        stripped = fold(without_apostrophes(token[:-2]))
        tokens.others.append(Other(stripped, len(tokens.words), 1, start, end - 2, "possessive"))
    return fold(without_apostrophes(token))


def _hashtag(tokens: Tokens, start: int, end: int) -> None:
    position = len(tokens.words)
    span = _run(tokens, start + 1, end)
    if span:
        form = f"#{fold(tokens.clean.text[start + 1 : end])}"
        tokens.others.append(Other(form, position, span, start, end, "hashtag"))


def _handle(tokens: Tokens, start: int, end: int) -> None:
    text, position = tokens.clean.text, len(tokens.words)
    first = _FIRST_RUN.match(tokens.clean.shapes, start + 1, end)
    first_end = first.end() if first else start
    span = _run(tokens, start + 1, first_end)
    if not span:
        return
    whole, short = f"@{fold(text[start + 1 : end])}", f"@{fold(text[start + 1 : first_end])}"
    tokens.others.append(Other(whole, position, span, start, end, "handle"))
    if short != whole:
        tokens.others.append(Other(short, position, span, start, first_end, "handle's first word"))


def _run(tokens: Tokens, start: int, end: int) -> int:
    """Add the positions of a run without apostrophes; return how many."""
    before = len(tokens.words)
    for found in _PARTS.finditer(tokens.clean.shapes, start, end):
        form = fold(tokens.clean.text[found.start() : found.end()])
        if form:
            tokens.words.append(form)
            tokens.starts.append(found.start())
            tokens.ends.append(found.end())
    return len(tokens.words) - before


def first_word(name: str) -> str:
    """Return the run of letters, marks and numbers that a handle (without `@`) begins with, or ""."""
    found = _FIRST_RUN.match(shape(name))
    return name[: found.end()] if found else ""


# --- The grammar of a token, over shapes ---------------------------------------------------------------------------


def _grammar(spaced: str, run: str, picture: str, apart: str) -> str:
    """`apart` asserts that no word stands directly before."""
    joined = f"{run}++(?:j{run}++)*+"
    return (
        f"(?P<word>{spaced}++(?!(?<=[LsMK])'(?=[Ls])))"
        f"|(?P<apostrophes>{spaced}++(?:(?<=[LsMK])'(?=[Ls]){spaced}++)++)"
        "|(?P<single>S)"
        f"|(?P<picture>{picture})"
        f"|(?=[#@]){apart}(?:(?P<hashtag>#{run}++)|(?P<handle>@{joined}(?:@{joined})?+))(?:'s(?!{run}))?+"
    )


_SPACED, _RUN = "[LsMN0KF]", "[LsMN0KFS]"
# U+FE0E and U+FE0F (F) are marks, but after an emoji they are no word.
_PLAIN = re.compile(_grammar(_SPACED, _RUN, PICTURE, "(?<![LsMN0KS])"))
# A digit that begins a keycap belongs to the emoji, and a keycap is no word although its last character is a mark.
_KEYCAPPED = re.compile(
    _grammar(
        f"(?:(?!{KEYCAP}){_SPACED})",
        f"(?:(?!{KEYCAP}){_RUN})",
        f"{PICTURE}|{KEYCAP}",
        "(?:(?<![LsMN0KS])|(?<=[0#*]K)|(?<=[0#*]FK))",
    )
)
_FIRST_RUN = re.compile(f"(?:(?!{KEYCAP}){_RUN})++")
_PARTS = re.compile(f"S|{_SPACED}++")
