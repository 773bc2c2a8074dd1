"""Tags, categories and their rules: the page on which they are kept."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchfloor.mentions.access import enter
from watchfloor.mentions.marking import Mark, MarkRule
from watchfloor.mentions.marks_actions import (
    MarkRefused,
    add_rule,
    make_mark,
    remove_mark,
    remove_rule,
    rename_mark,
    replace_rule,
)
from watchfloor.mentions.marks_reads import kept_marks
from watchfloor.team.access import SignedIn, may, mission_for
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right


@require_safe
@never_cache
@login_required
def marks(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter(request, slug)
    tags, categories = kept_marks(mission)
    rules = MarkRule.objects.filter(mission=mission).exclude(state=MarkRule.State.APPLIED)
    context = {
        "mission": mission,
        "tags": tags,
        "categories": categories,
        "is_working": rules.exists(),
        "may_mark": may(request.user, mission, Right.MARK),
        "may_listen": may(request.user, mission, Right.LISTEN),
        "wanted_query": request.GET.get("q", "")[:20_000],
    }
    is_fragment = request.headers.get("HX-Request") == "true"
    return render(request, "mentions/_marks.html" if is_fragment else "mentions/marks.html", context)


@require_POST
@login_required
def marks_change(request: SignedIn, slug: str) -> HttpResponse:
    """`do` names the change. Rules work on by themselves, so they ask for the right to change what is listened to."""
    name = request.POST.get("do", "")
    right = Right.LISTEN if name in ("add-rule", "replace-rule", "remove-rule") else Right.MARK
    mission = mission_for(request.user, slug, right)
    enter(request, slug)
    doing = CHANGES.get(name)
    if doing is None:
        raise Http404("no such change")
    try:
        messages.success(request, doing(request, mission))
    except MarkRefused as refused:
        messages.error(request, str(refused))
    return redirect("marks", slug)


def _make(request: SignedIn, mission: Mission) -> str:
    parent = _mark(mission, request.POST["parent"]) if request.POST.get("parent") else None
    given = request.POST
    mark = make_mark(mission, kind=given.get("kind", ""), name=given.get("name", ""), parent=parent, by=request.user)
    return _("Made “%(name)s”.") % {"name": str(mark)}


def _rename(request: SignedIn, mission: Mission) -> str:
    mark = rename_mark(_mark(mission, request.POST.get("mark", "")), name=request.POST.get("name", ""))
    return _("Renamed to “%(name)s”.") % {"name": mark.name}


def _remove(request: SignedIn, mission: Mission) -> str:
    mark = _mark(mission, request.POST.get("mark", ""))
    remove_mark(mark)
    return _("Removed “%(name)s” from all mentions.") % {"name": mark.name}


def _add_rule(request: SignedIn, mission: Mission) -> str:
    mark = _mark(mission, request.POST.get("mark", ""))
    add_rule(mark, query=request.POST.get("query", ""), by=request.user)
    return _("New mentions get “%(name)s” from now on; stored ones follow in the background.") % {"name": str(mark)}


def _replace_rule(request: SignedIn, mission: Mission) -> str:
    replace_rule(_rule(mission, request.POST.get("rule", "")), query=request.POST.get("query", ""), by=request.user)
    return _("The new rule is being applied; what only the old one set goes.")


def _remove_rule(request: SignedIn, mission: Mission) -> str:
    remove_rule(_rule(mission, request.POST.get("rule", "")))
    return _("The rule sets nothing any more; what only it set goes.")


CHANGES: dict[str, Callable[[SignedIn, Mission], str]] = {
    "make": _make,
    "rename": _rename,
    "remove": _remove,
    "add-rule": _add_rule,
    "replace-rule": _replace_rule,
    "remove-rule": _remove_rule,
}


def _mark(mission: Mission, pk: str) -> Mark:
    number = int(pk) if pk.isdecimal() and len(pk) < 19 else 0
    found = Mark.objects.filter(mission=mission, pk=number).select_related("parent").first()
    if found is None:
        raise Http404("no such mark")
    return found


def _rule(mission: Mission, pk: str) -> MarkRule:
    number = int(pk) if pk.isdecimal() and len(pk) < 19 else 0
    found = MarkRule.objects.filter(mission=mission, pk=number).select_related("mark").first()
    if found is None:
        raise Http404("no such rule")
    return found
