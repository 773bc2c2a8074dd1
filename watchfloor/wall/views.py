"""Pages about walls: the list, arranging one, its links, the remote, and what may be shown."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from watchfloor.mentions import reads
from watchfloor.mentions.pictures import picture_address
from watchfloor.mentions.rows import name_of
from watchfloor.panels.registry import UnknownPanel, panel
from watchfloor.team.access import SignedIn, may, mission_for
from watchfloor.team.people import NotNow
from watchfloor.team.rights import Right
from watchfloor.wall import actions
from watchfloor.wall.access import wall_for
from watchfloor.wall.drawing import LOOKED_THROUGH, period
from watchfloor.wall.forms import SceneForm, ShareForm, WallForm
from watchfloor.wall.models import Judged, Scene, Share, Wall
from watchfloor.wall.safe import WAITS, judged
from watchfloor.wall.set_up import first_scenes
from watchfloor.wall.steering import showing

NEW_LINK = "new_wall_link"  # shown once: in the session until the next page
STEERS = ("next", "back", "go", "pin", "unpin", "blank", "show", "announce", "period")


@login_required
def walls(request: SignedIn, slug: str) -> HttpResponse:
    """The mission's walls; a first one with scenes that suit it."""
    mission = mission_for(request.user, slug)
    may_show = may(request.user, mission, Right.SHOW)
    form = WallForm(request.POST or None)
    if request.method == "POST":
        if not may_show:
            raise PermissionDenied
        if form.is_valid():
            try:
                wall = actions.make_wall(mission, scenes=first_scenes(mission), **_told(form))
            except NotNow as why:
                form.add_error("name", str(why))
            else:
                return redirect("wall", slug, wall.pk)
    found = Wall.objects.filter(mission=mission).prefetch_related("scenes")
    context = {"mission": mission, "walls": found, "form": form, "may_show": may_show}
    return render(request, "wall/walls.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
def arrange(request: SignedIn, slug: str, wall_id: int) -> HttpResponse:
    """A wall's settings, scenes and links."""
    wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    asks_share = request.method == "POST" and "share" in request.POST
    form = WallForm(request.POST if request.method == "POST" and not asks_share else None, instance=wall)
    share_form = ShareForm(request.POST if asks_share else None)
    try:
        if asks_share and share_form.is_valid():
            asked = share_form.cleaned_data
            shared = actions.share_wall(
                wall, by=request.user, lasts=share_form.lasts(), name=asked["name"], framed_by=asked["framed_by"]
            )
            request.session[NEW_LINK] = _address(request, shared.token)
            return redirect("wall", slug, wall_id)
        if request.method == "POST" and not asks_share and form.is_valid():
            actions.change_wall(Wall.objects.select_related("mission").get(pk=wall.pk), **_told(form))
            messages.success(request, _("Saved. Open screens follow at once."))
            return redirect("wall", slug, wall_id)
    except NotNow as why:
        (share_form if asks_share else form).add_error(None, str(why))
    wall = wall_for(request.user, slug, wall_id)  # as it is kept, whatever was typed
    context = {
        "mission": wall.mission,
        "wall": wall,
        "form": form,
        "share_form": share_form,
        "scenes": [(scene, _titles(scene)) for scene in wall.scenes.all()],
        "shares": wall.shares.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("made_by"),
        "new_link": request.session.pop(NEW_LINK, None),
    }
    return render(request, "wall/wall.html", context, status=422 if form.errors or share_form.errors else 200)


@require_POST
@login_required
def remove(request: SignedIn, slug: str, wall_id: int) -> HttpResponse:
    actions.remove_wall(wall_for(request.user, slug, wall_id, Right.SHOW))
    messages.success(request, _("The wall is gone, and with it every link to it."))
    return redirect("walls", slug)


@login_required
def new_scene(request: SignedIn, slug: str, wall_id: int) -> HttpResponse:
    wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    form = SceneForm(request.POST or None, mission=wall.mission)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_scene(wall, title=form.cleaned_data["title"], panels=form.arranged())
        except NotNow as why:
            form.add_error(None, str(why))
        else:
            return redirect("wall", slug, wall_id)
    return _scene_page(request, wall, form, None)


@login_required
def scene(request: SignedIn, slug: str, wall_id: int, scene_id: int) -> HttpResponse:
    wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    held = get_object_or_404(Scene.objects.select_related("wall__mission"), wall=wall, pk=scene_id)
    if request.method == "POST" and "remove" in request.POST:
        actions.remove_scene(held)
        messages.success(request, _("The scene is gone."))
        return redirect("wall", slug, wall_id)
    form = SceneForm(request.POST or None, mission=wall.mission, scene=held)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_scene(held, title=form.cleaned_data["title"], panels=form.arranged())
        except NotNow as why:
            form.add_error(None, str(why))
        else:
            return redirect("wall", slug, wall_id)
    return _scene_page(request, wall, form, held)


def _scene_page(request: HttpRequest, wall: Wall, form: SceneForm, held: Scene | None) -> HttpResponse:
    context = {"mission": wall.mission, "wall": wall, "form": form, "scene": held}
    return render(request, "wall/scene.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def move(request: SignedIn, slug: str, wall_id: int, scene_id: int) -> HttpResponse:
    wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    held = get_object_or_404(Scene.objects.select_related("wall"), wall=wall, pk=scene_id)
    actions.move_scene(held, by=-1 if request.POST.get("to") == "earlier" else 1)
    return redirect("wall", slug, wall_id)


@require_POST
@login_required
def revoke(request: SignedIn, slug: str, wall_id: int, share_id: int) -> HttpResponse:
    wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    actions.revoke_share(get_object_or_404(Share, wall=wall, pk=share_id))
    messages.success(request, _("The link was revoked. Screens that were open by it go dark."))
    return redirect("wall", slug, wall_id)


@never_cache
@login_required
def remote(request: SignedIn, slug: str, wall_id: int) -> HttpResponse:
    """A phone page that steers every screen of the wall; with `all`, of all walls of the mission."""
    wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    now = timezone.now()
    if request.method == "POST":
        what = next((name for name in STEERS if name in request.POST), "")
        try:
            _steer(request, wall, what)
        except NotNow as why:
            messages.error(request, str(why))
        if not request.headers.get("HX-Request"):
            return redirect("wall-remote", slug, wall_id)
        wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    scenes = list(wall.scenes.all())
    context = {
        "mission": wall.mission,
        "wall": wall,
        "scenes": scenes,
        "shown": showing(wall, scenes, now),
        "periods": Wall.Period.choices,
        "others": Wall.objects.filter(mission=wall.mission).exclude(pk=wall.pk),
    }
    part = "wall/_remote.html" if request.headers.get("HX-Request") else "wall/remote.html"
    return render(request, part, context)


def _steer(request: SignedIn, wall: Wall, what: str) -> None:
    chosen = request.POST.get(what, "")
    held = None
    if what in ("go", "pin") and chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
        held = Scene.objects.filter(wall=wall, pk=int(chosen)).first()
        if held is None:
            raise NotNow(_("This wall has no such scene any more."))
    words = request.POST.get("words", "") if what == "announce" else chosen
    targets = [wall]
    if "all" in request.POST and what in ("blank", "show", "announce", "period", "next", "back"):
        targets = list(Wall.objects.filter(mission=wall.mission))
    for target in targets:
        actions.steer(target, what, by=request.user, scene=held, words=words, now=timezone.now())


@never_cache
@login_required
def gate(request: SignedIn, slug: str, wall_id: int) -> HttpResponse:
    """The newest posts, and whether the wall shows them: let in, keep off, or as the wall's rules say."""
    wall = wall_for(request.user, slug, wall_id, Right.SHOW)
    if request.method == "POST":
        chosen = request.POST.get("post", "")
        word = request.POST.get("may_show", "")
        if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 and word in ("yes", "no", "forget"):
            may_show = {"yes": True, "no": False, "forget": None}[word]
            if reads.post(wall.mission, int(chosen)) is not None:
                actions.judge(wall.mission, int(chosen), may_show=may_show, by=request.user)
        if not request.headers.get("HX-Request"):
            return redirect("wall-posts", slug, wall_id)
    parts = {
        "mission": wall.mission,
        "wall": wall,
        "rows": _gate_rows(wall),
        "now": timezone.now(),
    }
    return render(request, "wall/_gate.html" if request.headers.get("HX-Request") else "wall/gate.html", parts)


def _gate_rows(wall: Wall) -> list[dict[str, Any]]:
    """The newest posts with what the wall does with them, who decided so and when; those that wait come first."""
    posts = reads.newest(wall.mission, None, window=period(wall, timezone.now()), limit=LOOKED_THROUGH)
    verdicts = judged(wall, posts)
    decided = Judged.objects.filter(mission=wall.mission, post_id__in=[post.id for post in posts])
    by_post = {one.post_id: one for one in decided.select_related("by")}
    rows = [
        {
            "post": post,
            "name": name_of(post.post.author),
            "verdict": verdicts[post.id],
            "decided": by_post.get(post.id),
            "photo": picture_address(wall.mission.slug, post) if wall.media != Wall.Media.NONE else "",
        }
        for post in posts
    ]
    return sorted(rows, key=lambda row: row["verdict"].why != WAITS)


def _told(form: WallForm) -> dict[str, Any]:
    told = {name: form.cleaned_data[name] for name in form.Meta.fields}
    told["blocked_words"] = actions.checked_words(told["blocked_words"])
    return told


def _titles(held: Scene) -> list[str]:
    titles = []
    for told in held.panels:
        try:
            titles.append(str(panel(told["panel"]).title))
        except UnknownPanel:
            titles.append(_("%(panel)s (no longer there)") % {"panel": str(told["panel"])[:60]})
    return titles


def _address(request: HttpRequest, token: str) -> str:
    path = reverse("shared-wall", args=[token])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
