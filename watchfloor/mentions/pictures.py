"""Pictures of posts as our own pages show them: never from the network's machine, so that it learns nothing of who
looks, and never of a post that has gone.

    address = picture_address(mission.slug, post)      # "" where there is none
    answer = await picture_answer(mission.pk, post, number, blurred=False, still=lambda: …)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import reverse
from django.utils.translation import gettext as _

from watchfloor.lib.guarded import Guard
from watchfloor.lib.pictures import NoPicture, PictureKeeper, forget
from watchfloor.mentions import reads
from watchfloor.mentions.store.store import StoredPost
from watchfloor.sources.post import Media
from watchfloor.team.access import mission_for
from watchfloor.team.models import Person

MADE_UP = (".example", ".invalid", ".test")  # names that no machine ever has, as the rehearsal's


def folder() -> Path:
    return Path(settings.DATA) / "pictures"


@lru_cache(maxsize=2)
def _keeper_of(where: Path) -> PictureKeeper:
    return PictureKeeper(where, Guard.from_environment())


def photos_in(post: StoredPost) -> list[tuple[int, Media]]:
    """The post's photos with their number among its media."""
    return [(number, media) for number, media in enumerate(post.post.media) if media.kind == "photo"]


def can_be_fetched(media: Media) -> bool:
    """Whether its address may lead to a picture at all."""
    try:
        parts = urlsplit(media.url or "")
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not host.endswith(MADE_UP)


def picture_address(slug: str, post: StoredPost) -> str:
    """Of the post's first photo, for people of the mission; "" where it has none that could be fetched."""
    number = next((number for number, media in photos_in(post) if can_be_fetched(media)), None)
    return "" if number is None else reverse("post-picture", args=[slug, post.id, number])


async def post_picture(request: HttpRequest, slug: str, post_id: int, number: int) -> HttpResponse:
    """One photo of a post, for people of its mission."""
    person = await request.auser()
    if not isinstance(person, Person):
        return HttpResponseForbidden(_("Sign in to see it."))
    mission = await sync_to_async(mission_for)(person, slug)

    def still() -> StoredPost | None:
        return reads.post(mission, post_id)

    post = await sync_to_async(still)() if post_id < 2**63 else None
    if post is None:
        raise Http404("no such post")
    return await picture_answer(mission.pk, post, number, blurred=False, still=lambda: still() is not None)


async def picture_answer(
    mission_id: int, post: StoredPost, number: int, *, blurred: bool, still: Callable[[], bool]
) -> HttpResponse:
    """The picture as WebP. `still` is asked, in a thread, once it is there: a post may go while it is fetched. Raises
    Http404."""
    media = dict(photos_in(post)).get(number)
    if media is None or not can_be_fetched(media):
        raise Http404("no such picture")
    try:
        body = await _keeper_of(folder()).picture(f"{mission_id}-{post.id}-{number}", media.url or "", blurred=blurred)
    except NoPicture as why:
        raise Http404(str(why)) from why
    if not await sync_to_async(still)():
        await sync_to_async(forget)(folder(), post.id)
        raise Http404("no such post")
    answer = HttpResponse(body, content_type="image/webp")
    answer["Cache-Control"] = "private, max-age=5"  # a deleted post's picture is gone from caches as fast
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
