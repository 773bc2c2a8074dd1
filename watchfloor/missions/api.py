"""Missions and what they are for: purpose, goals, level, readiness, what works and is broken, editions, the log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from watchfloor.listening.models import Topic
from watchfloor.metrics.registry import UnknownMetric, metric
from watchfloor.missions import actions, editions
from watchfloor.missions.goals import Standing, standing
from watchfloor.missions.models import Goal, Purpose
from watchfloor.missions.readiness import Checked, checklist
from watchfloor.missions.rules import Line, look
from watchfloor.missions.use_cases import USE_CASES
from watchfloor.missions.watch import Watch
from watchfloor.panels.table import figure_json
from watchfloor.sources.api import aware
from watchfloor.team.access import mission_for
from watchfloor.team.api import MissionOut
from watchfloor.team.api_door import Asked, Page, Wanted, Wrong, enter, in_scope, of_the_installation, page_of, told_as
from watchfloor.team.models import Mission, Person, StrategyEntry, known_zone
from watchfloor.team.rights import Right

router = Router(tags=["missions and goals"])
MissionKind = Annotated[Mission.Kind, told_as(Mission.Kind)]
MissionLevel = Annotated[Mission.Level, told_as(Mission.Level)]
GoalOver = Annotated[Goal.Over, told_as(Goal.Over)]
GoalBaselineFrom = Annotated[Goal.BaselineFrom, told_as(Goal.BaselineFrom)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Why = Annotated[str, Field("", max_length=400)]
Id = Annotated[int, Field(ge=1, lt=2**63)]
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]


class PurposeFields(Schema):
    """What the mission is for. Lists hold words as people write them."""

    use_cases: list[str] = Field([], max_length=8)
    called: list[Word] = Field([], max_length=50)
    hashtags: list[Word] = Field([], max_length=50)
    handles: list[Word] = Field([], max_length=50)
    competitors: list[Word] = Field([], max_length=50)
    own_words: str = Field("", max_length=5_000)


class MissionIn(PurposeFields):
    name: str = Field(min_length=1, max_length=400)
    kind: MissionKind = Mission.Kind.BRAND
    time_zone: str = Field("UTC", max_length=64)
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class PurposeOut(PurposeFields):
    name: str
    kind: MissionKind
    time_zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    steps_done: list[str]


class GoalIn(Schema):
    """`metric`: a name of /metrics. `over`: what it is measured over."""

    name: str = Field(min_length=1, max_length=400)
    metric: str = Field(max_length=60)
    topic: Id | None = None
    over: GoalOver = Goal.Over.PERIOD
    baseline: Number | None = None
    target: Number | None = None
    starts_at: datetime | None = None
    due_at: datetime | None = None
    owner: Id | None = Field(None, description="A person's id, as the mission's people have it.")
    why: Why = ""


class GoalOut(Schema):
    id: int
    name: str
    metric: str
    topic: int | None
    over: GoalOver
    baseline: float | None
    baseline_from: GoalBaselineFrom
    target: float | None
    starts_at: datetime
    due_at: datetime | None
    owner: int | None


class StandingOut(Schema):
    """`attainment`: per cent of the way from baseline to target. `figure`: the metric's, with version and coverage."""

    goal: int
    state: str
    why: str
    attainment: float | None
    expected: float | None
    figure: dict[str, Any] | None


class LevelIn(Schema):
    level: MissionLevel
    why: str = Field(min_length=1, max_length=400)


class ReadyOut(Schema):
    item: str
    title: str
    is_ready: bool
    knows: str | None
    answer: str
    who: str
    answered_at: datetime | None


class ReadyIn(Schema):
    is_ready: bool
    answer: str = Field("", max_length=2_000)
    who: str = Field("", max_length=200)


class LineOut(Schema):
    """One line of what works or is broken; `why` is the rule that put it there, with the figures of now."""

    rule: str
    title: str
    lead: str
    unit: str
    says: str
    why: str
    link: str
    needs_you: bool


class FoundOut(Schema):
    working: list[LineOut]
    broken: list[LineOut]


class EntryOut(Schema):
    at: datetime
    who: str | None
    kind: str
    what: str = Field(alias="text")
    why: str
    link: str

    @staticmethod
    def resolve_who(entry: StrategyEntry) -> str | None:
        return str(entry.person) if entry.person else None


class CloneIn(Schema):
    name: str = Field(min_length=1, max_length=400)


class OpenIn(Schema):
    """`closed`: keeps figures, stops listening; `open`: listens again."""

    state: Literal["closed", "open"]
    why: str = Field(min_length=1, max_length=400)


@router.get("/missions", response=Page[MissionOut])
def missions(request: Asked, page: Query[Wanted]) -> dict[str, Any]:
    """Missions that one may enter."""
    in_scope(request, Right.SEE)
    return page_of(Mission.objects.for_person(request.user), page)


