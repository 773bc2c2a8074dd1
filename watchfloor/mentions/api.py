"""Mentions: found, counted, explained; labelled, marked and hidden. Metrics and panels over them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import MAX_CHARACTERS
from watchfloor.mentions import reads
from watchfloor.mentions.hiding import hidden_posts, hide_posts, show_posts
from watchfloor.mentions.labels.people import LabelRefused, say, take_back
from watchfloor.mentions.marking import Mark, MarkRule, PersonLabel
from watchfloor.mentions.marks_actions import (
    MarkRefused,
    add_rule,
    make_mark,
    mark_posts,
    remove_mark,
    remove_rule,
    rename_mark,
    unmark_posts,
)
from watchfloor.mentions.store.store import StoredPost
from watchfloor.metrics.question import MINUTE, Question, Window
from watchfloor.metrics.registry import Metric, UnknownMetric, UnknownVersion, all_metrics, metric
from watchfloor.panels.registry import UnknownPanel, all_panels, panel
from watchfloor.panels.table import as_json, figure_json
from watchfloor.sources.api import aware
from watchfloor.sources.post import Sentiment
from watchfloor.team.api_door import Asked, Page, Wanted, Wrong, cursor_at, enter, page_of, read_cursor, told_as
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right

router = Router(tags=["mentions"])
MarkKind = Annotated[Mark.Kind, told_as(Mark.Kind)]
MarkRuleState = Annotated[MarkRule.State, told_as(MarkRule.State)]
PersonLabelKind = Annotated[PersonLabel.Kind, told_as(PersonLabel.Kind)]
figures = Router(tags=["metrics and panels"])
LONGEST_WINDOW = timedelta(days=3660)
MOST_POINTS = 2_000
MOST_POSTS = 500

Id = Annotated[int, Field(ge=0, lt=2**63)]


class Stretch(Schema):
    """What is asked about: from `since` (else 24 hours back) up to `until` (else now), in some topics or all, narrowed
    by a query."""

    since: datetime | None = None
    until: datetime | None = None
    topic: list[Id] | None = Field(None, max_length=100)
    query: str | None = Field(None, max_length=MAX_CHARACTERS)


class AuthorOut(Schema):
    id: str | None
    handle: str | None
    name: str | None
    followers: int | None


class LabelOut(Schema):
    """`by`: who or what said so, "name/version" or "person/12"; "" if nobody was asked."""

    value: str | None
    by: str
    confidence: float | None


class MentionOut(Schema):
    """A post that a topic found. What its network did not tell is null."""

    id: int
    network: str
    native_id: str
    url: str | None
    title: str | None
    text: str
    written_at: datetime
    seen_at: datetime
    edited_at: datetime | None
    author: AuthorOut | None
    language: LabelOut
    sentiment: LabelOut
    links: list[str]
    media: list[dict[str, Any]]
    metrics: dict[str, int | None]
    reply_to: str | None
    repost_of: str | None
    quote_of: str | None
    topics: list[int]


class CountOut(Schema):
    posts: int


class SayIn(Schema):
    """`value`: positive, neutral or negative; a language code; "" for "can't tell"."""

    value: str = Field(max_length=40)


class SaidOut(Schema):
    id: int = Field(alias="pk")
    kind: PersonLabelKind
    value: str
    at: datetime


class PostsIn(Schema):
    posts: list[Id] = Field(min_length=1, max_length=MOST_POSTS)


class PostsOut(Schema):
    """Those that it changed."""

    posts: list[int]


class MarkIn(Schema):
    kind: MarkKind = Mark.Kind.TAG
    name: str = Field(min_length=1, max_length=80)
    parent: Id | None = None


class NameIn(Schema):
    name: str = Field(min_length=1, max_length=80)


class MarkOut(Schema):
    id: int
    kind: MarkKind
    name: str
    parent: int | None = Field(None, alias="parent_id")


class RuleIn(Schema):
    query: str = Field(min_length=1, max_length=MAX_CHARACTERS)


class RuleOut(Schema):
    id: int
    mark: int = Field(alias="mark_id")
    query: str
    state: MarkRuleState
    percent: int


# --- Mentions -------------------------------------------------------------------------------------------------------


@router.get("/missions/{slug}/mentions", response=Page[MentionOut])
def mentions(request: Asked, slug: str, stretch: Query[Stretch], page: Query[Wanted]) -> dict[str, Any]:
    """Newest first."""
    mission = enter(request, slug, Right.SEE)
    found = reads.newest(
        mission,
        stretch.topic,
        query=read(stretch.query) if stretch.query else None,
        window=_window(stretch),
        before=read_cursor(page.cursor),
        limit=page.limit + 1,
    )
    shown = found[: page.limit]
    more = cursor_at(shown[-1].id) if len(found) > page.limit else None
    return {"items": [_mention(post) for post in shown], "next": more}


@router.get("/missions/{slug}/mentions/count", response=CountOut)
def count(request: Asked, slug: str, stretch: Query[Stretch]) -> dict[str, int]:
    mission = enter(request, slug, Right.SEE)
    query = read(stretch.query) if stretch.query else None
    totals = reads.totals(mission, stretch.topic, _window(stretch), query, with_authors=False)
    return {"posts": totals.posts}


@router.get("/missions/{slug}/mentions/hidden", response=Page[MentionOut])
def hidden(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    """What the mission hid."""
    mission = enter(request, slug, Right.MARK)
    found = hidden_posts(mission, before=read_cursor(page.cursor), limit=page.limit + 1)
    shown = found[: page.limit]
    more = cursor_at(shown[-1].id) if len(found) > page.limit else None
    return {"items": [_mention(post) for post in shown], "next": more}


@router.get("/missions/{slug}/mentions/{int:post_id}", response=MentionOut)
def mention(request: Asked, slug: str, post_id: int) -> dict[str, Any]:
    return _mention(_post(enter(request, slug, Right.SEE), post_id))


@router.put("/missions/{slug}/mentions/{int:post_id}/labels/{kind}", response=SaidOut)
def label(request: Asked, slug: str, post_id: int, kind: Literal["sentiment", "language"], told: SayIn) -> PersonLabel:
    """A person's word takes the place of the machine's, and trains it."""
    mission = enter(request, slug, Right.MARK)
    _post(mission, post_id)
    try:
        return say(mission, post_id, kind, told.value, by=request.user)
    except LabelRefused as why:
        raise Wrong(str(why), where="value") from why


@router.delete("/missions/{slug}/labels/{int:said_id}", response=SaidOut)
def take_label_back(request: Asked, slug: str, said_id: int) -> PersonLabel:
    """Undo a word that was said."""
    mission = enter(request, slug, Right.MARK)
    if not PersonLabel.objects.filter(mission=mission, pk=_known(said_id)).exists():
        raise Http404
    try:
        return take_back(mission, said_id, by=request.user)
    except LabelRefused as why:
        raise Wrong(str(why), status=409) from why


@router.post("/missions/{slug}/mentions/hide", response=PostsOut)
def hide(request: Asked, slug: str, told: PostsIn) -> dict[str, list[int]]:
    """They leave the mission's lists, figures and walls until they are shown again."""
    return {"posts": hide_posts(enter(request, slug, Right.MARK), told.posts)}


