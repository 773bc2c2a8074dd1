"""Short ways to have posts in a mission, and a wall that shows them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from watchfloor.listening.models import Topic
from watchfloor.live.announce import publish
from watchfloor.mentions import reads
from watchfloor.mentions.store.store import Changes, Labelled, mention_store
from watchfloor.sources.post import Author, Post
from watchfloor.team.models import Mission
from watchfloor.wall.drawing import Place, draw, places
from watchfloor.wall.models import Scene, Wall

_numbers = count(1)


def topic(mission: Mission, name: str = "Pivot", query: str = "pivot", **fields: Any) -> Topic:
    return Topic.objects.create(mission=mission, name=name, query=query, applied_version=1, **fields)


def labelled(about: Topic, text: str = "", *, ago: timedelta = timedelta(seconds=5), tone: str | None = "neutral",
             **fields: Any) -> Labelled:  # fmt: skip
    """By an author of its own unless told."""
    number, now = next(_numbers), timezone.now()
    fields.setdefault("author", Author(id=f"did:{number}", handle=f"a{number}.example.social", name=f"Ana {number}"))
    post = Post(
        network=fields.pop("network", "bluesky"),
        id=f"w{number}",
        text=text or f"pivot number {number}",
        created_at=now - ago,
        **fields,
    )
    return Labelled(
        post=post,
        raw=b"{}",
        topics=[(about.pk, about.version)],
        seen_at=now - ago,
        language="en",
        language_by="declared/1",
        sentiment=tone,
        sentiment_by="english/1",
    )


def store(mission: Mission, posts: list[Labelled]) -> list[int]:
    """Store and announce them, as the stream does; their ids."""
    with transaction.atomic():
        wrote = mention_store().write(Changes(posts=posts))
        publish(f"mission:{mission.pk}", {"topics": {str(t): {"new": ids} for t, ids in wrote.new.items()}})
    return [post_id for ids in wrote.new.values() for post_id in ids]


def say(about: Topic, text: str = "", **told: Any) -> int:
    """One post, stored and announced; its id."""
    return store(about.mission, [labelled(about, text, **told)])[0]


def delete(mission: Mission, post_id: int) -> None:
    """As the network says it."""
    post = reads.post(mission, post_id)
    assert post is not None
    with transaction.atomic():
        wrote = mention_store().write(Changes(deleted=[(post.post.network, post.post.id)]))
        publish(f"mission:{mission.pk}", {"topics": {str(t): {"gone": ids} for t, ids in wrote.gone.items()}})


def shown(wall: Wall, name: str, **told: Any) -> str:
    """A panel as the wall draws it now."""
    wall = Wall.objects.select_related("mission").get(pk=wall.pk)
    scene = Scene(wall=wall, panels=[{"panel": name, **told}])
    place: Place = places(scene)[0]
    return draw(wall, place, timezone.now())
