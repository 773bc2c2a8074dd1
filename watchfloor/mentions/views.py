"""Explore: the page, the fragments that it fetches again, and exports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.lib.kept import Kept
from watchfloor.listening.language.fields import HAS
from watchfloor.listening.language.tree import MAX_CHARACTERS as MOST_CHARACTERS
from watchfloor.listening.language.tree import Query
from watchfloor.listening.models import Topic
from watchfloor.listening.typed import read_typed
from watchfloor.mentions import exports, reads
from watchfloor.mentions.access import enter, post_for
from watchfloor.mentions.charts import volume_chart
from watchfloor.mentions.complete import complete
from watchfloor.mentions.explore import SENTIMENTS, View, read_view
from watchfloor.mentions.explore_reads import choices, glance
from watchfloor.mentions.gaps import gaps_of
from watchfloor.mentions.labels.accuracy import label_accuracy
from watchfloor.mentions.labels.people import SENTIMENTS as SAYABLE
from watchfloor.mentions.labels.people import history_of, said_of
from watchfloor.mentions.marks_reads import marks_of
from watchfloor.mentions.metrics.figures import coverage_of
from watchfloor.mentions.rows import Reasons, added_to, followers_of, found_words, rows, said_words, shown
from watchfloor.mentions.saving import views_for
from watchfloor.mentions.store.store import StoredPost
from watchfloor.metrics.question import Question
from watchfloor.team.access import SignedIn, may, may_change_listening, mission_for
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right

PAGE = 50
MOST_IDS = 200
MOST_SPARK_POINTS = 12
_read_topics: Kept[Query | None] = Kept(2_000)


@require_safe
@never_cache
@login_required
def explore(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter(request, slug)
    view = read_view(mission, request.GET, timezone.now())
    topics = list(Topic.objects.filter(mission=mission))
    context = {
        "mission": mission,
        "view": view,
        "topics": topics,
        "chosen_topics": [topic for topic in topics if topic.pk in (view.topic_ids or ())],
        "choices": choices(view),
        "saved_views": views_for(mission, request.user),
        "spans": _spans(),
        "sentiments": SENTIMENTS,
        "has_choices": HAS,
        "may_write": may_change_listening(request.user, mission),
        "may_mark": may(request.user, mission, Right.MARK),
        "may_export": may(request.user, mission, Right.EXPORT),
        **({} if view.typed.error else _body(request, view, slug)),
    }
    return render(request, "mentions/explore.html", context, status=422 if view.typed.error else 200)


@require_safe
@never_cache
@login_required
def figures(request: SignedIn, slug: str) -> HttpResponse:
    """Totals, shares and the chart, as they stand now."""
    view = read_view(enter(request, slug), request.GET, timezone.now())
    return render(request, "mentions/_figures.html", {"view": view, "mission": view.mission, **_figures(view)})


@require_safe
@never_cache
@login_required
def mention_rows(request: SignedIn, slug: str) -> HttpResponse:
    """With `ids`: the rows of those that belong in the view now. Without: the newest page."""
    view = read_view(enter(request, slug), request.GET, timezone.now())
    if "ids" not in request.GET:
        return render(request, "mentions/_list.html", {"view": view, **_list(request, view, slug)})
    ids = [int(pk) for pk in request.GET["ids"].split(",")[:MOST_IDS] if pk.isdecimal() and len(pk) < 19]
    posts = reads.among(view.mission, view.topic_ids, ids, query=view.query, window=view.window, marks=view.marks)
    return render(request, "mentions/_rows.html", {"rows": _rows(request, posts, view, slug)})


@require_safe
@never_cache
@login_required
def details(request: SignedIn, slug: str, post_id: int) -> HttpResponse:
    """The side column about one mention."""
    mission = enter(request, slug)
    view = read_view(mission, request.GET, timezone.now())
    return render(request, "mentions/_details.html", _details(request, post_for(mission, post_id), view, slug))


@login_required
def check(request: SignedIn, slug: str) -> HttpResponse:
    """A query as it is typed: in words, or what is wrong and where. Asked by POST, because a query may be longer than
    an address; it changes nothing."""
    enter(request, slug)
    typed = read_typed((request.POST or request.GET).get("q", "")[: MOST_CHARACTERS + 1])
    return render(request, "listening/_means.html", {"typed": typed})


@login_required
def completions(request: SignedIn, slug: str) -> JsonResponse:
    """What the word at `at` may become. Asked by POST, as `check` is."""
    mission = enter(request, slug)
    asked = request.POST or request.GET
    text, at = asked.get("q", "")[: MOST_CHARACTERS + 1], asked.get("at", "")
    place = int(at) if at.isdecimal() and len(at) < 7 else len(text)
    found = complete(mission, text, place)
    return JsonResponse({"from": found.start, "to": found.end, "items": [item.as_json() for item in found.items]})


@require_safe
@login_required
def export_csv(request: SignedIn, slug: str) -> HttpResponseBase:
    view, rows_of = _exported(request, slug)
    return _streamed(exports.csv_lines(rows_of), view, "text/csv; charset=utf-8", "csv")


@require_safe
@login_required
def export_jsonl(request: SignedIn, slug: str) -> HttpResponseBase:
    view, rows_of = _exported(request, slug)
    return _streamed(exports.jsonl_lines(rows_of), view, "application/x-ndjson", "jsonl")


@require_safe
@login_required
def export_xlsx(request: SignedIn, slug: str) -> HttpResponseBase:
    """Written whole before it is sent: a workbook's table of contents stands at its end."""
    view, rows_of = _exported(request, slug)
    about = [
        (_("Mission"), view.mission.name),
        (_("Query"), view.query.text if view.query else _("all posts that the topics found")),
        (_("From"), view.window.since.isoformat()),
        (_("To"), view.window.until.isoformat()),
        (_("Exported"), f"{view.now.isoformat(timespec='seconds')}, {request.user}"),
        (_("Unknown"), _("What a network did not tell is an empty cell.")),
    ]
    file = exports.xlsx_file(rows_of, about)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = FileResponse(file, as_attachment=True, filename=_file_name(view, "xlsx"), content_type=kind)
    response["Cache-Control"] = "no-store"
    return response


