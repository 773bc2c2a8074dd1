"""The one door from a request to a mission. Refusal and absence look alike."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from watchfloor.team.models import Mission, Person
from watchfloor.team.rights import OF_THE_INSTALLATION, ROLES, Right


class SignedIn(HttpRequest):
    """A request that `login_required` let through."""

    user: Person  # never anonymous


def mission_for(person: Person, slug: str, right: Right = Right.SEE) -> Mission:
    """The mission, if `person` may enter it; Http404 if not, as if there were none. PermissionDenied where they may
    enter but lack `right`."""
    mission = Mission.objects.for_person(person).filter(slug=slug).first()
    if mission is None:
        raise Http404("no such mission")
    if right != Right.SEE and not may(person, mission, right):
        raise PermissionDenied
    return mission


def may(person: Person, mission: Mission | None, right: Right) -> bool:
    """What the table of `rights.py` says. Without a mission: the rights of the installation, which administrators hold.
    One query; none for administrators."""
    if not person.is_active:
        return False
    if person.is_administrator:
        return True
    if mission is None or right in OF_THE_INSTALLATION:
        return False
    role = mission.memberships.current().filter(person=person).values_list("role", flat=True).first()
    return right in ROLES.get(role or "", frozenset())


def may_lead(person: Person, mission: Mission) -> bool:
    """May change the mission itself: administrators and its leads."""
    return may(person, mission, Right.LEAD)


def may_change_listening(person: Person, mission: Mission) -> bool:
    """May write topics: administrators, leads and analysts."""
    return may(person, mission, Right.LISTEN)


def may_manage_connections(person: Person) -> bool:
    """Connections hold secrets and cost requests: administrators only."""
    return may(person, None, Right.CONNECT)
