"""The set-up, step by step. Each step can be left out and come back to; what was typed stays on every error."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.forms import BaseFormSet, formset_factory
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from watchfloor.listening.actions import make_topic
from watchfloor.listening.forms import MOST_CHARACTERS
from watchfloor.listening.typed import Typed, read_typed
from watchfloor.mentions import reads
from watchfloor.mentions.access import enter
from watchfloor.mentions.rows import Reasons, rows
from watchfloor.missions import actions
from watchfloor.missions.access import enter_to_lead, posted
from watchfloor.missions.baselines import propose
from watchfloor.missions.forms import StartingGoalForm, StartingTopicForm, WhyForm, in_a_while
from watchfloor.missions.listening_quickly import listen, quick_sources
from watchfloor.missions.purpose_words import purpose_words, written_from_answers
from watchfloor.missions.readiness import checklist, connections_of
from watchfloor.missions.scenes import scenes_chosen, scenes_of
from watchfloor.missions.shapes import Called, fill
from watchfloor.missions.use_cases import USE_CASES, suggested_goals, suggested_topics
from watchfloor.sources.reads import health
from watchfloor.team.access import SignedIn, may
from watchfloor.team.forms import zones
from watchfloor.team.models import Mission, Person
from watchfloor.team.rights import Right

TITLES = {
    "why": gettext_lazy("Why"),
    "goals": gettext_lazy("Goals"),
    "topics": gettext_lazy("Topics"),
    "sources": gettext_lazy("Sources"),
    "wall": gettext_lazy("Wall"),
    "people": gettext_lazy("People"),
    "ready": gettext_lazy("Ready?"),
}
EXAMPLES = 3
MOST_MISSIONS = 6  # whose stored posts a preview looks through


@login_required
def new(request: SignedIn) -> HttpResponse:
    """A mission begins with why."""
    if not may(request.user, None, Right.ADMINISTER):
        raise PermissionDenied
    zone = _zone_typed(request, request.user.time_zone or "UTC")
    with timezone.override(zone):
        initial = {"time_zone": zone.key, "kind": Mission.Kind.EVENT}
        form = WhyForm(posted(request), person=request.user, initial=initial)
        if request.method == "POST" and form.is_valid():
            mission = actions.begin_mission(by=request.user, **form.cleaned_data)
            return redirect("set-up", mission.slug, "goals")
        context = {"form": form, "zones": zones(), "cases": _cases(form), "step": "why", "steps": _steps(None, "why")}
        return render(request, "missions/set_up_why.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def own(request: SignedIn) -> HttpResponse:
    """From the rehearsal to the real thing: the mission that exists already, else the set-up of one."""
    mission = Mission.objects.for_person(request.user).filter(is_rehearsal=False).first()
    return redirect("mission-home", mission.slug) if mission else redirect("mission-new")


@require_safe
@login_required
def go_on(request: SignedIn, slug: str) -> HttpResponse:
    """To the first step that was not answered."""
    mission = enter_to_lead(request, slug)
    done = actions.purpose_of(mission).steps_done
    return redirect("set-up", slug, next((step for step in actions.STEPS if step not in done), "ready"))


@login_required
def step(request: SignedIn, slug: str, name: str) -> HttpResponse:
    mission = enter_to_lead(request, slug)
    if name not in actions.STEPS:
        raise Http404("no such step")
    if request.method == "POST" and "skip" in request.POST:
        return redirect("set-up", slug, _next(name))
    return STEPS[name](request, mission)


@login_required
def check(request: SignedIn, slug: str) -> HttpResponse:
    """A topic's query as it is typed: in words or what is wrong, and what it finds in stored posts. Asked by POST,
    because a query may be longer than an address; it changes nothing."""
    mission = enter(request, slug)
    asked = request.POST or request.GET
    text = next((value for key, value in asked.items() if key == "query" or key.endswith("-query")), "")
    typed = read_typed(str(text)[: MOST_CHARACTERS + 1])
    return render(request, "missions/_topic_check.html", {"mission": mission, **_preview(request.user, mission, typed)})


def _why(request: SignedIn, mission: Mission) -> HttpResponse:
    purpose = actions.purpose_of(mission)
    zone = _zone_typed(request, mission.time_zone)
    with timezone.override(zone):
        names = ("name", "kind", "time_zone", "starts_at", "ends_at", "last_edition")
        answers = (*actions.WORDS, "use_cases", "baseline_since", "baseline_until")
        initial = {name: getattr(mission, name) for name in names} | {name: getattr(purpose, name) for name in answers}
        form = WhyForm(posted(request), person=request.user, mission=mission, initial=initial)
        if request.method == "POST" and form.is_valid():
            actions.change_purpose(mission, by=request.user, **form.cleaned_data)
            actions.finish_step(mission, "why")
            return redirect("set-up", mission.slug, "goals")
        context = {"form": form, "zones": zones(), "cases": _cases(form)}
        return _show(request, mission, "why", context, bad=bool(form.errors))


def _goals(request: SignedIn, mission: Mission) -> HttpResponse:
    forms = _goal_forms(request, mission)
    if request.method == "POST" and forms.is_valid():
        taken = [form for form in forms if form.cleaned_data.get("take")]
        with transaction.atomic():
            for form in taken:
                actions.make_goal(mission, by=request.user, **form.fields_of_goal)
            actions.finish_step(mission, "goals")
        return redirect("set-up", mission.slug, "topics")
    context = {"forms": forms, "goals": mission.goals.select_related("owner", "topic")}
    return _show(request, mission, "goals", context, bad=bool(forms.is_bound and not forms.is_valid()))


def _goal_forms(request: SignedIn, mission: Mission) -> BaseFormSet[Any]:
    now, purpose = timezone.now(), actions.purpose_of(mission)
    set_already = set(mission.goals.values_list("metric", flat=True))
    initial: list[dict[str, Any]] = []
    common = {"owner": request.user.pk, "due_at": in_a_while(mission), "starts_at": _counted_from(mission)}
    for start in suggested_goals(purpose.use_cases, mission.kind):
        if start.metric in set_already:
            continue
        base = propose(mission, start.metric, start.over, now)
        target = start.target if base.value is None or start.times is None else round(base.value * start.times, 1)
        told = {"name": str(start.name), "metric": start.metric, "over": start.over, "take": True}
        known: dict[str, Any] = {"baseline": None, "baseline_says": ""}
        if base.value is not None:
            known = {"baseline": round(base.value, 2), "baseline_says": base.says}
        initial.append({**common, **told, **known, "baseline_from": base.comes_from, "target": target})
    initial.append({**common, "take": False})
    made = formset_factory(StartingGoalForm, extra=0, max_num=40, absolute_max=60)
    return made(posted(request), initial=initial, prefix="goal", form_kwargs={"mission": mission})


def _counted_from(mission: Mission) -> Any:
    return (mission.starts_at or timezone.now()).replace(second=0, microsecond=0)


def _topics(request: SignedIn, mission: Mission) -> HttpResponse:
    purpose = actions.purpose_of(mission)
    called = Called(mission.name, *(getattr(purpose, field) for field in actions.WORDS))
    held = list(mission.topics.kept())
    names, queries = {topic.name for topic in held}, {topic.query for topic in held}
    starts = [
        {"name": start.name, "role": start.role, "query": start.query, "take": True}
        for start in fill(suggested_topics(purpose.use_cases, mission.kind), called)
        if start.name not in names and start.query not in queries
    ]
    made = formset_factory(StartingTopicForm, extra=0, max_num=60, absolute_max=80)
    blank = {"name": "", "role": "own", "query": "", "take": False}
    forms = made(posted(request), initial=[*starts, blank], prefix="topic", form_kwargs={"mission": mission})
    if request.method == "POST" and forms.is_valid() and _make_topics(mission, forms, request.user):
        actions.finish_step(mission, "topics")
        return redirect("set-up", mission.slug, "sources")
    previews = [(form, _preview(request.user, mission, read_typed(form.query_text))) for form in forms]
    context = {"forms": forms, "previews": previews, "topics": held}
    return _show(request, mission, "topics", context, bad=bool(forms.is_bound))


def _make_topics(mission: Mission, forms: Iterable[StartingTopicForm], by: Person) -> bool:
    """Those that are ticked, all or none; False with the errors on the forms."""
    taken = [form for form in forms if form.cleaned_data.get("take")]
    names = [form.cleaned_data["name"] for form in taken]
    for form in taken:
        if names.count(form.cleaned_data["name"]) > 1:
            form.add_error("name", _("Two topics here have this name. Choose different ones."))
            return False
    try:
        with transaction.atomic():
            for form in taken:
                told = {field: form.cleaned_data[field] for field in ("name", "role", "query")}
                make_topic(mission, by=by, why=_("Set-up of the mission"), **told)
    except IntegrityError:
        taken[0].add_error("name", _("A topic got one of these names just now. Look at the list and choose again."))
        return False
    return True


def _sources(request: SignedIn, mission: Mission) -> HttpResponse:
    may_connect = may(request.user, None, Right.CONNECT)
    if request.method == "POST":
        if may_connect:
            listen(mission, request.POST.getlist("source"), speed=request.POST.get("speed", ""))
        actions.finish_step(mission, "sources")
        return redirect("set-up", mission.slug, "wall")
    now = timezone.now()
    context = {
        "heard": [(one, health(one, now)) for one in connections_of(mission)],
        "quick": quick_sources(mission),
        "may_connect": may_connect,
    }
    return _show(request, mission, "sources", context)


def _wall(request: SignedIn, mission: Mission) -> HttpResponse:
    scenes = scenes_of(mission)
    if request.method == "POST":
        chosen = [scene.panels for scene in scenes if scene.key in request.POST.getlist("scene")]
        actions.change_purpose(mission, by=request.user, scenes=[list(panels) for panels in chosen])
        scenes_chosen(mission, chosen)
        actions.finish_step(mission, "wall")
        return redirect("set-up", mission.slug, "people")
    held: list[Any] = actions.purpose_of(mission).scenes
    nothing_chosen = "wall" not in actions.purpose_of(mission).steps_done
    ticked = [(scene, nothing_chosen or list(scene.panels) in held) for scene in scenes]
    return _show(request, mission, "wall", {"scenes": ticked})


def _people(request: SignedIn, mission: Mission) -> HttpResponse:
    if request.method == "POST":
        actions.finish_step(mission, "people")
        return redirect("set-up", mission.slug, "ready")
    members = mission.memberships.current().select_related("person").order_by("role", "person__name")
    return _show(request, mission, "people", {"members": members})


def _ready(request: SignedIn, mission: Mission) -> HttpResponse:
    if request.method == "POST":
        _answer(request, mission)
        actions.finish_step(mission, "ready")
        messages.success(request, _("Saved. What is still open stays on this list."))
        return redirect(
            "mission-home" if "home" in request.POST else "set-up",
            *([mission.slug] if "home" in request.POST else [mission.slug, "ready"]),
        )
    items = checklist(mission)
    context = {
        "words": purpose_words(mission),
        "generated": written_from_answers(mission),
        "items": items,
        "open": sum(1 for item in items if not item.is_ready),
    }
    return _show(request, mission, "ready", context)


def _answer(request: SignedIn, mission: Mission) -> None:
    words = request.POST.get("purpose", "").replace("\x00", "").replace("\r\n", "\n").strip()[:5_000]
    if words == written_from_answers(mission):
        words = ""
    with transaction.atomic():
        actions.change_purpose(mission, by=request.user, own_words=words)
        for checked in checklist(mission):
            key = checked.item.key
            answer = request.POST.get(f"{key}-answer", "").replace("\x00", "").strip()[:2_000]
            who = request.POST.get(f"{key}-who", "").replace("\x00", "").strip()[:200]
            ready = f"{key}-ready" in request.POST
            said_ready = checked.is_ready if checked.by_itself is None else False
            if (answer, who) != (checked.answer, checked.who) or (checked.by_itself is None and ready != said_ready):
                actions.answer_ready_item(mission, key, is_ready=ready, answer=answer, who=who, by=request.user)


STEPS = {
    "why": _why,
    "goals": _goals,
    "topics": _topics,
    "sources": _sources,
    "wall": _wall,
    "people": _people,
    "ready": _ready,
}


def _show(
    request: SignedIn, mission: Mission, name: str, context: dict[str, Any], *, bad: bool = False
) -> HttpResponse:
    context |= {"mission": mission, "step": name, "steps": _steps(mission, name), "next": _next(name)}
    return render(request, f"missions/set_up_{name}.html", context, status=422 if bad else 200)


def _steps(mission: Mission | None, here: str) -> list[dict[str, Any]]:
    done = actions.purpose_of(mission).steps_done if mission else []
    return [{"name": name, "title": TITLES[name], "done": name in done, "here": name == here} for name in actions.STEPS]


def _next(name: str) -> str:
    after = actions.STEPS.index(name) + 1
    return actions.STEPS[min(after, len(actions.STEPS) - 1)]


def _cases(form: WhyForm) -> list[dict[str, Any]]:
    chosen = form["use_cases"].value() or []
    return [{"case": case, "is_chosen": case.name in chosen} for case in USE_CASES.values()]


def _zone_typed(request: SignedIn, otherwise: str) -> ZoneInfo:
    """The zone that the times of the form are meant in: the one typed beside them."""
    for name in (request.POST.get("time_zone", ""), otherwise):
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):  # nonsense, a folder's name, unknown
            continue
    return ZoneInfo("UTC")


def _preview(person: Person, mission: Mission, typed: Typed) -> dict[str, Any]:
    """What the query finds in stored posts: of this mission, else of the others that the person may see, since a new
    mission has none yet."""
    if typed.query is None:
        return {"typed": typed}
    now = timezone.now()
    week = reads.Window(now - timedelta(days=7), now + timedelta(minutes=1))
    others = Mission.objects.for_person(person).exclude(pk=mission.pk).order_by("-is_rehearsal", "-pk").distinct()
    for one in (mission, *others[:MOST_MISSIONS]):
        found = reads.newest(one, None, query=typed.query, window=week, limit=EXAMPLES)
        if found:
            posts = reads.totals(one, None, week, typed.query, with_authors=False).posts
            shown = rows(found, Reasons(typed.query), one.slug, now)
            return {"typed": typed, "found": posts, "among": one if one != mission else None, "examples": shown}
    return {"typed": typed, "found": 0, "examples": []}