def _exported(request: SignedIn, slug: str) -> tuple[View, Iterable[exports.Row]]:
    mission = mission_for(request.user, slug, Right.EXPORT)
    enter(request, slug)
    view = read_view(mission, request.GET, timezone.now())
    names = dict(Topic.objects.filter(mission=mission).values_list("pk", "name"))
    posts = reads.export(mission, view.topic_ids, query=view.query, window=view.window, marks=view.marks)
    return view, exports.export_rows(mission, posts, names)


def _streamed(lines: Iterable[str | bytes], view: View, kind: str, ending: str) -> HttpResponseBase:
    response = StreamingHttpResponse(lines, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(view, ending)}"'
    response["Cache-Control"] = "no-store"
    return response


def _file_name(view: View, ending: str) -> str:
    return f"{view.mission.slug}-{view.now:%Y-%m-%d}.{ending}"


def _body(request: SignedIn, view: View, slug: str) -> dict[str, Any]:
    return {**_figures(view), **_list(request, view, slug), **_chosen(request, view.mission, view, slug)}


def _figures(view: View) -> dict[str, Any]:
    found = reads.overview(view.mission, view.topic_ids, view.window, view.query, marks=view.marks)
    chart_window = view.chart_window
    points = reads.volume(view.mission, view.topic_ids, chart_window, view.bucket, view.query, marks=view.marks)
    by_sentiment = {share.name: share for share in found.sentiments}
    networks = found.networks
    return {
        "totals": found.totals,
        "networks": networks,
        "networks_top": networks[0].posts if networks else 0,
        "tones": [
            (name, by_sentiment[name]) for name in ("positive", "neutral", "negative", None) if name in by_sentiment
        ],
        "labelled": sum(share.posts for name, share in by_sentiment.items() if name),
        "accuracy": label_accuracy(view.mission),
        "coverage": coverage_of(Question(view.mission, view.window, now=view.now)),
        "chart": volume_chart(points, view.bucket, gaps_of(view.mission, chart_window), chart_window),
        "bucket_words": _bucket_words(view),
        "peak": max(points, key=lambda point: point.posts, default=None),
        "glance": glance(view),
    }


