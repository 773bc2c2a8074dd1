"""A query's text, cut into what its grammar is made of: operators, brackets, terms and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import gettext as _
from typing import Literal, NamedTuple

from watchfloor.listening.language.fields import check_name, read_field
from watchfloor.listening.language.terms import read_term
from watchfloor.listening.language.tree import Field, Or, QueryError, Term, join

LexemeKind = Literal["(", ")", "operand", "and", "or", "not", "near"]


class Lexeme(NamedTuple):
    kind: LexemeKind
    start: int
    operand: Term | Field | Or | None = None
    distance: int = 0
    ordered: bool = False
    terms: int = 0
    """How many of the terms that a query may have stand in the operand."""


def lexemes(query: str) -> Iterator[Lexeme]:
    """Yield the query's lexemes from left to right. Raises QueryError where one can't be read."""
    place = 0
    while True:
        place = _past_space(query, place)
        if place >= len(query):
            return
        lexeme, place = _next(query, place)
        yield lexeme


def first_unbalanced(query: str) -> QueryError | None:
    """Return the error of the first bracket or quote that has no partner."""
    opened: list[int] = []
    place = 0
    while found := _BALANCE.search(query, place):
        sign, place = found.group(), found.end()
        if sign == "(":
            opened.append(found.start())
        elif sign == ")":
            if not opened:
                return _unbalanced(found.start(), ")")
            opened.pop()
        elif sign in ('"', "{"):
            end = _QUOTED.match(query, found.start()) if sign == '"' else _EXACT.match(query, found.start())
            if not end:
                return _unbalanced(min([*opened, found.start()]), query[min([*opened, found.start()])])
            place = end.end()
        else:
            return _unbalanced(min([*opened, found.start()]), query[min([*opened, found.start()])])
    return _unbalanced(opened[0], "(") if opened else None


_BALANCE = re.compile(r'[(){}"]')
_SPACE = re.compile(r"\s*")
_BARE = re.compile(r'[^\s(){}"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_EXACT = re.compile(r"\{([^{}]*+)\}")
_FIELD = re.compile(r"([A-Za-z][A-Za-z_]*):")
_NEAR = re.compile(r"NEAR/([0-9]+)(f?)")
_OPERATORS: dict[str, LexemeKind] = {"AND": "and", "OR": "or", "NOT": "not"}


def _past_space(query: str, place: int) -> int:
    found = _SPACE.match(query, place)
    return found.end() if found else place


def _next(query: str, place: int) -> tuple[Lexeme, int]:
    sign = query[place]
    if sign == "(":
        return Lexeme("(", place), place + 1
    if sign == ")":
        return Lexeme(")", place), place + 1
    if sign in '"{}':
        return _enclosed(query, place)
    found = _BARE.match(query, place)
    assert found  # every other character may stand in a bare term
    bare, end = found.group(), found.end()
    if bare in _OPERATORS:
        return Lexeme(_OPERATORS[bare], place), end
    if bare == "NEAR" or bare.startswith("NEAR/"):
        return _near(bare, place), end
    if sign == "-" and (len(bare) > 1 or query[end : end + 1] in ("(", '"', "{")):
        return _minus(bare, place)
    if field := _FIELD.match(bare):
        return _field(query, place, field[1])
    return Lexeme("operand", place, read_term(query, place, end, inner=(place, end)), terms=1), end


def _enclosed(query: str, place: int) -> tuple[Lexeme, int]:
    exact = query[place] == "{"
    found = None if query[place] == "}" else (_EXACT if exact else _QUOTED).match(query, place)
    if not found:
        raise _unbalanced(place, query[place])
    term = read_term(query, place, found.end(), inner=found.span(1), exact=exact)
    return Lexeme("operand", place, term, terms=1), found.end()


def _near(bare: str, place: int) -> Lexeme:
    found = _NEAR.fullmatch(bare)
    if not found:
        hint = _('To look for the word, write "NEAR" in quotes or near in small letters.')
        hint = _("Did you mean NEAR/5?") if bare in ("NEAR", "NEAR/") else hint
        raise QueryError(place, _("NEAR needs a distance: NEAR/5, or NEAR/5f for “in this order”."), hint)
    distance = int(found[1]) if len(found[1]) < 6 else 0
    if not 1 <= distance <= 100:
        raise QueryError(place + len("NEAR/"), _("The distance of NEAR is a number from 1 to 100."))
    return Lexeme("near", place, distance=distance, ordered=bool(found[2]))


def _minus(bare: str, place: int) -> tuple[Lexeme, int]:
    rest = bare[1:]
    if rest in _OPERATORS or rest == "NEAR" or rest.startswith(("-", "NEAR/")):
        raise QueryError(place, _("“-” stands directly before a term, a field or a bracket."))
    return Lexeme("not", place), place + 1


def _field(query: str, place: int, written_name: str) -> tuple[Lexeme, int]:
    name = check_name(written_name, place)
    value_start = place + len(written_name) + 1
    if query[value_start : value_start + 1] == "(":
        return _field_group(query, place, name, value_start)
    field, end = _field_value(query, place, name, value_start)
    return Lexeme("operand", place, field, terms=1), end


def _field_value(query: str, start: int, name: str, value_start: int) -> tuple[Field, int]:
    sign = query[value_start : value_start + 1]
    if sign == '"':
        found = _QUOTED.match(query, value_start)
        if not found:
            raise _unbalanced(value_start, '"')
        value = re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL)
    else:
        found = _BARE.match(query, value_start)
        if not found:
            raise _no_value(query, start, name, value_start)
        value = found.group()
    field = read_field(name, value, start=start, value_start=value_start, end=found.end(), quoted=sign == '"')
    return field, found.end()


def _no_value(query: str, start: int, name: str, value_start: int) -> QueryError:
    message = _("“{name}:” needs a value directly after the colon.").format(name=name)
    after = _BARE.match(query, _past_space(query, value_start))
    if after and query[value_start : value_start + 1].isspace():
        hint = _("Did you mean {field}?").format(field=f"{name}:{after.group()[:60]}")
        return QueryError(value_start, message, hint)
    return QueryError(start, message)


def _field_group(query: str, start: int, name: str, opened: int) -> tuple[Lexeme, int]:
    """Read `(a OR b)` after a field's colon."""
    values: list[Field] = []
    place, last_or = opened + 1, None
    while True:
        place = _past_space(query, place)
        if place >= len(query):
            raise _unbalanced(opened, "(")
        bare = _BARE.match(query, place)
        word = bare.group() if bare else query[place]
        if word == "OR":
            if last_or is not None or not values:
                raise _missing(place if last_or is None else last_or, "OR")
            last_or = place
            place += 2
        elif word == ")":
            if last_or is not None:
                raise _missing(last_or, "OR")
            if not values:
                raise QueryError(opened, _("There is nothing between these brackets."))
            return Lexeme("operand", start, _together(values, start), terms=len(values)), place + 1
        elif (values and last_or is None) or word in ("AND", "NOT", "(", "{", "}"):
            message = _("Inside the brackets of “{name}:” stand values with OR between them.").format(name=name)
            raise QueryError(place, message, _("Did you mean {name}:(a OR b)?").format(name=name))
        else:
            field, place = _field_value(query, start if not values else place, name, place)
            values.append(field)
            last_or = None


def _together(values: list[Field], start: int) -> Field | Or:
    node = join(Or, list(values))
    assert isinstance(node, Field | Or)
    return node


def _missing(offset: int, operator: str) -> QueryError:
    return QueryError(offset, _("{operator} needs something on both sides.").format(operator=operator))


def _unbalanced(offset: int, sign: str) -> QueryError:
    if sign == '"':
        return QueryError(offset, _("This quote is never closed."), _('Write \\" for a quote inside quotes.'))
    if sign in ("(", "{"):
        return QueryError(offset, _("This bracket is never closed."))
    return QueryError(offset, _("This bracket was never opened."))
