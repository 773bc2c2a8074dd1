"""Stored posts, judged anew by the model in use, in the background and on request. People's words stay."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from watchfloor.mentions.labels.in_use import follow_the_model
from watchfloor.mentions.labels.people import judge
from watchfloor.mentions.marking import LabelAgain
from watchfloor.mentions.marks_actions import announce_changed
from watchfloor.mentions.rules import mark_by_rules
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import Scope
from watchfloor.team.models import Mission, Person

AT_ONCE = 500


def label_stored_posts_again(mission: Mission, *, by: Person | None) -> LabelAgain:
    """From the newest post to the oldest. Asking again while it runs starts over, with the model then in use."""
    fresh = {"before": None, "total": None, "looked": 0, "changed": 0, "done_at": None}
    row, _made = LabelAgain.objects.update_or_create(
        mission=mission, defaults={"asked_by": by, "asked_at": timezone.now(), **fresh}
    )
    return row


def label_again() -> bool:
    """One chunk for the mission that waits longest. Says whether there is more."""
    row = LabelAgain.objects.filter(done_at=None).order_by("asked_at").select_related("mission").first()
    if row is None:
        return False
    model = follow_the_model()
    store, scope = SqlMentionStore(), Scope(row.mission_id)
    total = store.count(scope) if row.total is None else row.total
    with transaction.atomic():
        store.engine.writing().close()
        posts = store.search(scope, before=row.before, limit=AT_ONCE)
        changed = []
        for post in posts:
            if post.sentiment_by.startswith("person/") or post.sentiment_by == model:
                continue
            value, score, confidence, by = judge(post, language=post.language)
            store.relabel(post.id, sentiment=value, by=by, sentiment_score=score, sentiment_confidence=confidence)
            if value != post.sentiment:
                changed.append(post)
        is_done = len(posts) < AT_ONCE
        LabelAgain.objects.filter(pk=row.pk, asked_at=row.asked_at).update(
            before=posts[-1].id if posts else row.before,
            total=total,
            looked=row.looked + len(posts),
            changed=row.changed + len(changed),
            done_at=timezone.now() if is_done else None,
        )
        if changed:
            mark_by_rules(row.mission_id, [post.id for post in changed])
            announce_changed(row.mission, changed)
    return True
