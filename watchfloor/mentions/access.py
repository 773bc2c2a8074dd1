"""The one door from a request to a mission's mentions."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone

from watchfloor.mentions import reads
from watchfloor.mentions.store.store import StoredPost
from watchfloor.team.access import SignedIn, mission_for
from watchfloor.team.models import Mission

LARGEST_ID = 2**63  # what a database's number holds; addresses can name more


def enter(request: SignedIn, slug: str) -> Mission:
    """The mission, if the person may enter it; remembered as the one opened last, and its zone taken where the person
    chose none. Raises Http404."""
    mission = mission_for(request.user, slug)
    if request.session.get("mission") != slug:
        request.session["mission"] = slug
    if not request.user.time_zone:
        timezone.activate(mission.zone)
    return mission


def post_for(mission: Mission, post_id: int) -> StoredPost:
    """One shown post of the mission. Raises Http404."""
    found = reads.post(mission, post_id) if post_id < LARGEST_ID else None
    if found is None:
        raise Http404("no such post")
    return found
