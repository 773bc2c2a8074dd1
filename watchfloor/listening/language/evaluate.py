"""Whether a post matches a query: one closure for each node of its tree. No text is ever run as code."""

from __future__ import annotations

from collections.abc import Callable

from watchfloor.listening.language.facts import EMPTY_POST
from watchfloor.listening.language.reading import Reading, SentimentOf, own_sentiment
from watchfloor.listening.language.tree import And, Field, Near, Node, Not, Or, Query, Term, depth, fold_tree
from watchfloor.sources.post import Post

Condition = Callable[[Reading], bool]
# Deeper trees are worked through by a loop: nested closures would use up Python's stack.
_MAX_NESTED_CLOSURES = 60


def condition(query: Query) -> Condition:
    """Return the test of a post: `condition(query)(Reading(post))`."""
    return condition_of(query.root)


def matches(query: Query, post: Post, sentiment_of: SentimentOf = own_sentiment) -> bool:
    return condition(query)(Reading(post, sentiment_of))


def matches_nothing(root: Node) -> int | None:
    """Return where the part stands by which the query matches a post in which there is nothing; None if it doesn't."""
    if not condition_of(root)(Reading(EMPTY_POST)):
        return None
    node = root
    while isinstance(node, Or):
        node = next(part for part in node.parts if condition_of(part)(Reading(EMPTY_POST)))
    return node.start


def condition_of(root: Node) -> Condition:
    if depth(root) <= _MAX_NESTED_CLOSURES:
        return fold_tree(root, _closure)
    return lambda reading: fold_tree(root, lambda node, values: _value(node, values, reading))


def _closure(node: Node, parts: list[Condition]) -> Condition:
    if isinstance(node, And):
        return _all_of(parts)
    if isinstance(node, Or):
        return _any_of(node, parts)
    if isinstance(node, Not):
        part = parts[0]
        return lambda reading: not part(reading)
    return _leaf(node)


def _value(node: Node, values: list[bool], reading: Reading) -> bool:
    if isinstance(node, And):
        return all(values)
    if isinstance(node, Or):
        return any(values)
    if isinstance(node, Not):
        return not values[0]
    return _leaf(node)(reading)


def _leaf(node: Node) -> Condition:
    if isinstance(node, Term):
        return _term(node)
    if isinstance(node, Near):
        return lambda reading: near(node, reading) != (0, 0)
    assert isinstance(node, Field)
    return _FIELDS[node.name](node)


def _all_of(parts: list[Condition]) -> Condition:
    if len(parts) == 2:
        first, second = parts
        return lambda reading: first(reading) and second(reading)

    def every(reading: Reading) -> bool:
        for part in parts:  # noqa: SIM110  # `all` over a generator takes three times as long
            if not part(reading):
                return False
        return True

    return every


def _any_of(node: Or, parts: list[Condition]) -> Condition:
    """Words are looked up in one go; only what is left is asked one by one."""
    words: set[str] = set()
    others: list[Condition] = []
    for child, part in zip(node.parts, parts, strict=True):
        if isinstance(child, Term) and _is_plain(child):
            words.add(child.pieces[0].form)
        else:
            others.append(part)

    def some(reading: Reading) -> bool:
        if words and not words.isdisjoint(reading.places):
            return True
        for part in others:  # noqa: SIM110
            if part(reading):
                return True
        return False

    return some


def _is_plain(term: Term) -> bool:
    return len(term.pieces) == 1 and not term.exact and not term.pieces[0].prefix


# --- Terms ---------------------------------------------------------------------------------------------------------


def _term(term: Term) -> Condition:
    first, exact = term.pieces[0], term.exact
    if _is_plain(term):
        form = first.form
        return lambda reading: form in reading.places
    if len(term.pieces) == 1:
        return lambda reading: reading.has(first, exact)
    return lambda reading: bool(phrase_starts(term, reading))


def phrase_starts(term: Term, reading: Reading) -> int:
    """Return the positions at which the term begins, as bits."""
    for piece in term.pieces:
        if not reading.has(piece, term.exact):
            return 0
    starts = reading.bits(term.pieces[0], term.exact)
    for piece in term.pieces[1:]:
        starts &= reading.bits(piece, term.exact) >> piece.at
        if not starts:
            return 0
    return starts


