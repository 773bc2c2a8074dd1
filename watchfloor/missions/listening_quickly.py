"""Sources that a mission can begin to hear with one tick: open networks that need no key, and a rehearsal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from watchfloor.missions.readiness import connections_of
from watchfloor.sources.actions import add_connection
from watchfloor.sources.models import Connection
from watchfloor.sources.source import installed_sources
from watchfloor.team.models import Mission

OPEN = ("bluesky", "hackernews")  # heard whole, without an account and without a choice of server
REHEARSAL = "rehearsal"


@dataclass(frozen=True)
class Quick:
    source: str
    title: str
    says: str
    is_heard: bool
    is_rehearsal: bool


def quick_sources(mission: Mission) -> list[Quick]:
    heard = {connection.source for connection in connections_of(mission)}
    known = installed_sources()
    found = [
        Quick(
            name, known[name].facts.title, _("Open to everybody: no key and no account needed."), name in heard, False
        )
        for name in OPEN
        if name in known and not mission.is_rehearsal
    ]
    if REHEARSAL in known:
        says = _("A made-up conference with 25,000 posts, for practice. Only this mission hears it.")
        found.append(Quick(REHEARSAL, known[REHEARSAL].facts.title, says, REHEARSAL in heard, True))
    return found


def listen(mission: Mission, sources: Iterable[str], *, speed: str = "") -> list[Connection]:
    """Add those that the mission does not hear yet: open networks for all missions, a rehearsal for this one alone."""
    wanted = set(sources)
    added = []
    for quick in quick_sources(mission):
        if quick.is_heard or quick.source not in wanted:
            continue
        settings = {"speed": _speed(speed)} if quick.is_rehearsal else {}
        added.append(
            add_connection(
                source=quick.source,
                name=quick.title,
                mission=mission if quick.is_rehearsal else None,
                settings=settings,
                secrets={},
            )
        )
    return added


def _speed(told: str) -> float:
    return float(told) if told in ("1", "12", "60", "600") else 12.0
