"""Hiding: posts that a mission does not want to see leave its lists, figures and walls, until they are shown again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from watchfloor.live.announce import publish
from watchfloor.mentions import reads
from watchfloor.mentions.store.store import StoredPost, mention_store
from watchfloor.team.models import Mission

MOST_AT_ONCE = 500


@transaction.atomic
def hide_posts(mission: Mission, post_ids: Iterable[int]) -> list[int]:
    """Set posts aside for this mission; others keep them. Says which were shown until now. Open pages are told."""
    shown = reads.among(mission, None, list(dict.fromkeys(post_ids))[:MOST_AT_ONCE])
    hidden = mention_store().set_aside(mission.pk, [post.id for post in shown])
    _announce(mission, [post for post in shown if post.id in hidden], "gone")
    return hidden


@transaction.atomic
def show_posts(mission: Mission, post_ids: Iterable[int]) -> list[int]:
    """Show hidden posts again. Says which were hidden."""
    back = mention_store().take_back(mission.pk, list(dict.fromkeys(post_ids))[:MOST_AT_ONCE])
    _announce(mission, reads.among(mission, None, back), "new")
    return back


def hidden_posts(mission: Mission, *, before: int | None = None, limit: int = 50) -> list[StoredPost]:
    """What the mission hid, newest first."""
    return mention_store().set_aside_posts(mission.pk, before, limit)


def _announce(mission: Mission, posts: list[StoredPost], kind: str) -> None:
    topics: dict[str, dict[str, list[int]]] = {}
    for post in posts:
        for topic in post.topics:
            topics.setdefault(str(topic), {kind: []})[kind].append(post.id)
    if topics:
        publish(f"mission:{mission.pk}", {"topics": topics})
