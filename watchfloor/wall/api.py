"""Walls: what they show, their scenes and links, and the remote."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from watchfloor.team.api_door import Asked, Page, Wanted, Wrong, enter, page_of, told_as
from watchfloor.team.rights import Right
from watchfloor.wall import actions
from watchfloor.wall.models import Scene, Share, Wall

router = Router(tags=["walls"])
WallPeriod = Annotated[Wall.Period, told_as(Wall.Period)]
WallStream = Annotated[Wall.Stream, told_as(Wall.Stream)]
WallMedia = Annotated[Wall.Media, told_as(Wall.Media)]
Id = Annotated[int, Field(ge=1, lt=2**63)]


class WallIn(Schema):
    name: str = Field(min_length=1, max_length=400)
    period: WallPeriod = Wall.Period.DAY
    rotate_seconds: int = Field(20, ge=5, le=3600)
    posts: WallStream = Wall.Stream.ALL
    media: WallMedia = Wall.Media.BLURRED
    shows_red: bool = True
    blocked_words: str = Field("", max_length=20_000)


class WallOut(WallIn):
    id: int
    is_blank: bool
    announcement: str
    pinned: int | None = Field(None, alias="pinned_id")


class PanelIn(Schema):
    panel: str = Field(max_length=60)
    settings: dict[str, Any] = {}
    topics: list[Id] = Field([], max_length=50)


class SceneIn(Schema):
    title: str = Field("", max_length=200)
    panels: list[PanelIn] = Field(min_length=1, max_length=actions.MOST_PANELS)


class SceneOut(Schema):
    id: int
    title: str
    place: int
    panels: list[dict[str, Any]]


class ShareIn(Schema):
    name: str = Field("", max_length=200)
    days: float = Field(7, gt=0, le=400)
    framed_by: str = Field("", max_length=200)


class ShareOut(Schema):
    id: int
    name: str
    framed_by: str
    expires_at: datetime
    revoked_at: datetime | None
    seen_at: datetime | None


class SharedOut(ShareOut):
    """`address` is told this once."""

    address: str


class SteerIn(Schema):
    """What the remote asks. `scene` for go and pin; `words` for announce (empty takes it away) and period."""

    what: Literal["next", "back", "go", "pin", "unpin", "blank", "show", "announce", "period"]
    scene: Id | None = None
    words: str = Field("", max_length=280)


class JudgeIn(Schema):
    """Whether the post may stand on the mission's walls; null: as the walls' rules say."""

    may_show: bool | None


@router.get("/missions/{slug}/walls", response=Page[WallOut])
def walls(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    return page_of(Wall.objects.filter(mission=enter(request, slug, Right.SEE)), page)


@router.post("/missions/{slug}/walls", response={201: WallOut})
def make_wall(request: Asked, slug: str, told: WallIn) -> Status[Any]:
    mission = enter(request, slug, Right.SHOW)
    fields = told.dict()
    fields["blocked_words"] = actions.checked_words(fields["blocked_words"])
    return Status(201, actions.make_wall(mission, **fields))


@router.put("/missions/{slug}/walls/{int:wall_id}", response=WallOut)
def change_wall(request: Asked, slug: str, wall_id: int, told: WallIn) -> Wall:
    return actions.change_wall(_wall(request, slug, wall_id), **told.dict())


@router.delete("/missions/{slug}/walls/{int:wall_id}", response={204: None})
def remove_wall(request: Asked, slug: str, wall_id: int) -> Status[Any]:
    actions.remove_wall(_wall(request, slug, wall_id))
    return Status(204, None)


@router.get("/missions/{slug}/walls/{int:wall_id}/scenes", response=Page[SceneOut])
def scenes(request: Asked, slug: str, wall_id: int, page: Query[Wanted]) -> dict[str, Any]:
    return page_of(Scene.objects.filter(wall=_wall(request, slug, wall_id, Right.SEE)), page)


@router.post("/missions/{slug}/walls/{int:wall_id}/scenes", response={201: SceneOut})
def add_scene(request: Asked, slug: str, wall_id: int, told: SceneIn) -> Status[Any]:
    wall = _wall(request, slug, wall_id)
    return Status(201, actions.add_scene(wall, title=told.title, panels=[one.dict() for one in told.panels]))


@router.put("/missions/{slug}/walls/{int:wall_id}/scenes/{int:scene_id}", response=SceneOut)
def change_scene(request: Asked, slug: str, wall_id: int, scene_id: int, told: SceneIn) -> Scene:
    held = _scene(_wall(request, slug, wall_id), scene_id)
    return actions.change_scene(held, title=told.title, panels=[one.dict() for one in told.panels])


@router.delete("/missions/{slug}/walls/{int:wall_id}/scenes/{int:scene_id}", response={204: None})
def remove_scene(request: Asked, slug: str, wall_id: int, scene_id: int) -> Status[Any]:
    actions.remove_scene(_scene(_wall(request, slug, wall_id), scene_id))
    return Status(204, None)


@router.get("/missions/{slug}/walls/{int:wall_id}/shares", response=Page[ShareOut])
def shares(request: Asked, slug: str, wall_id: int, page: Query[Wanted]) -> dict[str, Any]:
    return page_of(Share.objects.filter(wall=_wall(request, slug, wall_id)), page)


@router.post("/missions/{slug}/walls/{int:wall_id}/shares", response={201: SharedOut})
def share(request: Asked, slug: str, wall_id: int, told: ShareIn) -> Status[Any]:
    wall = _wall(request, slug, wall_id)
    lasts = timedelta(days=told.days)
    shared = actions.share_wall(wall, by=request.user, lasts=lasts, name=told.name, framed_by=told.framed_by)
    fields = {name: getattr(shared.share, name) for name in ShareOut.model_fields}
    return Status(201, {**fields, "address": _address(request, shared.token)})


@router.delete("/missions/{slug}/walls/{int:wall_id}/shares/{int:share_id}", response={204: None})
def revoke(request: Asked, slug: str, wall_id: int, share_id: int) -> Status[Any]:
    """Screens that are open by it go dark."""
    wall = _wall(request, slug, wall_id)
    actions.revoke_share(get_object_or_404(Share, wall=wall, pk=share_id))
    return Status(204, None)


@router.post("/missions/{slug}/walls/{int:wall_id}/steer", response=WallOut)
def steer(request: Asked, slug: str, wall_id: int, told: SteerIn) -> Wall:
    wall = _wall(request, slug, wall_id)
    scene = _scene(wall, told.scene) if told.scene is not None else None
    if told.what == "go" and scene is None:
        raise Wrong("Say which scene.", where="scene")
    return actions.steer(wall, told.what, by=request.user, scene=scene, words=told.words, now=timezone.now())


@router.put("/missions/{slug}/walls/posts/{int:post_id}", response={204: None})
def judge(request: Asked, slug: str, post_id: int, told: JudgeIn) -> Status[Any]:
    """Let a post onto the mission's walls, or keep it off."""
    mission = enter(request, slug, Right.SHOW)
    if post_id >= 2**63:
        raise Wrong("There is no such post.", where="post_id", status=404)
    actions.judge(mission, post_id, may_show=told.may_show, by=request.user)
    return Status(204, None)


def _wall(request: Asked, slug: str, wall_id: int, right: Right = Right.SHOW) -> Wall:
    mission = enter(request, slug, right)
    return get_object_or_404(Wall.objects.select_related("mission", "pinned"), mission=mission, pk=wall_id)


def _scene(wall: Wall, scene_id: int) -> Scene:
    return get_object_or_404(Scene.objects.select_related("wall__mission"), wall=wall, pk=scene_id)


def _address(request: HttpRequest, token: str) -> str:
    path = reverse("shared-wall", args=[token])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
