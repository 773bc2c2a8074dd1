"""The rules that put a line under "What is working" or "What is broken".

Each is a condition on metrics, written down in `condition` word by word (docs/rules.md is made from it), and a function
that finds the lines for which it holds now. A line says its figure, why it is there, and links to its posts. Nothing
else puts a line on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from watchfloor.missions.watch import Watch

MOST_LINES = 5  # of a side; what weighs most comes first


@dataclass(frozen=True)
class Line:
    """`lead` is the figure at the left with its unit, `title` what it is about, `says` the sentence under it, `why` the
    rule's condition with the figures of now. `link` is a page of ours. `needs_you`: somebody must act."""

    lead: str
    unit: str
    title: str
    says: str
    why: str
    link: str
    link_words: str
    weight: float
    needs_you: bool = False
    shape: str = ""  # of a status mark before `says`: late, due, fail, unknown
    topic_id: int | None = None
    post_id: int | None = None
    rule: str = ""
    called: str = ""  # in "… needs you"; "": by its title


@dataclass(frozen=True)
class Rule:
    """`side` is "working" or "broken"."""

    name: str
    side: str
    title: Any
    condition: Any
    find: Callable[[Watch], Iterable[Line]]


@dataclass(frozen=True)
class Found:
    working: list[Line]
    broken: list[Line]

    @property
    def needing(self) -> list[Line]:
        return [line for line in self.broken if line.needs_you]


def look(watch: Watch) -> Found:
    """What every rule finds now: what needs somebody first, then by weight."""
    lines = {"working": list(_lines(watch, "working")), "broken": list(_lines(watch, "broken"))}
    for side in lines.values():
        side.sort(key=lambda line: (not line.needs_you, -line.weight, line.title))
    return Found(lines["working"][:MOST_LINES], lines["broken"][:MOST_LINES])


def _lines(watch: Watch, side: str) -> Iterator[Line]:
    from dataclasses import replace

    for rule in all_rules():
        if rule.side == side:
            for line in rule.find(watch):
                yield replace(line, rule=rule.name)


def all_rules() -> tuple[Rule, ...]:
    from watchfloor.missions import broken, working

    return (*broken.RULES, *working.RULES)


def rule(name: str) -> Rule:
    """Raises KeyError."""
    return {one.name: one for one in all_rules()}[name]
