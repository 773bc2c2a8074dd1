"""The readiness checklist: what a command center needs besides software. Some items know by themselves; a person's
answer adds to what is known, and alone decides the others.

Assembled from what engagement centers published about theirs (Altimeter's breakdown of 2012 and its companions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from watchfloor.missions.models import ReadyItem
from watchfloor.missions.use_cases import chosen
from watchfloor.sources.models import Connection
from watchfloor.sources.reads import health
from watchfloor.team.models import Membership, Mission, Person


@dataclass(frozen=True)
class Known:
    """What an item knows by itself."""

    is_ready: bool
    says: str


@dataclass(frozen=True)
class Item:
    """`asks` the question to answer. `knows` None: only people can answer it. `step`: where in the set-up it is
    settled."""

    key: str
    title: Any
    asks: Any
    knows: Callable[[Mission], Known] | None = None
    step: str = ""


@dataclass(frozen=True)
class Checked:
    """An item as it stands: `by_itself` is what it knows, the rest what a person said."""

    item: Item
    is_ready: bool
    by_itself: Known | None
    answer: str
    who: str
    answered_by: Person | None
    answered_at: datetime | None


def checklist(mission: Mission) -> list[Checked]:
    """Every item in order. A person's "ready" can't overrule an item that knows better, but its words are kept."""
    answers = {row.item: row for row in ReadyItem.objects.filter(mission=mission).select_related("answered_by")}
    return [_checked(item, mission, answers.get(item.key)) for item in ITEMS]


def _checked(item: Item, mission: Mission, row: ReadyItem | None) -> Checked:
    known = item.knows(mission) if item.knows else None
    ready = known.is_ready if known else bool(row and row.is_ready)
    return Checked(
        item,
        ready,
        known,
        row.answer if row else "",
        row.who if row else "",
        row.answered_by if row else None,
        row.answered_at if row else None,
    )


def _goal_and_owner(mission: Mission) -> Known:
    goals = list(mission.goals.select_related("owner"))
    if not goals:
        return Known(False, _("No goal is set."))
    without = [goal.name for goal in goals if goal.owner is None]
    if without:
        return Known(False, _("No owner: %(goals)s.") % {"goals": ", ".join(without)})
    without = [goal.name for goal in goals if goal.target is None]
    if without:
        return Known(False, _("No target: %(goals)s.") % {"goals": ", ".join(without)})
    said = ngettext("%(n)d goal, with target and owner.", "%(n)d goals, each with target and owner.", len(goals))
    return Known(True, said % {"n": len(goals)})


def _use_case(mission: Mission) -> Known:
    cases = chosen(mission.purpose.use_cases if hasattr(mission, "purpose") else [])
    if not cases:
        return Known(False, _("No use case is chosen."))
    return Known(True, ", ".join(str(case.title) for case in cases) + ".")


def _staffing(mission: Mission) -> Known:
    people = mission.memberships.current().count()
    if people < 2:
        return Known(False, _("One person alone can’t watch by day and night. Invite others."))
    return Known(True, _("%(n)d people are in the mission.") % {"n": people})


def _roles(mission: Mission) -> Known:
    held = set(mission.memberships.current().values_list("role", flat=True))
    missing = [
        str(role.label)
        for role in (Membership.Role.LEAD, Membership.Role.ANALYST, Membership.Role.AGENT)
        if role not in held
    ]
    if missing:
        return Known(False, _("Nobody is: %(roles)s.") % {"roles": ", ".join(missing)})
    return Known(True, _("There is a lead, an analyst and an agent."))


def _software(mission: Mission) -> Known:
    now = timezone.now()
    heard = list(connections_of(mission))
    if not mission.topics.filter(is_on=True).exists():
        return Known(False, _("No topic is listened for."))
    if not heard:
        return Known(False, _("No source is switched on."))
    bad = [one.name for one in heard if health(one, now).shape != "ok"]
    if len(bad) == len(heard):
        return Known(False, _("No source is live: %(names)s.") % {"names": ", ".join(bad)})
    said = _("%(live)d of %(all)d sources are live.") % {"live": len(heard) - len(bad), "all": len(heard)}
    return Known(True, said)


def _screens(mission: Mission) -> Known:
    walls = getattr(mission, "walls", None)  # what the wall's folder hangs on a mission
    hung = walls.count() if walls is not None else 0
    if hung:
        return Known(True, ngettext("%(n)d wall hangs.", "%(n)d walls hang.", hung) % {"n": hung})
    scenes = mission.purpose.scenes if hasattr(mission, "purpose") else []
    if not scenes:
        return Known(False, _("No scene is chosen for the wall."))
    said = ngettext(
        "%(n)d scene is chosen; no wall hangs yet.", "%(n)d scenes are chosen; no wall hangs yet.", len(scenes)
    )
    return Known(False, said % {"n": len(scenes)})


def _redundancy(mission: Mission) -> Known:
    networks = {connection.source for connection in connections_of(mission)}
    if len(networks) < 2:
        return Known(False, _("Everything is heard through one kind of source; when it fails, nothing is heard."))
    return Known(True, _("Heard through %(n)d kinds of sources.") % {"n": len(networks)})


def _measurement(mission: Mission) -> Known:
    goals = list(mission.goals.all())
    without = [goal.name for goal in goals if goal.baseline is None]
    if not goals:
        return Known(False, _("No goal is set."))
    if without:
        return Known(False, _("No baseline: %(goals)s.") % {"goals": ", ".join(without)})
    return Known(True, _("Every goal has a baseline."))


def connections_of(mission: Mission) -> Any:
    """Those that the mission hears and that are switched on; a rehearsal hears its own alone."""
    heard = Connection.objects.filter(Q(mission=None) | Q(mission=mission), is_on=True)
    return heard.filter(mission=mission) if mission.is_rehearsal else heard


_t = gettext_lazy
ITEMS = (
    Item(
        "goal",
        _t("Goal and owner"),
        _t("What is to be reached, by when, and who answers for it?"),
        _goal_and_owner,
        "goals",
    ),
    Item("use-case", _t("Use case"), _t("What is the center for? What is it not for?"), _use_case, "why"),
    Item(
        "staffing", _t("Staffing and hours"), _t("Who is on when, nights and weekends included?"), _staffing, "people"
    ),
    Item("roles", _t("Roles and training"), _t("Who does what, and who taught them?"), _roles, "people"),
    Item("triage", _t("Triage"), _t("What is answered, what is only watched, what is let stand, and who decides?")),
    Item("escalation", _t("Escalation and crisis plan"), _t("Who is called, in what order, from which threshold on?")),
    Item("software", _t("Listening"), _t("Is everything heard that should be?"), _software, "sources"),
    Item(
        "screens",
        _t("Screens"),
        _t("Who reads them, walking by, at a desk or online, and from how far?"),
        _screens,
        "wall",
    ),
    Item("location", _t("Location and network"), _t("Where do people sit, and what if power, room or network fail?")),
    Item(
        "redundancy",
        _t("Second source"),
        _t("What is still heard when one network goes silent?"),
        _redundancy,
        "sources",
    ),
    Item("catalogue", _t("Service catalogue"), _t("What may colleagues ask for, and how fast do they get it?")),
    Item("governance", _t("Governance"), _t("Who may speak for us, and who approves what?")),
    Item(
        "measurement",
        _t("Measurement"),
        _t("What is compared with what, and who hears the result?"),
        _measurement,
        "goals",
    ),
    Item(
        "budget",
        _t("Budget and sustainability"),
        _t("What does it cost a month, and is it worth keeping after the event?"),
    ),
)
KEYS = frozenset(item.key for item in ITEMS)
