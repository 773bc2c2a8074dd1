"""By which of its terms a query found a post, and where in the text."""

from __future__ import annotations

from typing import NamedTuple

from watchfloor.listening.language.evaluate import condition_of, near_occurrences, phrase_starts
from watchfloor.listening.language.reading import Reading, positions_of
from watchfloor.listening.language.tokens import Tokens
from watchfloor.listening.language.tree import And, Near, Node, Not, Or, Piece, Query, Term, fold_tree


class Found(NamedTuple):
    """A term, as it is written in the query, and its place in code points of the post's `text`."""

    term: str
    start: int
    end: int


def found_terms(query: Query, reading: Reading, *, in_title: bool = False) -> list[Found]:
    """Return every occurrence of the terms that the query found the post by, in the order of the text.

    With `in_title`, the places are those in the title instead; what begins there is in that list alone. A term that
    should not be there (`NOT spam`) is never given. An empty list if the query does not match.
    """
    occurrences: set[Found] = set()
    for term, starts in _occurrences(query.root, reading):
        for position in positions_of(starts):
            start, end = _extent(term, position, reading)
            title, start, end = reading.tokens.written(start, end)
            if title == in_title:
                occurrences.add(Found(term.written, start, end))
    return sorted(occurrences, key=lambda found: (found.start, found.end, found.term))


def _occurrences(root: Node, reading: Reading) -> list[tuple[Term, int]]:
    """Return the terms that made the query true, with the positions (as bits) where they begin."""
    values = _values(root, reading)
    if not values[id(root)]:
        return []
    found: list[tuple[Term, int]] = []
    todo: list[tuple[Node, bool]] = [(root, True)]
    while todo:
        node, wanted = todo.pop()
        if isinstance(node, Not):
            todo.append((node.part, not wanted))
        elif isinstance(node, And | Or):
            todo.extend((part, wanted) for part in node.parts if values[id(part)] is wanted)
        elif wanted and isinstance(node, Near):
            found += near_occurrences(node, reading)
        elif wanted and isinstance(node, Term):
            found.append((node, phrase_starts(node, reading)))
    return found


def _values(root: Node, reading: Reading) -> dict[int, bool]:
    values: dict[int, bool] = {}

    def note(node: Node, parts: list[bool]) -> bool:
        if isinstance(node, And):
            value = all(parts)
        elif isinstance(node, Or):
            value = any(parts)
        elif isinstance(node, Not):
            value = not parts[0]
        else:
            value = condition_of(node)(reading)
        values[id(node)] = value
        return value

    fold_tree(root, note)
    return values


def _extent(term: Term, position: int, reading: Reading) -> tuple[int, int]:
    """Return where an occurrence stands in the clean text."""
    first, last = term.pieces[0], term.pieces[-1]
    start, end = _piece_extent(first, position, reading, term.exact)
    if last is not first:
        end = _piece_extent(last, position + last.at, reading, term.exact)[1]
    return start, end


def _piece_extent(piece: Piece, position: int, reading: Reading, exact: bool) -> tuple[int, int]:
    tokens: Tokens = reading.tokens
    if piece.picture or piece.folded[0] not in "#@":
        word = tokens.words[position] if not exact else tokens.exact_word(position)
        if word == piece.form or (piece.prefix and word.startswith(piece.form)):
            return tokens.starts[position], tokens.ends[position]
    for other in tokens.others_at(position):
        form = tokens.exact_form(other) if exact else other.form
        if form == piece.form or (piece.prefix and form.startswith(piece.form)):
            return other.start, other.end
    raise AssertionError(f"{piece.form!r} does not stand at {position}")
