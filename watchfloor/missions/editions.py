"""A mission's life beyond its days: clone it for the next edition, close it and keep its figures, open it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.listening.actions import make_topic, switch_topic
from watchfloor.live.announce import publish
from watchfloor.metrics.figure import Figure
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import all_metrics
from watchfloor.missions.actions import STEPS, WORDS, make_goal, purpose_of
from watchfloor.missions.baselines import Baseline, of_edition
from watchfloor.missions.history import keep_values
from watchfloor.missions.models import Goal, KeptFigure, Purpose
from watchfloor.sources.actions import switch
from watchfloor.team.actions import set_up_mission
from watchfloor.team.models import Mission, Person
from watchfloor.team.strategy import note_strategy


@transaction.atomic
def clone_mission(mission: Mission, *, name: str, by: Person) -> Mission:
    """The next edition: purpose, topics that are on, and goals whose baseline is what this edition came to. Dates are
    empty, posts stay where they are, people are not taken along, and the set-up waits for its dates."""
    now = timezone.now()
    copy = Mission(name=name, kind=mission.kind, time_zone=mission.time_zone, keep_days=mission.keep_days)
    copy.level, copy.last_edition = Mission.Level.STANDBY, mission
    set_up_mission(copy, by=by)
    answers = purpose_of(mission)
    Purpose.objects.create(
        mission=copy,
        use_cases=answers.use_cases,
        scenes=answers.scenes,
        steps_done=[step for step in STEPS if step in ("goals", "topics", "wall")],
        **{field: getattr(answers, field) for field in WORDS},
    )
    taken = {}
    for topic in mission.topics.kept().filter(Q(is_on=True) | Q(pk__in=answers.listened_to)):
        why = _("From %(edition)s") % {"edition": mission.name}
        made = make_topic(copy, name=topic.name, role=topic.role, query=topic.query, by=by, why=why[:500])
        taken[topic.pk] = made
    for goal in mission.goals.all():
        _next_goal(goal, copy, taken.get(goal.topic_id or 0), by, now)
    what = _("Cloned from “%(edition)s”") % {"edition": mission.name}
    note_strategy(copy, by, what, link=_home(mission), kind="mission.made")
    what = _("Cloned for the next edition, “%(edition)s”") % {"edition": copy.name}
    note_strategy(mission, by, what, link=_home(copy), kind="mission.cloned")
    return copy


def _next_goal(goal: Goal, copy: Mission, topic: object, by: Person, now: datetime) -> None:
    came_to = _of_topic(goal) if goal.topic_id else of_edition(goal.mission, goal.metric, goal.over, now)
    make_goal(
        copy,
        by=by,
        name=goal.name,
        metric=goal.metric,
        topic=topic,
        over=goal.over,
        baseline=came_to.value,
        baseline_from=came_to.comes_from,
        baseline_says=came_to.says[:500] if came_to.value is not None else "",
        target=goal.target,
        owner=goal.owner,
        starts_at=now,
        due_at=None,
    )


def _of_topic(goal: Goal) -> Baseline:
    """What was last measured of one topic: a mission's figure is not one of its topics'."""
    last = goal.values.exclude(value=None).first()
    if last is None:
        return Baseline(None, Goal.BaselineFrom.NOTHING, "")
    return Baseline(
        last.value, Goal.BaselineFrom.EDITION, _("%(edition)s, last measured") % {"edition": goal.mission.name}
    )


@transaction.atomic
def close_mission(mission: Mission, *, why: str, by: Person) -> None:
    """Stop listening for it, keep its figures as they are now. Posts go by retention, or stay where none is set."""
    if mission.closed_at is not None:
        return
    now = timezone.now()
    keep_values(mission, now)
    for figure in final_figures(mission, now):
        _keep(mission, figure)
    purpose = purpose_of(mission)
    listening = list(mission.topics.filter(is_on=True))
    purpose.listened_to = [topic.pk for topic in listening]
    purpose.save(update_fields=["listened_to"])
    for topic in listening:
        switch_topic(topic, on=False)
    for connection in mission.connections.filter(is_on=True):
        switch(connection, on=False)
    mission.closed_at, mission.level = now, Mission.Level.STANDBY
    mission.save(update_fields=["closed_at", "level"])
    note_strategy(mission, by, _("Closed the mission"), why, _home(mission), kind="mission.closed")
    publish(f"mission:{mission.pk}", {"level": mission.level})


@transaction.atomic
def reopen_mission(mission: Mission, *, why: str, by: Person) -> None:
    """Listen again for what closing switched off. What was written meanwhile was not heard; connections of its own are
    switched on in Sources."""
    if mission.closed_at is None:
        return
    purpose = purpose_of(mission)
    for topic in mission.topics.kept().filter(pk__in=purpose.listened_to, is_on=False):
        switch_topic(topic, on=True)
    mission.closed_at = None
    mission.save(update_fields=["closed_at"])
    note_strategy(mission, by, _("Opened the mission again"), why, _home(mission), kind="mission.reopened")
    publish(f"mission:{mission.pk}", {"level": mission.level})


def period_of(mission: Mission, now: datetime) -> Window:
    """From its first day to its last, or to now while it lasts; from its making where it has no dates."""
    since = mission.starts_at or mission.made_at
    until = min(mission.ends_at or now, mission.closed_at or now, now)
    return Window(since, until) if until > since else Window(until, since)


def final_figures(mission: Mission, now: datetime) -> Iterator[Figure]:
    """Every metric that has one number, over the mission's period."""
    for metric in all_metrics().values():
        if metric.figure is not None:
            yield metric.figure(Question(mission, period_of(mission, now), now=now))


def _keep(mission: Mission, figure: Figure) -> None:
    told = {
        "version": figure.version,
        "value": figure.value,
        "why_unknown": figure.why_unknown[:500],
        "sample": figure.sample,
        "coverage": figure.coverage.part if figure.coverage else None,
        "since": figure.window.since,
        "until": figure.window.until,
        "at": figure.at,
    }
    KeptFigure.objects.update_or_create(mission=mission, metric=figure.metric, defaults=told)


def _home(mission: Mission) -> str:
    return reverse("mission-home", args=[mission.slug])
