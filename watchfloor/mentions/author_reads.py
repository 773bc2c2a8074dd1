"""What is stored here about an account: never more than a mission's own posts tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404

from watchfloor.listening.models import Topic
from watchfloor.mentions.models import Author, Post
from watchfloor.mentions.store.ids import EPOCH
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import Scope, StoredPost
from watchfloor.team.models import Mission

LOOKED_AT = 1_000  # of an account's newest posts
SHOWN = 20


@dataclass(frozen=True)
class AuthorCard:
    """Everything "as told": a network may know more, and may have told it long ago (`told_at`)."""

    row: int
    network: str
    native_id: str | None
    handle: str | None
    name: str | None
    followers: int | None
    told_at: datetime
    posts: int
    is_cut: bool  # there are more than `posts`
    first: datetime
    last: datetime
    topics: list[tuple[Topic, int]]
    sentiments: list[tuple[str | None, int]]
    languages: list[tuple[str | None, int]]
    kinds: dict[str, int]  # original, reply, repost, quote
    engagement: int | None
    newest: list[StoredPost]


def author_card(mission: Mission, row: int) -> AuthorCard:
    """Raises Http404 unless a shown post of the mission is theirs: that an account is known elsewhere is not told."""
    author = Author.objects.select_related("network").filter(pk=row).first()
    ids = list(Post.objects.filter(author_id=row).order_by("-pk").values_list("pk", flat=True)[: LOOKED_AT + 1])
    store = SqlMentionStore()
    with store.engine.connection.cursor() as cursor:
        loaded = Reading(store.engine, cursor, Scope(mission.pk)).load(ids[:LOOKED_AT])
    posts = [post for post in loaded if post.topics and post.state == "shown"]
    if author is None or not posts:
        raise Http404("no such author")
    by_topic = Counter(topic for post in posts for topic in post.topics)
    names = Topic.objects.in_bulk(list(by_topic))
    engagements = [post.post.metrics.engagement for post in posts]
    told = [number for number in engagements if number is not None]
    return AuthorCard(
        row=author.pk,
        network=author.network.word,
        native_id=author.native_id,
        handle=author.handle,
        name=author.name,
        followers=author.followers,
        told_at=EPOCH + timedelta(milliseconds=author.told_at),
        posts=len(posts),
        is_cut=len(ids) > LOOKED_AT,
        first=posts[-1].at,
        last=posts[0].at,
        topics=[(names[pk], n) for pk, n in by_topic.most_common(12) if pk in names],
        sentiments=[(name, n) for name, n in Counter(post.sentiment for post in posts).most_common()],
        languages=[(name, n) for name, n in Counter(post.language for post in posts).most_common(6)],
        kinds=dict(Counter(_kind(post) for post in posts).most_common()),
        engagement=sum(told) if told else None,
        newest=posts[:SHOWN],
    )


def _kind(post: StoredPost) -> str:
    told = post.post
    if told.repost_of:
        return "repost"
    if told.quote_of:
        return "quote"
    return "reply" if told.reply_to else "original"
