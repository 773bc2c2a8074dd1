"""What a query needs: sets of keys, of each of which a post that matches has at least one.

    ("flat white" OR cortado) AND queue* -is:repost  →  [{flat, cortado}, {white, cortado}, {queue*}]

A key is a word (for an emoji its first code point), a beginning of one with `*`, or `network:…`, `lang:…`.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

from watchfloor.listening.language.characters import fold_emoji, shape
from watchfloor.listening.language.tree import And, Field, Near, Node, Not, Or, Piece, Query, Term, fold_tree

Clause = frozenset[str]
# A query with more is cut short: fewer needs let more posts through to the evaluator, which decides.
MAX_CLAUSES = 8


def needs(query: Query) -> list[Clause]:
    """Return the clauses, each of them once; [] if the query may match a post with none of anything."""
    return fold_tree(query.root, _needs)


def _needs(node: Node, parts: list[list[Clause]]) -> list[Clause]:
    if isinstance(node, Term):
        return _fewest([frozenset(key) for key in map(_keys, node.pieces) if key])
    if isinstance(node, And | Near):
        return _fewest([clause for part in parts for clause in part])
    if isinstance(node, Or):
        return _of_either(parts)
    if isinstance(node, Field) and node.name in ("network", "lang"):
        return [frozenset({f"{node.name}:{node.value}"})]
    assert isinstance(node, Not | Field)
    return []


def _of_either(parts: list[list[Clause]]) -> list[Clause]:
    """One of the parts matches, so one of each choice of a clause from every part holds; some choices are enough."""
    if not all(parts):
        return []
    most = max(map(len, parts))
    return _fewest([reduce(or_, (part[min(at, len(part) - 1)] for part in parts)) for at in range(most)])


def _fewest(clauses: list[Clause]) -> list[Clause]:
    """The smaller a clause, the more it tells."""
    return sorted(dict.fromkeys(clauses), key=lambda clause: (len(clause), -max(map(len, clause))))[:MAX_CLAUSES]


def _keys(piece: Piece) -> list[str]:
    if piece.picture:
        return [picture_key(piece.folded)]
    if piece.folded[0] not in "#@":
        return [f"{piece.folded}*" if piece.prefix else piece.folded]
    # A hashtag or handle stands where its first word does. The wildcard may be on that one.
    first = piece.words[0]
    alone = piece.folded[1:] == first
    return [f"{first}*" if piece.prefix and alone else first]


def picture_key(form: str) -> str:
    """Return the key of an emoji: of a sequence, its first code point. A keycap is whole, and so is what normalises to
    other characters (™ to tm, 🈁 to ココ)."""
    first = _JOINER_OR_TAG.split(form, maxsplit=1)[0]
    return fold_emoji(first[0]) if shape(first[0]) in "RE" else first


_JOINER_OR_TAG = re.compile("[\u200d\U000e0020-\U000e007f]")
