"""Signing in: by e-mail and password (allauth), or by a link that works once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from watchfloor.team.models import Person, SignInLink

TOKEN_BYTES = 32
RIGHTS = "rights_number"  # in the session: what Person.rights_number was when its key was made
BY_LINK = "signed_in_by_link"  # in the session: who came by a link may set a password without knowing the old one


class NobodyRegistersAlone(DefaultAccountAdapter):  # type: ignore[misc]
    """People are invited; nobody makes an account on their own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def make_link(person: Person, lasts: timedelta) -> str:
    """The token of a new link that signs `person` in once, within `lasts`. Only its SHA-256 is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    SignInLink.objects.create(person=person, token_hash=_hash(token), made_at=now, expires_at=now + lasts)
    return token


def works(token: str) -> bool:
    """Whether the link could sign somebody in now. Does not use it up."""
    return _usable(token).exists()


def use_up(token: str) -> Person | None:
    """The person whom the link signs in; None if it was used, is too old, is unknown or the person may not sign in.

    One UPDATE decides who comes first: of two requests with the same token, one gets the person.
    """
    link = _usable(token).select_related("person").first()
    if link is None or _usable(token).update(used_at=timezone.now()) != 1:
        return None
    return link.person


def _usable(token: str) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(
        token_hash=_hash(token), used_at=None, expires_at__gt=timezone.now(), person__is_active=True
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class RenewedSessions(MiddlewareMixin):
    """A session gets a new key after what its person may do has changed."""

    def process_request(self, request: HttpRequest) -> None:
        person = request.user
        if isinstance(person, Person) and request.session.get(RIGHTS) != person.rights_number:
            if RIGHTS in request.session:
                request.session.cycle_key()
            request.session[RIGHTS] = person.rights_number
