"""Panels and metrics of a mission: pages, fragments, files and pictures."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.listening.language.read import read
from watchfloor.listening.models import Topic
from watchfloor.mentions.access import enter
from watchfloor.mentions.asking import question_of
from watchfloor.mentions.explore import View, read_view
from watchfloor.mentions.metrics.figures import coverage_of, query_of
from watchfloor.mentions.pictures import picture_address
from watchfloor.mentions.rows import Reasons, added_to, name_of, rows
from watchfloor.mentions.store.store import StoredPost
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Metric, UnknownMetric, UnknownVersion, all_metrics, metric
from watchfloor.panels.links import asked
from watchfloor.panels.picture import NoPicture, png, svg
from watchfloor.panels.registry import Drawn, Panel, UnknownPanel, all_panels, panel
from watchfloor.panels.table import as_json, csv_lines
from watchfloor.panels.words import coverage_words, window_words
from watchfloor.team.access import SignedIn

WIDE = ("volume", "share-of-voice", "coverage")
PICTURE_WIDTHS = (240, 3840)


@require_safe
@never_cache
@login_required
def panels(request: SignedIn, slug: str) -> HttpResponse:
    """All panels of the mission, each fetched when it comes into view."""
    view = read_view(enter(request, slug), request.GET, timezone.now())
    question = question_of(view)
    shown = [one for one in all_panels().values() if "page" in one.suits]
    context = {
        **_page(view, question),
        "topics": list(Topic.objects.filter(mission=view.mission)),
        "metrics": all_metrics().values(),
        "places": [
            (one, one.name in WIDE, f"{reverse('panel', args=[slug, one.name])}?{asked(question)}") for one in shown
        ],
    }
    return render(request, "panels/panels.html", context)


@require_safe
@never_cache
@login_required
def panel_page(request: SignedIn, slug: str, name: str) -> HttpResponse:
    view, drawn = _drawn(request, slug, name)
    context = {**_page(view, drawn.question), **_shown(request, drawn), "alone": True, "panel": panel(name)}
    return render(request, "panels/panels.html", context)


@require_safe
@never_cache
@login_required
def panel_fragment(request: SignedIn, slug: str, name: str) -> HttpResponse:
    _view, drawn = _drawn(request, slug, name)
    return render(request, "panels/_panel.html", _shown(request, drawn))


@require_safe
@never_cache
@login_required
def panel_csv(request: SignedIn, slug: str, name: str) -> HttpResponseBase:
    _view, drawn = _drawn(request, slug, name)
    response = StreamingHttpResponse(csv_lines(drawn), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{name}-{drawn.at:%Y-%m-%d}.csv"'
    return response


@require_safe
@never_cache
@login_required
def panel_json(request: SignedIn, slug: str, name: str) -> HttpResponse:
    _view, drawn = _drawn(request, slug, name)
    return JsonResponse(as_json(drawn))


@require_safe
@never_cache
@login_required
def panel_svg(request: SignedIn, slug: str, name: str) -> HttpResponse:
    return _picture(request, slug, name, "svg")


@require_safe
@never_cache
@login_required
def panel_png(request: SignedIn, slug: str, name: str) -> HttpResponse:
    return _picture(request, slug, name, "png")


def _picture(request: SignedIn, slug: str, name: str, kind: str) -> HttpResponse:
    """`theme` light, dark or wall; `width` in pixels. 404 for a panel without a chart."""
    _view, drawn = _drawn(request, slug, name)
    theme = request.GET.get("theme", "light")
    told = request.GET.get("width", "")
    width = min(PICTURE_WIDTHS[1], max(PICTURE_WIDTHS[0], int(told))) if told.isdecimal() and len(told) < 6 else 760
    draw_as = theme if theme in ("light", "dark", "wall") else "light"
    try:
        if kind == "svg":
            response = HttpResponse(svg(drawn, draw_as, width), content_type="image/svg+xml")  # type: ignore[arg-type]
        else:
            response = HttpResponse(png(drawn, draw_as, width), content_type="image/png")  # type: ignore[arg-type]
    except NoPicture as nothing:
        raise Http404("this panel has no chart now") from nothing
    response["Content-Disposition"] = f'inline; filename="{slug}-{name}-{drawn.at:%Y-%m-%d}.{kind}"'
    return response


@require_safe
@never_cache
@login_required
def metric_page(request: SignedIn, slug: str, name: str) -> HttpResponse:
    """What opens when a number is clicked; with `fragment` for a dialog."""
    view = read_view(enter(request, slug), request.GET, timezone.now())
    version = request.GET.get("version", "")
    question = question_of(view, int(version) if version.isdecimal() and len(version) < 6 else None)
    one = _metric(name)
    try:
        formula = one.formula(question.version)
    except UnknownVersion as problem:
        raise Http404(str(problem)) from problem
    figure = one.figure(question) if one.figure else None
    coverage = figure.coverage if figure else coverage_of(question)
    context: dict[str, Any] = {
        "mission": view.mission,
        "metric": one,
        "formula": formula,
        "figure": figure,
        "unit_words": one.unit.words(),
        "better_words": one.better.words(),
        "window_words": window_words(figure.window if figure else question.window, view.now),
        "zone": timezone.get_current_timezone_name().replace("_", " "),
        "coverage_words": coverage_words(coverage),
        "holes": coverage.missing[:5] if coverage else (),
        "at": view.now,
        "whole": f"{reverse('metric', args=[slug, name])}?{asked(question)}",
    }
    if "fragment" in request.GET:
        return render(request, "panels/_metric.html", context)
    showing = next((p for p in all_panels().values() if p.metrics[:1] == (name,) and "page" in p.suits), None)
    if showing is not None and question.version is None:
        context |= _shown(request, showing.draw(question))
    elif one.series is not None and question.version is None:
        context |= _shown(request, panel("over-time").draw(question, {"metric": name}))
    return render(request, "panels/metric.html", context)


def _drawn(request: SignedIn, slug: str, name: str) -> tuple[View, Drawn]:
    """Raises Http404 where the person may not enter, and for a panel that there is not."""
    view = read_view(enter(request, slug), request.GET, timezone.now())
    return view, _panel(name).draw(question_of(view), request.GET.dict())


def _page(view: View, question: Question) -> dict[str, Any]:
    spans = [("1h", _("Last hour")), ("24h", _("Last 24 h")), ("7d", _("Last 7 days")), ("all", _("All time"))]
    return {"mission": view.mission, "view": view, "spans": spans, "asked": asked(question)}


def _shown(request: SignedIn, drawn: Drawn) -> dict[str, Any]:
    """What a panel's template needs beside what was drawn."""
    return {
        "drawn": drawn,
        "mission": drawn.question.mission,
        "posts": _posts(request, drawn),
    }


def _posts(request: SignedIn, drawn: Drawn) -> list[Any]:
    posts = [row for row in drawn.rows if isinstance(row, StoredPost)]
    mission, question = drawn.question.mission, drawn.question
    if drawn.panel == "photos":
        return [_photo(post, mission.slug) for post in posts]
    reasons = Reasons(query_of(question)) if question.query else Reasons(by_topic=_topics_read(question))
    return list(rows(posts, reasons, mission.slug, question.asked_at, added_to(mission, posts, request.user)))


def _photo(post: StoredPost, slug: str) -> dict[str, Any]:
    media = next(media for media in post.post.media if media.kind == "photo")
    return {
        "alt": media.alt or "",
        "name": name_of(post.post.author),
        "at": post.at,
        "link": f"{reverse('explore', args=[slug])}?post={post.id}",
        "photo": picture_address(slug, post),
    }


def _topics_read(question: Question) -> dict[int, Any]:
    found = {}
    for pk, text in Topic.objects.filter(mission=question.mission).values_list("pk", "query"):
        try:
            found[pk] = read(text)
        except ValueError:  # a topic whose query can't be read any more marks nothing
            continue
    return found


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
