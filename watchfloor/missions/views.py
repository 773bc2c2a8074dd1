"""The mission's home and its stand-up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.mentions.access import enter
from watchfloor.missions.goals import STATE_RULE
from watchfloor.missions.home import home as home_of
from watchfloor.missions.models import LevelChange
from watchfloor.missions.rules import all_rules
from watchfloor.missions.shared import Shared
from watchfloor.missions.stand_up import SPANS, since_when, stand_up_of
from watchfloor.team.access import SignedIn, may
from watchfloor.team.levels import effects
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right

JUST_NOW = timedelta(seconds=1)
shared = Shared()


@require_safe
@never_cache
@login_required
def home(request: SignedIn, slug: str) -> HttpResponse:
    mission, now = enter(request, slug), timezone.now()
    context = {
        "mission": mission,
        "body": mark_safe(_body(mission, now, JUST_NOW)),  # noqa: S308 - our template's own
        "may_lead": may(request.user, mission, Right.LEAD),
        "every_ms": int(effects(mission).home_every / timedelta(milliseconds=1)),
        "change": LevelChange.objects.filter(mission=mission).select_related("changed_by").first(),
    }
    return render(request, "missions/home.html", context)


@require_safe
@never_cache
@login_required
def home_body(request: SignedIn, slug: str) -> HttpResponse:
    """What changes on the home page, for pages that stay open: made once for all who look, as often as the activation
    level allows."""
    mission = enter(request, slug)
    now = timezone.now()
    return HttpResponse(_body(mission, now, effects(mission).home_every))


@require_safe
@never_cache
@login_required
def stand_up(request: SignedIn, slug: str) -> HttpResponse:
    mission, now = enter(request, slug), timezone.now()
    asked = request.GET.get("since", "")
    context = {
        "mission": mission,
        "day": stand_up_of(mission, since_when(asked, now), now),
        "asked": asked if asked in SPANS else "24h" if not asked else "custom",
        "spans": [(key, words) for key, (_span, words) in SPANS.items()],
    }
    return render(request, "missions/stand_up.html", context)


@require_safe
@login_required
def rules(request: SignedIn) -> HttpResponse:
    """Every rule in words, and how a goal's state is told."""
    sides = (("broken", _("What is broken")), ("working", _("What is working")))
    shown = [(side, title, [rule for rule in all_rules() if rule.side == side]) for side, title in sides]
    return render(request, "missions/rules.html", {"sides": shown, "goal_rule": STATE_RULE})


def _body(mission: Mission, now: datetime, lasts: timedelta) -> str:
    """The same for everybody who reads in the same language and time zone."""
    key = (mission.pk, mission.made_at, timezone.get_current_timezone_name(), translation.get_language())
    return shared.get(
        key,
        now,
        lasts,
        lambda: render_to_string("missions/_home.html", {"home": home_of(mission, now), "mission": mission}),
    )
