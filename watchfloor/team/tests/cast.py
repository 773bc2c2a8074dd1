"""The cast that everyone knows: ana leads, ben is on shift, cleo is in another team and must see nothing."""

from __future__ import annotations

from dataclasses import dataclass

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


def make_cast() -> Cast:
    owner = Person.objects.create_superuser("owner@example.org", PASSWORD, name="Olga Owner")
    ana, ben, cleo = (
        Person.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title())
        for name in ("ana", "ben", "cleo")
    )
    mission = Mission.objects.create(name="Pivot Conference", slug="pivot", kind="event", time_zone="Europe/Berlin")
    other = Mission.objects.create(name="Other Brand", slug="other")
    Membership.objects.create(mission=mission, person=ana, role=Membership.Role.LEAD)
    Membership.objects.create(mission=mission, person=ben, role=Membership.Role.VIEWER)
    Membership.objects.create(mission=other, person=cleo, role=Membership.Role.LEAD)
    return Cast(owner, ana, ben, cleo, mission, other)
