"""The door of the API: who asks, what they may, and what a refusal looks like.

    router = Router(tags=["topics"])

    @router.get("/missions/{slug}/topics", response=Page[TopicOut])
    def topics(request: Asked, slug: str, page: Query[Wanted]) -> …:
        mission = enter(request, slug, Right.SEE)
        return page_of(mission.topics.all(), page)

A key acts for its person with at most that person's rights, and of those only its scopes.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Generic, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet, TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema
from ninja.security import HttpBearer
from pydantic import WithJsonSchema

from watchfloor.team.access import may, mission_for
from watchfloor.team.models import ApiToken, Mission, Person
from watchfloor.team.rights import Right
from watchfloor.team.tokens import holder_of

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
LONGEST_PAGE = 200


class Asked(HttpRequest):
    """A request of the API that a key let in."""

    auth: ApiToken
    user: Person


class Key(HttpBearer):
    """`Authorization: Bearer wf_…`"""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        held = holder_of(token)
        if held is not None:
            request.user = held.person
        return held


class Wrong(Exception):
    """What was asked can't be; told as a problem with `status`. `where` names the part of the request."""

    def __init__(self, detail: str, *, where: str = "", status: int = 422, hint: str = "") -> None:
        super().__init__(detail)
        self.detail, self.where, self.status, self.hint = detail, where, status, hint


def enter(request: Asked, slug: str, right: Right) -> Mission:
    """The mission, if the key may do this there. Http404 where its person may not enter, PermissionDenied else."""
    mission = mission_for(request.user, slug, right)
    in_scope(request, right)
    return mission


def in_scope(request: Asked, right: Right) -> None:
    """Whether the key was made for this. PermissionDenied if not."""
    if right not in request.auth.scopes:
        raise PermissionDenied(_("This key is not for that: its scopes lack “%(right)s”.") % {"right": right.value})


def of_the_installation(request: Asked, right: Right) -> None:
    """For what concerns no mission. PermissionDenied unless the key's person and the key may."""
    if not may(request.user, None, right):
        raise PermissionDenied(_("Only administrators may do that."))
    in_scope(request, right)


def told_as(choices: type[TextChoices]) -> WithJsonSchema:
    """For `Annotated[Topic.Role, told_as(Topic.Role)]`: the description then lists the values in place. By their class
    name alone, choices of two tables would be taken for one."""
    return WithJsonSchema({"type": "string", "enum": list(choices.values)})


class Wanted(Schema):
    """Which page: `cursor` is the `next` of the page before."""

    cursor: str | None = Field(None, max_length=200, description="The `next` of the page before.")
    limit: int = Field(50, ge=1, le=LONGEST_PAGE, description="How many items a page has at most.")


class Page(Schema, Generic[Item]):
    """`next` is null on the last page."""

    items: list[Item]
    next: str | None = None


def page_of(rows: QuerySet[Row], wanted: Wanted) -> dict[str, Any]:
    """One page of rows by their primary key, oldest first; rows that come or go meanwhile shift nothing."""
    after = read_cursor(wanted.cursor)
    found = list(rows.order_by("pk").filter(pk__gt=after or 0)[: wanted.limit + 1])
    page = found[: wanted.limit]
    return {"items": page, "next": cursor_at(page[-1].pk) if len(found) > wanted.limit else None}


def cursor_at(place: int) -> str:
    return base64.urlsafe_b64encode(f"p{place}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> int | None:
    """The place that `cursor_at` wrote. Raises Wrong."""
    if not cursor:
        return None
    try:
        told = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (ValueError, binascii.Error):
        told = ""
    if not told.startswith("p") or not told[1:].isdecimal() or len(told) > 20:
        raise Wrong(_("This cursor is none of ours. Take `next` of the page before, or leave it out."), where="cursor")
    return int(told[1:])
