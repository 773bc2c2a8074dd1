"""One term of a query: `coffee`, `"flat whit*"`, `{Gap}`, `#coffee`, `@acme`, `🔥`."""

from __future__ import annotations

from gettext import gettext as _

from watchfloor.listening.language.characters import LINK
from watchfloor.listening.language.tokens import Other, Tokens, cut
from watchfloor.listening.language.tree import Piece, QueryError, Term


def read_term(query: str, start: int, end: int, *, inner: tuple[int, int], exact: bool = False) -> Term:
    """Return the term that stands at `start:end` of the query; `inner` is where its text does, without quotes.

    It is cut like a post. Raises QueryError if nothing is left to look for, or a wildcard stands where it can't.
    """
    text = query[inner[0] : inner[1]]
    tokens = cut(None, text)
    ends = _check_wildcards(tokens, text, inner[0])
    pieces = _pieces(tokens, ends, exact)
    if not pieces:
        raise QueryError(start, _("There is nothing to look for in this term."), _hint(text))
    return Term(pieces, start, end, query[start:end], exact)


def _hint(text: str) -> str | None:
    if LINK.search(text):
        return _("To look for a link, write link:example.com.")
    return {
        "&": _("Did you mean AND?"),
        "&&": _("Did you mean AND?"),
        "+": _("Did you mean AND?"),
        "|": _("Did you mean OR?"),
        "||": _("Did you mean OR?"),
        "!": _("Did you mean NOT?"),
        "-": _("Write “-” directly before what should not be there: -spam."),
    }.get(text)


def _check_wildcards(tokens: Tokens, text: str, offset: int) -> set[int]:
    """Return where in the clean text words end that have a wildcard."""
    if "*" not in text:
        return set()
    clean, shapes = tokens.clean, tokens.clean.shapes
    words = {end: start for start, end in _written_words(tokens)}
    pictured = {tokens.starts[position] for position in tokens.pictures}
    ends: set[int] = set()
    place = shapes.find("*")
    while place >= 0:
        if place not in pictured:  # *️⃣ is an emoji
            at = offset + clean.origin(place, place + 1)[0]
            if place not in words or shapes[place + 1 : place + 2] in _WORD_SHAPES:
                raise QueryError(at, _("A wildcard “*” can only stand at the end of a word."))
            if place - words[place] < 2:
                raise QueryError(at, _("A wildcard “*” needs at least two characters before it."))
            ends.add(place)
        place = shapes.find("*", place + 1)
    return ends


_WORD_SHAPES = frozenset("LsMN0S*")


def _written_words(tokens: Tokens) -> list[tuple[int, int]]:
    """Return start and end of every word as it is written: characters of scripts without spaces run together."""
    joined: list[tuple[int, int]] = []
    for position, (start, end) in enumerate(zip(tokens.starts, tokens.ends, strict=True)):
        if position in tokens.pictures:
            continue
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, end))
    for other in tokens.others:
        if other.kind == "handle":
            joined.append((other.start + 1, other.end))
    return joined


def _pieces(tokens: Tokens, wildcard_ends: set[int], exact: bool) -> tuple[Piece, ...]:
    signed = {other.position: other for other in tokens.others if other.kind in ("hashtag", "handle")}
    pieces: list[Piece] = []
    position = 0
    while position < len(tokens.words):
        other = signed.get(position)
        if other:
            piece = _signed_piece(tokens, other, exact, other.end in wildcard_ends)
        else:
            piece = _piece(tokens, position, exact, tokens.ends[position] in wildcard_ends)
        pieces.append(piece)
        position += piece.span
    return tuple(pieces)


def _piece(tokens: Tokens, position: int, exact: bool, prefix: bool) -> Piece:
    folded, picture = tokens.words[position], position in tokens.pictures
    form = folded
    if exact and not picture:
        form = tokens.exact_word(position)
    return Piece(form, folded, (folded,), position, 1, prefix, picture)


def _signed_piece(tokens: Tokens, other: Other, exact: bool, prefix: bool) -> Piece:
    form = tokens.exact_form(other) if exact else other.form
    words = tuple(tokens.words[other.position : other.position + other.span])
    return Piece(form, other.form, words, other.position, other.span, prefix)