@router.post("/missions/{slug}/mentions/show", response=PostsOut)
def show(request: Asked, slug: str, told: PostsIn) -> dict[str, list[int]]:
    return {"posts": show_posts(enter(request, slug, Right.MARK), told.posts)}


# --- Tags, categories and rules -----------------------------------------------------------------------------------


@router.get("/missions/{slug}/marks", response=Page[MarkOut])
def marks(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    """Tags and categories."""
    return page_of(Mark.objects.filter(mission=enter(request, slug, Right.SEE)), page)


@router.post("/missions/{slug}/marks", response={201: MarkOut})
def add_mark(request: Asked, slug: str, told: MarkIn) -> Status[Any]:
    mission = enter(request, slug, Right.MARK)
    parent = None
    if told.parent is not None:
        parent = get_object_or_404(Mark, mission=mission, pk=told.parent)
    try:
        return Status(201, make_mark(mission, kind=told.kind, name=told.name, parent=parent, by=request.user))
    except MarkRefused as why:
        raise Wrong(str(why), where="name") from why


@router.put("/missions/{slug}/marks/{int:mark_id}", response=MarkOut)
def change_mark(request: Asked, slug: str, mark_id: int, told: NameIn) -> Mark:
    try:
        return rename_mark(_mark(request, slug, mark_id, Right.MARK), name=told.name)
    except MarkRefused as why:
        raise Wrong(str(why), where="name") from why


@router.delete("/missions/{slug}/marks/{int:mark_id}", response={204: None})
def delete_mark(request: Asked, slug: str, mark_id: int) -> Status[Any]:
    """With what stands under it, its rules, and the marks on posts. It can't be undone."""
    remove_mark(_mark(request, slug, mark_id, Right.LISTEN))
    return Status(204, None)


@router.post("/missions/{slug}/marks/{int:mark_id}/posts", response=CountOut)
def mark(request: Asked, slug: str, mark_id: int, told: PostsIn) -> dict[str, int]:
    held = _mark(request, slug, mark_id, Right.MARK)
    return {"posts": mark_posts(held.mission, held, told.posts, by=request.user)}


@router.delete("/missions/{slug}/marks/{int:mark_id}/posts/{int:post_id}", response=CountOut)
def unmark(request: Asked, slug: str, mark_id: int, post_id: int) -> dict[str, int]:
    """By hand: no rule sets it there again."""
    held = _mark(request, slug, mark_id, Right.MARK)
    return {"posts": unmark_posts(held.mission, held, [_known(post_id)], by=request.user)}


@router.get("/missions/{slug}/rules", response=Page[RuleOut])
def rules(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    return page_of(MarkRule.objects.filter(mission=enter(request, slug, Right.SEE)), page)


@router.post("/missions/{slug}/marks/{int:mark_id}/rules", response={201: RuleOut})
def make_rule(request: Asked, slug: str, mark_id: int, told: RuleIn) -> Status[Any]:
    """Posts that the query finds get the mark: new ones as they come, stored ones in the background."""
    read(told.query)
    held = _mark(request, slug, mark_id, Right.LISTEN)
    return Status(201, add_rule(held, query=told.query, by=request.user))


@router.delete("/missions/{slug}/rules/{int:rule_id}", response={204: None})
def delete_rule(request: Asked, slug: str, rule_id: int) -> Status[Any]:
    """What only it set goes, in the background."""
    mission = enter(request, slug, Right.LISTEN)
    remove_rule(get_object_or_404(MarkRule, mission=mission, pk=rule_id))
    return Status(204, None)


# --- Metrics and panels -------------------------------------------------------------------------------------------


class FormulaOut(Schema):
    version: int
    since: str
    expression: str
    says: str
    source: str


class MetricOut(Schema):
    name: str
    title: str
    definition: str
    unit: str
    better: str
    formulas: list[FormulaOut]
    gives: list[Literal["figure", "series", "parts"]]


class PanelOut(Schema):
    name: str
    title: str
    says: str
    kind: str
    metrics: list[str]
    suits: list[str]


class MetricStretch(Stretch):
    """`version`: by which formula; none: the newest."""

    version: int | None = Field(None, ge=1, le=1_000)


class SeriesStretch(MetricStretch):
    bucket_minutes: int = Field(60, ge=1, le=525_600)


class PartsStretch(MetricStretch):
    most: int = Field(20, ge=1, le=500)


@figures.get("/metrics", response=list[MetricOut])
def metrics(request: Asked) -> list[dict[str, Any]]:
    """Every metric with its definition and formulas."""
    return [_metric_out(one) for one in all_metrics().values()]


@figures.get("/missions/{slug}/metrics/{name}", response=dict[str, Any])
def figure(request: Asked, slug: str, name: str, stretch: Query[MetricStretch]) -> dict[str, Any]:
    """One number, with its unit, window, formula version, sample and coverage; null where it is not known, and why."""
    one, question = _asked(request, slug, name, stretch)
    if one.figure is None:
        raise Wrong(_("This metric is no single number. Ask for its parts."), where="name")
    return figure_json(one.figure(question))


@figures.get("/missions/{slug}/metrics/{name}/series", response=dict[str, Any])
def series(request: Asked, slug: str, name: str, stretch: Query[SeriesStretch]) -> dict[str, Any]:
    """The number by bucket; null is a gap."""
    one, question = _asked(request, slug, name, stretch)
    if one.series is None:
        raise Wrong(_("This metric has no course over time."), where="name")
    bucket = timedelta(minutes=stretch.bucket_minutes)
    if question.window.length / bucket > MOST_POINTS:
        said = _("At most %(most)d points can be told. Take longer buckets.") % {"most": MOST_POINTS}
        raise Wrong(said, where="bucket_minutes")
    points = one.series(question, bucket)
    return {
        "metric": one.name,
        "version": stretch.version or one.version,
        "unit": one.unit.value,
        "points": [{"at": point.at.isoformat(), "value": point.value} for point in points],
    }


@figures.get("/missions/{slug}/metrics/{name}/parts", response=dict[str, Any])
def parts(request: Asked, slug: str, name: str, stretch: Query[PartsStretch]) -> dict[str, Any]:
    """The number broken down, the largest part first; `name` null is what was not told."""
    one, question = _asked(request, slug, name, stretch)
    if one.parts is None:
        raise Wrong(_("This metric is not broken down."), where="name")
    found = one.parts(question, stretch.most)
    return {
        "metric": one.name,
        "version": stretch.version or one.version,
        "unit": one.unit.value,
        "parts": [{"name": part.name, "value": part.value, "share": part.share} for part in found],
    }


@figures.get("/panels", response=list[PanelOut])
def panels(request: Asked) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "title": str(one.title),
            "says": str(one.says),
            "kind": one.kind,
            "metrics": list(one.metrics),
            "suits": sorted(one.suits),
        }
        for one in all_panels().values()
    ]


