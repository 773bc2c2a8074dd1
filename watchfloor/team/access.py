"""The one door from a request to a mission. Refusal and absence look alike."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from watchfloor.team.models import Membership, Mission, Person

MAY_CHANGE_LISTENING = (Membership.Role.LEAD, Membership.Role.ANALYST)


class SignedIn(HttpRequest):
    """A request that `login_required` let through."""

    user: Person  # never anonymous


def mission_for(person: Person, slug: str) -> Mission:
    """The mission, if `person` may enter it. Raises Http404."""
    mission = Mission.objects.for_person(person).filter(slug=slug).first()
    if mission is None:
        raise Http404("no such mission")
    return mission


def may_lead(person: Person, mission: Mission) -> bool:
    """May change the mission itself: administrators and its leads."""
    if person.is_administrator:
        return True
    return mission.memberships.filter(person=person, role=Membership.Role.LEAD).exists()


def may_change_listening(person: Person, mission: Mission) -> bool:
    """May write topics: administrators, leads and analysts."""
    if person.is_administrator:
        return True
    return mission.memberships.filter(person=person, role__in=MAY_CHANGE_LISTENING).exists()


def may_manage_connections(person: Person) -> bool:
    """Connections hold secrets and cost requests: administrators only."""
    return person.is_administrator
