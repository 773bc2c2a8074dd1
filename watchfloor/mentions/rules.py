"""Rules that set marks: on posts as they arrive, and on stored ones in the background.

Forward, posts come as arrivals of the desk "marks", taken in the transaction that marks them: a crash repeats work, and
marking twice changes nothing. Backward, a rule keeps how far it came; new posts do not need it to be done.
"""

from __future__ import annotations

import threading
from functools import partial

from django.db import transaction
from django.utils import timezone

from watchfloor.lib.kept import Kept
from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.matcher import Matcher
from watchfloor.listening.models import Topic
from watchfloor.mentions import arrivals
from watchfloor.mentions.marking import Marking, MarkRule
from watchfloor.mentions.marks_actions import announce_changed
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import Scope, StoredPost
from watchfloor.sources.post import Post, Sentiment
from watchfloor.team.models import Mission

DESK = "marks"
ARRIVALS_AT_ONCE = 500
STORED_AT_ONCE = 500
REMOVED_AT_ONCE = 2_000
ACTIVE = (MarkRule.State.APPLYING, MarkRule.State.APPLIED)

_matchers: Kept[Matcher[int]] = Kept(50)  # by the rules that they hold
_matching = threading.Lock()  # a matcher learns while it matches


def rules_wait_for_posts(using: str) -> bool:
    """Whether arrivals are wanted at all: most installations have no rule, and then none is written."""
    return MarkRule.objects.using(using).filter(state__in=ACTIVE).exists()


def mark_arrivals() -> bool:
    """Mark what arrived. Says whether there may be more."""
    with transaction.atomic():
        taken = arrivals.take(DESK, ARRIVALS_AT_ONCE)
        wanted = {arrival.post_id: arrival.topic_ids for arrival in taken if arrival.kind != "deleted"}
        missions = dict(
            Topic.objects.filter(pk__in={topic for topics in wanted.values() for topic in topics}).values_list(
                "pk", "mission_id"
            )
        )
        by_mission: dict[int, list[int]] = {}
        for post, topics in wanted.items():
            for mission in {missions[topic] for topic in topics if topic in missions}:
                by_mission.setdefault(mission, []).append(post)
        for mission, posts in by_mission.items():
            mark_by_rules(mission, posts)
    return len(taken) == ARRIVALS_AT_ONCE


def mark_by_rules(mission_id: int, post_ids: list[int]) -> None:
    """Bring what the mission's rules say of these posts up to date, in the caller's transaction: after an edit, or
    when a label changed that a rule asks for."""
    rules = {rule.pk: rule for rule in MarkRule.objects.filter(mission_id=mission_id, state__in=ACTIVE)}
    if not rules:
        return
    matcher = _matcher(rules)
    store = SqlMentionStore()
    with store.engine.connection.cursor() as cursor:
        loaded = Reading(store.engine, cursor, Scope(mission_id)).load(sorted(post_ids))
    posts = [post for post in loaded if post.topics]
    with _matching:
        found = {(rule, post.id) for post in posts for rule in matcher.match(post.post, partial(_in_force, post))}
    ids = [post.id for post in posts]
    held = set(Marking.objects.filter(post_id__in=ids, source__in=rules).values_list("source", "post_id"))
    now = timezone.now()
    new = [
        Marking(mark_id=rules[rule].mark_id, post_id=post, source=rule, at=now) for rule, post in sorted(found - held)
    ]
    Marking.objects.bulk_create(new, ignore_conflicts=True)
    for rule, post in held - found:
        Marking.objects.filter(source=rule, post_id=post).delete()
    changed = {post for _rule, post in found ^ held}
    if changed:
        announce_changed(Mission(pk=mission_id), [post for post in posts if post.id in changed])


def apply_rules_to_stored_posts() -> bool:
    """One chunk for the oldest rule that is not done: of marking, or of taking away. Says whether there is more."""
    rule = MarkRule.objects.exclude(state=MarkRule.State.APPLIED).order_by("pk").first()
    if rule is None:
        return False
    if rule.state == MarkRule.State.REMOVING:
        _take_away(rule)
    else:
        _mark_stored(rule)
    return True


def _mark_stored(rule: MarkRule) -> None:
    try:
        query = read(rule.query)
    except QueryError:  # refused when written; one that an older release allowed finds nothing
        MarkRule.objects.filter(pk=rule.pk).update(state=MarkRule.State.APPLIED, total=0)
        return
    store, scope = SqlMentionStore(), Scope(rule.mission_id)
    total = store.count(scope, query) if rule.total is None else rule.total
    with transaction.atomic():
        store.engine.writing().close()
        posts = store.search(scope, query, before=rule.before, limit=STORED_AT_ONCE)
        now = timezone.now()
        is_done = len(posts) < STORED_AT_ONCE
        still_wanted = MarkRule.objects.filter(pk=rule.pk, state=MarkRule.State.APPLYING).update(
            before=posts[-1].id if posts else rule.before,
            total=total,
            done=rule.done + len(posts),
            state=MarkRule.State.APPLIED if is_done else MarkRule.State.APPLYING,
        )
        if still_wanted:
            Marking.objects.bulk_create(
                [Marking(mark_id=rule.mark_id, post_id=post.id, source=rule.pk, at=now) for post in posts],
                ignore_conflicts=True,
            )
            announce_changed(Mission(pk=rule.mission_id), posts)


def _take_away(rule: MarkRule) -> None:
    with transaction.atomic():
        held = Marking.objects.filter(mark=rule.mark_id, source=rule.pk)
        posts = list(held.values_list("post_id", flat=True)[:REMOVED_AT_ONCE])
        held.filter(post_id__in=posts).delete()
        if len(posts) < REMOVED_AT_ONCE:
            rule.delete()
        store = SqlMentionStore()
        with store.engine.connection.cursor() as cursor:
            stored = Reading(store.engine, cursor, Scope(rule.mission_id)).load(posts[:REMOVED_AT_ONCE])
        announce_changed(Mission(pk=rule.mission_id), stored)


def _matcher(rules: dict[int, MarkRule]) -> Matcher[int]:
    def make() -> Matcher[int]:
        matcher: Matcher[int] = Matcher()
        for rule in rules.values():
            try:
                matcher.put(rule.pk, read(rule.query))
            except QueryError:
                continue  # as above
        return matcher

    return _matchers.get(tuple((rule.pk, rule.query) for rule in rules.values()), make)


def _in_force(stored: StoredPost, _post: Post) -> Sentiment | None:
    return stored.sentiment
