"""Verbs about who may enter a mission: invite, join, change a role, let go.

Each raises `NotNow` with a sentence for the person where it can't be done. What somebody may do changes at once: doors
ask the table at every request, and the sessions of that person get a new key.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.team.models import Invitation, Membership, Mission, Person

# Called in the transaction that changed what somebody may do. Open streams hear of it by what `live` puts here.
when_rights_change: list[Callable[[], None]] = []

TOKEN_BYTES = 32
MOST_PEOPLE_A_LINK = 500
LONGEST = timedelta(days=90)


class NotNow(Exception):
    """What was asked can't be done; the message says why and what to do."""


@dataclass(frozen=True)
class Invited:
    """`token` is told this once: only its hash is kept."""

    invitation: Invitation
    token: str


@transaction.atomic
def invite(
    mission: Mission,
    *,
    by: Person,
    role: str = Membership.Role.VIEWER,
    for_people: int = 1,
    lasts: timedelta = timedelta(days=7),
    access_until: datetime | None = None,
    note: str = "",
) -> Invited:
    """A link for `for_people` people to join as `role`, within `lasts`. Their access ends at `access_until`."""
    if role not in Membership.Role.values:
        raise NotNow(_("There is no role “%(role)s”.") % {"role": str(role)[:40]})
    if not 1 <= for_people <= MOST_PEOPLE_A_LINK:
        raise NotNow(_("A link is for 1 to %(most)d people.") % {"most": MOST_PEOPLE_A_LINK})
    if not timedelta(0) < lasts <= LONGEST:
        raise NotNow(_("A link lasts at most %(days)d days.") % {"days": LONGEST.days})
    now = timezone.now()
    if access_until is not None and access_until <= now:
        raise NotNow(_("Access would have ended already. Pick a time to come."))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        mission=mission,
        role=role,
        token_hash=_hash(token),
        for_people=for_people,
        note=note[:200],
        made_by=by,
        expires_at=now + lasts,
        access_until=access_until,
    )
    return Invited(invitation, token)


def open_invitation(token: str) -> Invitation | None:
    """The invitation that somebody could follow now. Uses nothing up."""
    found = Invitation.objects.select_related("mission").filter(token_hash=_hash(token)).first()
    return found if found and found.is_open else None


@transaction.atomic
def join(token: str, *, person: Person | None = None, name: str = "", email: str = "") -> Person:
    """Join by a link: as `person`, who is signed in, or as somebody new. One UPDATE decides who gets the last place.

    Whoever is a member already keeps the higher role. An address that is known already must sign in first: a link
    must not let anybody become somebody else.
    """
    invitation = open_invitation(token)
    if invitation is None:
        raise NotNow(_("This invitation does not work any more. Ask whoever sent it for a new one."))
    if person is None:
        email = Person.objects.normalize_email(email).strip()
        if Person.objects.filter(email__iexact=email).exists():
            raise NotNow(_("This e-mail address is known here. Sign in first, then open the invitation again."))
    taken = Invitation.objects.filter(
        pk=invitation.pk, revoked_at=None, joined__lt=F("for_people"), expires_at__gt=timezone.now()
    ).update(joined=F("joined") + 1)
    if taken != 1:
        raise NotNow(_("Somebody else took the last place of this invitation. Ask for a new one."))
    if person is None:
        person = Person.objects.create_user(email, name=name)
    held = Membership.objects.filter(mission=invitation.mission, person=person).first()
    if held is None:
        Membership.objects.create(
            mission=invitation.mission, person=person, role=invitation.role, until=invitation.access_until
        )
    else:
        _better(held, invitation)
    _rights_changed(person)
    return person


def _better(held: Membership, invitation: Invitation) -> None:
    """An invitation never takes away: neither from the role nor from the time."""
    order = [Membership.Role.VIEWER, Membership.Role.AGENT, Membership.Role.ANALYST, Membership.Role.LEAD]
    over = held.until is not None and held.until <= timezone.now()
    if over or order.index(Membership.Role(invitation.role)) > order.index(Membership.Role(held.role)):
        held.role = invitation.role
    if held.until is not None and (over or invitation.access_until is None or invitation.access_until > held.until):
        held.until = invitation.access_until
    held.save(update_fields=["role", "until"])


def revoke_invitation(invitation: Invitation) -> None:
    """Nobody joins by it any more; who did stays."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def change_role(membership: Membership, *, role: str, until: datetime | None) -> None:
    if role not in Membership.Role.values:
        raise NotNow(_("There is no role “%(role)s”.") % {"role": str(role)[:40]})
    if role != Membership.Role.LEAD or until is not None:
        _someone_else_leads(membership)
    Membership.objects.filter(pk=membership.pk).update(role=role, until=until)
    _rights_changed(membership.person)


@transaction.atomic
def let_go(membership: Membership) -> None:
    """Take somebody out of a mission. Their work stays."""
    _someone_else_leads(membership)
    Membership.objects.filter(pk=membership.pk).delete()
    _rights_changed(membership.person)


@transaction.atomic
def let_in(person: Person, *, may_sign_in: bool, is_administrator: bool) -> None:
    """What only administrators decide about a person. The last administrator stays one."""
    others = Person.objects.select_for_update().filter(is_administrator=True, is_active=True).exclude(pk=person.pk)
    if person.is_administrator and not (may_sign_in and is_administrator) and not others.exists():
        raise NotNow(_("This is the last administrator. Make somebody else one first."))
    Person.objects.filter(pk=person.pk).update(is_active=may_sign_in, is_administrator=is_administrator)
    _rights_changed(person)


def _someone_else_leads(membership: Membership) -> None:
    """A mission keeps somebody who may lead it for good, while it has such a person."""
    leads = Membership.objects.select_for_update().filter(
        mission=membership.mission, role=Membership.Role.LEAD, until=None, person__is_active=True
    )
    if leads.filter(pk=membership.pk).exists() and not leads.exclude(pk=membership.pk).exists():
        raise NotNow(_("This is the mission's last lead. Make somebody else a lead first."))


def _rights_changed(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(rights_number=F("rights_number") + 1)
    for hear in when_rights_change:
        hear()


def members(mission: Mission) -> list[Membership]:
    """Everybody in the mission, those whose time has run out last."""
    now = timezone.now()
    rows = Membership.objects.filter(mission=mission).select_related("person")
    return sorted(rows, key=lambda m: (m.until is not None and m.until <= now, str(m.person).casefold()))


def open_invitations(mission: Mission) -> list[Invitation]:
    now = timezone.now()
    still = Q(revoked_at=None, joined__lt=F("for_people"), expires_at__gt=now)
    return list(Invitation.objects.filter(still, mission=mission).select_related("made_by"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
