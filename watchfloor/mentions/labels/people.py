"""What people say about a post's sentiment and language: said, taken back, and who said what.

A person's word is in force at once and for all missions that hold the post; only a person's replaces it. Every word is
kept, with who and when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.mentions import reads
from watchfloor.mentions.labels import label_language, label_sentiment
from watchfloor.mentions.labels.held import is_held
from watchfloor.mentions.labels.in_use import follow_the_model
from watchfloor.mentions.labels.language import normalise_code
from watchfloor.mentions.marking import PersonLabel
from watchfloor.mentions.marks_actions import announce_changed
from watchfloor.mentions.rules import mark_by_rules
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import StoredPost
from watchfloor.sources.post import Sentiment
from watchfloor.team.models import Mission, Person

SENTIMENTS = ("negative", "neutral", "positive")
CANT_TELL = ""
MOST_AT_ONCE = 500

Kind, Way = PersonLabel.Kind, PersonLabel.Way


class LabelRefused(ValueError):
    """The message says what was refused, why, and what to do."""


@dataclass(frozen=True)
class Said:
    """A word in force. `by` "" is somebody of another mission, or who has left."""

    row: int
    value: str
    by: str
    person: int | None
    at: datetime


@transaction.atomic
def say(mission: Mission, post_id: int, kind: str, value: str, *, by: Person, way: str = Way.PAGE) -> PersonLabel:
    """Put a person's word in the place of a label: a sentiment, a language code, or CANT_TELL. Raises LabelRefused."""
    value = _fit_value(kind, value)
    post = reads.post(mission, post_id)
    if post is None:
        raise LabelRefused(_("This mention is no longer shown, so nothing was changed. Reload the page."))
    was, was_by = (post.sentiment, post.sentiment_by) if kind == Kind.SENTIMENT else (post.language, post.language_by)
    row = PersonLabel.objects.create(
        mission=mission,
        post_id=post.id,
        kind=kind,
        value=value,
        by=by,
        at=timezone.now(),
        way=way,
        is_held=is_held(post.post),
        was=was or "",
        was_by=was_by,
    )
    _put_in_force(post, kind, value, by.pk)
    _tell(mission, [post.id])
    return row


@transaction.atomic
def say_of_many(mission: Mission, post_ids: Iterable[int], kind: str, value: str, *, by: Person) -> int:
    """The same of several posts. Says of how many; those no longer shown are passed by. Raises LabelRefused."""
    _fit_value(kind, value)
    ids = list(dict.fromkeys(post_ids))
    if len(ids) > MOST_AT_ONCE:
        raise LabelRefused(_("At most %(n)d labels can be corrected at once. Choose fewer.") % {"n": MOST_AT_ONCE})
    shown = [post.id for post in reads.among(mission, None, ids)]
    for post_id in shown:
        say(mission, post_id, kind, value, by=by)
    return len(shown)


@transaction.atomic
def take_back(mission: Mission, said: int, *, by: Person) -> PersonLabel:
    """Take a word back: the one before it is in force again, else the machine's. Raises LabelRefused."""
    row = PersonLabel.objects.filter(pk=said, mission=mission, takes_back=None).first()
    post = reads.post(mission, row.post_id) if row else None
    if row is None or post is None or PersonLabel.objects.filter(takes_back=row).exists():
        raise LabelRefused(_("This label was taken back or its mention is gone. Reload the page."))
    back = PersonLabel.objects.create(
        mission=mission,
        post_id=row.post_id,
        kind=row.kind,
        value=row.value,
        by=by,
        at=timezone.now(),
        way=row.way,
        is_held=row.is_held,
        was=row.value,
        was_by=f"person/{row.by_id}",
        takes_back=row,
    )
    before = _standing([row.post_id], row.kind).get(row.post_id)
    if before is not None and before.by_id is not None:
        _put_in_force(post, row.kind, before.value, before.by_id)
    else:
        _give_back_to_the_machine(post, row.kind)
    _tell(mission, [post.id])
    return back


def said_of(mission: Mission, post_ids: Collection[int]) -> dict[int, dict[str, Said]]:
    """The words in force of these posts, by kind. Two queries."""
    found: dict[int, dict[str, Said]] = {}
    for kind in (Kind.SENTIMENT, Kind.LANGUAGE):
        for post, row in _standing(post_ids, kind).items():
            is_ours = row.mission_id == mission.pk and row.by is not None
            said = Said(row.pk, row.value, str(row.by) if is_ours else "", row.by_id if is_ours else None, row.at)
            found.setdefault(post, {})[kind] = said
    return found


def history_of(mission: Mission, post_id: int) -> list[PersonLabel]:
    """All that was said of a post in this mission, newest first."""
    rows = PersonLabel.objects.filter(mission=mission, post_id=post_id).select_related("by", "takes_back")
    return list(rows.order_by("-pk"))


def judge(post: StoredPost, *, language: str | None) -> tuple[Sentiment | None, float | None, float | None, str]:
    """The machine's word about a stored post: value, score, confidence, whose."""
    label = label_sentiment(post.post, language)
    return label.value, label.score, label.confidence, label.by


def _standing(post_ids: Collection[int], kind: str) -> dict[int, PersonLabel]:
    """Of each post the newest word that was not taken back."""
    rows = PersonLabel.objects.filter(post_id__in=post_ids, kind=kind, takes_back=None, taken_back=None)
    return {row.post_id: row for row in rows.select_related("by").order_by("pk")}


def _put_in_force(post: StoredPost, kind: str, value: str, person: int) -> None:
    store, by = SqlMentionStore(), f"person/{person}"
    if kind == Kind.SENTIMENT:
        store.relabel(post.id, sentiment=cast(Sentiment | None, value or None), by=by)
        return
    store.relabel(post.id, language=value or None, by=by)
    _judge_again(post, value or None)


def _give_back_to_the_machine(post: StoredPost, kind: str) -> None:
    store = SqlMentionStore()
    if kind == Kind.LANGUAGE:
        found = label_language(post.post)
        store.relabel(post.id, language=found.code, by=found.by, language_confidence=found.confidence, over_people=True)
        _judge_again(post, found.code)
        return
    follow_the_model()
    value, score, confidence, by = judge(post, language=post.language)
    store.relabel(
        post.id, sentiment=value, by=by, sentiment_score=score, sentiment_confidence=confidence, over_people=True
    )


def _judge_again(post: StoredPost, language: str | None) -> None:
    """Another language may be one that the model knows, or does not; a person's word about the sentiment stays."""
    follow_the_model()
    value, score, confidence, by = judge(post, language=language)
    SqlMentionStore().relabel(post.id, sentiment=value, by=by, sentiment_score=score, sentiment_confidence=confidence)


def _tell(mission: Mission, post_ids: list[int]) -> None:
    mark_by_rules(mission.pk, post_ids)
    announce_changed(mission, reads.among(mission, None, post_ids))


def _fit_value(kind: str, value: str) -> str:
    if kind == Kind.SENTIMENT:
        if value not in (*SENTIMENTS, CANT_TELL):
            raise LabelRefused(_("A sentiment is negative, neutral or positive. Choose one."))
        return value
    if kind != Kind.LANGUAGE:
        raise LabelRefused(_("Only sentiment and language can be corrected."))
    if value == CANT_TELL:
        return value
    code = normalise_code(value)
    if code is None:
        raise LabelRefused(
            _("“%(code)s” is no language code. Write one such as en, de or pt-BR.") % {"code": value[:40]}
        )
    return code
