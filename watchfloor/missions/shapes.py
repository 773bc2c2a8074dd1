"""Shapes of topics: query templates whose places are filled from what a mission is called.

    {own}         every word for it: name, other names, hashtags, handles, joined by OR in brackets
    {hashtags}    its hashtags and handles alone: what people write on purpose
    {asked}       its handles and hashtags, else every word: what people write to be answered
    {competitor}  one competitor; such a shape makes one topic for each of them

A shape whose places stay empty makes no topic. What is filled in is quoted, so that a name is never an operator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import QueryError

OPERATORS = {"AND", "OR", "NOT"}
MOST_WORDS = 40


@dataclass(frozen=True)
class TopicShape:
    """`name` may hold {name} and {competitor}."""

    key: str
    name: Any
    role: str
    query: str


@dataclass(frozen=True)
class Called:
    """What people call the mission's subject, as typed."""

    name: str
    called: Sequence[str] = ()
    hashtags: Sequence[str] = ()
    handles: Sequence[str] = ()
    competitors: Sequence[str] = ()


@dataclass(frozen=True)
class TopicStart:
    """A topic that a shape suggests for a mission."""

    key: str
    name: str
    role: str
    query: str


def fill(shapes: Sequence[TopicShape], called: Called) -> list[TopicStart]:
    """The topics that the shapes make, in their order, each name and each query once."""
    found: list[TopicStart] = []
    for shape in shapes:
        for start in _filled(shape, called):
            if all(start.name != other.name and start.query != other.query for other in found):
                found.append(start)
    return found


def _filled(shape: TopicShape, called: Called) -> Iterator[TopicStart]:
    tags = [*_marked(called.hashtags, "#"), *_marked(called.handles, "@")]
    names = [term(name) for name in (called.name, *called.called)]
    own = [word for word in dict.fromkeys([*names, *tags]) if word]
    places = {"own": _any(own), "hashtags": _any(tags), "asked": _any(tags or own)}
    rivals = [(name, term(name)) for name in called.competitors if term(name)] if "{competitor}" in shape.query else []
    for name, word in rivals or ([("", "")] if "{competitor}" not in shape.query else []):
        needed = {**places, "competitor": word}
        if any(not needed[place] for place in re.findall(r"{(\w+)}", shape.query)):
            continue
        query = shape.query.format(**needed)
        title = str(shape.name).format(name=called.name.strip(), competitor=name.strip())[:400]
        if _reads(query):
            yield TopicStart(f"{shape.key}:{name}" if name else shape.key, title, shape.role, query)


def term(text: str) -> str:
    """`text` as one term of the query language: a bare word, hashtag or handle as it stands, anything else quoted.
    "" where there is nothing to look for."""
    text = " ".join(text.split())
    if re.fullmatch(r"[#@]?\w[\w.]*\w|\w", text) and text not in OPERATORS:
        return text if _reads(text) else ""
    quoted = '"' + text.replace("\\", " ").replace('"', " ").strip() + '"'
    return quoted if _reads(quoted) else ""


def words_of(text: str) -> list[str]:
    """What was typed into one box, by comma or line: at most 40 different ones."""
    parts = (" ".join(part.split()) for part in re.split(r"[,;\n]", text))
    return list(dict.fromkeys(part[:200] for part in parts if part))[:MOST_WORDS]


def _marked(words: Sequence[str], mark: str) -> list[str]:
    bare = (word.strip().lstrip("#@＃＠") for word in words)
    joined = (re.sub(r"\s+", "", word) if mark == "#" else word for word in bare)
    return [f"{mark}{word}" for word in joined if word and _reads(f"{mark}{word}")]


def _any(words: Sequence[str]) -> str:
    if not words:
        return ""
    return words[0] if len(words) == 1 else f"({' OR '.join(words)})"


def _reads(query: str) -> bool:
    try:
        read(query)
    except QueryError:
        return False
    return True
