"""A query's text → its tree. The grammar is that of `docs/querying.md`; every error carries the place it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from gettext import gettext as _

from watchfloor.listening.language.evaluate import matches_nothing
from watchfloor.listening.language.lexemes import Lexeme, first_unbalanced, lexemes
from watchfloor.listening.language.tree import (
    MAX_CHARACTERS,
    MAX_LEVELS,
    MAX_TERMS,
    And,
    Near,
    Node,
    Not,
    Or,
    Query,
    QueryError,
    Term,
    join,
    walk,
)

__all__ = ["QueryError", "read"]


def read(text: str) -> Query:
    """Return the query. Raises QueryError if it can't be read, or would match a post in which there is nothing."""
    if len(text) > MAX_CHARACTERS:
        message = _("A query can have {limit} characters at most; this one has {count}.")
        raise QueryError(MAX_CHARACTERS, message.format(limit=MAX_CHARACTERS, count=len(text)))
    if half := _HALF_A_CHARACTER.search(text):
        raise QueryError(half.start(), _("There is no readable character here: the query is not valid UTF-8."))
    try:
        root = _Reader().read(text)
    except QueryError as error:
        # A bracket or quote without a partner may stand before what stopped the reader.
        unbalanced = first_unbalanced(text)
        raise (unbalanced if unbalanced and unbalanced.offset < error.offset else error) from None
    _refuse_nothing(root)
    return Query(text, root, tuple(node for node in walk(root) if isinstance(node, Term)))


# A surrogate stands for a byte that the command line could not decode; nothing that we print or store may hold one.
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass
class _Group:
    """What was read inside one pair of brackets (the whole query is one, too)."""

    opened: int
    waiting: Lexeme | None = None
    """The operator whose right side comes next."""
    ors: list[Node] = field(default_factory=list)
    ands: list[Node] = field(default_factory=list)
    negations: list[Lexeme] = field(default_factory=list)
    current: Node | None = None
    """The last operand, which NEAR may still take."""
    current_opened: int | None = None
    """Where the bracket stands, if that operand is a group."""
    near: tuple[Lexeme, Node] | None = None

    def take(self, node: Node, *, opened: int | None = None) -> None:
        """Take an operand, or a group that was `opened` there and is closed now."""
        if self.near:
            operator, left = self.near
            if not _can_be_near(node):
                raise _not_near(node.start if opened is None else opened)
            node = Near(left, node, operator.distance, operator.ordered, left.start, node.end)
            self.near, opened = None, None
        else:
            self.settle()
        self.current, self.current_opened, self.waiting = node, opened, None

    def settle(self) -> None:
        """The last operand is complete: nothing can bind it more tightly now."""
        if self.current is None:
            return
        node = self.current
        if len(self.negations) % 2:
            node = Not(node, self.negations[0].start, node.end)
        self.ands.append(node)
        self.negations, self.current = [], None

    def close(self) -> Node:
        self.settle()
        self.ors.append(join(And, self.ands))
        return join(Or, self.ors)


class _Reader:
    """Reads with its own stack: nesting costs no recursion."""

    def __init__(self) -> None:
        self.groups = [_Group(opened=0)]
        self.terms = 0

    def read(self, text: str) -> Node:
        for lexeme in lexemes(text):
            if lexeme.kind == "operand":
                self._operand(lexeme)
            elif lexeme.kind == "(":
                self._open(lexeme)
            elif lexeme.kind == ")":
                self._close(lexeme)
            else:
                self._operator(lexeme)
        if len(self.groups) > 1:
            raise QueryError(self.groups[1].opened, _("This bracket is never closed."))
        group = self.groups[0]
        if group.waiting:
            raise _missing(group.waiting)
        if group.current is None and not group.ands:
            raise QueryError(0, _("The query is empty: there is nothing to look for."))
        return group.close()

    def _operand(self, lexeme: Lexeme) -> None:
        self.terms += lexeme.terms
        if self.terms > MAX_TERMS:
            raise QueryError(lexeme.start, _("A query can have {limit} terms at most.").format(limit=MAX_TERMS))
        assert lexeme.operand
        self.groups[-1].take(lexeme.operand)

    def _open(self, lexeme: Lexeme) -> None:
        if len(self.groups) > MAX_LEVELS:
            message = _("Brackets can be nested {limit} levels deep at most.").format(limit=MAX_LEVELS)
            raise QueryError(lexeme.start, message)
        self.groups.append(_Group(opened=lexeme.start))

    def _close(self, lexeme: Lexeme) -> None:
        if len(self.groups) == 1:
            raise QueryError(lexeme.start, _("This bracket was never opened."))
        group = self.groups.pop()
        if group.waiting:
            raise _missing(group.waiting)
        if group.current is None and not group.ands:
            raise QueryError(group.opened, _("There is nothing between these brackets."))
        self.groups[-1].take(group.close(), opened=group.opened)

    def _operator(self, lexeme: Lexeme) -> None:
        group = self.groups[-1]
        if lexeme.kind == "not":
            if group.near:
                raise _not_near(lexeme.start)
            group.settle()
            group.negations.append(lexeme)
            group.waiting = lexeme
            return
        if group.waiting or (group.current is None and not group.ands):
            raise _missing(group.waiting or lexeme)
        if lexeme.kind == "near":
            self._near(group, lexeme)
        else:
            group.settle()
            if lexeme.kind == "or":
                group.ors.append(join(And, group.ands))
                group.ands = []
        group.waiting = lexeme

    def _near(self, group: _Group, lexeme: Lexeme) -> None:
        left = group.current
        assert left is not None
        if isinstance(left, Near) and group.current_opened is None:
            message = _("NEAR can't follow on another NEAR.")
            raise QueryError(lexeme.start, message, _("Write a NEAR/5 b AND b NEAR/5 c."))
        if not _can_be_near(left):
            raise _not_near(left.start if group.current_opened is None else group.current_opened)
        group.near, group.current = (lexeme, left), None


def _can_be_near(node: Node) -> bool:
    parts = node.parts if isinstance(node, Or) else (node,)
    return all(isinstance(part, Term) for part in parts)


_NAMES = {"and": "AND", "or": "OR", "not": "NOT", "near": "NEAR"}


def _missing(operator: Lexeme) -> QueryError:
    if operator.kind == "not":
        return QueryError(operator.start, _("NOT needs something after it."))
    message = _("{operator} needs something on both sides.").format(operator=_NAMES[operator.kind])
    hint = _('To look for the word, write it in small letters or in quotes: "{word}".')
    return QueryError(operator.start, message, hint.format(word=_NAMES[operator.kind].lower()))


def _not_near(offset: int) -> QueryError:
    message = _("NEAR stands between terms, phrases or groups of those joined by OR.")
    return QueryError(offset, message, _("Take out AND, NOT and fields, and combine them outside: (a NEAR/5 b) AND c."))


def _refuse_nothing(root: Node) -> None:
    offset = matches_nothing(root)
    if offset is not None:
        message = _("This would match every post in which nothing is said: it looks for nothing.")
        raise QueryError(offset, message, _("Add something to look for: coffee {query}.").format(query="-spam"))
