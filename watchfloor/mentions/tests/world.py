"""Two missions with topics, and short ways to write posts into a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connections, transaction

from watchfloor.listening.models import Topic
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import Changes, Labelled, Scope, StoredPost, Wrote
from watchfloor.sources.post import Author, Post
from watchfloor.sources.source import AuthorChanged, AuthorRenamed
from watchfloor.team.models import Mission

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class World:
    """`coffee` and `tea` are topics of the mission `brand`, `fire` is one of the mission `crisis`."""

    def __init__(self, store: SqlMentionStore) -> None:
        self.store, self.using = store, store.engine.using
        self.brand = self._mission("brand")
        self.crisis = self._mission("crisis")
        self.coffee, self.tea = self._topic(self.brand, "coffee"), self._topic(self.brand, "tea")
        self.fire = self._topic(self.crisis, "fire")
        self._ids = count(1)

    def _mission(self, name: str) -> Mission:
        return Mission.objects.using(self.using).create(name=name, slug=name)

    def _topic(self, mission: Mission, name: str) -> Topic:
        return Topic.objects.using(self.using).create(mission=mission, name=name, query=name)

    def labelled(self, text: str = "coffee", *topics: Topic, **fields: Any) -> Labelled:
        """A post of NOON that is seen a second later. `fields` are those of Labelled, else of Post."""
        own = {
            name: fields.pop(name)
            for name in list(fields)
            if name in Labelled.__struct_fields__ and name != "sentiment"
        }
        sentiment = fields.pop("sentiment", None)
        post = {
            "network": "bluesky",
            "id": str(next(self._ids)),
            "created_at": NOON,
            "author": Author(id="did:ana", handle="ana.example", name="Ana"),
        } | fields
        whole = {
            "raw": b"",
            "topics": [(topic.pk, topic.version) for topic in topics or (self.coffee,)],
            "seen_at": NOON + timedelta(seconds=1),
            "sentiment": sentiment,
        } | own
        return Labelled(post=Post(text=text, **post), **whole)

    def write(self, *posts: Labelled, **changes: Any) -> Wrote:
        with transaction.atomic(self.using):
            return self.store.write(Changes(posts=list(posts), **changes))

    def delete(self, *ids: str) -> Wrote:
        return self.write(deleted=[("bluesky", native_id) for native_id in ids])

    def account(self, state: Any, author: str = "did:ana") -> Wrote:
        return self.write(authors=[AuthorChanged("bluesky", author, state)])

    def rename(self, author: str = "did:ana", **names: Any) -> Wrote:
        return self.write(renamed=[AuthorRenamed("bluesky", author, **names)])

    def shown(self, *topics: Topic) -> list[StoredPost]:
        """What the mission of the first topic shows (`brand` by default), in these topics."""
        scope = Scope(topics[0].mission_id, tuple(topic.pk for topic in topics)) if topics else Scope(self.brand.pk)
        return self.store.search(scope, limit=1_000)

    def texts(self, *topics: Topic) -> list[str]:
        return [stored.post.text for stored in self.shown(*topics)]

    def rows(self, table: str) -> int:
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            return int(cursor.fetchone()[0])

    def counted(self, topic: Topic) -> int:
        return self._sum("mentions_counter", "topic_id", topic.pk)

    def counted_in(self, mission: Mission) -> int:
        return self._sum("mentions_missioncounter", "mission_id", mission.pk)

    def _sum(self, table: str, of: str, number: int) -> int:
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"SELECT coalesce(sum(posts), 0) FROM {table} WHERE {of} = %s", [number])
            return int(cursor.fetchone()[0])
