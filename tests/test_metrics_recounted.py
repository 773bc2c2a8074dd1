"""Each metric against a recount of the exported posts, in plain Python that shares nothing with the product."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import log10

import pytest
import time_machine

from bench.metrics import compare, exported, same
from bench.recount import FIGURES, PARTS
from watchfloor.listening.models import EmergingTerm, Topic
from watchfloor.listening.revision import count_up
from watchfloor.mentions.emerging_watch import Watch
from watchfloor.mentions.marking import PersonLabel
from watchfloor.mentions.metrics import METRICS
from watchfloor.mentions.reads import export
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import metric
from watchfloor.pipeline.line import Line
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Author, Media, Metrics, Post
from watchfloor.sources.reads import minutes
from watchfloor.sources.rehearsal import plan
from watchfloor.sources.source import Batch, Deleted, Gap, Written
from watchfloor.team.models import Mission

AFTERWARDS = datetime(2026, 12, 1, tzinfo=UTC)
TOPICS = (
    ("Pivot", "own", "pivot OR pivot26 OR @pivot OR #pivot26"),
    ("Talks", "own", "keynote OR talk OR stage"),
    ("Wifi", "issue", "wifi OR wlan OR internet"),
    ("Northbound", "competitor", "northbound"),
    ("Signal Days", "competitor", '"signal days"'),
)
BESIDE = {"coverage", "label-accuracy", "emerging-terms"}  # not of posts alone; recounted below


@pytest.fixture
def mission(db):
    with time_machine.travel(AFTERWARDS, tick=False):
        mission = Mission.objects.create(name="Pivot", slug="pivot", kind="event")
        for name, role, query in TOPICS:
            count_up(Topic.objects.create(mission=mission, name=name, role=role, query=query, applied_version=1).pk)
        yield mission


@pytest.fixture
def rehearsed(mission):
    """A small rehearsal with its edits and deletions, and posts that rehearsals have few of."""
    events = [item.event for item in plan(posts=600, days=1).items]
    at = plan(posts=600, days=1).posts[-1].created_at
    untold = Post(
        network="news", id="n1", text="Pivot and Northbound? https://a.example/x/?utm_source=y#z", created_at=at
    )
    shown = Post(
        network="forum",
        id="f1",
        text="＃Pivot26 and #PIVOT26, #Café; http://a.example/x. See (http://a.example/y)!",
        title="signal days #talks?",
        created_at=at - timedelta(minutes=3),
        author=Author(handle="Ana", followers=10**12),
        media=(Media("photo"), Media("photo"), Media("video")),
        metrics=Metrics(replies=10**9),
        links=("HTTPS://A.example:443/x/", "https://a.example/q?b=1&gclid=3&a=2"),
    )
    gone = Post(network="news", id="n2", text="pivot #gone?", created_at=at, metrics=Metrics(likes=9))
    line = Line()
    line.take(Batch([*events, Written(untold), Written(shown), Written(gone)]), None)
    line.take(Batch([Deleted("news", "n2")]), None)
    return mission


def test_every_metric_says_what_a_recount_says(rehearsed):
    differ = [(name, said, again) for name, said, again, equal, _took in compare(rehearsed) if not equal]
    assert not differ


def test_no_metric_of_posts_is_left_out():
    recounted = {name.split(",")[0] for name in FIGURES} | set(PARTS) | BESIDE
    assert {one.name for one in METRICS} == recounted


def test_narrowed_questions_are_counted_from_the_same_posts(rehearsed):
    """Over two topics and with a query, where no counter can say it."""
    topics = tuple(Topic.objects.filter(mission=rehearsed, name__in=("Pivot", "Wifi")).values_list("pk", flat=True))
    raw = exported(rehearsed)
    question = Question(
        rehearsed, Window(raw.since, raw.until + timedelta(minutes=1)), topics, "-is:repost has:question"
    )
    kept = [
        post
        for post in raw.posts
        if {"Pivot", "Wifi"} & set(post["topics"])
        and not post.get("repost_of")
        and FIGURES["questions-asked"](_of(raw, [post]))
    ]
    for name in ("volume", "unique-authors", "net-sentiment-b", "engagements", "questions-asked", "photos"):
        assert same(metric(name).figure(question).value, FIGURES[name](_of(raw, kept))), name


def test_coverage_is_the_share_of_its_minutes(mission):
    began = AFTERWARDS
    with time_machine.travel(began, tick=False) as clock:
        connection = Connection.objects.create(
            name="Made", source="rehearsal", mission=mission, made_at=began, state="live", cursor="0"
        )
        line = Line()
        for minute in range(61):
            clock.move_to(began + timedelta(minutes=minute))
            lost = Gap(began + timedelta(minutes=20), began + timedelta(minutes=32), "The network was down")
            line.take(Batch([lost] if minute == 33 else [], cursor=str(minute)), connection)
        question = Question(mission, Window(began, began + timedelta(minutes=50)))
        states = [minute.state for minute in minutes(connection, question.window.since, question.window.until)]
        figure, points = metric("coverage").figure(question), metric("coverage").series(question, timedelta(minutes=10))
    covered, lost = states.count("covered"), states.count("lost")
    assert lost in (12, 13)
    assert figure.value == pytest.approx(100 * covered / (covered + lost))
    assert [point.value for point in points][1:3:2] == [100.0]
    assert points[2].value < 100
    assert [hole.why for hole in figure.coverage.missing] == ["The network was down"]


def test_accuracy_is_the_share_that_people_confirmed(rehearsed):
    posts = [post for post in export(rehearsed, None) if post.sentiment and post.sentiment_by.startswith("wf-")][:40]
    for at, post in enumerate(posts):
        said = "neutral" if at % 3 == 0 else post.sentiment
        PersonLabel.objects.create(
            mission=rehearsed, post_id=post.id, kind="sentiment", value=said, at=AFTERWARDS, way="check", is_held=True
        )
    confirmed = sum(1 for at, post in enumerate(posts) if at % 3 or post.sentiment == "neutral")
    figure = metric("label-accuracy").figure(Question(rehearsed, Window(AFTERWARDS - timedelta(days=1), AFTERWARDS)))
    assert figure.sample == len(posts) == 40
    assert figure.value == pytest.approx(100 * confirmed / len(posts))


def test_what_rises_has_the_score_of_its_formula(mission):
    line = Line()
    events = [item.event for item in plan(posts=2_000, days=1).items]
    line.take(Batch(events), None)
    watch = Watch()
    while watch.look(mission):
        pass
    raw = exported(mission)
    offers = list(EmergingTerm.objects.filter(mission=mission).order_by("-score"))
    question = Question(mission, Window(raw.since, raw.until + timedelta(minutes=1)))
    figure, parts = metric("emerging-terms").figure(question), metric("emerging-terms").parts(question, 50)
    assert offers
    assert figure.value == offers[0].score
    assert [(part.name, part.value) for part in parts] == [(offer.shown, offer.score) for offer in offers][:50]
    for offer in offers:
        v, m, u = offer.volume, offer.baseline, offer.authors
        assert offer.score == pytest.approx((v - m) * v * log10(u) / (1 + m), rel=0.01), offer.shown


def _of(raw, posts):
    from dataclasses import replace

    return replace(raw, posts=posts, until=raw.until + timedelta(minutes=1))
