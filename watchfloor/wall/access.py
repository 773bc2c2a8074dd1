"""The doors to a wall: for people of its mission, and for screens that hold a link."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.http import Http404
from django.utils import timezone

from watchfloor.team.access import mission_for
from watchfloor.team.models import Mission, Person
from watchfloor.team.rights import Right
from watchfloor.wall.models import Share, Wall


@dataclass(frozen=True)
class Seen:
    """A wall, and by which share it is seen: None when a signed-in person looks."""

    wall: Wall
    share: Share | None = None


def wall_for(person: Person, slug: str, wall_id: int, right: Right = Right.SEE) -> Wall:
    """Http404 where there is none or `person` may not enter; PermissionDenied where they lack `right`."""
    mission = mission_for(person, slug, right)
    wall = Wall.objects.select_related("mission", "pinned").filter(mission=mission, pk=wall_id).first()
    if wall is None:
        raise Http404("no such wall")
    return wall


def wall_by_token(token: str) -> Seen:
    """The wall that the link shows. Http404 if there is none, it ended or it was revoked: all look alike."""
    share = (
        Share.objects.select_related("wall__mission", "wall__pinned")
        .filter(token_hash=hash_of(token), revoked_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if share is None:
        raise Http404("no such wall")
    return Seen(share.wall, share)


def still_shared(share_id: int) -> bool:
    return Share.objects.filter(pk=share_id, revoked_at=None, expires_at__gt=timezone.now()).exists()


def still_seen(person_id: int, mission_id: int) -> bool:
    person = Person.objects.filter(pk=person_id).first()
    return person is not None and Mission.objects.for_person(person).filter(pk=mission_id).exists()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
