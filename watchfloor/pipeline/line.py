"""The line of one process: a batch from a source goes through the steps and into the store in one transaction."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from time import perf_counter

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.matcher import Matcher
from watchfloor.listening.models import Topic
from watchfloor.listening.revision import hold
from watchfloor.live.announce import publish
from watchfloor.mentions.labels.in_use import follow_the_model
from watchfloor.mentions.store.store import Changes, Labelled, MentionStore, Wrote, mention_store
from watchfloor.pipeline import gauges
from watchfloor.pipeline.item import Dropped, Item, Reason
from watchfloor.pipeline.steps import STEPS
from watchfloor.sources.look_back import note_look_back
from watchfloor.sources.minutes import MinutesHeard, end_pause
from watchfloor.sources.models import Connection, ConnectionGap
from watchfloor.sources.source import (
    AuthorChanged,
    AuthorRenamed,
    Batch,
    Deleted,
    Filled,
    Gap,
    NotPublic,
    Unreadable,
    Written,
)

log = logging.getLogger(__name__)


class Taken(msgspec.Struct):
    """What became of one batch."""

    received: int = 0
    matched: int = 0
    stored: int = 0
    duplicates: int = 0
    edited: int = 0
    deleted: int = 0
    dropped: dict[str, int] = {}


class Line:
    """Not thread-safe: one thread takes batches and reloads topics."""

    def __init__(self, store: MentionStore | None = None) -> None:
        self.store = store or mention_store()
        self.matcher: Matcher[int] = Matcher()
        self.mission_of: dict[int, int] = {}
        self.version_of: dict[int, int] = {}
        self._heard = MinutesHeard()
        self._revision = -1
        self.reload()

    def begin(self, connection_id: int) -> str | None:
        """Listening to a connection begins, from the cursor that is answered."""
        self._heard.forget(connection_id)
        end_pause(connection_id, timezone.now())
        cursor: str | None = Connection.objects.values_list("cursor", flat=True).get(pk=connection_id)
        return cursor

    def reload(self) -> None:
        """Read the topics again, if any changed. Touches only the queries that did. And judge with the model in use."""
        follow_the_model()
        with transaction.atomic():
            revision = hold()
            if revision == self._revision:
                return
            rows = {t.pk: t for t in Topic.objects.filter(is_on=True)}
        for gone in set(self.mission_of) - set(rows):
            self._forget(gone)
        for pk, topic in rows.items():
            if self.version_of.get(pk) == topic.version:
                continue
            self._forget(pk)
            try:
                query = read(topic.query)
            except QueryError:
                # Refused when written; one that an older release allowed must not end the stream.
                log.exception("A topic's query can't be read", extra={"topic_id": pk})
                continue
            self.matcher.put(pk, query)
            self.mission_of[pk], self.version_of[pk] = topic.mission_id, topic.version
        self._revision = revision

    def _forget(self, topic_id: int) -> None:
        if self.mission_of.pop(topic_id, None) is not None:
            self.version_of.pop(topic_id, None)
            self.matcher.drop(topic_id)

    def take(self, batch: Batch, connection: Connection | None, *, look_back: int | None = None) -> Taken:
        """Bring a batch into the store. All or nothing: what matched, counters, arrivals, the announcement and the
        connection's cursor are one transaction, so that a crash repeats the batch and never loses or doubles it.

        `look_back`: the batch belongs to that going back over the connection; its cursor moves, not the connection's.
        """
        began = perf_counter()
        while (attempt := self._try_to_take(batch, connection, look_back)) is None:
            self.reload()
        taken, wrote = attempt
        taken.stored, taken.duplicates, taken.edited, taken.deleted = (
            wrote.stored,
            wrote.duplicates,
            wrote.edited,
            wrote.deleted,
        )
        gauges.count(taken, batch, connection, perf_counter() - began)
        return taken

    def _try_to_take(
        self, batch: Batch, connection: Connection | None, look_back: int | None
    ) -> tuple[Taken, Wrote] | None:
        """None: a topic changed while the batch was matched, and nothing was written."""
        now = timezone.now()
        taken = Taken(dropped={})
        changes = self._sort(batch, connection, now, taken)
        try:
            with transaction.atomic():
                if hold() != self._revision:
                    return None
                wrote = self.store.write(changes) if _is_work(changes) else Wrote()
                if look_back is not None:
                    reached = None if batch.lag is None else now - batch.lag
                    note_look_back(
                        look_back, read=taken.received, found=wrote.stored, cursor=batch.cursor, reached=reached
                    )
                elif connection is not None:
                    covered = {} if batch.is_plan else self._heard.note(connection, batch, taken.received, now)
                    _note(connection, batch, now, taken, covered)
                self._announce(wrote)
        except BaseException:
            if connection is not None and look_back is None:
                self._heard.forget(connection.pk)
            raise
        return taken, wrote

    def _sort(self, batch: Batch, connection: Connection | None, now: datetime, taken: Taken) -> Changes:
        """Send the posts through the steps and put every event where the store wants it."""
        mission_id = connection.mission_id if connection is not None else None
        changes = Changes(posts=[], deleted=[], authors=[], renamed=[], unmatched_edits=[], mission_id=mission_id)
        items: dict[tuple[str, str], Item] = {}  # of a post that was edited within the batch, what its last edit left
        for event in batch.events:
            match event:
                case Written(post=post, raw=raw, edited=edited):
                    taken.received += 1
                    key = (post.network, post.id)
                    if edited or key not in items:
                        items[key] = Item(post, raw, edited, now, mission_id, self)
                case Deleted(network=network, id=native_id):
                    changes.deleted.append((network, native_id))
                case AuthorChanged():
                    changes.authors.append(event)
                case AuthorRenamed():
                    changes.renamed.append(event)
                case Unreadable():
                    taken.dropped[Reason.UNREADABLE] = taken.dropped.get(Reason.UNREADABLE, 0) + 1
                    taken.received += 1
                case NotPublic():
                    taken.dropped[Reason.NOT_PUBLIC] = taken.dropped.get(Reason.NOT_PUBLIC, 0) + 1
                    taken.received += 1
        for item in self._through_the_steps(list(items.values()), changes, taken):
            changes.posts.append(
                Labelled(
                    post=item.post,
                    raw=item.raw,
                    topics=[(topic, self.version_of[topic]) for topic in item.topics],
                    seen_at=item.seen_at,
                    language=item.language,
                    language_by=item.language_by,
                    language_confidence=item.language_confidence,
                    sentiment=item.sentiment,
                    sentiment_score=item.sentiment_score,
                    sentiment_confidence=item.sentiment_confidence,
                    sentiment_by=item.sentiment_by,
                    edited=item.edited,
                )
            )
        taken.matched = len(changes.posts)
        return changes

    def _through_the_steps(self, items: list[Item], changes: Changes, taken: Taken) -> list[Item]:
        for step in STEPS:
            began = perf_counter()
            kept = []
            for item in items:
                result = step(item)
                if isinstance(result, Dropped):
                    taken.dropped[result.reason] = taken.dropped.get(result.reason, 0) + 1
                    if item.edited:
                        changes.unmatched_edits.append((item.post.network, item.post.id))
                else:
                    kept.append(result)
            gauges.step_took(step.__name__, len(items), perf_counter() - began)
            items = kept
        return items

    def _announce(self, wrote: Wrote) -> None:
        """One announcement a mission: which posts came, changed and went, by topic."""
        by_mission: dict[int, dict[str, dict[str, list[int]]]] = {}
        for kind, by_topic in (("new", wrote.new), ("changed", wrote.changed), ("gone", wrote.gone)):
            for topic, posts in by_topic.items():
                mission = self.mission_of.get(topic)
                if mission is not None:
                    by_mission.setdefault(mission, {}).setdefault(str(topic), {})[kind] = posts
        for mission, topics in by_mission.items():
            publish(f"mission:{mission}", {"topics": topics})


def _is_work(changes: Changes) -> bool:
    return bool(changes.posts or changes.deleted or changes.authors or changes.renamed or changes.unmatched_edits)


def _note(connection: Connection, batch: Batch, now: datetime, taken: Taken, covered: dict[str, object]) -> None:
    """Move the cursor and note how the connection does, in the batch's own transaction."""
    if batch.is_plan:
        says = {} if batch.trouble is None else {"says": batch.trouble}
        Connection.objects.filter(pk=connection.pk).update(cursor=batch.cursor, **says)
        return
    fields: dict[str, object] = {"heard_at": now, "received": F("received") + taken.received, **covered}
    if batch.cursor is not None:
        fields["cursor"] = batch.cursor
    if taken.received:
        fields["last_post_at"] = now
    if batch.trouble is not None:
        fields["says"] = batch.trouble
    if batch.lag is not None:
        fields["lag_seconds"] = batch.lag.total_seconds()
    if unreadable := taken.dropped.get(Reason.UNREADABLE):
        fields["unreadable"] = F("unreadable") + unreadable
    if batch.unknown_fields:
        known = Counter(Connection.objects.values_list("unknown_fields", flat=True).get(pk=connection.pk))
        known.update(batch.unknown_fields)
        fields["unknown_fields"] = dict(known.most_common(200))
    Connection.objects.filter(pk=connection.pk).update(**fields)
    _note_gaps(connection, batch, now)


def _note_gaps(connection: Connection, batch: Batch, now: datetime) -> None:
    changed = False
    for event in batch.events:
        if isinstance(event, Gap):
            ConnectionGap.objects.get_or_create(
                connection=connection,
                since=event.since,
                until=max(event.since, event.until),
                defaults={"why": event.why[:500], "found_at": now},
            )
            changed = True
        elif isinstance(event, Filled):
            inside = ConnectionGap.objects.filter(connection=connection, since__gte=event.since, until__lte=event.until)
            inside.lost().update(filled_at=now)
            changed = True
    if changed:
        publish("sources", {"connection": connection.pk})
