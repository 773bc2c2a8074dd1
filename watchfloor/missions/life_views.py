"""The list of missions, a mission's level, its next edition, its end, and how it compares."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchfloor.mentions.access import enter
from watchfloor.missions import actions, editions
from watchfloor.missions.access import edition_for, enter_to_lead, posted
from watchfloor.missions.compare import compare as compare_editions
from watchfloor.missions.forms import CloneForm, LevelForm, WhyClosedForm
from watchfloor.missions.headline import phase, where_we_are
from watchfloor.missions.models import LevelChange
from watchfloor.team.access import SignedIn, may
from watchfloor.team.levels import EFFECTS
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right

MOST_CHANGES = 30


@require_safe
@login_required
def missions(request: SignedIn) -> HttpResponse:
    now = timezone.now()
    held = Mission.objects.for_person(request.user).distinct().order_by("closed_at", "-is_rehearsal", "name")
    rows = [
        {"mission": one, "where": where_we_are(one, now), "phase": phase(one, now), "goals": one.goals.count()}
        for one in held
    ]
    context = {"rows": rows, "may_make": may(request.user, None, Right.ADMINISTER)}
    return render(request, "missions/missions.html", context)


@never_cache
@login_required
def level(request: SignedIn, slug: str) -> HttpResponse:
    """What each level changes, and who put the mission to which, when and why. A lead changes it here."""
    mission = enter(request, slug)
    may_change = may(request.user, mission, Right.LEAD)
    form = LevelForm(posted(request), initial={"level": mission.level})
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if form.is_valid():
            change = actions.set_level(mission, **form.cleaned_data, by=request.user)
            said = _("The mission is at %(level)s now.") if change else _("The mission was at %(level)s already.")
            messages.success(request, said % {"level": mission.get_level_display()})
            return redirect("level", slug)
    context = {
        "mission": mission,
        "form": form,
        "may_change": may_change,
        "levels": [(value, title, EFFECTS[value]) for value, title in Mission.Level.choices],
        "changes": LevelChange.objects.filter(mission=mission).select_related("changed_by")[:MOST_CHANGES],
    }
    return render(request, "missions/level.html", context, status=422 if form.errors else 200)


@login_required
def clone(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter_to_lead(request, slug)
    if not may(request.user, None, Right.ADMINISTER):
        raise PermissionDenied
    form = CloneForm(posted(request), initial={"name": f"{mission.name[:380]} ({_('next edition')})"})
    if request.method == "POST" and form.is_valid():
        copy = editions.clone_mission(mission, name=form.cleaned_data["name"], by=request.user)
        messages.success(request, _("Cloned. Give it its dates."))
        return redirect("set-up", copy.slug, "why")
    context = {"mission": mission, "form": form}
    return render(request, "missions/clone.html", context, status=422 if form.errors else 200)


@login_required
def close(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter_to_lead(request, slug)
    form = WhyClosedForm(posted(request))
    if request.method == "POST" and form.is_valid():
        editions.close_mission(mission, why=form.cleaned_data["why"], by=request.user)
        messages.success(request, _("Closed. Its figures stay; nothing is listened for any more."))
        return redirect("mission-home", slug)
    context = {"mission": mission, "form": form}
    return render(request, "missions/close.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def reopen(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter_to_lead(request, slug)
    editions.reopen_mission(mission, why=request.POST.get("why", "").replace("\x00", "")[:500], by=request.user)
    messages.success(request, _("Open again. Its topics listen; switch its own sources on in Sources."))
    return redirect("mission-home", slug)


@require_safe
@login_required
def compare_with(request: SignedIn, slug: str) -> HttpResponse:
    """Choose the other edition; straight to the last one if there is one that the person may see."""
    mission = enter(request, slug)
    others = Mission.objects.for_person(request.user).distinct().exclude(pk=mission.pk)
    chosen = request.GET.get("with", "")
    if chosen:
        return redirect("compare", slug, edition_for(request, mission, chosen[:80]).slug)
    if mission.last_edition_id and others.filter(pk=mission.last_edition_id).exists():
        assert mission.last_edition
        return redirect("compare", slug, mission.last_edition.slug)
    return render(request, "missions/compare_with.html", {"mission": mission, "others": others})


@require_safe
@never_cache
@login_required
def compare(request: SignedIn, slug: str, name: str) -> HttpResponse:
    mission = enter(request, slug)
    other = edition_for(request, mission, name)
    others = Mission.objects.for_person(request.user).distinct().exclude(pk=mission.pk)
    found = compare_editions(mission, other, timezone.now())
    context = {"mission": mission, "other": other, "others": others, "found": found}
    return render(request, "missions/compare.html", context)
