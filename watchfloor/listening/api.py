"""Topics and what they look for, their versions, emerging terms, and queries on their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from watchfloor.listening import actions
from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import MAX_CHARACTERS
from watchfloor.listening.language.words import in_words
from watchfloor.listening.models import EmergingTerm, Topic, TopicVersion
from watchfloor.listening.trends.actions import ignore_term, note_added, offer_term_again
from watchfloor.team.api_door import Asked, Page, Wanted, Wrong, enter, page_of, told_as
from watchfloor.team.rights import Right

router = Router(tags=["topics"])
TopicRole = Annotated[Topic.Role, told_as(Topic.Role)]
EmergingTermKind = Annotated[EmergingTerm.Kind, told_as(EmergingTerm.Kind)]
EmergingTermState = Annotated[EmergingTerm.State, told_as(EmergingTerm.State)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
Name = Annotated[str, Field(min_length=1, max_length=400)]
Why = Annotated[str, Field("", max_length=400)]


class TopicOut(Schema):
    """`is_applying`: stored posts are still being matched against the newest query."""

    id: int
    name: str
    role: TopicRole
    query: str
    version: int
    is_on: bool
    is_applying: bool
    made_at: datetime


class TopicIn(Schema):
    name: Name
    role: TopicRole = Topic.Role.OWN
    query: Text
    why: Why = ""


class SwitchIn(Schema):
    is_on: bool
    why: Why = ""


class WhyIn(Schema):
    why: Why = ""


class VersionOut(Schema):
    number: int
    query: str
    made_at: datetime
    made_by: str | None
    why: str

    @staticmethod
    def resolve_made_by(version: TopicVersion) -> str | None:
        return str(version.made_by) if version.made_by else None


class QueryIn(Schema):
    query: Text


class QueryOut(Schema):
    words: str


class TermOut(Schema):
    """An emerging term: what rises and is not listened to."""

    id: int
    term: str = Field(alias="shown")
    kind: EmergingTermKind
    score: float
    formula: str
    posts: int
    authors: int
    languages: list[tuple[str | None, int]]
    first_posts: list[int]
    first_seen_at: datetime
    offered_at: datetime
    state: EmergingTermState


class TermIn(Schema):
    """`added` needs the `topic` that listens to it now."""

    state: EmergingTermState
    topic: int | None = Field(None, ge=1, lt=2**63)
    why: Why = ""


@router.post("/query", response=QueryOut)
def check_query(request: Asked, told: QueryIn) -> dict[str, str]:
    """Read a query and say it in words. What is wrong with it comes with its offset and a hint."""
    return {"words": in_words(read(told.query))}


@router.get("/missions/{slug}/topics", response=Page[TopicOut])
def topics(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    return page_of(Topic.objects.kept().filter(mission=enter(request, slug, Right.SEE)), page)


@router.post("/missions/{slug}/topics", response={201: TopicOut})
def make_topic(request: Asked, slug: str, told: TopicIn) -> Status[Any]:
    """It listens from now on; stored posts are looked through in the background."""
    mission = enter(request, slug, Right.LISTEN)
    read(told.query)
    try:
        made = actions.make_topic(
            mission, name=told.name, role=told.role, query=told.query, by=request.user, why=told.why
        )
    except IntegrityError as why:
        raise _name_taken() from why
    return Status(201, made)


@router.get("/missions/{slug}/topics/{int:topic_id}", response=TopicOut)
def topic(request: Asked, slug: str, topic_id: int) -> Topic:
    return _topic(request, slug, topic_id, Right.SEE)


@router.put("/missions/{slug}/topics/{int:topic_id}", response=TopicOut)
def change_topic(request: Asked, slug: str, topic_id: int, told: TopicIn) -> Topic:
    """A query that differs makes a new version; `why` stands in the strategy log."""
    held = _topic(request, slug, topic_id, Right.LISTEN)
    read(told.query)
    try:
        return actions.change_topic(
            held, name=told.name, role=told.role, query=told.query, by=request.user, why=told.why
        )
    except IntegrityError as why:
        raise _name_taken() from why


@router.put("/missions/{slug}/topics/{int:topic_id}/listening", response=TopicOut)
def switch_topic(request: Asked, slug: str, topic_id: int, told: SwitchIn) -> Topic:
    held = _topic(request, slug, topic_id, Right.LISTEN)
    actions.switch_topic(held, on=told.is_on, by=request.user, why=told.why)
    return held


@router.delete("/missions/{slug}/topics/{int:topic_id}", response={204: None})
def remove_topic(request: Asked, slug: str, topic_id: int, told: Query[WhyIn]) -> Status[Any]:
    """Its mentions go in the background, its name is free at once. Can't be undone."""
    actions.remove_topic(_topic(request, slug, topic_id, Right.LISTEN), by=request.user, why=told.why)
    return Status(204, None)


@router.get("/missions/{slug}/topics/{int:topic_id}/versions", response=Page[VersionOut])
def versions(request: Asked, slug: str, topic_id: int, page: Query[Wanted]) -> dict[str, Any]:
    held = _topic(request, slug, topic_id, Right.SEE)
    return page_of(TopicVersion.objects.filter(topic=held).select_related("made_by"), page)


@router.post("/missions/{slug}/topics/{int:topic_id}/versions/{int:number}/restore", response=TopicOut)
def restore_version(request: Asked, slug: str, topic_id: int, number: int, told: WhyIn) -> Topic:
    """An earlier query comes back as a new version."""
    held = _topic(request, slug, topic_id, Right.LISTEN)
    try:
        return actions.restore_version(held, number, by=request.user, why=told.why)
    except TopicVersion.DoesNotExist as why:
        raise Http404 from why


@router.get("/missions/{slug}/emerging", response=Page[TermOut])
def emerging(request: Asked, slug: str, page: Query[Wanted]) -> dict[str, Any]:
    """Hashtags and phrases that rise around the mission's posts, whatever became of the offer."""
    return page_of(EmergingTerm.objects.filter(mission=enter(request, slug, Right.SEE)), page)


@router.put("/missions/{slug}/emerging/{int:term_id}", response=TermOut)
def decide_term(request: Asked, slug: str, term_id: int, told: TermIn) -> EmergingTerm:
    """Ignore it, offer it again, or say which topic listens to it now."""
    mission = enter(request, slug, Right.LISTEN)
    term = get_object_or_404(EmergingTerm.objects.select_related("mission"), mission=mission, pk=term_id)
    if told.state == EmergingTerm.State.IGNORED:
        ignore_term(term, by=request.user, why=told.why)
    elif told.state == EmergingTerm.State.OFFERED:
        offer_term_again(term, by=request.user, why=told.why)
    elif told.topic is None:
        raise Wrong(_("Say which topic listens to it now."), where="topic")
    else:
        note_added(term, _topic(request, slug, told.topic, Right.LISTEN), by=request.user)
    return term


def _topic(request: Asked, slug: str, topic_id: int, right: Right) -> Topic:
    mission = enter(request, slug, right)
    return get_object_or_404(Topic.objects.kept().select_related("mission"), mission=mission, pk=topic_id)


def _name_taken() -> Wrong:
    return Wrong(_("Another topic of this mission has this name. Choose a different one."), where="name", status=409)
