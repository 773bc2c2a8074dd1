"""Verbs that change people and missions."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.text import slugify

from watchfloor.team.models import Membership, Mission, Person


@transaction.atomic
def set_up_mission(mission: Mission, *, by: Person) -> Mission:
    """Save a new mission under an address of its own, with `by` as its lead."""
    mission.slug = _free_slug(mission.name)
    mission.save()
    Membership.objects.create(mission=mission, person=by, role=Membership.Role.LEAD)
    return mission


def _free_slug(name: str) -> str:
    wish = slugify(name)[:60] or "mission"
    taken = set(Mission.objects.filter(slug__startswith=wish).values_list("slug", flat=True))
    if wish not in taken:
        return wish
    numbered = (f"{wish}-{n}" for n in range(2, 1000))
    return next((slug for slug in numbered if slug not in taken), f"{wish}-{secrets.token_hex(4)}")
