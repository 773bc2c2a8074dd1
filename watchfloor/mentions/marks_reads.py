"""Which marks posts carry, and what marks a mission has."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from watchfloor.mentions.marking import HAND, HAND_OFF, Mark, Marking, MarkRule
from watchfloor.team.models import Mission


@dataclass(frozen=True)
class Carried:
    """A mark on a post. `by` is who set it by hand; None: a rule did."""

    mark: int
    kind: str
    name: str
    by: str | None


@dataclass(frozen=True)
class Kept:
    """A mark of a mission as its page shows it. `posts` carry it."""

    mark: Mark
    posts: int
    rules: tuple[MarkRule, ...]
    children: tuple[Kept, ...] = ()


def marks_of(mission: Mission, post_ids: Collection[int]) -> dict[int, tuple[Carried, ...]]:
    """The marks of these posts, categories first, each by name. Posts without any are left out. One query."""
    rows = (
        Marking.objects.using(mission._state.db)
        .filter(post_id__in=post_ids, mark__mission=mission)
        .select_related("mark__parent", "by")
    )
    held: dict[int, dict[int, list[Marking]]] = {}
    for row in rows:
        held.setdefault(row.post_id, {}).setdefault(row.mark_id, []).append(row)
    found = {
        post: tuple(sorted((_carried(them) for them in marks.values() if _is_on(them)), key=_order))
        for post, marks in held.items()
    }
    return {post: carried for post, carried in found.items() if carried}


def marks_of_mission(mission: Mission) -> list[Mark]:
    """All of them, tags and categories, each sub-category after the one that it stands under."""
    marks = list(Mark.objects.filter(mission=mission).select_related("parent"))
    return sorted(marks, key=lambda mark: (mark.kind, str(mark).casefold()))


def with_children(mission: Mission, mark_ids: Iterable[int]) -> tuple[int, ...]:
    """Those of the mission's marks and what stands under them: a category means its sub-categories, too."""
    asked = list(mark_ids)
    if not asked:
        return ()
    found = Mark.objects.filter(Q(pk__in=asked) | Q(parent__in=asked), mission=mission)
    return tuple(sorted(found.values_list("pk", flat=True)))


def kept_marks(mission: Mission) -> tuple[list[Kept], list[Kept]]:
    """Tags and categories (with their sub-categories) with how many posts carry each, and their rules."""
    off = Marking.objects.filter(mark__mission=mission, source=HAND_OFF).values_list("mark_id", "post_id")
    withheld: dict[int, set[int]] = {}
    for mark, post in off:
        withheld.setdefault(mark, set()).add(post)
    on = Marking.objects.filter(mark__mission=mission, source__gte=HAND)
    counted = dict(on.values_list("mark_id").annotate(posts=Count("post_id", distinct=True)))
    for mark, posts in withheld.items():
        carried = on.filter(mark=mark, post_id__in=posts).values("post_id").distinct().count()
        counted[mark] = counted.get(mark, 0) - carried
    rules: dict[int, list[MarkRule]] = {}
    for rule in MarkRule.objects.filter(mission=mission).select_related("made_by"):
        rules.setdefault(rule.mark_id, []).append(rule)
    marks = marks_of_mission(mission)

    def kept(mark: Mark) -> Kept:
        under = tuple(kept(child) for child in marks if child.parent_id == mark.pk)
        return Kept(mark, counted.get(mark.pk, 0), tuple(rules.get(mark.pk, ())), under)

    tops = [kept(mark) for mark in marks if mark.parent_id is None]
    tags = [one for one in tops if one.mark.kind == Mark.Kind.TAG]
    return tags, [one for one in tops if one.mark.kind == Mark.Kind.CATEGORY]


def _is_on(markings: list[Marking]) -> bool:
    return all(marking.source != HAND_OFF for marking in markings)


def _carried(markings: list[Marking]) -> Carried:
    hand = next((marking for marking in markings if marking.source == HAND), None)
    mark = markings[0].mark
    return Carried(mark.pk, mark.kind, str(mark), None if hand is None else str(hand.by or ""))


def _order(carried: Carried) -> tuple[str, str]:
    return carried.kind, carried.name.casefold()
