"""What screens open: a wall for signed-in people of its mission, and by a link. Both show and hear the same."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.live.reader import Hub
from watchfloor.live.stream import MOST_SCREENS
from watchfloor.team.access import SignedIn
from watchfloor.team.models import Person
from watchfloor.wall.access import still_seen, still_shared, wall_by_token, wall_for
from watchfloor.wall.drawing import draw, foot, places
from watchfloor.wall.models import Share, Wall
from watchfloor.wall.red import COLUMNS as RED_COLUMNS
from watchfloor.wall.red import draw_red, red_topic
from watchfloor.wall.steering import showing
from watchfloor.wall.studio import RELEASE, Studio


@require_safe
@never_cache
@login_required
def screen(request: SignedIn, slug: str, wall_id: int) -> HttpResponse:
    wall = wall_for(request.user, slug, wall_id)
    return _page(request, wall, reverse("wall-live", args=[slug, wall_id]))


@require_safe
@never_cache
def shared_screen(request: HttpRequest, token: str) -> HttpResponseBase:
    """By a link: one wall, nothing else; no referrer, not indexed, framed only by whom the link names."""
    seen = wall_by_token(token)
    assert seen.share is not None
    _note_seen(seen.share)
    answer: HttpResponseBase = _page(request, seen.wall, reverse("shared-wall-live", args=[token]))
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    if seen.share.framed_by:
        answer.xframe_options_exempt = True  # type: ignore[attr-defined]  # Django reads it there
        framed = csp_replace({"frame-ancestors": [seen.share.framed_by]})
        answer = framed(lambda _request: answer)(request)
    return answer


def _page(request: HttpRequest, wall: Wall, live: str) -> HttpResponse:
    now = timezone.now()
    scenes = list(wall.scenes.all())
    shown = showing(wall, scenes, now)
    red = red_topic(wall, now) if wall.shows_red else None
    here = places(shown.scene) if shown.scene and not red else []
    drawn = draw_red(wall, red) if red else {place.number: draw(wall, place, now) for place in here}
    columns = RED_COLUMNS if red else [(place.number, place.columns) for place in here]
    context: dict[str, Any] = {
        "wall": wall,
        "mission": wall.mission,
        "shown": shown,
        "panels": [(n, wide, mark_safe(drawn[n])) for n, wide in columns],  # noqa: S308 - our template's own
        "red": red,
        "bar": wall.announcement and not red and all(place.panel != "announcement" for place in here),
        "foot": foot(wall, now),
        "live": live,
        "now": now,
        "release": RELEASE,
        "clock": now.astimezone(wall.mission.zone).strftime("%H:%M"),
    }
    return render(request, "wall/screen.html", context)


async def live(request: HttpRequest, slug: str, wall_id: int) -> HttpResponseBase:
    person = await request.auser()
    if not isinstance(person, Person):
        return HttpResponseForbidden(_("Sign in to watch."))
    wall = await sync_to_async(wall_for)(person, slug, wall_id)
    return await _stream(wall, lambda: still_seen(person.pk, wall.mission_id))


async def shared_live(request: HttpRequest, token: str) -> HttpResponseBase:
    seen = await sync_to_async(wall_by_token)(token)
    share = seen.share
    assert share is not None
    return await _stream(seen.wall, lambda: still_shared(share.pk))


async def _stream(wall: Wall, still: Any) -> HttpResponseBase:
    if Studio.watched() >= MOST_SCREENS:
        return HttpResponse(_("Too many screens are open. Close some and reload."), status=503)
    hub = await sync_to_async(Hub.of_this_process)()
    response = StreamingHttpResponse(Studio.of(wall, hub).watch(still), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the stream back
    response["Referrer-Policy"] = "no-referrer"
    return response


def _note_seen(share: Share) -> None:
    minute = timezone.now().replace(second=0, microsecond=0)
    if share.seen_at is None or share.seen_at < minute:
        Share.objects.filter(pk=share.pk).update(seen_at=minute)
