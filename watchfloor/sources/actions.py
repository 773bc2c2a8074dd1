"""Verbs that change connections. Each announces itself, so that the stream starts or stops listening."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from watchfloor.lib.secrets import CannotOpen
from watchfloor.live.announce import publish
from watchfloor.sources.minutes import begin_pause, end_pause
from watchfloor.sources.models import Connection
from watchfloor.sources.source import Makes, installed_sources, made_settings
from watchfloor.sources.webhook.signing import new_secret
from watchfloor.sources.webhook.source import EARLIER, SECRET
from watchfloor.team.models import Mission


@transaction.atomic
def add_connection(
    *, source: str, name: str, mission: Mission | None, settings: dict[str, Any], secrets: dict[str, str]
) -> Connection:
    connection = Connection(source=source, name=name, mission=mission, settings=settings)
    if secrets:
        connection.seal(secrets)
    connection.save()
    if isinstance(plug := installed_sources().get(source), Makes):
        plug.make(connection)
    _announce(connection.pk)
    return connection


@transaction.atomic
def change_connection(
    connection: Connection, *, name: str, mission: Mission | None, settings: dict[str, Any], secrets: dict[str, str]
) -> None:
    """`secrets` are those that change; the others stay, as do settings that the source made itself. If the kept ones
    can't be opened any more, the new ones replace them all."""
    plug = installed_sources().get(connection.source)
    made = made_settings(plug.settings_type) if plug else frozenset()
    kept = {key: value for key, value in connection.settings.items() if key in made}
    told = {key: value for key, value in settings.items() if key not in made}
    connection.name, connection.mission, connection.settings = name, mission, {**told, **kept}
    if secrets:
        connection.seal(_kept(connection) | secrets)
    connection.save(update_fields=["name", "mission", "settings", "sealed_secrets", "changed_at"])
    _announce(connection.pk)


@transaction.atomic
def switch(connection: Connection, *, on: bool) -> None:
    """Start or stop listening. Switching on forgets the last error, so that it is tried at once."""
    connection.is_on = on
    fields = ["is_on", "changed_at"]
    if on and connection.state in (Connection.State.FAILED, Connection.State.WAITING):
        connection.state, connection.says, connection.next_try_at = Connection.State.NEW, "", None
        fields += ["state", "says", "next_try_at"]
    connection.save(update_fields=fields)
    if on:
        end_pause(connection.pk, timezone.now())
    else:
        begin_pause(connection.pk, timezone.now())
    _announce(connection.pk)


@transaction.atomic
def delete_connection(connection: Connection) -> None:
    """Forget the connection, its cursor and its gaps. Posts that came through it stay."""
    pk = connection.pk
    connection.delete()
    _announce(pk)


@transaction.atomic
def make_new_secret(connection: Connection) -> str:
    """A webhook's new signing secret, to be shown once. The present one stays good until it is forgotten."""
    secret = new_secret()
    kept = _kept(connection)
    connection.seal({**kept, SECRET: secret, **({EARLIER: kept[SECRET]} if SECRET in kept else {})})
    connection.save(update_fields=["sealed_secrets", "changed_at"])
    _announce(connection.pk)
    return secret


@transaction.atomic
def forget_earlier_secret(connection: Connection) -> None:
    """From now on a webhook believes its newest secret alone."""
    connection.seal({name: secret for name, secret in _kept(connection).items() if name != EARLIER})
    connection.save(update_fields=["sealed_secrets", "changed_at"])
    _announce(connection.pk)


def _kept(connection: Connection) -> dict[str, str]:
    try:
        return connection.secrets
    except CannotOpen:
        return {}


def _announce(pk: int) -> None:
    publish("sources", {"connection": pk})
