"""The doors from a request to a mission's pages, goals and other editions; and to what a form was sent."""

from __future__ import annotations

from django.http import Http404, QueryDict

from watchfloor.mentions.access import enter
from watchfloor.missions.models import Goal
from watchfloor.team.access import SignedIn, mission_for
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right


def enter_to_lead(request: SignedIn, slug: str) -> Mission:
    """The mission, for somebody who may change what it is for. Http404, PermissionDenied."""
    mission_for(request.user, slug, Right.LEAD)
    return enter(request, slug)


def goal_for(mission: Mission, pk: int) -> Goal:
    """A goal of the mission. Http404."""
    goal = mission.goals.select_related("mission", "topic", "owner").filter(pk=pk).first() if pk < 2**63 else None
    if goal is None:
        raise Http404("no such goal")
    goal.mission = mission
    return goal


def edition_for(request: SignedIn, mission: Mission, slug: str) -> Mission:
    """The mission that another is compared with: both must be visible to the person. Http404."""
    other = mission_for(request.user, slug)
    if other.pk == mission.pk:
        raise Http404("a mission is not compared with itself")
    return other


def posted(request: SignedIn) -> QueryDict | None:
    """What a form was sent, also if that is nothing; None where it was only asked for."""
    return request.POST if request.method == "POST" else None
