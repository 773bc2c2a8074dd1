"""Goals: how they stand, setting and changing one, their history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from watchfloor.mentions.access import enter
from watchfloor.metrics.registry import UnknownMetric, metric
from watchfloor.missions import actions
from watchfloor.missions.access import enter_to_lead, goal_for, posted
from watchfloor.missions.baselines import propose
from watchfloor.missions.forms import GoalForm, in_a_while
from watchfloor.missions.goal_card import GoalCard, cards
from watchfloor.missions.goals import standings
from watchfloor.missions.history import keep, keep_values
from watchfloor.missions.models import Goal
from watchfloor.missions.scenes import panels_without_goal
from watchfloor.team.access import SignedIn, may
from watchfloor.team.rights import Right

MOST_VALUES = 60
FIELDS = (
    "name", "metric", "topic", "over", "baseline", "baseline_from", "baseline_says", "target",
    "starts_at", "due_at", "owner",
)  # fmt: skip


@never_cache
@login_required
def goals(request: SignedIn, slug: str) -> HttpResponse:
    """Every goal with how it stands and what it was. POST: measure all of them now and keep that."""
    mission = enter(request, slug)
    if request.method == "POST":
        enter_to_lead(request, slug)
        kept = keep_values(mission, timezone.now())
        messages.success(request, _("%(n)d goals measured and kept.") % {"n": len(kept)})
        return redirect("goals", slug)
    found = standings(mission.goals.select_related("mission", "topic", "owner"), timezone.now())
    context = {
        "mission": mission,
        "rows": [_row(one) for one in cards(found)],
        "without_data": [one for one in found if not one.has_data],
        "without_goal": panels_without_goal(mission),
        "may_lead": may(request.user, mission, Right.LEAD),
    }
    return render(request, "missions/goals.html", context)


@login_required
def new(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter_to_lead(request, slug)
    now = timezone.now().replace(second=0, microsecond=0)
    initial = {"starts_at": now, "due_at": in_a_while(mission), "owner": request.user.pk}
    form = GoalForm(posted(request), mission=mission, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = actions.make_goal(mission, by=request.user, **form.fields_of_goal)
        keep(standings([made], timezone.now()), timezone.now())
        messages.success(request, _("Goal set. It is measured from now on."))
        return redirect("goals", slug)
    context = {"mission": mission, "form": form}
    return render(request, "missions/goal.html", context, status=422 if form.errors else 200)


@login_required
def goal(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    mission = enter_to_lead(request, slug)
    this = goal_for(mission, pk)
    initial = {name: getattr(this, name) for name in FIELDS}
    form = GoalForm(posted(request), mission=mission, initial=initial)
    if request.method == "POST" and form.is_valid():
        why = request.POST.get("why", "").replace("\x00", "")[:500]
        actions.change_goal(this, by=request.user, why=why, **form.fields_of_goal)
        messages.success(request, _("Goal saved. What was measured until now stays as it was."))
        return redirect("goals", slug)
    context = {"mission": mission, "form": form, "goal": this}
    return render(request, "missions/goal.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def drop(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    mission = enter_to_lead(request, slug)
    this = goal_for(mission, pk)
    actions.drop_goal(this, by=request.user, why=request.POST.get("why", "").replace("\x00", "")[:500])
    messages.success(request, _("Goal given up."))
    return redirect("goals", slug)


@require_POST
@login_required
def measure_baseline(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    """Take the baseline from the last edition or from stored posts."""
    mission = enter_to_lead(request, slug)
    this = goal_for(mission, pk)
    found = propose(mission, this.metric, this.over, timezone.now())
    if found.value is None:
        messages.warning(request, _("No baseline could be measured. %(why)s") % {"why": found.says})
    else:
        told = {"baseline": found.value, "baseline_from": found.comes_from, "baseline_says": found.says[:500]}
        actions.change_goal(this, by=request.user, why=found.says, **told)
        messages.success(request, _("Baseline taken: %(says)s.") % {"says": found.says})
    return redirect("goals", slug)


def _row(card: GoalCard) -> dict[str, Any]:
    goal = card.goal
    values = list(goal.values.all()[:MOST_VALUES])
    known = [value.value for value in reversed(values) if value.value is not None]
    return {"card": card, "values": values, "known": known, "metric": _metric_title(goal), "spark": _spark(known)}


def _spark(known: list[float]) -> list[int]:
    """For the little line: from 0 up in whole steps."""
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    return [round((value - low) / ((high - low) or 1) * 100) for value in known]


def _metric_title(goal: Goal) -> str:
    try:
        return str(metric(goal.metric).title)
    except UnknownMetric:
        return goal.metric
