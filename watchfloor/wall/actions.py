"""Verbs about walls: arrange, share, steer, judge. Each is one transaction and announces itself to open screens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import QueryError
from watchfloor.live.announce import RIGHTS, publish
from watchfloor.panels.registry import UnknownPanel, panel
from watchfloor.team.models import Mission, Person
from watchfloor.team.people import NotNow
from watchfloor.wall.access import hash_of
from watchfloor.wall.models import Judged, Scene, Share, Wall
from watchfloor.wall.steering import begins_so_that, showing

TOKEN_BYTES = 24  # 192 bits
LONGEST_SHARE = timedelta(days=400)
MOST_PANELS = 4
MOST_SCENES = 30
MOST_BLOCKED = 500


@transaction.atomic
def make_wall(mission: Mission, name: str, scenes: Sequence[Sequence[str]] = (), **fields: Any) -> Wall:
    """A wall with one scene for each list of panel names. Raises NotNow."""
    name = name.strip()[:400] or _("Wall")
    if Wall.objects.filter(mission=mission, name=name).exists():
        raise NotNow(_("There is a wall called “%(name)s” already. Pick another name.") % {"name": name[:80]})
    wall = Wall.objects.create(mission=mission, name=name, **fields)
    for names in scenes:
        add_scene(wall, panels=[{"panel": one} for one in names])
    return wall


@transaction.atomic
def change_wall(wall: Wall, **fields: Any) -> Wall:
    """Set name, period, rotation, and what may be shown. Raises NotNow."""
    if "blocked_words" in fields:
        fields["blocked_words"] = checked_words(fields["blocked_words"])
    name = fields.get("name", wall.name)
    if Wall.objects.filter(mission=wall.mission, name=name).exclude(pk=wall.pk).exists():
        raise NotNow(_("There is a wall called “%(name)s” already. Pick another name.") % {"name": name[:80]})
    for field, value in fields.items():
        setattr(wall, field, value)
    wall.save(update_fields=list(fields))
    _announce(wall)
    return wall


@transaction.atomic
def remove_wall(wall: Wall) -> None:
    _announce(wall)
    publish(RIGHTS, {})
    wall.delete()


@transaction.atomic
def add_scene(wall: Wall, *, panels: Sequence[Mapping[str, Any]], title: str = "") -> Scene:
    """A scene at the end. Raises NotNow where a panel is unknown, does not suit walls, or there are too many."""
    if wall.scenes.count() >= MOST_SCENES:
        raise NotNow(_("A wall has at most %(most)d scenes. Take one away first.") % {"most": MOST_SCENES})
    arranged = checked_panels(panels)
    last = wall.scenes.order_by("-place").values_list("place", flat=True).first()
    scene = Scene.objects.create(
        wall=wall,
        place=0 if last is None else last + 1,
        title=title.strip()[:200] or _titled(arranged),
        panels=arranged,
    )
    _announce(wall)
    return scene


@transaction.atomic
def change_scene(scene: Scene, *, title: str, panels: Sequence[Mapping[str, Any]]) -> Scene:
    scene.panels = checked_panels(panels)
    scene.title = title.strip()[:200] or _titled(scene.panels)
    scene.save(update_fields=["panels", "title"])
    _announce(scene.wall)
    return scene


@transaction.atomic
def move_scene(scene: Scene, *, by: int) -> None:
    """One place earlier (-1) or later (1)."""
    order = list(scene.wall.scenes.all())
    at = next(number for number, one in enumerate(order) if one.pk == scene.pk)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    for place, one in enumerate(order):
        Scene.objects.filter(pk=one.pk).update(place=place)
    _announce(scene.wall)


@transaction.atomic
def remove_scene(scene: Scene) -> None:
    wall = scene.wall
    scene.delete()
    _announce(wall)


def checked_panels(panels: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a scene keeps of each panel, its settings understood. Raises NotNow."""
    if not 1 <= len(panels) <= MOST_PANELS:
        raise NotNow(_("A scene has one to %(most)d panels.") % {"most": MOST_PANELS})
    arranged = []
    for told in panels:
        try:
            one = panel(str(told.get("panel", "")))
        except UnknownPanel as why:
            raise NotNow(str(why)) from why
        if "wall" not in one.suits:
            raise NotNow(_("The panel “%(panel)s” is not made for walls.") % {"panel": one.title})
        topics = [int(pk) for pk in told.get("topics") or () if str(pk).isdecimal() and len(str(pk)) < 19][:50]
        arranged.append({"panel": one.name, "settings": one.checked(told.get("settings") or {}), "topics": topics})
    return arranged


def _titled(panels: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(panel(one["panel"]).title) for one in panels)[:200]