@router.get("/missions/{slug}", response=MissionOut)
def mission(request: Asked, slug: str) -> Mission:
    return enter(request, slug, Right.SEE)


@router.post("/missions", response={201: MissionOut})
def make_mission(request: Asked, told: MissionIn) -> Status[Any]:
    of_the_installation(request, Right.ADMINISTER)
    answers = _answers(told)
    fields = {name: answers.pop(name) for name in ("name", "kind", "time_zone", "starts_at", "ends_at", "use_cases")}
    return Status(201, actions.begin_mission(**fields, by=request.user, **answers))


@router.get("/missions/{slug}/purpose", response=PurposeOut)
def purpose(request: Asked, slug: str) -> dict[str, Any]:
    return _purpose(enter(request, slug, Right.SEE))


@router.put("/missions/{slug}/purpose", response=PurposeOut)
def change_purpose(request: Asked, slug: str, told: MissionIn) -> dict[str, Any]:
    mission = enter(request, slug, Right.LEAD)
    actions.change_purpose(mission, by=request.user, **_answers(told))
    return _purpose(mission)


@router.put("/missions/{slug}/level", response=MissionOut)
def set_level(request: Asked, slug: str, told: LevelIn) -> Mission:
    mission = enter(request, slug, Right.LEAD)
    actions.set_level(mission, told.level, why=told.why, by=request.user)
    return mission


@router.put("/missions/{slug}/state", response=MissionOut)
def close_or_open(request: Asked, slug: str, told: OpenIn) -> Mission:
    mission = enter(request, slug, Right.LEAD)
    act = editions.close_mission if told.state == "closed" else editions.reopen_mission
    act(mission, why=told.why, by=request.user)
    return mission


@router.post("/missions/{slug}/clone", response={201: MissionOut})
def clone(request: Asked, slug: str, told: CloneIn) -> Status[Any]:
    """The next edition, with this one's actuals as baselines."""
    of_the_installation(request, Right.ADMINISTER)
    mission = mission_for(request.user, slug)
    return Status(201, editions.clone_mission(mission, name=told.name, by=request.user))


