"""Looking back: what can be listened to once more, and how far that is."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from watchfloor.sources.look_back import can_look_back, look_back, look_backs_of
from watchfloor.team.access import SignedIn, may, mission_for
from watchfloor.team.rights import Right

SPANS = {"1": timedelta(hours=1), "6": timedelta(hours=6), "24": timedelta(hours=24), "36": timedelta(hours=36)}


@never_cache
@login_required
def looking_back(request: SignedIn, slug: str) -> HttpResponse:
    mission = mission_for(request.user, slug)
    may_listen = may(request.user, mission, Right.LISTEN)
    now = timezone.now()
    if request.method == "POST":
        if not may_listen:
            raise PermissionDenied
        span = SPANS.get(request.POST.get("hours", ""), SPANS["6"])
        asked = look_back(mission, since=now - span, by=request.user)
        if asked:
            text = ngettext("Looking back over %(n)d source.", "Looking back over %(n)d sources.", len(asked))
            messages.success(request, text % {"n": len(asked)})
        else:
            messages.error(request, _("No source of this mission can go back. Import what is missing from a file."))
        return redirect("look-back", slug)
    rows = [(row, round(100 * row.part(now))) for row in look_backs_of(mission)]
    context = {
        "mission": mission,
        "rows": rows,
        "busy": any(row.is_open for row, _part in rows),
        "sources": can_look_back(mission),
        "hours": list(SPANS),
        "may_listen": may_listen,
    }
    part = "sources/_look_backs.html" if request.headers.get("HX-Request") else "sources/look_back.html"
    return render(request, part, context)
