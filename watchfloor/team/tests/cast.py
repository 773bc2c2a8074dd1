"""The cast that everyone knows: ana leads, ben is on shift, cleo is in another team and must see nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password

from watchfloor.team.models import Membership, Mission, Person

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    owner: Person
    ana: Person
    ben: Person
    cleo: Person
    mission: Mission
    other: Mission


@cache
def _hash() -> str:
    return make_password(PASSWORD)  # slow by design, so once


def _person(name: str, **fields: object) -> Person:
    return Person.objects.create(email=f"{name}@example.org", name=name.title(), password=_hash(), **fields)


def make_cast() -> Cast:
    owner = _person("owner", is_administrator=True)
    ana, ben, cleo = _person("ana"), _person("ben"), _person("cleo")
    mission = Mission.objects.create(name="Pivot Conference", slug="pivot", kind="event", time_zone="Europe/Berlin")
    other = Mission.objects.create(name="Other Brand", slug="other")
    Membership.objects.create(mission=mission, person=ana, role=Membership.Role.LEAD)
    Membership.objects.create(mission=mission, person=ben, role=Membership.Role.VIEWER)
    Membership.objects.create(mission=other, person=cleo, role=Membership.Role.LEAD)
    return Cast(owner, ana, ben, cleo, mission, other)
