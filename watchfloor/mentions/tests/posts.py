"""Stored posts for page tests: plain ones, and hostile ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from watchfloor.listening.models import Topic
from watchfloor.mentions.store.store import Changes, Labelled, Wrote, mention_store
from watchfloor.sources.post import Author, Metrics, Post

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
LONG_NAME = "Ministerialbeigeordnete a. D. Dr. Dr. h. c. " * 9  # 400 characters and more


def stored(
    topics: list[Topic],
    at: datetime,
    text: str,
    *,
    native_id: str = "",
    network: str = "bluesky",
    sentiment: str | None = "negative",
    author: Author | None = None,
    seen_after: timedelta = timedelta(seconds=4),
    **fields: object,
) -> Wrote:
    """Store one post as the pipeline would."""
    post = Post(
        network=network,
        id=native_id or f"{text[:20]}{at.isoformat()}",
        text=text,
        created_at=at,
        author=author or Author(id="tom", handle="tom.hale.bsky.social", name="Tom Hale", followers=1240),
        metrics=Metrics(likes=31),
        **fields,
    )
    labelled = Labelled(
        post=post,
        raw=b"{}",
        topics=[(topic.pk, topic.version) for topic in topics],
        seen_at=at + seen_after,
        language="en",
        language_by="declared/1",
        sentiment=sentiment,
        sentiment_confidence=0.94 if sentiment else None,
        sentiment_by="english/1" if sentiment else "",
    )
    with transaction.atomic():
        return mention_store().write(Changes(posts=[labelled]))


def deleted(network: str, native_id: str) -> Wrote:
    with transaction.atomic():
        return mention_store().write(Changes(deleted=[(network, native_id)]))
