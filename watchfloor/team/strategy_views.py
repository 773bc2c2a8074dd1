"""The page of the strategy log."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from watchfloor.team.access import SignedIn, mission_for
from watchfloor.team.strategy import strategy_log

LARGEST_ID = 2**63


@require_safe
@login_required
def strategy(request: SignedIn, slug: str) -> HttpResponse:
    mission = mission_for(request.user, slug)
    request.session["mission"] = slug
    if not request.user.time_zone:
        timezone.activate(mission.zone)
    before, asked = request.GET.get("before", ""), request.GET.get("kind", "")
    known = before.isascii() and before.isdecimal() and len(before) < 19
    log = strategy_log(mission, kinds=[asked] if asked else [], before=int(before) if known else None)
    context = {
        "mission": mission,
        "log": log,
        "kind": asked if asked in dict(log.kinds) else "",
        "kinds": [(kind, kind_word(kind), entries) for kind, entries in log.kinds],
    }
    return render(request, "team/strategy.html", context)


def kind_word(kind: str) -> str:
    """What entries of a kind are about, as the page's filter says it; a kind that nobody named goes by its own name."""
    words = {
        "topic": pgettext("strategy log", "topics"),
        "term": pgettext("strategy log", "emerging terms"),
        "goal": pgettext("strategy log", "goals"),
        "level": pgettext("strategy log", "activation level"),
        "mission": pgettext("strategy log", "the mission"),
        "connection": pgettext("strategy log", "sources"),
        "wall": pgettext("strategy log", "walls"),
        "other": _("other"),
    }
    return words.get(kind, kind)
