"""What is doubtful about a query that can be read: seen from its text alone. What stored posts say of it stands in
`mentions/backtest_warnings.py`. A warning never stops anybody: it says what, why, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from watchfloor.listening.common_words import languages_of_common_words
from watchfloor.listening.language.lexemes import Lexeme, lexemes
from watchfloor.listening.language.tree import And, Field, Node, Not, Or, Query, Term, walk

SHORT_WILDCARD = 3  # characters before the *


@dataclass(frozen=True)
class QueryWarning:
    """`offset` is where in the query, in code points; None: the query as a whole."""

    key: str
    says: str
    why: str
    do: str
    offset: int | None = None


def warnings_of(query: Query) -> list[QueryWarning]:
    found = [
        *_or_beside_and(query),
        *_small_operators(query),
        *_common_words(query),
        *_short_wildcards(query),
        *_contradictions(query),
    ]
    return sorted(found, key=lambda one: -1 if one.offset is None else one.offset)


def standing_alone(query: Query) -> list[Term]:
    """Terms each of which is enough for a post to be found, exclusions and fields apart."""
    found: list[Term] = []
    todo: list[Node] = [query.root]
    while todo:
        node = todo.pop()
        if isinstance(node, Term):
            found.append(node)
        elif isinstance(node, Or):
            todo.extend(reversed(node.parts))
        elif isinstance(node, And):
            wanted = [part for part in node.parts if not isinstance(part, Not) and not _asks_fields_alone(part)]
            if len(wanted) == 1:
                todo.append(wanted[0])
    return found


def _asks_fields_alone(node: Node) -> bool:
    return not any(isinstance(part, Term) for part in walk(node))


def _or_beside_and(query: Query) -> Iterator[QueryWarning]:
    """OR and AND in one pair of brackets: AND binds tighter, which few people expect."""
    groups: list[list[Lexeme]] = [[]]
    for lexeme in lexemes(query.text):
        if lexeme.kind == "(":
            groups[-1].append(lexeme)
            groups.append([])
        elif lexeme.kind == ")":
            groups.pop()
        else:
            groups[-1].append(lexeme)
            if warning := _mixes(groups[-1], query):
                yield warning
                return


def _mixes(group: list[Lexeme], query: Query) -> QueryWarning | None:
    """The warning, once the group's last lexeme makes it hold both."""
    joined: list[tuple[str, int]] = []
    before: str | None = None
    for lexeme in group:
        begins = lexeme.kind in ("operand", "(", "not")
        if begins and before in ("operand", "("):
            joined.append(("and", lexeme.start))
        elif lexeme.kind in ("and", "or"):
            joined.append((lexeme.kind, lexeme.start))
        before = lexeme.kind
    kinds = {kind for kind, _start in joined}
    if kinds != {"and", "or"}:
        return None
    parts = _as_it_is_read(query)
    return QueryWarning(
        "or-beside-and",
        _("OR stands beside AND without brackets."),
        _("Side by side binds tighter than OR, so this is read as: %(reading)s") % {"reading": parts},
        _("Put brackets around what belongs together, such as (a OR b) c."),
        joined[-1][1],
    )


def _as_it_is_read(query: Query) -> str:
    node = next(
        (one for one in walk(query.root) if isinstance(one, Or) and any(isinstance(p, And) for p in one.parts)), None
    )
    if node is None:
        return query.text[:200]
    words = []
    for part in node.parts[:6]:
        text = " ".join(_with_its_brackets(query.text, part.start, part.end).split())
        text = text if len(text) <= 60 else f"{text[:59]}…"
        words.append(f"({text})" if isinstance(part, And) else text)
    return " OR ".join(words) + (" …" if len(node.parts) > 6 else "")


def _with_its_brackets(text: str, start: int, end: int) -> str:
    """A part's text. Its place leaves out brackets around its first and last operand: take them in."""
    inner = _QUOTED.sub(lambda quoted: "_" * len(quoted.group()), text)
    depth = lowest = 0
    for sign in inner[start:end]:
        depth += (sign == "(") - (sign == ")")
        lowest = min(lowest, depth)
    for _missing in range(-lowest):
        start = max(0, inner.rfind("(", 0, start))
    for _missing in range(depth - lowest):
        end = inner.find(")", end) + 1 or len(text)
    return text[start:end]


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\{[^{}]*\}')


def _small_operators(query: Query) -> Iterator[QueryWarning]:
    for term in query.terms:
        if term.written in ("or", "and", "not", "near"):
            yield QueryWarning(
                "small-operator",
                _("“%(word)s” in small letters is a word to look for, no operator.") % {"word": term.written},
                _("Posts must then hold the word itself."),
                _("Write %(operator)s for the operator.") % {"operator": term.written.upper()}
                if term.written != "near"
                else _("Write NEAR/5 for the operator."),
                term.start,
            )


def _common_words(query: Query) -> Iterator[QueryWarning]:
    """A word that is enough alone and that one language cannot do without."""
    languages = languages_of_common_words()
    if any(isinstance(node, Field) and node.name == "lang" for node in walk(query.root)):
        return
    for term in standing_alone(query):
        if len(term.pieces) != 1 or term.pieces[0].prefix or term.written in ("or", "and", "not", "near"):
            continue
        word = term.pieces[0].form
        if found := languages.get(word):
            shown = ", ".join(found[:4]) + ("…" if len(found) > 4 else "")
            yield QueryWarning(
                "common-word",
                _("“%(word)s” is one of the commonest words of: %(languages)s.") % {"word": word, "languages": shown},
                _("Alone it is enough for a post to be found, so nearly every post in that language would be."),
                _("Add what must stand with it, make it a phrase, or add lang: with the languages you want."),
                term.start,
            )


def _short_wildcards(query: Query) -> Iterator[QueryWarning]:
    for term in standing_alone(query):
        last = term.pieces[-1]
        if len(term.pieces) == 1 and last.prefix and len(last.form.lstrip("#@")) <= SHORT_WILDCARD:
            letters = len(last.form.lstrip("#@"))
            yield QueryWarning(
                "short-wildcard",
                _("“%(word)s” finds every word that begins so.") % {"word": term.written},
                ngettext("%(n)d letter begins very many words.", "%(n)d letters begin very many words.", letters)
                % {"n": letters},
                _("Write more letters before the *, or the endings that you mean with OR between them."),
                term.start,
            )


def _contradictions(query: Query) -> Iterator[QueryWarning]:
    """A term that every match needs and that no match may have."""
    parts = query.root.parts if isinstance(query.root, And) else (query.root,)
    needed = {_looks_for(part): part for part in parts if isinstance(part, Term)}
    for part in parts:
        if not isinstance(part, Not):
            continue
        shut = part.part.parts if isinstance(part.part, Or) else (part.part,)
        for one in shut:
            if isinstance(one, Term) and _looks_for(one) in needed:
                yield QueryWarning(
                    "contradiction",
                    _("“%(word)s” is looked for and shut out at once.") % {"word": one.written},
                    _("No post can be both, so nothing is found."),
                    _("Take one of the two out."),
                    one.start,
                )


def _looks_for(term: Term) -> tuple[object, ...]:
    return (term.exact, *((piece.form, piece.prefix) for piece in term.pieces))