def checked_words(words: str) -> str:
    """One term of the query language a line. Raises NotNow naming the line that is not."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if len(lines) > MOST_BLOCKED:
        raise NotNow(_("At most %(most)d lines of blocked words can be kept.") % {"most": MOST_BLOCKED})
    for line in lines:
        try:
            read(line)
        except QueryError as why:
            raise NotNow(
                _("“%(line)s” can't be looked for: %(why)s") % {"line": line[:80], "why": why.message}
            ) from why
    return "\n".join(lines)


# --- Links ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shared:
    """`token` is told this once: only its hash is kept."""

    share: Share
    token: str


@transaction.atomic
def share_wall(wall: Wall, *, by: Person, lasts: timedelta, name: str = "", framed_by: str = "") -> Shared:
    """A link that shows this wall alone. Raises NotNow."""
    if not timedelta(minutes=1) <= lasts <= LONGEST_SHARE:
        raise NotNow(_("A link lasts from a minute to %(days)d days.") % {"days": LONGEST_SHARE.days})
    token = secrets.token_urlsafe(TOKEN_BYTES)
    share = Share.objects.create(
        wall=wall,
        name=name.strip()[:200],
        token_hash=hash_of(token),
        framed_by=checked_origin(framed_by),
        made_by=by,
        expires_at=timezone.now() + lasts,
    )
    return Shared(share, token)


def checked_origin(origin: str) -> str:
    """`https://intranet.example.org`, or "". Raises NotNow."""
    origin = origin.strip()
    if not origin:
        return ""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    plain = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    if parts.scheme not in ("http", "https") or not host or plain != origin.rstrip("/").lower() or not host.isascii():
        raise NotNow(_("Name the page's address without a path, such as https://intranet.example.org."))
    if any(not (letter.isalnum() or letter in ".-") for letter in host):
        raise NotNow(_("Name the page's address without a path, such as https://intranet.example.org."))
    return plain


@transaction.atomic
def revoke_share(share: Share) -> None:
    """It shows nothing any more; streams that are open by it end at once."""
    Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=timezone.now())
    publish(RIGHTS, {})


# --- The remote -----------------------------------------------------------------------------------------------------


@transaction.atomic
def steer(wall: Wall, what: str, *, by: Person, scene: Scene | None = None, words: str = "", now: datetime) -> Wall:
    """What the remote asks: `next`, `back`, `go` (to `scene`, and on from there), `pin` (`scene`, or what is shown),
    `unpin`, `blank`, `show`, `announce` (`words`; "" takes it away), `period` (`words`). Raises NotNow."""
    wall = Wall.objects.select_for_update().get(pk=wall.pk)
    scenes = list(wall.scenes.all())
    shown = showing(wall, scenes, now).scene
    if scene is not None and all(one.pk != scene.pk for one in scenes):
        raise NotNow(_("This wall has no such scene any more."))
    if what in ("next", "back", "go"):
        to = scene or _beside(scenes, shown, 1 if what == "next" else -1)
        if to is None:
            raise NotNow(_("This wall has no scene yet. Add one first."))
        wall.began_at = begins_so_that(wall, scenes, to, now)
        if wall.pinned_id is not None:
            wall.pinned = to
    elif what == "pin":
        wall.pinned = scene or shown
    elif what == "unpin":
        if wall.pinned is not None:  # the rotation goes on from what is shown
            wall.began_at = begins_so_that(wall, scenes, wall.pinned, now)
        wall.pinned = None
    elif what in ("blank", "show"):
        wall.is_blank = what == "blank"
    elif what == "announce":
        wall.announcement = " ".join(words.split())[:280]
    elif what == "period" and words in Wall.Period.values:
        wall.period = words
    else:
        raise NotNow(_("The remote knows no “%(what)s”.") % {"what": what[:40]})
    wall.steered_at, wall.steered_by = now, by
    wall.save(update_fields=["began_at", "pinned", "is_blank", "announcement", "period", "steered_at", "steered_by"])
    _announce(wall)
    return wall


def _beside(scenes: Sequence[Scene], shown: Scene | None, by: int) -> Scene | None:
    if not scenes:
        return None
    at = next((number for number, one in enumerate(scenes) if shown is not None and one.pk == shown.pk), 0)
    return scenes[(at + by) % len(scenes)]


# --- What may be shown ----------------------------------------------------------------------------------------------


@transaction.atomic
def judge(mission: Mission, post_id: int, *, may_show: bool | None, by: Person) -> None:
    """Let a post onto the mission's walls, keep it off, or (None) forget what was decided."""
    if may_show is None:
        Judged.objects.filter(mission=mission, post_id=post_id).delete()
    else:
        Judged.objects.update_or_create(mission=mission, post_id=post_id, defaults={"may_show": may_show, "by": by})
    for wall in Wall.objects.filter(mission=mission):
        _announce(wall)


def _announce(wall: Wall) -> None:
    publish(wall.channel, {"event": "wall"})