def _list(request: SignedIn, view: View, slug: str) -> dict[str, Any]:
    posts = reads.newest(
        view.mission,
        view.topic_ids,
        query=view.query,
        window=view.window,
        before=view.before,
        limit=PAGE + 1,
        marks=view.marks,
    )
    page = posts[:PAGE]
    return {
        "rows": _rows(request, page, view, slug),
        "older": page[-1].id if len(posts) > PAGE else None,
    }


def _rows(request: SignedIn, posts: list[StoredPost], view: View, slug: str) -> list[Any]:
    return rows(posts, reasons_of(view), slug, view.now, added_to(view.mission, posts, request.user))


def reasons_of(view: View) -> Reasons:
    """Why posts are here. A topic whose query can't be read any more marks nothing."""
    if view.typed.query:
        return Reasons(view.typed.query)
    return reasons_of_topics(view.mission)


def reasons_of_topics(mission: Mission) -> Reasons:
    topics = Topic.objects.filter(mission=mission).values_list("pk", "query")
    read = {pk: _read_topic(text) for pk, text in topics}
    return Reasons(by_topic={pk: query for pk, query in read.items() if query})


def _read_topic(text: str) -> Query | None:
    return _read_topics.get(text, lambda: read_typed(text).query)


def _chosen(request: SignedIn, mission: Mission, view: View, slug: str) -> dict[str, Any]:
    chosen = request.GET.get("post", "")
    post = reads.post(mission, int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else None
    return {"chosen": _details(request, post, view, slug)} if post else {}


def _details(request: SignedIn, post: StoredPost, view: View, slug: str) -> dict[str, Any]:
    topics = list(Topic.objects.filter(pk__in=post.topics))
    said = said_of(view.mission, [post.id]).get(post.id, {})
    return {
        **shown(post, reasons_of(view).of(post)),
        "slug": slug,
        "now": view.now,
        "why": why(post, view, topics),
        "in_topics": topics,
        "followers": followers_of(post),
        "said": {kind: (word, said_words(word, view.now, request.user.pk)) for kind, word in said.items()},
        "history": history_of(view.mission, post.id),
        "marks": marks_of(view.mission, [post.id]).get(post.id, ()),
        "may_mark": may(request.user, view.mission, Right.MARK),
        "sayable": SAYABLE,
        "accuracy": label_accuracy(view.mission),
    }


def why(post: StoredPost, view: View, topics: list[Topic]) -> list[dict[str, Any]]:
    """Which words each query found in the post: the typed one, else those of its topics."""
    if view.typed.query:
        return [{"name": None, "words": found_words(post, view.typed.query)}]
    read = ((topic, read_typed(topic.query).query) for topic in topics)
    return [{"name": topic.name, "words": found_words(post, query)} for topic, query in read if query]


def _spans() -> list[tuple[str, str]]:
    return [("1h", _("Last hour")), ("24h", _("Last 24 h")), ("7d", _("Last 7 days")), ("all", _("All time"))]


def _bucket_words(view: View) -> str:
    minutes = int(view.bucket.total_seconds() // 60)
    if minutes < 60:
        return _("per %(n)d min") % {"n": minutes} if minutes > 1 else _("per minute")
    if minutes < 1440:
        return _("per %(n)d h") % {"n": minutes // 60} if minutes > 60 else _("per hour")
    return _("per %(n)d days") % {"n": minutes // 1440} if minutes > 1440 else _("per day")
