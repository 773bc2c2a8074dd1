"""A query, explained in a sentence.

"flat white" NEAR/5 queue* -is:repost
→ posts with the phrase "flat white" within 5 words of a word starting with "queue", not reposts
"""

from __future__ import annotations

from collections.abc import Callable
from gettext import gettext as _
from gettext import ngettext
from typing import NamedTuple

from watchfloor.listening.language.characters import shape
from watchfloor.listening.language.tree import And, Field, Near, Node, Not, Or, Piece, Query, Term, fold_tree


class _Clause(NamedTuple):
    """Words for a part of a query, as they follow “posts”."""

    text: str
    kind: str
    """`with` (a term), `with-any` (one of several), `field`, `all`, `any`, `not`."""
    negated: str = ""
    """The words for its opposite."""


def in_words(query: Query) -> str:
    """Return the sentence that explains a query, without a full stop."""
    clause = fold_tree(query.root, _clause)
    return _posts(clause)


def _posts(clause: _Clause) -> str:
    if clause.kind == "not":
        return _("posts, {condition}").format(condition=clause.text)
    return _("posts {condition}").format(condition=clause.text)


def _clause(node: Node, parts: list[_Clause]) -> _Clause:
    if isinstance(node, Term):
        what = _term(node)
        return _Clause(_("with {what}").format(what=what), "with", _("without {what}").format(what=what))
    if isinstance(node, Near):
        what = _near(node)
        return _Clause(_("with {what}").format(what=what), "with", _("without {what}").format(what=what))
    if isinstance(node, Field):
        return _field(node)
    if isinstance(node, Not):
        return _Clause(parts[0].negated, "not", parts[0].text)
    return _any(node, parts) if isinstance(node, Or) else _all(node, parts)


def _all(node: And, parts: list[_Clause]) -> _Clause:
    """What must hold, then after a comma each thing that must not."""
    pairs = list(zip(node.parts, parts, strict=True))
    wanted = [pair for pair in pairs if pair[1].kind != "not"]
    text = ""
    for at, (child, part) in enumerate(wanted):
        again = at > 0 and part.kind == wanted[at - 1][1].kind == "with"
        shown = _what(child) if again else _in_brackets(part) if part.kind == "any" else part.text
        text = _("{first} and {second}").format(first=text, second=shown) if text else shown
    for part in parts:
        if part.kind == "not":
            text = _("{first}, {second}").format(first=text, second=part.text) if text else part.text
    return _Clause(text, "all", _("not ({condition})").format(condition=text))


def _any(node: Or, parts: list[_Clause]) -> _Clause:
    fields = [part for part in node.parts if isinstance(part, Field)]
    if len(fields) == len(parts) and len({field.name for field in fields}) == 1:
        return _field_values(fields)
    texts: list[str] = []
    for at, part in enumerate(parts):
        same = at > 0 and part.kind == parts[at - 1].kind == "with"
        texts.append(_what(node.parts[at]) if same else _in_brackets(part) if part.kind == "all" else part.text)
    text = _either(texts)
    negated = _("not ({condition})").format(condition=text)
    if all(part.kind == "with" for part in parts):
        negated = _("without {what}").format(what=_either([_what(child) for child in node.parts]))
        return _Clause(text, "with-any", negated)
    return _Clause(text, "any", negated)


def _in_brackets(part: _Clause) -> str:
    return _("({condition})").format(condition=part.text)


