"""Short ways to have posts in a mission."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from watchfloor.listening.models import Topic
from watchfloor.mentions.store.store import Changes, Labelled, mention_store
from watchfloor.sources.post import Author, Metrics, Post
from watchfloor.team.models import Mission

_numbers = count(1)


def topic(mission: Mission, name: str = "Pivot", query: str = "pivot", **fields: Any) -> Topic:
    return Topic.objects.create(mission=mission, name=name, query=query, applied_version=1, **fields)


def post(at: datetime, *topics: Topic, sentiment: str | None = "neutral", **fields: Any) -> Labelled:
    """By an author of its own unless told."""
    number = next(_numbers)
    fields.setdefault("author", Author(id=f"did:{number}", handle=f"a{number}.example"))
    fields.setdefault("network", "bluesky")
    fields.setdefault("text", f"pivot number {number}")
    engagement = fields.pop("likes", None)
    return Labelled(
        post=Post(id=f"p{number}", created_at=at, metrics=Metrics(likes=engagement), **fields),
        raw=b"{}",
        topics=[(one.pk, one.version) for one in topics],
        seen_at=at + timedelta(seconds=1),
        language="en",
        language_by="declared/1",
        sentiment=sentiment,
        sentiment_by="english/1",
    )


def store(posts: Iterable[Labelled]) -> None:
    with transaction.atomic():
        mention_store().write(Changes(posts=list(posts)))
