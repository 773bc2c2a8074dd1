"""What changed between two versions of a query, token by token: a phrase, a field with its value, an operator or a
bracket changes as a whole. White space belongs to the token after it and is no change by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from watchfloor.listening.language.tree import Field, Node, Not, Query, Term, parts_of

MOST_TOKENS = 4_000  # compared one by one; of longer queries the ends that are alike are taken off first


@dataclass(frozen=True)
class Change:
    kind: Literal["same", "added", "removed"]
    text: str

    @property
    def lead(self) -> str:
        """The white space that it begins with."""
        return self.text[: len(self.text) - len(self.text.lstrip())]

    @property
    def words(self) -> str:
        return self.text.lstrip()


def differences(before: str, after: str) -> list[Change]:
    """In reading order, what was removed before what took its place. Joined, same + added is `after`, and same +
    removed is `before`, white space apart."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    old_words, new_words = [token.strip() for token in old], [token.strip() for token in new]
    found: list[Change] = []
    for kind, i1, i2, j1, j2 in _opcodes(old_words, new_words):
        if kind == "equal":
            found.append(Change("same", "".join(new[j1:j2])))
            continue
        if i2 > i1:
            found.append(Change("removed", "".join(old[i1:i2])))
        if j2 > j1:
            found.append(Change("added", "".join(new[j1:j2])))
    return found


def is_same_query(before: str, after: str) -> bool:
    """Whether nothing but white space differs."""
    return all(change.kind == "same" for change in differences(before, after))


# Quoted, spelt exactly, a field with a quoted value, a bracket, a word; each with the white space before it.
_TOKENS = re.compile(r'\s*(?:-?(?:[A-Za-z_]+:)?"(?:[^"\\]|\\.)*"?|\{[^{}]*\}?|-?[()]|[^\s()"{}]+|[{}])|\s+$')


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    if len(old) + len(new) <= MOST_TOKENS:
        return list(SequenceMatcher(None, old, new, autojunk=False).get_opcodes())
    first = next(
        (n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )
    most = min(len(old), len(new)) - first
    last = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    ends = (len(old) - last, len(new) - last)
    codes = [
        ("equal", 0, first, 0, first),
        ("replace", first, ends[0], first, ends[1]),
        ("equal", ends[0], len(old), ends[1], len(new)),
    ]
    return [code for code in codes if code[2] > code[1] or code[4] > code[3]]


# --- In words ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Means:
    """Terms and fields as they are written, by what became of them. "Looks for" and "shuts out" is how they stand in
    the query (under NOT or not), not what each of them alone decides."""

    looks_for: list[str]
    no_longer_looks_for: list[str]
    shuts_out: list[str]
    no_longer_shuts_out: list[str]

    def __bool__(self) -> bool:
        return bool(self.looks_for or self.no_longer_looks_for or self.shuts_out or self.no_longer_shuts_out)


def what_changes(before: Query, after: Query) -> Means:
    old_wanted, old_shut = _written(before)
    new_wanted, new_shut = _written(after)
    return Means(
        looks_for=[one for one in new_wanted if one not in old_wanted],
        no_longer_looks_for=[one for one in old_wanted if one not in new_wanted],
        shuts_out=[one for one in new_shut if one not in old_shut],
        no_longer_shuts_out=[one for one in old_shut if one not in new_shut],
    )


def _written(query: Query) -> tuple[dict[str, None], dict[str, None]]:
    """What is looked for and what is shut out, in the order written."""
    wanted: dict[str, None] = {}
    shut: dict[str, None] = {}
    todo: list[tuple[Node, bool]] = [(query.root, True)]
    while todo:
        node, is_wanted = todo.pop()
        if isinstance(node, Term):
            (wanted if is_wanted else shut).setdefault(node.written)
        elif isinstance(node, Field):
            (wanted if is_wanted else shut).setdefault(f"{node.name}:{_value(node)}")
        else:
            is_wanted = is_wanted is not isinstance(node, Not)
            todo.extend((part, is_wanted) for part in reversed(parts_of(node)))
    return wanted, shut


def _value(field: Field) -> str:
    if field.low is not None or field.high is not None:
        low, high = field.low, field.high
        return f"{low}..{high}" if None not in (low, high) else f">={low}" if high is None else f"<={high}"
    return f'"{field.value}"' if " " in field.value else field.value
