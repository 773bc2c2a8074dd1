"""Photos on walls: through our own proxy, blurred here until somebody approved them, at addresses that only we make.

An address names a wall, a post and a photo of it, and is signed: it opens nothing else, and stops within two days. What
it gives is decided anew each time: a post that was deleted, hidden or kept off has no picture from that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from watchfloor.mentions import reads
from watchfloor.mentions.pictures import can_be_fetched, photos_in, picture_answer
from watchfloor.mentions.store.store import StoredPost
from watchfloor.wall.lists import who
from watchfloor.wall.models import Wall
from watchfloor.wall.safe import judged

OLDEST_DAYS = 1
_signer = Signer(salt="watchfloor.wall.photo")


@dataclass(frozen=True)
class Photo:
    """`address` "": the network tells of a photo, but none can be fetched; then its description stands for it."""

    post_id: int
    address: str
    alt: str
    name: str
    is_clear: bool


def photos_of(wall: Wall, posts: list[StoredPost]) -> list[Photo]:
    """The first photo of each post that may be shown; none where the wall shows none."""
    if wall.media == Wall.Media.NONE:
        return []
    verdicts = judged(wall, posts)
    found = []
    for post in posts:
        photos = photos_in(post)
        verdict = verdicts[post.id]
        if not photos or not verdict.shown:
            continue
        number, media = next((pair for pair in photos if can_be_fetched(pair[1])), photos[0])
        address = _address(wall, post, number, is_clear=verdict.is_clear) if can_be_fetched(media) else ""
        if address or media.alt:
            found.append(Photo(post.id, address, (media.alt or "").strip(), who(post), verdict.is_clear))
    return found


def _address(wall: Wall, post: StoredPost, number: int, *, is_clear: bool) -> str:
    day = timezone.now().astimezone(UTC).date().toordinal()
    told = f"{wall.pk}.{post.id}.{number}.{'clear' if is_clear else 'blurred'}.{day}"
    return reverse("wall-picture", args=[_signer.sign(told)])


@require_safe
async def wall_picture(request: HttpRequest, token: str) -> HttpResponse:
    """What a signed address shows now. Everything else is 404, alike."""
    wall_id, post_id, number, may_be_clear = _read(token)
    wall = await Wall.objects.select_related("mission").filter(pk=wall_id).afirst()
    if wall is None or wall.media == Wall.Media.NONE:
        raise Http404("no such picture")

    def shown() -> tuple[StoredPost, bool] | None:
        post = reads.post(wall.mission, post_id)
        verdict = judged(wall, [post])[post.id] if post else None
        return (post, verdict.is_clear) if post and verdict and verdict.shown else None

    found = await sync_to_async(shown)()
    if found is None:
        raise Http404("no such picture")
    post, is_clear = found
    return await picture_answer(
        wall.mission_id, post, number, blurred=not (is_clear and may_be_clear), still=lambda: shown() is not None
    )


def _read(token: str) -> tuple[int, int, int, bool]:
    """Wall, post, number, and whether it may be clear. Raises Http404."""
    try:
        wall_id, post_id, number, how, day = _signer.unsign(token).split(".")
        made = int(day)
    except (BadSignature, ValueError) as error:
        raise Http404("no such picture") from error
    if not 0 <= datetime.now(UTC).date().toordinal() - made <= OLDEST_DAYS:
        raise Http404("no such picture")
    return int(wall_id), int(post_id), int(number), how == "clear"
