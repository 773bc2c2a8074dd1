"""Missions one may see, their people and invitations, and who one is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Field, Query, Router, Schema, Status

from watchfloor.team import people
from watchfloor.team.api_door import Asked, Page, Wanted, enter, page_of, told_as
from watchfloor.team.models import Invitation, Membership, Mission
from watchfloor.team.rights import Right

router = Router(tags=["team"])
MissionKind = Annotated[Mission.Kind, told_as(Mission.Kind)]
MissionLevel = Annotated[Mission.Level, told_as(Mission.Level)]
MembershipRole = Annotated[Membership.Role, told_as(Membership.Role)]


class MeOut(Schema):
    email: str
    name: str
    is_administrator: bool
    scopes: list[str]


class MissionOut(Schema):
    slug: str
    name: str
    kind: MissionKind
    level: MissionLevel
    time_zone: str
    is_rehearsal: bool
    keep_days: int | None


class MemberOut(Schema):
    id: int = Field(alias="person_id")
    name: str
    email: str
    role: MembershipRole
    until: datetime | None

    @staticmethod
    def resolve_name(member: Membership) -> str:
        return member.person.name

    @staticmethod
    def resolve_email(member: Membership) -> str:
        return member.person.email


class MemberIn(Schema):
    role: MembershipRole
    until: datetime | None = None


class InvitationIn(Schema):
    role: MembershipRole = Membership.Role.VIEWER
    for_people: int = Field(1, ge=1, le=people.MOST_PEOPLE_A_LINK)
    days: int = Field(7, ge=1, le=people.LONGEST.days)
    access_until: datetime | None = None
    note: str = Field("", max_length=200)


class InvitationOut(Schema):
    id: int
    role: MembershipRole
    for_people: int
    joined: int
    note: str
    expires_at: datetime
    access_until: datetime | None


class InvitedOut(InvitationOut):
    """`address` is told this once."""

    address: str


@router.get("/me", response=MeOut)
def me(request: Asked) -> dict[str, Any]:
    """Whom the key acts for, and its scopes."""
    person = request.user
    return {
        "email": person.email,
        "name": person.name,
        "is_administrator": person.is_administrator,
        "scopes": request.auth.scopes,
    }


@router.get("/missions/{slug}/people", response=Page[MemberOut])
def members(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    held = enter(request, slug, Right.LEAD)
    return page_of(Membership.objects.filter(mission=held).select_related("person"), page)


@router.put("/missions/{slug}/people/{int:person_id}", response=MemberOut)
def change_member(request: Asked, slug: str, person_id: int, told: MemberIn) -> Membership:
    member = _member(request, slug, person_id)
    people.change_role(member, role=told.role, until=told.until)
    member.refresh_from_db()
    return member


@router.delete("/missions/{slug}/people/{int:person_id}", response={204: None})
def let_go(request: Asked, slug: str, person_id: int) -> Status[Any]:
    people.let_go(_member(request, slug, person_id))
    return Status(204, None)


@router.get("/missions/{slug}/invitations", response=Page[InvitationOut])
def invitations(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    """Those that people can still follow."""
    held = enter(request, slug, Right.LEAD)
    return page_of(Invitation.objects.filter(pk__in=[i.pk for i in people.open_invitations(held)]), page)


@router.post("/missions/{slug}/invitations", response={201: InvitedOut})
def invite(request: Asked, slug: str, told: InvitationIn) -> Status[Any]:
    held = enter(request, slug, Right.LEAD)
    invited = people.invite(
        held,
        by=request.user,
        role=told.role,
        for_people=told.for_people,
        lasts=timedelta(days=told.days),
        access_until=told.access_until,
        note=told.note,
    )
    row = invited.invitation
    fields = {name: getattr(row, name) for name in InvitationOut.model_fields}
    return Status(201, {**fields, "address": _absolute(request, reverse("join", args=[invited.token]))})


@router.delete("/missions/{slug}/invitations/{int:invitation_id}", response={204: None})
def revoke_invitation(request: Asked, slug: str, invitation_id: int) -> Status[Any]:
    held = enter(request, slug, Right.LEAD)
    people.revoke_invitation(get_object_or_404(Invitation, mission=held, pk=invitation_id))
    return Status(204, None)


def _member(request: Asked, slug: str, person_id: int) -> Membership:
    held = enter(request, slug, Right.LEAD)
    return get_object_or_404(Membership.objects.select_related("person"), mission=held, person_id=person_id)


def _absolute(request: HttpRequest, path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
