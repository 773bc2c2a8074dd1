"""Compare: the page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.listening.models import Topic
from watchfloor.mentions.access import enter
from watchfloor.mentions.compare import MOST, comparable_metrics, compare, comparison_chart, table_rows
from watchfloor.mentions.explore import read_view
from watchfloor.team.access import SignedIn
from watchfloor.team.models import Mission


@require_safe
@never_cache
@login_required
def comparison(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter(request, slug)
    view = read_view(mission, request.GET, timezone.now())
    found = compare(view, request.GET, request.user)
    context = {
        "mission": mission,
        "view": view,
        "found": found,
        "chart": comparison_chart(found),
        "table": table_rows(found),
        "metrics": comparable_metrics(),
        "topics": Topic.objects.filter(mission=mission),
        "missions": Mission.objects.for_person(request.user).exclude(pk=mission.pk).distinct(),
        "chosen_missions": [one.mission.pk for one in found.series],
        "chosen_topics": view.topic_ids
        or tuple(Topic.objects.filter(mission=mission).values_list("pk", flat=True)[:MOST]),
        "most": MOST,
    }
    return render(request, "mentions/compare.html", context)