def _either(texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return _("{firsts} or {last}").format(firsts=", ".join(texts[:-1]), last=texts[-1])


def _what(node: Node) -> str:
    """What a post has, where "with" was said already."""
    if isinstance(node, Near):
        return _near(node)
    assert isinstance(node, Term)
    return _term(node)


# --- Terms ---------------------------------------------------------------------------------------------------------


def _near(node: Near) -> str:
    left, right = _operand(node.left), _operand(node.right)
    if node.ordered:
        sentence = ngettext(
            "{left} at most {count} word before {right}", "{left} at most {count} words before {right}", node.distance
        )
    else:
        sentence = ngettext(
            "{left} within {count} word of {right}", "{left} within {count} words of {right}", node.distance
        )
    return sentence.format(left=left, right=right, count=node.distance)


def _operand(node: Node) -> str:
    if isinstance(node, Or):
        return _("({condition})").format(condition=_either([_what(part) for part in node.parts]))
    return _what(node)


def _term(term: Term) -> str:
    written = _written(term)
    first, last = term.pieces[0], term.pieces[-1]
    if len(term.pieces) > 1:
        sentence = _('the phrase "{words}…"') if last.prefix else _('the phrase "{words}"')
    elif first.picture:
        return _("the emoji {emoji}").format(emoji=_drawn(first.form, written))
    else:
        sentence = _single(first)
    if term.exact:
        sentence = _("{term} (spelt exactly so)").format(term=sentence)
    return sentence.format(words=written)


def _drawn(form: str, written: str) -> str:
    """An emoji without presentation mark and tone; some normalise to letters (™ to tm) and are said as written."""
    return form if shape(form[0]) in "RE0#*" else written


def _single(piece: Piece) -> str:
    if piece.folded[0] == "#":
        return _('a hashtag starting with "{words}"') if piece.prefix else _('the hashtag "{words}"')
    if piece.folded[0] == "@":
        return _('a handle starting with "{words}"') if piece.prefix else _('the handle "{words}"')
    return _('a word starting with "{words}"') if piece.prefix else _('the word "{words}"')


def _written(term: Term) -> str:
    """The term as a person would say it: as written, without what encloses it and without a final wildcard."""
    written = term.written
    if written[:1] in ('"', "{"):
        written = written[1:-1].replace('\\"', '"')
    return " ".join(written.removesuffix("*").split()) if term.pieces[-1].prefix else " ".join(written.split())


# --- Fields --------------------------------------------------------------------------------------------------------


def _field(field: Field) -> _Clause:
    return _field_values([field])


def _field_values(fields: list[Field]) -> _Clause:
    name = fields[0].name
    if name in ("followers", "engagement"):
        what = _("followers") if name == "followers" else _("likes, reposts, replies and quotes")
        told = _either([_count(field) for field in fields])
        if name == "followers":
            text = _("by authors with {count} {what}").format(count=told, what=what)
        else:
            text = _("with {count} {what}").format(count=told, what=what)
        return _Clause(text, "field", _("not {condition}").format(condition=text))
    return _SAID[name](fields)


def _count(field: Field) -> str:
    low, high = field.low, field.high
    if low is None:
        return _("at most {high}").format(high=high)
    if high is None:
        return _("at least {low}").format(low=low)
    return _("exactly {low}").format(low=low) if low == high else _("{low} to {high}").format(low=low, high=high)


def _plain(positive: str) -> Callable[[list[Field]], _Clause]:
    def say(fields: list[Field]) -> _Clause:
        text = positive.format(value=_either([_value(field) for field in fields]))
        return _Clause(text, "field", _("not {condition}").format(condition=text))

    return say


def _value(field: Field) -> str:
    return f'"{field.value}"' if field.name in ("author", "link") else field.value


def _has(fields: list[Field]) -> _Clause:
    names = _things()
    what = _either([names[field.value] for field in fields])
    return _Clause(_("with {what}").format(what=what), "field", _("without {what}").format(what=what))


def _things() -> dict[str, str]:
    return {
        "link": _("a link"),
        "photo": _("a photo"),
        "video": _("a video"),
        "media": _("a photo, video or other media"),
        "hashtag": _("a hashtag"),
        "mention": _("a mention of a handle"),
        "question": _("a question mark"),
        "emoji": _("an emoji"),
    }


def _is(fields: list[Field]) -> _Clause:
    names = {
        "original": _("original posts"),
        "reply": _("replies"),
        "repost": _("reposts"),
        "quote": _("quotes"),
    }
    what = _either([names[field.value] for field in fields])
    return _Clause(_("that are {what}").format(what=what), "field", _("not {what}").format(what=what))


_SAID: dict[str, Callable[[list[Field]], _Clause]] = {
    "network": lambda fields: _plain(_("from {value}"))(fields),
    "lang": lambda fields: _plain(_("in the language {value}"))(fields),
    "author": lambda fields: _plain(_("by {value}"))(fields),
    "site": lambda fields: _plain(_("from or linking to {value}"))(fields),
    "link": lambda fields: _plain(_("with a link that contains {value}"))(fields),
    "has": _has,
    "is": _is,
    "sentiment": lambda fields: _plain(_("with {value} sentiment"))(fields),
}
