"""What is shipped to write topics with: templates by use case, and noise to shut out.

fill(template("event-questions"), {"hashtags": "#pivot26, #pivotconf", "handles": "@pivot"})
without("wifi OR wlan", snippet("job-ads"))   → (wifi OR wlan)\\nNOT (…)
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import And, Field, Near, Node, Not, Or, QueryError, Term, parts_of

MOST_VALUES = 200  # of one placeholder


@dataclass(frozen=True)
class Snippet:
    """Noise. `query` says what it looks like."""

    key: str
    name: str
    about: str
    query: str


@dataclass(frozen=True)
class Placeholder:
    key: str
    label: str
    hint: str
    example: str


@dataclass(frozen=True)
class Template:
    """`query` holds its placeholders in square brackets. `role` is a Topic.Role."""

    key: str
    use_case: str
    name: str
    role: str
    query: str

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """In the order they first stand in the query."""
        keys = dict.fromkeys(_PLACEHOLDER.findall(self.query))
        return tuple(placeholders()[key] for key in keys)


class NotFilled(ValueError):
    """A placeholder has no value. `key` is the placeholder's."""

    def __init__(self, key: str, label: str) -> None:
        super().__init__(_("Fill in: %(label)s.") % {"label": label})
        self.key = key


def use_cases() -> dict[str, str]:
    """Key → name, in the order they are shown: why somebody listens."""
    return {
        "health": pgettext("use case", "Social health at any time"),
        "care": pgettext("use case", "Customer concerns"),
        "campaign": pgettext("use case", "Campaign tracking"),
        "content": pgettext("use case", "Feedback to those who make content"),
        "voices": pgettext("use case", "Influencers and decision makers"),
        "crisis": pgettext("use case", "Crisis"),
        "request": pgettext("use case", "Requests from colleagues"),
        "report": pgettext("use case", "Periodic reports"),
        "event": pgettext("use case", "Event"),
        "competitor": pgettext("use case", "Competitor"),
        "person": pgettext("use case", "Person"),
    }


def snippets() -> tuple[Snippet, ...]:
    return tuple(Snippet(**one) for one in _shipped("noise")["snippet"])


def templates() -> tuple[Template, ...]:
    return tuple(Template(**one) for one in _shipped("templates")["template"])


def placeholders() -> dict[str, Placeholder]:
    return {one["key"]: Placeholder(**one) for one in _shipped("templates")["placeholder"]}


def snippet(key: str) -> Snippet | None:
    return next((one for one in snippets() if one.key == key), None)


def template(key: str) -> Template | None:
    return next((one for one in templates() if one.key == key), None)


def fill(this: Template, values: Mapping[str, str]) -> str:
    """The template's query with each placeholder replaced by the person's words: several, with commas or line breaks
    between, are joined by OR. Raises NotFilled, and QueryError where the result can't be read."""
    words: dict[str, list[str]] = {}
    for one in this.placeholders:
        given = [_term(value) for value in re.split(r"[,;\n]", values.get(one.key, ""))[:MOST_VALUES] if value.strip()]
        if not given:
            raise NotFilled(one.key, _(one.label))
        words[one.key] = list(dict.fromkeys(given))

    def put(found: re.Match[str]) -> str:
        joined = " OR ".join(words[found[1]])
        before, after = this.query[: found.start()].rstrip(), this.query[found.end() :].lstrip()
        stands_free = before.endswith(("(", "OR")) or not before
        stands_free &= after.startswith((")", "OR")) or not after
        return joined if len(words[found[1]]) == 1 or stands_free else f"({joined})"

    query = _PLACEHOLDER.sub(put, this.query)
    read(query)
    return query


def without(query: str, noise: Snippet) -> str:
    """`query` with the noise shut out. One that can't be read just gets it written behind."""
    try:
        root = read(query).root
    except QueryError:
        return f"{query.rstrip()}\nNOT ({noise.query})"
    return (
        f"({query.strip()})\nNOT ({noise.query})" if isinstance(root, Or) else f"{query.rstrip()}\nNOT ({noise.query})"
    )


def shuts_out(query: str, noise: Snippet) -> bool:
    """Whether the query shuts this noise out already, by exactly this snippet."""
    try:
        root, looked_for = read(query).root, read(noise.query).root
    except QueryError:
        return False
    parts = root.parts if isinstance(root, And) else (root,)
    return any(isinstance(part, Not) and _alike(part.part, looked_for) for part in parts)


def with_term(query: str, term: str) -> str:
    """`query` widened by one more thing to look for: the first group of terms takes it in, where there is one.

    `(#a OR #b) -is:repost` and `#c` → `(#a OR #b OR #c) -is:repost`; `a b` and `#c` → `(a b) OR #c`.
    """
    term = _term(term)
    try:
        root = read(query).root
    except QueryError:
        return query
    if isinstance(root, Or):
        return f"{query.rstrip()} OR {term}"
    if isinstance(root, And):
        group = next((part for part in root.parts if isinstance(part, Or)), None)
        if group is not None and query[group.end :].lstrip().startswith(")"):
            end = group.end
            return f"{query[:end]} OR {term}{query[end:]}"
        first = root.parts[0]
        others_shut_out = all(isinstance(part, Not) for part in root.parts[1:])
        if others_shut_out and not parts_of(first):
            return f"{query[: first.start]}({query[first.start : first.end]} OR {term}){query[first.end :]}"
        return f"({query.strip()}) OR {term}"
    return f"{query.rstrip()} OR {term}" if not isinstance(root, Not) else f"({query.strip()}) OR {term}"


def _alike(one: Node, other: Node) -> bool:
    """Whether two trees look for the same, wherever they stand in their texts."""
    todo = [(one, other)]
    while todo:
        left, right = todo.pop()
        ours, theirs = parts_of(left), parts_of(right)
        if type(left) is not type(right) or len(ours) != len(theirs) or _itself(left) != _itself(right):
            return False
        todo.extend(zip(ours, theirs, strict=True))
    return True


def _itself(node: Node) -> tuple[object, ...]:
    """What a node says without its parts and its place."""
    if isinstance(node, Term):
        return (node.pieces, node.exact)
    if isinstance(node, Field):
        return (node.name, node.value, node.low, node.high)
    return (node.distance, node.ordered) if isinstance(node, Near) else ()


def _term(words: str) -> str:
    """Somebody's words as one term: as they are where the language reads them as one, else as a phrase."""
    words = " ".join(words.split()).strip('"“”')
    if _BARE.fullmatch(words) and words not in ("AND", "OR", "NOT", "NEAR"):
        return words
    return '"' + words.replace("\\", " ").replace('"', '\\"') + '"'


@cache
def _shipped(name: str) -> Any:
    return tomllib.loads(files(__package__).joinpath(f"shipped/{name}.toml").read_text("utf-8"))


_PLACEHOLDER = re.compile(r"\[([a-z_]+)\]")
_BARE = re.compile(r"[@#]?\w+(?:[.@\-]\w+)*\*?")
