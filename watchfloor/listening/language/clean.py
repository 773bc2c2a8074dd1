"""A post's title and text as they are cut: in NFC, links taken out, hidden characters dropped; and where each
character came from."""

from __future__ import annotations

from itertools import compress
from unicodedata import is_normalized, normalize

import regex

from watchfloor.listening.language.characters import LINK, idle_hidden, idle_joiners, in_canonical_order, shape


class Clean:
    """`text` is ready to be cut, `shapes` says what each of its characters is. `links` are the addresses in it."""

    __slots__ = ("_ends", "_starts", "links", "shapes", "text")

    def __init__(self, written: str) -> None:
        self._starts: list[int] | None = None
        self._ends: list[int] | None = None
        self.links: list[str] = []
        if not written.isascii():
            written = self._compose(written)
        if "://" in written:
            self.links = [link for link in LINK.findall(written) if not link.endswith("://")]
            # Blanks keep every other character in its place.
            written = LINK.sub(lambda link: " " * len(link.group()), written)
        self.text = written
        self.shapes = shape(written)
        if not written.isascii():
            self._drop(idle_hidden(self.shapes))
            self._drop(idle_joiners(self.shapes))

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in what was written."""
        if self._starts is None or self._ends is None:
            return start, end
        return self._starts[start], self._ends[end - 1]

    def _compose(self, written: str) -> str:
        if is_normalized("NFC", written):
            return written
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for segment in _SEGMENT.finditer(written):
            piece = normalize("NFC", in_canonical_order(segment.group()))
            pieces.append(piece)
            if piece == segment.group():
                starts += range(segment.start(), segment.end())
                ends += range(segment.start() + 1, segment.end() + 1)
                continue
            starts += [segment.start()] * len(piece)
            ends += [segment.end()] * len(piece)
        self._starts, self._ends = starts, ends
        return "".join(pieces)

    def _drop(self, keep: bytearray | None) -> None:
        if keep is None:
            return
        starts = range(len(keep)) if self._starts is None else self._starts
        ends = range(1, len(keep) + 1) if self._ends is None else self._ends
        self._starts = list(compress(starts, keep))
        self._ends = list(compress(ends, keep))
        self.text = "".join(compress(self.text, keep))
        self.shapes = "".join(compress(self.shapes, keep))


# What composes with the character before it: marks, the vowels and finals of Hangul, the vowel signs of Kirat Rai.
_JOINING = r"\p{M}\u1160-\u11FF\U00016D63\U00016D67-\U00016D6A"
_SEGMENT = regex.compile(rf"[^{_JOINING}]?[{_JOINING}]*+", regex.V1 | regex.DOTALL)