@router.get("/missions/{slug}/goals", response=Page[GoalOut])
def goals(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    found = page_of(Goal.objects.filter(mission=enter(request, slug, Right.SEE)), page)
    return {**found, "items": [_goal_out(goal) for goal in found["items"]]}


@router.post("/missions/{slug}/goals", response={201: GoalOut})
def make_goal(request: Asked, slug: str, told: GoalIn) -> Status[Any]:
    mission = enter(request, slug, Right.LEAD)
    made = actions.make_goal(mission, by=request.user, why=told.why, **_goal_fields(mission, told))
    return Status(201, _goal_out(made))


@router.get("/missions/{slug}/goals/{int:goal_id}", response=GoalOut)
def goal(request: Asked, slug: str, goal_id: int) -> dict[str, Any]:
    return _goal_out(_goal(request, slug, goal_id, Right.SEE))


@router.put("/missions/{slug}/goals/{int:goal_id}", response=GoalOut)
def change_goal(request: Asked, slug: str, goal_id: int, told: GoalIn) -> dict[str, Any]:
    held = _goal(request, slug, goal_id, Right.LEAD)
    fields = _goal_fields(held.mission, told, held)
    return _goal_out(actions.change_goal(held, by=request.user, why=told.why, **fields))


@router.delete("/missions/{slug}/goals/{int:goal_id}", response={204: None})
def drop_goal(request: Asked, slug: str, goal_id: int) -> Status[Any]:
    """What was measured for it goes."""
    actions.drop_goal(_goal(request, slug, goal_id, Right.LEAD), by=request.user)
    return Status(204, None)


@router.get("/missions/{slug}/goals/{int:goal_id}/standing", response=StandingOut)
def goal_standing(request: Asked, slug: str, goal_id: int) -> dict[str, Any]:
    """How far it is now, and whether that is on time."""
    return _standing_out(standing(_goal(request, slug, goal_id, Right.SEE), timezone.now()))


@router.get("/missions/{slug}/readiness", response=list[ReadyOut])
def readiness(request: Asked, slug: str) -> list[dict[str, Any]]:
    return [_ready_out(item) for item in checklist(enter(request, slug, Right.SEE))]


@router.put("/missions/{slug}/readiness/{item}", response=ReadyOut)
def answer(request: Asked, slug: str, item: str, told: ReadyIn) -> dict[str, Any]:
    mission = enter(request, slug, Right.LEAD)
    if all(one.item.key != item for one in checklist(mission)):
        raise Wrong(_("The checklist has no such item."), where="item", status=404)
    actions.answer_ready_item(mission, item, is_ready=told.is_ready, by=request.user, answer=told.answer, who=told.who)
    return next(_ready_out(one) for one in checklist(mission) if one.item.key == item)


@router.get("/missions/{slug}/works-and-broken", response=FoundOut)
def works_and_broken(request: Asked, slug: str) -> dict[str, Any]:
    """What the mission's home says, by its written rules."""
    found = look(Watch(enter(request, slug, Right.SEE), timezone.now()))
    return {"working": [_line(one) for one in found.working], "broken": [_line(one) for one in found.broken]}


@router.get("/missions/{slug}/strategy", response=Page[EntryOut])
def strategy(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    """Who changed what, and why; oldest first."""
    rows = StrategyEntry.objects.filter(mission=enter(request, slug, Right.SEE)).select_related("person")
    return page_of(rows, page)


def _answers(told: MissionIn) -> dict[str, Any]:
    """Fields of the mission and its purpose. Raises Wrong."""
    if unknown := sorted(set(told.use_cases) - set(USE_CASES)):
        known = ", ".join(USE_CASES)
        said = _("There is no use case “%(name)s”. There are: %(known)s.") % {"name": unknown[0][:40], "known": known}
        raise Wrong(said, where="use_cases")
    try:
        known_zone(told.time_zone)
    except ValidationError as why:
        raise Wrong(_("There is no such time zone. Pick one such as Europe/Berlin."), where="time_zone") from why
    answers = told.dict()
    for name in ("starts_at", "ends_at"):
        answers[name] = None if answers[name] is None else _plausible(aware(answers[name]), name)
    if answers["starts_at"] and answers["ends_at"] and answers["ends_at"] <= answers["starts_at"]:
        raise Wrong(_("It ends before it starts."), where="ends_at")
    return answers


def _plausible(moment: datetime, where: str) -> datetime:
    if not 1995 <= moment.year <= 2200:
        raise Wrong(_("Times lie between 1995 and 2200."), where=where)
    return moment


def _purpose(mission: Mission) -> dict[str, Any]:
    held: Purpose = actions.purpose_of(mission)
    of_mission = ("name", "kind", "time_zone", "starts_at", "ends_at")
    of_purpose = ("use_cases", "called", "hashtags", "handles", "competitors", "own_words", "steps_done")
    return {name: getattr(mission, name) for name in of_mission} | {name: getattr(held, name) for name in of_purpose}


def _goal(request: Asked, slug: str, goal_id: int, right: Right) -> Goal:
    mission = enter(request, slug, right)
    return get_object_or_404(Goal.objects.select_related("mission"), mission=mission, pk=goal_id)


def _goal_fields(mission: Mission, told: GoalIn, held: Goal | None = None) -> dict[str, Any]:
    """Fields of Goal. Raises Wrong for a metric, topic or owner that is not there."""
    try:
        one = metric(told.metric)
    except UnknownMetric as why:
        raise Wrong(str(why), where="metric") from why
    if one.figure is None:
        raise Wrong(_("This metric is no single number, so it can be no goal."), where="metric")
    topic = owner = None
    if told.topic is not None:
        topic = Topic.objects.kept().filter(mission=mission, pk=told.topic).first()
        if topic is None:
            raise Wrong(_("The mission has no such topic."), where="topic")
    if told.owner is not None:
        owner = Person.objects.filter(pk=told.owner, memberships__mission=mission).first()
        if owner is None:
            raise Wrong(_("Nobody in the mission has this id."), where="owner")
    starts = _plausible(aware(told.starts_at), "starts_at") if told.starts_at else None
    starts = starts or (held.starts_at if held else timezone.now())
    due = _plausible(aware(told.due_at), "due_at") if told.due_at else None
    if due and due <= starts:
        raise Wrong(_("It is due before it starts."), where="due_at")
    return {
        "name": told.name,
        "metric": one.name,
        "topic": topic,
        "over": told.over,
        "baseline": told.baseline,
        "baseline_from": Goal.BaselineFrom.NOTHING if told.baseline is None else Goal.BaselineFrom.TYPED,
        "target": told.target,
        "starts_at": starts,
        "due_at": due,
        "owner": owner,
    }


def _goal_out(goal: Goal) -> dict[str, Any]:
    names = ("id", "name", "metric", "over", "baseline", "baseline_from", "target", "starts_at", "due_at")
    return {name: getattr(goal, name) for name in names} | {"topic": goal.topic_id, "owner": goal.owner_id}


def _standing_out(now: Standing) -> dict[str, Any]:
    return {
        "goal": now.goal.pk,
        "state": now.state.value,
        "why": now.why,
        "attainment": now.attainment,
        "expected": now.expected,
        "figure": figure_json(now.figure) if now.figure else None,
    }


def _ready_out(one: Checked) -> dict[str, Any]:
    return {
        "item": one.item.key,
        "title": str(one.item.title),
        "is_ready": one.is_ready,
        "knows": one.by_itself.says if one.by_itself else None,
        "answer": one.answer,
        "who": one.who,
        "answered_at": one.answered_at,
    }


def _line(one: Line) -> dict[str, Any]:
    names = ("rule", "title", "lead", "unit", "says", "why", "link", "needs_you")
    return {name: getattr(one, name) for name in names}
