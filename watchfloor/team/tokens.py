"""Keys to the API. A key acts for one person: it can do what that person may do now, and of that only its scopes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.team.models import ApiToken, Person
from watchfloor.team.people import NotNow
from watchfloor.team.rights import Right

PREFIX = "wf_"  # so that scanners of leaked secrets can tell what it is
TOKEN_BYTES = 32
MOST_A_PERSON = 50


@dataclass(frozen=True)
class Made:
    """`secret` is told this once: only its hash is kept."""

    token: ApiToken
    secret: str


def make_token(person: Person, *, name: str, scopes: Iterable[str], expires_at: datetime | None) -> Made:
    """A new key for `person`. Raises NotNow with a sentence for them."""
    chosen = sorted(set(scopes))
    if not chosen or any(scope not in Right.values for scope in chosen):
        raise NotNow(_("Pick at least one thing that the key may do."))
    if expires_at is not None and expires_at <= timezone.now():
        raise NotNow(_("The key would have ended already. Pick a time to come."))
    if ApiToken.objects.filter(person=person, revoked_at=None).count() >= MOST_A_PERSON:
        raise NotNow(_("You have %(most)d keys. Revoke one that you don't need.") % {"most": MOST_A_PERSON})
    secret = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    token = ApiToken.objects.create(
        person=person,
        name=name.strip()[:200] or _("Key"),
        token_hash=_hash(secret),
        scopes=chosen,
        expires_at=expires_at,
    )
    return Made(token, secret)


def holder_of(secret: str) -> ApiToken | None:
    """The key that works now, its person with it; None if unknown, over, revoked or its person may not sign in."""
    if not secret.startswith(PREFIX):
        return None
    token = ApiToken.objects.select_related("person").filter(token_hash=_hash(secret), revoked_at=None).first()
    now = timezone.now()
    if token is None or not token.person.is_active or (token.expires_at is not None and token.expires_at <= now):
        return None
    minute = now.replace(second=0, microsecond=0)
    if token.used_at is None or token.used_at < minute:
        ApiToken.objects.filter(pk=token.pk).update(used_at=minute)
    return token


def revoke_token(person: Person, token_id: int) -> bool:
    """Whether there was a key of `person` to revoke."""
    return bool(ApiToken.objects.filter(person=person, pk=token_id, revoked_at=None).update(revoked_at=timezone.now()))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
