"""A post while queries look at it: everything they ask for is worked out at most once, and only if asked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property

from watchfloor.listening.language import facts
from watchfloor.listening.language.tokens import Tokens, cut
from watchfloor.listening.language.tree import Piece
from watchfloor.sources.post import Post, Sentiment

SentimentOf = Callable[[Post], Sentiment | None]


def own_sentiment(post: Post) -> Sentiment | None:
    """The label that came along with the post."""
    return post.sentiment


class Reading:
    """`Reading(post)`, read by the closures that `evaluate.condition` makes of a query.

    Positions are kept as bits of one large integer where many meet (phrases, NEAR): shifting and intersecting them
    costs the same for one occurrence and for a hundred thousand, so that no text can make it run away.
    """

    def __init__(self, post: Post, sentiment_of: SentimentOf = own_sentiment) -> None:
        self.post = post
        self._sentiment_of = sentiment_of
        self._bits: dict[tuple[str, bool, bool], int] = {}

    @cached_property
    def tokens(self) -> Tokens:
        return cut(self.post.title, self.post.text)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        return self.tokens.places

    @cached_property
    def exact_places(self) -> dict[str, list[int]]:
        return self.tokens.exact_places

    @cached_property
    def forms(self) -> list[str]:
        return sorted(self.places)

    @cached_property
    def exact_forms(self) -> list[str]:
        return sorted(self.exact_places)

    @cached_property
    def sentiment(self) -> Sentiment | None:
        return self._sentiment_of(self.post)

    @cached_property
    def contents(self) -> set[str]:
        return facts.contents(self.post, self.tokens)

    @cached_property
    def kinds(self) -> set[str]:
        return facts.kinds(self.post)

    @cached_property
    def hosts(self) -> set[str]:
        return facts.hosts(self.post, self.tokens)

    @cached_property
    def folded_links(self) -> list[str]:
        return facts.folded_links(self.post, self.tokens)

    @cached_property
    def author_names(self) -> set[str]:
        return facts.author_names(self.post.author)

    @cached_property
    def language(self) -> str | None:
        return facts.language(self.post)

    def has(self, piece: Piece, exact: bool) -> bool:
        if not piece.prefix:
            return piece.form in (self.exact_places if exact else self.places)
        forms = self.exact_forms if exact else self.forms
        at = bisect_left(forms, piece.form)
        return at < len(forms) and forms[at].startswith(piece.form)

    def bits(self, piece: Piece, exact: bool) -> int:
        """Return the positions at which the piece stands, as bits."""
        key = piece.form, piece.prefix, exact
        known = self._bits.get(key)
        if known is None:
            known = self._bits[key] = as_bits(self._positions(piece, exact), len(self.tokens.words))
        return known

    def found_forms(self, piece: Piece, exact: bool) -> list[str]:
        """Return the post's own forms that the piece fits."""
        places = self.exact_places if exact else self.places
        if not piece.prefix:
            return [piece.form] if piece.form in places else []
        forms = self.exact_forms if exact else self.forms
        found: list[str] = []
        for at in range(bisect_left(forms, piece.form), len(forms)):
            if not forms[at].startswith(piece.form):
                break
            found.append(forms[at])
        return found

    def _positions(self, piece: Piece, exact: bool) -> list[int]:
        places = self.exact_places if exact else self.places
        if not piece.prefix:
            return places.get(piece.form, [])
        return [position for form in self.found_forms(piece, exact) for position in places[form]]


def as_bits(positions: list[int], length: int) -> int:
    if length < 1024:
        bits = 0
        for position in positions:
            bits |= 1 << position
        return bits
    octets = bytearray(length // 8 + 1)
    for position in positions:
        octets[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(octets, "little")


def positions_of(bits: int) -> list[int]:
    """Return the positions whose bits are set, in ascending order."""
    if not bits:
        return []
    written = bin(bits)[:1:-1]
    positions: list[int] = []
    at = written.find("1")
    while at >= 0:
        positions.append(at)
        at = written.find("1", at + 1)
    return positions
