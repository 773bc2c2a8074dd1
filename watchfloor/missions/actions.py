"""Verbs about what a mission is for: purpose, goals, readiness, level. Each is one transaction, and notes in the
strategy log who changed what and why. Who may is the caller's question (team/access.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.live.announce import publish
from watchfloor.missions.models import Goal, LevelChange, Purpose, ReadyItem
from watchfloor.team.actions import set_up_mission
from watchfloor.team.models import Mission, Person
from watchfloor.team.strategy import note_strategy

STEPS = ("why", "goals", "topics", "sources", "wall", "people", "ready")
WORDS = ("called", "hashtags", "handles", "competitors")


@transaction.atomic
def begin_mission(
    *,
    name: str,
    kind: str,
    time_zone: str,
    by: Person,
    use_cases: Sequence[str] = (),
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    last_edition: Mission | None = None,
    **answers: Any,
) -> Mission:
    """A mission with its purpose; `answers` are further fields of Purpose."""
    mission = Mission(
        name=name, kind=kind, time_zone=time_zone, starts_at=starts_at, ends_at=ends_at, last_edition=last_edition
    )
    set_up_mission(mission, by=by)
    Purpose.objects.create(mission=mission, use_cases=list(use_cases), steps_done=["why"], **answers)
    note_strategy(mission, by, _("Set up the mission"), link=_link("set-up", mission, "why"), kind="mission.made")
    return mission


@transaction.atomic
def change_purpose(mission: Mission, *, by: Person, why: str = "", **changes: Any) -> Purpose:
    """`changes` are fields of the mission (name, kind, time zone, dates, last edition) and of its purpose."""
    purpose = purpose_of(mission)
    said = []
    for held, fields in ((mission, _FIELDS_OF_MISSION), (purpose, _FIELDS_OF_PURPOSE)):
        differing = [field for field in fields if field in changes and getattr(held, field) != changes[field]]
        for field in differing:
            setattr(held, field, changes[field])
            said.append(field.replace("_", " "))
        if differing:
            held.save(update_fields=differing)
    if said:
        what = _("Changed what the mission is for: %(fields)s") % {"fields": ", ".join(said)}
        note_strategy(mission, by, what, why, _link("set-up", mission, "why"), kind="mission.changed")
    return purpose


_FIELDS_OF_MISSION = ("name", "kind", "time_zone", "starts_at", "ends_at", "last_edition")
_FIELDS_OF_PURPOSE = ("use_cases", *WORDS, "baseline_since", "baseline_until", "own_words", "scenes")


def purpose_of(mission: Mission) -> Purpose:
    """The mission's purpose; one that says nothing yet for a mission that was set up without."""
    purpose, _made = Purpose.objects.get_or_create(mission=mission)
    return purpose


def finish_step(mission: Mission, step: str) -> None:
    """The set-up's step was answered; one that was only left out is not finished."""
    purpose = purpose_of(mission)
    if step in STEPS and step not in purpose.steps_done:
        purpose.steps_done = [one for one in STEPS if one in (*purpose.steps_done, step)]
        purpose.save(update_fields=["steps_done"])


@transaction.atomic
def make_goal(mission: Mission, *, by: Person | None, why: str = "", **fields: Any) -> Goal:
    """`fields` are those of Goal; counted from now unless told."""
    last = mission.goals.aggregate(last=Max("place"))["last"]
    fields.setdefault("starts_at", timezone.now())
    goal = Goal.objects.create(mission=mission, made_by=by, place=0 if last is None else last + 1, **fields)
    note_strategy(
        mission, by, _goal_says(_("Set the goal “%(goal)s”"), goal), why, _link("goals", mission), kind="goal.made"
    )
    _announce(mission, {"goals": goal.pk})
    return goal


@transaction.atomic
def change_goal(goal: Goal, *, by: Person, why: str = "", **fields: Any) -> Goal:
    """Save what differs. What was measured until now stays as it was measured."""
    differing = [name for name, value in fields.items() if getattr(goal, name) != value]
    before = {name: getattr(goal, name) for name in differing}
    for name in differing:
        setattr(goal, name, fields[name])
    if differing:
        goal.save(update_fields=differing)
        changes = "; ".join(f"{name.replace('_', ' ')}: {before[name]} → {fields[name]}" for name in differing)
        what = _("Changed the goal “%(goal)s” (%(changes)s)") % {"goal": goal.name, "changes": changes}
        note_strategy(goal.mission, by, what, why, _link("goals", goal.mission), kind="goal.changed")
        _announce(goal.mission, {"goals": goal.pk})
    return goal


@transaction.atomic
def drop_goal(goal: Goal, *, by: Person, why: str = "") -> None:
    """Give the goal up; what was measured for it goes."""
    mission, number = goal.mission, goal.pk
    what = _goal_says(_("Gave up the goal “%(goal)s”"), goal)
    goal.delete()
    note_strategy(mission, by, what, why, _link("goals", mission), kind="goal.dropped")
    _announce(mission, {"goals": number})


@transaction.atomic
def answer_ready_item(
    mission: Mission, item: str, *, is_ready: bool, by: Person, answer: str = "", who: str = ""
) -> ReadyItem:
    """Answer one item of the readiness checklist, or open it again."""
    told = {"is_ready": is_ready, "answer": answer, "who": who, "answered_by": by, "answered_at": timezone.now()}
    found, _made = ReadyItem.objects.update_or_create(mission=mission, item=item, defaults=told)
    return found


@transaction.atomic
def set_level(mission: Mission, level: str, *, why: str, by: Person | None) -> LevelChange | None:
    """Put the mission to a level; None if it is there already. Every open page of it is told."""
    held = Mission.objects.select_for_update().get(pk=mission.pk)
    mission.level = held.level
    if held.level == level:
        return None
    change = LevelChange.objects.create(
        mission=held, before=held.level, after=level, why=why, changed_by=by, at=timezone.now()
    )
    held.level = mission.level = level
    held.save(update_fields=["level"])
    said = {"before": change.get_before_display(), "after": change.get_after_display()}
    what = _("Activation level from %(before)s to %(after)s") % said
    note_strategy(held, by, what, why, _link("level", held), kind="level.changed")
    _announce(held, {"level": level})
    return change


def _goal_says(words: str, goal: Goal) -> str:
    return words % {"goal": goal.name}


def _link(name: str, mission: Mission, *more: str) -> str:
    return reverse(name, args=[mission.slug, *more])


def _announce(mission: Mission, payload: dict[str, Any]) -> None:
    publish(f"mission:{mission.pk}", payload)
