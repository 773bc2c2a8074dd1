"""What a query is once it is read: a tree of terms, fields and operators.

    Query.root ─┬ And, Or        two or more parts
                ├ Not            one part (two in a row are read as none)
                ├ Near           two operands: a Term, or an Or of Terms
                ├ Term           one piece (a word, hashtag, handle, emoji) or several at consecutive positions
                └ Field          `name:value`; several values are an Or of Fields

Trees may be 200 brackets deep, so nothing walks one by calling itself: `fold` goes from the leaves to the root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

MAX_CHARACTERS = 20_000
MAX_TERMS = 2_000
MAX_LEVELS = 200


class QueryError(ValueError):
    """A query can't be read. `offset` counts code points from 0 to the first character at fault."""

    def __init__(self, offset: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of a term. `at` is its position after the term's first, `span` how many positions it covers.

    `form` is what a post's token must be (exact spelling in an exact term), or begin with if `prefix`. `folded` is the
    normalised form, which a post that matches holds in any case. `words` are the normalised words at its positions:
    for `#iPhoneケース` iphone, ケ, ー, ス.
    """

    form: str
    folded: str
    words: tuple[str, ...]
    at: int = 0
    span: int = 1
    prefix: bool = False
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    pieces: tuple[Piece, ...]
    start: int
    end: int
    written: str
    exact: bool = False

    @property
    def length(self) -> int:
        """How many positions it covers."""
        return self.pieces[-1].at + self.pieces[-1].span


@dataclass(frozen=True, slots=True)
class Field:
    """`value` is normalised for comparing; `low`/`high` are the inclusive bounds of a count, None for no bound."""

    name: str
    value: str
    start: int
    end: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Near:
    left: Node
    right: Node
    distance: int
    ordered: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    part: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]
    start: int
    end: int


Node = Term | Field | Near | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    root: Node
    terms: tuple[Term, ...] = field(default=())
    """Every term, in the order they are written."""

    def asks_for(self, field: str) -> bool:
        """Whether a field of that name stands in it."""
        return any(isinstance(node, Field) and node.name == field for node in walk(self.root))


Made = TypeVar("Made")


def parts_of(node: Node) -> tuple[Node, ...]:
    if isinstance(node, And | Or):
        return node.parts
    if isinstance(node, Not):
        return (node.part,)
    if isinstance(node, Near):
        return (node.left, node.right)
    return ()


def fold_tree(root: Node, make: Callable[[Node, list[Made]], Made]) -> Made:
    """Return `make(node, what was made of its parts)` for the root, having made the parts first."""
    todo: list[tuple[Node, bool]] = [(root, False)]
    made: list[Made] = []
    while todo:
        node, ready = todo.pop()
        parts = parts_of(node)
        if not parts:
            made.append(make(node, []))
        elif ready:
            of_parts = made[-len(parts) :]
            del made[-len(parts) :]
            made.append(make(node, of_parts))
        else:
            todo.append((node, True))
            todo.extend((part, False) for part in reversed(parts))
    return made[0]


def walk(root: Node) -> Iterator[Node]:
    """Yield every node, as written from left to right, parents first."""
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(reversed(parts_of(node)))


def depth(root: Node) -> int:
    return fold_tree(root, lambda _, depths: 1 + max(depths, default=0))


def join(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """Return one node for `parts`; those of the same kind are taken in flat."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return kind(tuple(flat), parts[0].start, parts[-1].end)
