"""What a store indexes of a post, and how a query narrows down the posts it could match.

`index_terms` gives one word for each position and, without positions, the marks: what else a post is found by (a
hashtag with its sign, a handle, a possessive with its s). `narrow` gives a Boolean tree over those that every
matching post satisfies; where it is not `exact`, the evaluator decides which of them match.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from watchfloor.listening.language.tokens import cut
from watchfloor.listening.language.tree import And, Field, Near, Node, Not, Or, Piece, Query, Term, fold_tree

MAX_FORM = 100
"""Longer forms are cut, and end in a digest of the whole: databases limit what they index."""


@dataclass(frozen=True, slots=True)
class IndexTerms:
    words: list[str]
    """One for each position: a word (without a possessive 's), a hashtag's or handle's word, a character, an emoji."""
    marks: set[str]
    """`#word`, `@handle`, `@first` and the possessive with its s: `acmes` for Acme's."""


@dataclass(frozen=True, slots=True)
class Word:
    """A position holds this form, or one that begins with it."""

    form: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """The post has this mark, or one that begins with it."""

    form: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words stand at consecutive positions."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What a field of the query asks; the store that keeps it in a column can answer it."""

    field: Field


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Narrowed, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Narrowed, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Posts that `part`, which is exact, does not match."""

    part: Narrowed


@dataclass(frozen=True, slots=True)
class Everything:
    """The index can't tell: any post may match."""


Narrowed = Word | Mark | Phrase | Column | AllOf | AnyOf | NoneOf | Everything
EVERYTHING = Everything()


@dataclass(frozen=True, slots=True)
class Narrow:
    tree: Narrowed
    """Words, marks and columns together, as the query combines them. Every post that matches satisfies it."""
    exact: bool
    """Every post that satisfies `tree` matches: no evaluator is needed."""
    text: Narrowed
    """The same without columns: what a text index alone can narrow down."""
    columns: tuple[Narrowed, ...]
    """The conditions of columns alone that must all hold. `text` and `columns` together are `tree` if `separable`."""
    separable: bool


def index_terms(title: str | None, text: str) -> IndexTerms:
    """Return what a store keeps of a post for searching. No form holds white space."""
    tokens = cut(title, text)
    words = list(tokens.words)
    marks: set[str] = set()
    for other in tokens.others:
        if other.kind == "possessive":
            marks.add(index_form(words[other.position]))
            words[other.position] = other.form
        else:
            marks.add(index_form(other.form))
    return IndexTerms([index_form(word) for word in words], marks)


def index_form(form: str) -> str:
    """Return a token's form as the index keeps it."""
    if not form.isalnum() and any(sign.isspace() for sign in form):
        form = "␣".join(form.split())  # ﷺ is one token of four words
    if len(form) > MAX_FORM:
        return f"{form[: MAX_FORM - 17]}…{hashlib.blake2s(form.encode(), digest_size=8).hexdigest()}"
    return form


def narrow(query: Query) -> Narrow:
    """Return what a store can answer by its index and columns."""
    tree, exact = fold_tree(query.root, _narrowed)
    text, _ = fold_tree(query.root, _narrowed_text)
    parts = query.root.parts if isinstance(query.root, And) else (query.root,)
    columns = tuple(fold_tree(part, _narrowed)[0] for part in parts if _is_columns_alone(part))
    separable = all(_is_columns_alone(part) or not _has_columns(part) for part in parts)
    return Narrow(tree, exact, text, columns, separable)


_Made = tuple[Narrowed, bool]


def _narrowed(node: Node, parts: list[_Made]) -> _Made:
    return (Column(node), True) if isinstance(node, Field) else _combined(node, parts)


def _narrowed_text(node: Node, parts: list[_Made]) -> _Made:
    return (EVERYTHING, False) if isinstance(node, Field) else _combined(node, parts)


def _combined(node: Node, parts: list[_Made]) -> _Made:
    if isinstance(node, Term):
        return _term(node)
    exact = all(is_exact for _, is_exact in parts)
    if isinstance(node, Not):
        return (NoneOf(parts[0][0]), True) if exact else (EVERYTHING, False)
    if isinstance(node, Or):
        return any_of([part for part, _ in parts]), exact
    return all_of([part for part, _ in parts]), exact and not isinstance(node, Near)


def all_of(parts: list[Narrowed]) -> Narrowed:
    left = list(dict.fromkeys(part for part in parts if part != EVERYTHING))
    return (left[0] if len(left) == 1 else AllOf(tuple(left))) if left else EVERYTHING


def any_of(parts: list[Narrowed]) -> Narrowed:
    if EVERYTHING in parts:
        return EVERYTHING
    left = list(dict.fromkeys(parts))
    return left[0] if len(left) == 1 else AnyOf(tuple(left))


def _term(term: Term) -> _Made:
    single = [_piece(piece) for piece in term.pieces]
    if len(single) == 1:
        return single[0], not term.exact and _kept_whole(term.pieces[0])
    as_words = Phrase(tuple(_word_of(form) for piece in term.pieces for form in _words_of(piece)))
    signs = [_piece(piece) for piece in term.pieces if _is_signed(piece)]
    possessives = [Mark(index_form(piece.folded), piece.prefix) for piece in term.pieces if _may_be_possessive(piece)]
    phrase = all_of([as_words, *signs])
    exact = not (term.exact or signs or possessives) and all(_kept_whole(piece) for piece in term.pieces)
    if not possessives:
        return phrase, exact
    # Where a possessive stands, the phrase of words misses: there the words need only be there.
    return any_of([phrase, all_of([any_of(list(possessives)), *single])]), False


def _piece(piece: Piece) -> Narrowed:
    form = _prefix_form(piece) if piece.prefix else index_form(piece.folded)
    if _is_signed(piece):
        return Mark(form, piece.prefix)
    word = Word(form, piece.prefix)
    return any_of([word, Mark(form, piece.prefix)]) if _may_be_possessive(piece) else word


def _words_of(piece: Piece) -> list[tuple[str, bool]]:
    """The words that stand at the positions of a piece."""
    if not _is_signed(piece):
        return [(piece.folded, piece.prefix)]
    return [(word, piece.prefix and word == piece.words[-1]) for word in piece.words]


def _word_of(form: tuple[str, bool]) -> Word:
    word, prefix = form
    return Word(word[: MAX_FORM - 17] if prefix else index_form(word), prefix)


def _prefix_form(piece: Piece) -> str:
    return index_form(piece.folded[: MAX_FORM - 17])


def _kept_whole(piece: Piece) -> bool:
    return len(piece.folded) <= MAX_FORM - 17


def _is_signed(piece: Piece) -> bool:
    return not piece.picture and piece.folded[0] in "#@"


def _may_be_possessive(piece: Piece) -> bool:
    """A possessive's second form ends in s; anything else is found among the words."""
    return piece.folded.endswith("s") and not _is_signed(piece)


def _has_columns(node: Node) -> bool:
    return fold_tree(node, lambda part, found: isinstance(part, Field) or any(found))


def _is_columns_alone(node: Node) -> bool:
    return fold_tree(node, lambda part, found: isinstance(part, Field) or (bool(found) and all(found)))