@figures.get("/missions/{slug}/panels/{name}", response=dict[str, Any])
def panel_data(request: Asked, slug: str, name: str, stretch: Query[MetricStretch]) -> dict[str, Any]:
    """A panel's figures and rows."""
    mission = enter(request, slug, Right.SEE)
    try:
        one = panel(name)
    except UnknownPanel as why:
        raise Wrong(str(why), where="name", status=404) from why
    with timezone.override(mission.zone):
        try:
            return as_json(one.draw(_question(mission, stretch)))
        except UnknownVersion as why:
            raise Wrong(str(why), where="version") from why


def _asked(request: Asked, slug: str, name: str, stretch: MetricStretch) -> tuple[Metric, Question]:
    mission = enter(request, slug, Right.SEE)
    try:
        one = metric(name)
        one.formula(stretch.version)
    except UnknownMetric as why:
        raise Wrong(str(why), where="name", status=404) from why
    except UnknownVersion as why:
        raise Wrong(str(why), where="version") from why
    return one, _question(mission, stretch)


def _question(mission: Mission, stretch: MetricStretch) -> Question:
    if stretch.query:
        read(stretch.query)
    return Question(
        mission=mission,
        window=_window(stretch),
        topic_ids=tuple(stretch.topic) if stretch.topic else None,
        query=stretch.query or None,
        now=timezone.now(),
        version=stretch.version,
    )


