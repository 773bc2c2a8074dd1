"""Verbs for tags, categories and their rules. Each is one transaction; open pages hear which rows changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.listening.language.read import QueryError, read
from watchfloor.live.announce import publish
from watchfloor.mentions import reads
from watchfloor.mentions.marking import HAND, HAND_OFF, Mark, Marking, MarkRule
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import StoredPost
from watchfloor.team.models import Mission, Person

MOST_AT_ONCE = 500  # posts
LONGEST_NAME = 80


class MarkRefused(ValueError):
    """The message says what was refused, why, and what to do."""


def make_mark(mission: Mission, *, kind: str, name: str, parent: Mark | None = None, by: Person | None) -> Mark:
    """A new tag or category. Raises MarkRefused."""
    name = _fit_name(name)
    if parent is not None and (parent.mission_id != mission.pk or parent.parent_id is not None or kind != "category"):
        raise MarkRefused(_("A category can stand only under a category that stands under none itself."))
    if kind not in Mark.Kind.values:
        raise MarkRefused(_("Choose tag or category."))
    try:
        with transaction.atomic():
            return Mark.objects.create(mission=mission, kind=kind, name=name, parent=parent, made_by=by)
    except IntegrityError:
        raise MarkRefused(_("“%(name)s” is there already. Choose another name.") % {"name": name}) from None


def rename_mark(mark: Mark, *, name: str) -> Mark:
    """Raises MarkRefused."""
    mark.name = _fit_name(name)
    try:
        with transaction.atomic():
            mark.save(update_fields=["name"])
    except IntegrityError:
        raise MarkRefused(_("“%(name)s” is there already. Choose another name.") % {"name": mark.name}) from None
    return mark


@transaction.atomic
def remove_mark(mark: Mark) -> None:
    """The mark, what stands under it, their rules, and the marks on posts. It can't be undone."""
    mark.delete()


def tag_named(mission: Mission, name: str, *, by: Person | None) -> Mark:
    """The tag of that name, made if there is none. Raises MarkRefused."""
    found = Mark.objects.filter(mission=mission, kind=Mark.Kind.TAG, name__iexact=name.strip()).first()
    return found or make_mark(mission, kind=Mark.Kind.TAG, name=name, by=by)


@transaction.atomic
def mark_posts(mission: Mission, mark: Mark, post_ids: Iterable[int], *, by: Person) -> int:
    """Set a mark by hand on posts of the mission. Says on how many it stands now by this person's hand."""
    posts = _posts(mission, post_ids)
    ids = [post.id for post in posts]
    Marking.objects.filter(mark=mark, post_id__in=ids, source=HAND_OFF).delete()
    now = timezone.now()
    Marking.objects.bulk_create(
        [Marking(mark=mark, post_id=pk, source=HAND, by=by, at=now) for pk in ids], ignore_conflicts=True
    )
    announce_changed(mission, posts)
    return len(ids)


@transaction.atomic
def unmark_posts(mission: Mission, mark: Mark, post_ids: Iterable[int], *, by: Person) -> int:
    """Take a mark off posts of the mission, by hand: no rule sets it there again."""
    posts = _posts(mission, post_ids)
    ids = [post.id for post in posts]
    Marking.objects.filter(mark=mark, post_id__in=ids, source=HAND).delete()
    by_rule = set(Marking.objects.filter(mark=mark, post_id__in=ids, source__gt=HAND).values_list("post_id", flat=True))
    has_rules = MarkRule.objects.filter(mark=mark).exists()
    off = ids if has_rules else [pk for pk in ids if pk in by_rule]
    now = timezone.now()
    Marking.objects.bulk_create(
        [Marking(mark=mark, post_id=pk, source=HAND_OFF, by=by, at=now) for pk in off], ignore_conflicts=True
    )
    announce_changed(mission, posts)
    return len(ids)


def add_rule(mark: Mark, *, query: str, by: Person | None) -> MarkRule:
    """From now on posts that `query` finds get the mark; stored ones do in the background. Raises MarkRefused."""
    try:
        read(query)
    except QueryError as error:
        at = _("Character %(n)d: ") % {"n": error.offset + 1}
        raise MarkRefused(f"{at}{error.message} {error.hint or ''}".strip()) from None
    with transaction.atomic():
        # With the writer's place taken: whoever stores posts after this sees the rule, and the background sees what
        # was stored before.
        SqlMentionStore().engine.writing().close()
        return MarkRule.objects.create(mission_id=mark.mission_id, mark=mark, query=query, made_by=by)


def replace_rule(rule: MarkRule, *, query: str, by: Person | None) -> MarkRule:
    """A rule with another query in its place: what only the old one set goes. Raises MarkRefused."""
    with transaction.atomic():
        new = add_rule(rule.mark, query=query, by=by)
        remove_rule(rule)
    return new


def remove_rule(rule: MarkRule) -> None:
    """Nothing is set by it any more, and what only it set goes, in the background."""
    MarkRule.objects.filter(pk=rule.pk).update(state=MarkRule.State.REMOVING)


def announce_changed(mission: Mission, posts: Sequence[StoredPost]) -> None:
    """Tell open pages to fetch these rows again."""
    topics: dict[str, dict[str, list[int]]] = {}
    for post in posts:
        for topic in post.topics:
            topics.setdefault(str(topic), {"changed": []})["changed"].append(post.id)
    if topics:
        publish(f"mission:{mission.pk}", {"topics": topics})


def _posts(mission: Mission, post_ids: Iterable[int]) -> list[StoredPost]:
    ids = list(dict.fromkeys(post_ids))
    if len(ids) > MOST_AT_ONCE:
        raise MarkRefused(_("At most %(n)d posts can be marked at once. Choose fewer.") % {"n": MOST_AT_ONCE})
    return reads.among(mission, None, ids)


def _fit_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or "\x00" in name:
        raise MarkRefused(_("A name is missing. Write one."))
    if len(name) > LONGEST_NAME:
        raise MarkRefused(
            _("A name has at most %(most)d characters; this one has %(n)d.") % {"most": LONGEST_NAME, "n": len(name)}
        )
    return name
