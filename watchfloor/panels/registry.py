"""Every panel, ours and other packages': one way of showing metrics or items.

    drawn = panel("volume").draw(Question(mission, window))

An entry point of the group "watchfloor.panels" names a tuple of panels.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from watchfloor.metrics.question import Question
from watchfloor.panels.drawn import Change, Column, Drawn, Table

__all__ = ["Change", "Column", "Drawn", "Panel", "Setting", "Table", "UnknownPanel", "all_panels", "panel"]

GROUP = "watchfloor.panels"
EVERYWHERE = frozenset({"page", "wall", "report"})
log = logging.getLogger(__name__)

Words = str | Promise
Kind = Literal["number", "line", "bars", "list", "posts", "race", "words", "clock"]


class UnknownPanel(KeyError):
    """There is no panel of this name. `near` are names that look like it."""

    def __init__(self, name: str, near: list[str]) -> None:
        super().__init__(name)
        self.name, self.near = name, near

    def __str__(self) -> str:
        said = _("There is no panel “%(name)s”.") % {"name": self.name}
        return said + (" " + _("Did you mean %(names)s?") % {"names": ", ".join(self.near)} if self.near else "")


@dataclass(frozen=True)
class Setting:
    """One thing that can be chosen about a panel: a whole number from `least` to `most`, one of `choices` (value,
    title), or a text. What can't be understood becomes `default`."""

    name: str
    title: Words
    default: Any
    least: int = 0
    most: int = 0
    choices: tuple[tuple[str, Words], ...] = ()

    def read(self, told: Any) -> Any:
        if self.choices:
            return told if told in dict(self.choices) else self.default
        if isinstance(self.default, bool):
            return told in (True, "1", "true", "on", "yes")
        if isinstance(self.default, int):
            words = str(told)
            return (
                min(self.most, max(self.least, int(words))) if words.isdecimal() and len(words) < 10 else self.default
            )
        return str(told)[:400]


@dataclass(frozen=True)
class Panel:
    name: str
    title: Words
    says: Words
    metrics: tuple[str, ...]
    kind: Kind
    build: Callable[[Question, dict[str, Any]], Drawn]
    suits: frozenset[str] = EVERYWHERE
    settings: tuple[Setting, ...] = ()

    def checked(self, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The panel's own settings, each understood or its default."""
        told = told or {}
        return {one.name: one.read(told[one.name]) if one.name in told else one.default for one in self.settings}

    def draw(self, question: Question, told: Mapping[str, Any] | None = None) -> Drawn:
        """Build it with settings as somebody gave them."""
        return self.build(question, self.checked(told))


@cache
def all_panels() -> dict[str, Panel]:
    """Every panel by name. Entries that can't be loaded are left out and logged; a name belongs to the first."""
    found: dict[str, Panel] = {}
    for point in sorted(entry_points(group=GROUP), key=_ours_first):
        try:
            panels: tuple[Panel, ...] = point.load()
        except (ImportError, AttributeError):
            log.exception("Panels could not be loaded", extra={"entry": point.name})
            continue
        for one in panels:
            if one.name in found:
                log.error("A panel's name is taken", extra={"panel": one.name, "entry": point.name})
            found.setdefault(one.name, one)
    return found


def panel(name: str) -> Panel:
    """Raises UnknownPanel."""
    known = all_panels()
    if name not in known:
        raise UnknownPanel(name, get_close_matches(name, known, n=3, cutoff=0.5))
    return known[name]


def _ours_first(point: EntryPoint) -> tuple[bool, str]:
    return not point.value.startswith("watchfloor."), point.name
