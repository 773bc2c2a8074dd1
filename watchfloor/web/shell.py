"""What the shell around every page shows: missions, the pages that exist, how fresh the sources are, the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from watchfloor.sources.models import Connection
from watchfloor.sources.reads import health
from watchfloor.team.access import may_lead
from watchfloor.team.models import Mission, Person

LEVELS = list(Mission.Level)
MOST_IN_TOP_LINE = 4
OF_EXPLORE = ("explore-hidden", "explore-compare", "conversation", "author", "saved-views", "marks", "labels")


@dataclass(frozen=True)
class Page:
    """One entry of the navigation. `key` is pressed after `g`."""

    name: str
    title: str
    icon: str
    url: str
    key: str
    is_current: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Everything is asked for only when a whole page shows it; fragments cost nothing."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"shell": None}
    return {"shell": SimpleLazyObject(lambda: _Shell(request))}


class _Shell:
    def __init__(self, request: HttpRequest) -> None:
        self.person = cast(Person, request.user)
        self.missions = list(Mission.objects.for_person(self.person))
        self.mission = self._current(request)
        here = request.resolver_match.view_name if request.resolver_match else ""
        self.pages = list(_pages(self.mission, here, self.person.is_administrator))
        self.may_lead = self.mission is not None and may_lead(self.person, self.mission)
        self.level_steps = range(1, LEVELS.index(Mission.Level(self.mission.level)) + 2) if self.mission else ()
        self.theme = self.person.theme

    def _current(self, request: HttpRequest) -> Mission | None:
        slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
        slug = slug or request.session.get("mission")
        rehearsals_first = sorted(self.missions, key=lambda m: not m.is_rehearsal)
        return next((m for m in self.missions if m.slug == slug), rehearsals_first[0] if rehearsals_first else None)

    @property
    def fresh(self) -> list[dict[str, object]]:
        """State of each source that this mission hears, worst first, at most four."""
        return freshness(self.mission, timezone.now())[:MOST_IN_TOP_LINE]


def freshness(mission: Mission | None, now: datetime) -> list[dict[str, object]]:
    if mission is None:
        return []
    heard = Connection.objects.filter(Q(mission=None) | Q(mission=mission), is_on=True)
    if mission.is_rehearsal:
        heard = heard.filter(mission=mission)
    rows = [(health(connection, now), connection) for connection in heard]
    rows.sort(key=lambda row: (row[0].rank, row[1].name))
    return [{"shape": h.shape, "calm": h.is_calm, "name": c.name, "words": h.short} for h, c in rows]


def _pages(mission: Mission | None, here: str, is_administrator: bool) -> list[Page]:
    pages = []
    if mission:
        for name, title, icon, key in (
            ("mission-home", _("Home"), "layout-dashboard", "h"),
            ("explore", _("Explore"), "search", "e"),
            ("panels", _("Figures"), "chart-line", "f"),
            ("topics", _("Topics"), "hash", "t"),
            ("emerging", _("Emerging"), "trending-up", "m"),
            ("goals", _("Goals"), "target", "g"),
            ("stand-up", _("Stand-up"), "checklist", "u"),
            ("strategy", _("Strategy log"), "notebook", "l"),
            ("walls", _("Walls"), "device-tv", "w"),
        ):
            current = here == name or (name == "topics" and here.startswith("topic"))
            current = current or (name == "explore" and here in OF_EXPLORE)
            current = current or (name == "panels" and here in ("panel-page", "metric"))
            current = current or (name == "goals" and here.startswith("goal"))
            current = current or (name == "walls" and here.startswith(("wall", "scene")))
            pages.append(Page(name, title, icon, reverse(name, args=[mission.slug]), key, current))
    current = here.startswith(("sources", "source-"))
    pages.append(Page("sources", _("Sources"), "antenna-bars-5", reverse("sources"), "s", current))
    return pages
