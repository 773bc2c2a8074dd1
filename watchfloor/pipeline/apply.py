"""Bringing stored posts in line with topics that changed or were removed, a chunk a transaction, with progress."""

from __future__ import annotations

import logging
from time import monotonic

from django.db import transaction
from django.db.models import F, Q

from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.language.tree import Query
from watchfloor.listening.models import Topic
from watchfloor.live.announce import publish
from watchfloor.mentions.store.ids import LARGEST
from watchfloor.mentions.store.pick import count_ids, posts_by_id
from watchfloor.mentions.store.store import Applied, Scope, mention_store

log = logging.getLogger(__name__)

CHUNK = 2_000
A_TURN_SECONDS = 1.0  # then the desk's other duties have their turn


class Applying:
    """Goes through one topic at a time, the newest posts first.

    Posts that come in meanwhile are matched by the new query already (listening/revision.py), so one pass is enough.
    A crash starts over, which changes nothing that was done.
    """

    def __init__(self, chunk: int = CHUNK) -> None:
        self.chunk = chunk
        self._at: tuple[int, int] | None = None  # topic, version
        self._before: int | None = None
        self._done = self._of = 0

    def apply_changed_topics(self) -> bool:
        """The next chunks; whether there are more. Those that listen come before those that were removed."""
        began = monotonic()
        while monotonic() - began < A_TURN_SECONDS:
            changed = Q(is_on=True, removed_at=None, applied_version__lt=F("version"))
            topic = Topic.objects.filter(changed | ~Q(removed_at=None)).order_by(
                F("removed_at").asc(nulls_first=True), "pk"
            )
            first = topic.first()
            if first is None:
                self._at = None
                return False
            self._next_chunk(first)
        return True

    def _next_chunk(self, topic: Topic) -> None:
        if self._at != (topic.pk, topic.version):
            self._begin(topic)
        query = None if topic.removed_at else _read(topic)
        with transaction.atomic():
            held = Topic.objects.filter(pk=topic.pk, version=topic.version, removed_at=topic.removed_at)
            if not held.filter(is_on=topic.is_on).exists():
                return  # changed again meanwhile: the next round applies what is in force then
            applied = mention_store().apply_topic(topic.pk, query, topic.version, before=self._before, chunk=self.chunk)
            self._count(topic, applied)
            self._before = applied.before
            found = {kind: posts for kind, posts in (("new", applied.added), ("gone", applied.removed)) if posts}
            told: dict[str, object] = {"applying": {"topic": topic.pk, "done": self._done, "of": self._of}}
            if found:
                told["topics"] = {str(topic.pk): found}
            if applied.before is None:
                self._at = None
                told["applied"] = topic.pk
                if topic.removed_at:
                    Topic.objects.get(pk=topic.pk).delete()
                else:
                    held.update(applied_version=topic.version, applying_done=self._done, applying_of=self._of)
            else:
                held.update(applying_done=self._done, applying_of=self._of)
            publish(f"mission:{topic.mission_id}", told)

    def _begin(self, topic: Topic) -> None:
        self._at, self._before = (topic.pk, topic.version), None
        self._done, self._of = 0, count_ids(Scope(topic.mission_id))

    def _count(self, topic: Topic, applied: Applied) -> None:
        """How many of the mission's posts lie behind: those that the index left out without looking count, too."""
        if applied.before is None:
            self._done = self._of
            return
        scope = Scope(topic.mission_id)
        passed = count_ids(scope, applied.before, self._before or LARGEST)
        # Those that left the mission just now were among the ones to look at, too.
        gone = len(applied.removed) - sum(1 for post in posts_by_id(scope, applied.removed) if post.topics)
        self._done = min(self._of, self._done + passed + gone)


def _read(topic: Topic) -> Query | None:
    try:
        return read(topic.query)
    except QueryError:
        # Refused when written; one that an older release allowed finds nothing.
        log.exception("A topic's query can't be read", extra={"topic_id": topic.pk})
        return None
