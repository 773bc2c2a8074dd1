"""Panels and metrics of a mission: pages, fragments, files and pictures."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.mentions.access import enter
from watchfloor.mentions.asking import question_of
from watchfloor.mentions.explore import read_view
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Metric, UnknownMetric, UnknownVersion, metric
from watchfloor.panels.registry import Drawn, Panel, UnknownPanel, panel
from watchfloor.panels.table import as_json, csv_lines
from watchfloor.team.access import SignedIn


@require_safe
@never_cache
@login_required
def panel_fragment(request: SignedIn, slug: str, name: str) -> HttpResponse:
    return render(request, "panels/_panel.html", {"drawn": _drawn(request, slug, name)})


@require_safe
@never_cache
@login_required
def panel_csv(request: SignedIn, slug: str, name: str) -> HttpResponseBase:
    drawn = _drawn(request, slug, name)
    response = StreamingHttpResponse(csv_lines(drawn), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{name}-{drawn.at:%Y-%m-%d}.csv"'
    return response


@require_safe
@never_cache
@login_required
def panel_json(request: SignedIn, slug: str, name: str) -> HttpResponse:
    return JsonResponse(as_json(_drawn(request, slug, name)))


@require_safe
@never_cache
@login_required
def metric_page(request: SignedIn, slug: str, name: str) -> HttpResponse:
    """What opens when a number is clicked."""
    question, one = _question(request, slug), _metric(name)
    try:
        formula = one.formula(question.version)
    except UnknownVersion as problem:
        raise Http404(str(problem)) from problem
    figure = one.figure(question) if one.figure else None
    context = {"mission": question.mission, "metric": one, "formula": formula, "figure": figure, "question": question}
    return render(request, "panels/metric.html", context)


def _drawn(request: SignedIn, slug: str, name: str) -> Drawn:
    question = _question(request, slug)
    return _panel(name).draw(question, request.GET.dict())


def _question(request: SignedIn, slug: str) -> Question:
    """Raises Http404 where the person may not enter."""
    view = read_view(enter(request, slug), request.GET, timezone.now())
    version = request.GET.get("version", "")
    return question_of(view, int(version) if version.isdecimal() and len(version) < 6 else None)


def _panel(name: str) -> Panel:
    try:
        return panel(name)
    except UnknownPanel as unknown:
        raise Http404(str(unknown)) from unknown


def _metric(name: str) -> Metric:
    try:
        return metric(name)
    except UnknownMetric as unknown:
        raise Http404(str(unknown)) from unknown