def near(node: Near, reading: Reading) -> tuple[int, int]:
    """Return, as bits, the ends of left occurrences and the starts of right ones (both ways round unless ordered)
    that stand near: (0, 0) if none does. See `near_occurrences` for which those are."""
    left, right = _operand(node.left), _operand(node.right)
    left_starts, left_ends = _extent(left, reading)
    if not left_starts:
        return 0, 0
    right_starts, right_ends = _extent(right, reading)
    if not right_starts:
        return 0, 0
    forward = _after(left_ends, node.distance) & right_starts
    if forward or node.ordered:
        return forward, 0
    return 0, _after(right_ends, node.distance) & left_starts


def near_occurrences(node: Near, reading: Reading) -> list[tuple[Term, int]]:
    """Return every term of the two operands with the start positions (as bits) of its occurrences that have a
    partner near."""
    left, right = _operand(node.left), _operand(node.right)
    left_starts, left_ends = _extent(left, reading)
    right_starts, right_ends = _extent(right, reading)
    found: list[tuple[Term, int]] = []
    for terms, (others_starts, others_ends), comes_first, comes_second in (
        (left, (right_starts, right_ends), True, not node.ordered),
        (right, (left_starts, left_ends), not node.ordered, True),
    ):
        starts_wanted = _after(others_ends, node.distance) if comes_second else 0
        ends_wanted = _before(others_starts, node.distance) if comes_first else 0
        for term in terms:
            starts = phrase_starts(term, reading)
            found.append((term, starts & (starts_wanted | (ends_wanted >> (term.length - 1)))))
    return found


def _operand(node: Node) -> list[Term]:
    parts = node.parts if isinstance(node, Or) else (node,)
    return [part for part in parts if isinstance(part, Term)]


def _extent(terms: list[Term], reading: Reading) -> tuple[int, int]:
    starts = ends = 0
    for term in terms:
        found = phrase_starts(term, reading)
        starts |= found
        ends |= found << (term.length - 1)
    return starts, ends


def _after(bits: int, distance: int) -> int:
    """Return the positions 1 to `distance` after one of `bits`."""
    return _smear(bits, distance) << 1


def _before(bits: int, distance: int) -> int:
    """Return the positions 1 to `distance` before one of `bits`."""
    return _smear(bits, distance) >> distance


def _smear(bits: int, width: int) -> int:
    """Return `bits` moved up by 0, 1, … width − 1, all together."""
    done = 1
    while done < width:
        step = min(done, width - done)
        bits |= bits << step
        done += step
    return bits


# --- Fields --------------------------------------------------------------------------------------------------------


def _network(node: Field) -> Condition:
    value = node.value
    return lambda reading: reading.post.network.lower() == value


def _lang(node: Field) -> Condition:
    value, variant = node.value, f"{node.value}-"

    def declares(reading: Reading) -> bool:
        language = reading.language
        return language is not None and (language == value or language.startswith(variant))

    return declares


def _author(node: Field) -> Condition:
    value = node.value
    return lambda reading: value in reading.author_names


def _site(node: Field) -> Condition:
    host, below = node.value, f".{node.value}"
    return lambda reading: any(found == host or found.endswith(below) for found in reading.hosts)


def _link(node: Field) -> Condition:
    value = node.value
    return lambda reading: any(value in link for link in reading.folded_links)


def _has(node: Field) -> Condition:
    value = node.value
    return lambda reading: value in reading.contents


def _is(node: Field) -> Condition:
    value = node.value
    return lambda reading: value in reading.kinds


def _followers(node: Field) -> Condition:
    return lambda reading: _within(node, reading.post.author.followers)


def _engagement(node: Field) -> Condition:
    return lambda reading: _within(node, reading.post.metrics.engagement)


def _within(node: Field, count: int | None) -> bool:
    if count is None:
        return False
    return (node.low is None or count >= node.low) and (node.high is None or count <= node.high)


def _sentiment(node: Field) -> Condition:
    value = node.value
    return lambda reading: reading.sentiment == value


_FIELDS: dict[str, Callable[[Field], Condition]] = {
    "network": _network,
    "lang": _lang,
    "author": _author,
    "site": _site,
    "link": _link,
    "has": _has,
    "is": _is,
    "followers": _followers,
    "engagement": _engagement,
    "sentiment": _sentiment,
}
