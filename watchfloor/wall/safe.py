"""Whether a post may stand on a wall: nothing that a visitor may not see. Asked before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from watchfloor.listening.language.evaluate import Condition, condition
from watchfloor.listening.language.read import read
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.tree import QueryError
from watchfloor.mentions.store.store import StoredPost
from watchfloor.sources.post import Post
from watchfloor.wall.models import Judged, Wall

WAITS, BLOCKED, KEPT_OFF = _("waits for approval"), _("blocked word"), _("kept off by a person")
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Verdict:
    """`shown` False: `why` says it in a word for whoever looks after the wall. `is_clear`: its media need no blur."""

    shown: bool
    why: str | Promise = ""
    is_clear: bool = False


def allowed(wall: Wall, posts: Sequence[StoredPost]) -> list[StoredPost]:
    """Those that may be shown, in their order."""
    verdicts = judged(wall, posts)
    return [post for post in posts if verdicts[post.id].shown]


def judged(wall: Wall, posts: Iterable[StoredPost]) -> dict[int, Verdict]:
    """What is to be done with each. What a person decided wins; then blocked words; then whether posts wait."""
    posts = list(posts)
    decided = dict(
        Judged.objects.filter(mission=wall.mission_id, post_id__in=[post.id for post in posts]).values_list(
            "post_id", "may_show"
        )
    )
    blocked = blocked_terms(wall.blocked_words)
    return {post.id: _verdict(wall, post, decided.get(post.id), blocked) for post in posts}


def may_say(wall: Wall, words: str) -> bool:
    """Whether words that strangers wrote (a hashtag, a name, a phrase) hold none of the blocked ones."""
    blocked = blocked_terms(wall.blocked_words)
    if not blocked:
        return True
    reading = Reading(Post("", "", f"{words} · {words.lstrip('#@')}", NO_TIME), lambda _post: None)
    return not any(holds(reading) for holds in blocked)


def _verdict(wall: Wall, post: StoredPost, decided: bool | None, blocked: tuple[Condition, ...]) -> Verdict:
    if decided is not None:
        return Verdict(decided, "" if decided else KEPT_OFF, is_clear=decided)
    if any(holds(reading) for reading in _readings(post) for holds in blocked):
        return Verdict(False, BLOCKED)
    if wall.posts == Wall.Stream.APPROVED:
        return Verdict(False, WAITS)
    return Verdict(True, is_clear=wall.media == Wall.Media.CLEAR)


def _readings(post: StoredPost) -> Iterable[Reading]:
    """What stands on the wall of a post: its words, the descriptions of its media, and its author's name."""
    author = post.post.author
    told = " · ".join(part for part in (author.name, author.handle, *(m.alt for m in post.post.media)) if part)
    yield Reading(post.post, lambda _post: post.sentiment)
    if told:
        yield Reading(msgspec.structs.replace(post.post, title=None, text=told), lambda _post: post.sentiment)


@lru_cache(maxsize=64)
def blocked_terms(words: str) -> tuple[Condition, ...]:
    """The tests of a wall's blocked words; a line that can't be read any more blocks nothing."""
    found = []
    for line in words.splitlines():
        try:
            found.append(condition(read(line)))
        except QueryError:
            continue
    return tuple(found)
