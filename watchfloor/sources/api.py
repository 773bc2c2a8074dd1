"""Connections: what is configured, how it does, what it covered and missed, and looking back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from watchfloor.sources import actions
from watchfloor.sources.look_back import LookBack, look_back, look_backs_of
from watchfloor.sources.models import Connection, ConnectionGap
from watchfloor.sources.reads import coverage, health
from watchfloor.sources.source import Source, installed_sources
from watchfloor.team.access import mission_for
from watchfloor.team.api_door import Asked, Page, Wanted, Wrong, enter, in_scope, of_the_installation, page_of, told_as
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right

router = Router(tags=["connections"])
ConnectionState = Annotated[Connection.State, told_as(Connection.State)]
LookBackState = Annotated[LookBack.State, told_as(LookBack.State)]
MOST_SECRETS = 20


class ConnectionOut(Schema):
    """`settings` hold no secrets; those are never told."""

    id: int
    name: str
    source: str
    mission: str | None
    settings: dict[str, Any]
    is_on: bool
    state: ConnectionState
    says: str
    health: str
    heard_at: datetime | None
    last_post_at: datetime | None
    lag_seconds: float | None
    received: int
    unreadable: int

    @staticmethod
    def resolve_mission(connection: Connection) -> str | None:
        return connection.mission.slug if connection.mission else None

    @staticmethod
    def resolve_health(connection: Connection) -> str:
        return health(connection, timezone.now()).word


class ConnectionIn(Schema):
    """`mission`: its slug; null for all missions. `secrets`: those that change."""

    name: str = Field(min_length=1, max_length=400)
    source: str = Field(max_length=40)
    mission: str | None = Field(None, max_length=80)
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = Field({}, max_length=MOST_SECRETS)


class ConnectionChange(Schema):
    name: str = Field(min_length=1, max_length=400)
    mission: str | None = Field(None, max_length=80)
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = Field({}, max_length=MOST_SECRETS)


class OnIn(Schema):
    is_on: bool


class GapOut(Schema):
    since: datetime
    until: datetime
    why: str
    found_at: datetime
    filled_at: datetime | None


class HoleOut(Schema):
    since: datetime
    until: datetime
    connection_name: str
    why: str


class CoverageOut(Schema):
    """`part`: 0 … 1 of what was to be heard; null: nothing was."""

    part: float | None
    missing: list[HoleOut]


class Stretch(Schema):
    since: datetime
    until: datetime


class LookBackIn(Schema):
    hours: float = Field(6, gt=0, le=36)


class LookBackOut(Schema):
    id: int
    connection_id: int
    since: datetime
    state: LookBackState
    read: int
    found: int
    says: str


@router.get("/connections", response=Page[ConnectionOut])
def connections(request: Asked, page: Query[Wanted]) -> dict[str, Any]:
    """Those of the missions that one may enter, and those that all missions share."""
    in_scope(request, Right.SEE)
    mine = Mission.objects.for_person(request.user)
    seen = Connection.objects.filter(Q(mission=None) | Q(mission__in=mine)).select_related("mission")
    return page_of(seen if mine.exists() or request.user.is_administrator else seen.none(), page)


@router.post("/connections", response={201: ConnectionOut})
def add_connection(request: Asked, told: ConnectionIn) -> Status[Any]:
    of_the_installation(request, Right.CONNECT)
    source = installed_sources().get(told.source)
    if source is None:
        known = ", ".join(sorted(installed_sources()))
        raise Wrong(_("There is no such source. There are: %(names)s.") % {"names": known}, where="source")
    settings, secrets = _checked(source, told.settings, told.secrets)
    mission = _mission(request, told.mission)
    made = actions.add_connection(
        source=told.source, name=told.name, mission=mission, settings=settings, secrets=secrets
    )
    return Status(201, made)


@router.get("/connections/{int:connection_id}", response=ConnectionOut)
def connection(request: Asked, connection_id: int) -> Connection:
    return _connection(request, connection_id)


@router.put("/connections/{int:connection_id}", response=ConnectionOut)
def change_connection(request: Asked, connection_id: int, told: ConnectionChange) -> Connection:
    """Secrets that are not told stay as they are."""
    of_the_installation(request, Right.CONNECT)
    held = _connection(request, connection_id)
    source = installed_sources().get(held.source)
    if source is None:
        raise Wrong(_("The source of this connection is not installed."), status=409)
    settings, secrets = _checked(source, told.settings, told.secrets)
    actions.change_connection(
        held, name=told.name, mission=_mission(request, told.mission), settings=settings, secrets=secrets
    )
    return held


@router.put("/connections/{int:connection_id}/listening", response=ConnectionOut)
def switch_connection(request: Asked, connection_id: int, told: OnIn) -> Connection:
    of_the_installation(request, Right.CONNECT)
    held = _connection(request, connection_id)
    actions.switch(held, on=told.is_on)
    return held


@router.delete("/connections/{int:connection_id}", response={204: None})
def delete_connection(request: Asked, connection_id: int) -> Status[Any]:
    """It is listened to no more; its posts stay."""
    of_the_installation(request, Right.CONNECT)
    actions.delete_connection(_connection(request, connection_id))
    return Status(204, None)


@router.get("/connections/{int:connection_id}/gaps", response=Page[GapOut])
def gaps(request: Asked, connection_id: int, page: Query[Wanted]) -> dict[str, Any]:
    return page_of(ConnectionGap.objects.filter(connection=_connection(request, connection_id)), page)


@router.get("/missions/{slug}/coverage", response=CoverageOut)
def coverage_of(request: Asked, slug: str, stretch: Query[Stretch]) -> Any:
    """How much of a stretch of at most 400 days was heard, and the newest holes in it."""
    mission = enter(request, slug, Right.SEE)
    since, until = aware(stretch.since), aware(stretch.until)
    if not timedelta(0) < until - since <= timedelta(days=400):
        raise Wrong(_("`until` must lie after `since`, by at most 400 days."), where="until")
    return coverage(mission, since, until)


@router.get("/missions/{slug}/look-backs", response=list[LookBackOut])
def look_backs(request: Asked, slug: str) -> list[LookBack]:
    return look_backs_of(enter(request, slug, Right.SEE))


@router.post("/missions/{slug}/look-backs", response={201: list[LookBackOut]})
def ask_to_look_back(request: Asked, slug: str, told: LookBackIn) -> Status[Any]:
    """Listen once more to what has passed, with the topics of today, on every source that can."""
    mission = enter(request, slug, Right.LISTEN)
    since = timezone.now() - timedelta(hours=told.hours)
    return Status(201, look_back(mission, since=since, by=request.user))


def aware(moment: datetime) -> datetime:
    """A time without a zone is meant in UTC."""
    return moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_default_timezone())


def _connection(request: Asked, connection_id: int) -> Connection:
    in_scope(request, Right.SEE)
    mine = Mission.objects.for_person(request.user)
    seen = Connection.objects.filter(Q(mission=None) | Q(mission__in=mine)).select_related("mission")
    if not (request.user.is_administrator or mine.exists()):
        seen = seen.none()
    return get_object_or_404(seen, pk=connection_id)


def _mission(request: Asked, slug: str | None) -> Mission | None:
    return None if slug is None else mission_for(request.user, slug)


def _checked(
    source: Source, settings: dict[str, Any], secrets: dict[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings as the source keeps them, and the secrets that it knows. Raises Wrong."""
    try:
        read = msgspec.to_builtins(msgspec.convert(settings, source.settings_type, strict=False))
    except (msgspec.ValidationError, ValueError, OverflowError) as why:
        raise Wrong(str(why), where="settings") from why
    known = {secret.name for secret in source.facts.secrets}
    if strange := sorted(set(secrets) - known):
        raise Wrong(_("This source has no secret called %(name)s.") % {"name": strange[0][:80]}, where="secrets")
    if any(not value or len(value) > 2_000 or "\x00" in value for value in secrets.values()):
        raise Wrong(_("A secret has 1 to 2,000 characters."), where="secrets")
    return read, secrets