def _metric_out(one: Metric) -> dict[str, Any]:
    given = (("figure", one.figure), ("series", one.series), ("parts", one.parts))
    return {
        "name": one.name,
        "title": str(one.title),
        "definition": str(one.definition),
        "unit": one.unit.value,
        "better": one.better.value,
        "formulas": [
            {
                "version": formula.version,
                "since": formula.since.isoformat(),
                "expression": formula.expression,
                "says": str(formula.says),
                "source": formula.source,
            }
            for formula in one.formulas
        ],
        "gives": [name for name, how in given if how],
    }


def _window(stretch: Stretch) -> Window:
    """Raises Wrong for one that is upside down, endless or out of all time."""
    now = timezone.now()
    until = aware(stretch.until) if stretch.until else now + MINUTE
    since = aware(stretch.since) if stretch.since else until - timedelta(hours=24)
    if not 1995 <= since.year <= 2200 or not 1995 <= until.year <= 2200:
        raise Wrong(_("Times lie between 1995 and 2200."), where="since")
    if not timedelta(0) < until - since <= LONGEST_WINDOW:
        raise Wrong(_("`until` must lie after `since`, by at most ten years."), where="until")
    return Window(since, until)


def _post(mission: Mission, post_id: int) -> StoredPost:
    post = reads.post(mission, _known(post_id))
    if post is None:
        raise Http404
    return post


def _known(number: int) -> int:
    """An id that a database can hold. Raises Http404: there is none beyond."""
    if number >= 2**63:
        raise Http404
    return number


def _mark(request: Asked, slug: str, mark_id: int, right: Right) -> Mark:
    mission = enter(request, slug, right)
    return get_object_or_404(Mark.objects.select_related("mission"), mission=mission, pk=_known(mark_id))


def _mention(post: StoredPost) -> dict[str, Any]:
    told = post.post
    return {
        "id": post.id,
        "network": told.network,
        "native_id": told.id,
        "url": told.url,
        "title": told.title,
        "text": told.text,
        "written_at": told.created_at,
        "seen_at": post.seen_at,
        "edited_at": post.edited_at,
        "author": {name: getattr(told.author, name) for name in ("id", "handle", "name", "followers")},
        "language": _label(post.language, post.language_by, post.language_confidence),
        "sentiment": _label(post.sentiment, post.sentiment_by, post.sentiment_confidence),
        "links": list(told.links),
        "media": msgspec.to_builtins(told.media),
        "metrics": {name: getattr(told.metrics, name) for name in ("likes", "reposts", "replies", "quotes", "views")},
        "reply_to": told.reply_to,
        "repost_of": told.repost_of,
        "quote_of": told.quote_of,
        "topics": list(post.topics),
    }


def _label(value: str | Sentiment | None, by: str, confidence: float | None) -> dict[str, Any]:
    return {"value": value, "by": by, "confidence": confidence}
