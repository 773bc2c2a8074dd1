"""What stands behind a number: its posts, its formula, and why it is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from watchfloor.listening.actions import make_topic
from watchfloor.mentions import reads
from watchfloor.mentions.metrics.digest import digest
from watchfloor.mentions.metrics.figures import query_of
from watchfloor.mentions.tests.posts import LONG_NAME, deleted, stored
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import UnknownMetric, all_metrics, metric
from watchfloor.panels.links import asked, explore_link
from watchfloor.panels.registry import panel
from watchfloor.panels.table import csv_lines
from watchfloor.sources.post import Author, Metrics, Post
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def topics(cast):
    roles = (("coffee", "own"), ("wifi", "issue"), ("northbound", "competitor"))
    return [make_topic(cast.mission, name=name, role=role, query=name, by=None) for name, role in roles]


@pytest.fixture
def day(cast):
    return Question(cast.mission, Window(NOON - 24 * HOUR, NOON + MINUTE), now=NOON)


def some_posts(topics):
    stored(topics[:1], NOON - HOUR, "coffee? #Food https://a.example/x?utm_source=m", native_id="1")
    stored(topics[:2], NOON - 2 * HOUR, "coffee and wifi #food #Café", native_id="2", sentiment="positive")
    stored(topics[1:2], NOON - 3 * HOUR, "wifi", native_id="3", network="mastodon", sentiment=None)
    stored(topics[2:], NOON - 4 * HOUR, "northbound?", native_id="4", sentiment="neutral")


def found_behind(question, behind):
    narrowed = Question(question.mission, behind.window, behind.topic_ids, behind.query)
    return len(list(reads.export(question.mission, behind.topic_ids, query=query_of(narrowed), window=behind.window)))


@pytest.mark.parametrize(
    ("name", "posts"),
    [("volume", 4), ("net-sentiment-a", 2), ("positive-share", 1), ("questions-asked", 2), ("share-of-voice", 2)],
)
def test_the_posts_behind_a_number_are_those_it_counted(topics, day, name, posts):
    some_posts(topics)
    figure = metric(name).figure(day)
    assert found_behind(day, figure.behind) == posts


@pytest.mark.parametrize(
    "name",
    ["share-by-network", "share-by-sentiment", "share-by-language", "top-hashtags", "top-links", "top-authors"],
)
def test_the_posts_behind_a_part_are_those_it_counted(topics, day, name):
    some_posts(topics)
    parts = metric(name).parts(day, 20)
    assert parts
    for part in parts:
        if part.behind and name != "share-by-language":  # which counts what was recognised, too
            assert found_behind(day, part.behind) == part.value, part.name


def test_a_link_to_the_posts_opens_explore_with_just_them(topics, day, client, cast):
    some_posts(topics)
    client.force_login(cast.ana)
    part = next(p for p in metric("top-hashtags").parts(day, 5) if p.name == "#food")
    html = client.get(explore_link("pivot", part.behind)).content.decode()
    assert html.count("data-row ") == 2


def test_every_number_says_its_window_sample_and_coverage(topics, day):
    some_posts(topics)
    for name, one in all_metrics().items():
        if one.figure is None or name == "goal-attainment":
            continue
        figure = one.figure(day)
        assert figure.metric == name
        assert figure.version == one.version
        assert figure.at == NOON
        assert figure.coverage is not None
        assert figure.value is not None or figure.why_unknown, name


def test_nothing_is_not_made_of_nothing(topics, day):
    """Without mentions, counts are 0 and shares are not known."""
    counts = {"volume", "velocity", "unique-authors", "potential-reach", "engagements", "questions-asked", "photos"}
    for name, one in all_metrics().items():
        if one.figure is None or name == "goal-attainment":
            continue
        figure = one.figure(day)
        assert figure.value == (0 if name in counts else None), name
        assert figure.why_unknown or name in counts, name


def test_what_a_network_does_not_tell_is_unknown_and_never_nought(topics, day):
    post = {"author": Author(id="a", name="A"), "native_id": "1"}
    stored(topics[:1], NOON - HOUR, "coffee", sentiment=None, **post)
    _without_figures(topics[0], "2")
    deleted("bluesky", "1")
    for name in ("potential-reach", "engagements", "engagement-rate", "unique-authors", "net-sentiment-b"):
        figure = metric(name).figure(day)
        assert figure.value is None, name
        assert figure.why_unknown.endswith("."), name


def test_an_old_formula_still_computes(topics, day):
    for n in range(3):
        stored(
            topics[:1], NOON - (n + 1) * MINUTE, f"coffee {n}", native_id=str(n), author=Author(id="t", followers=100)
        )
    assert metric("potential-reach").figure(day).value == 100
    old = metric("potential-reach").figure(day.by_version(1))
    assert (old.value, old.version) == (300, 1)
    assert metric("velocity").figure(day).value == 3
    assert metric("velocity").figure(day.by_version(1)).value == pytest.approx(3 / 24)


def test_a_page_by_an_old_formula_says_so(topics, client, cast):
    client.force_login(cast.ana)
    html = client.get("/m/pivot/metrics/potential-reach/?version=1").content.decode()
    assert "over all mentions" in html
    assert "By version 2" in html


def test_figures_are_read_anew_when_something_changed(topics, day):
    stored(topics[:1], NOON - HOUR, "coffee #one", native_id="1")
    assert digest(day).hashtags["#one"] == 1
    stored(topics[:1], NOON - HOUR, "coffee #one", native_id="2")
    again = Question(day.mission, day.window, now=NOON)
    assert digest(again).hashtags["#one"] == 2
    assert digest(Question(day.mission, day.window, now=NOON)) is digest(again)
    deleted("bluesky", "1")
    assert digest(Question(day.mission, day.window, now=NOON)).hashtags["#one"] == 1


def test_a_window_with_more_posts_than_are_read_says_so(topics, day, monkeypatch):
    monkeypatch.setattr("watchfloor.mentions.metrics.digest.MOST_POSTS", 2)
    some_posts(topics)
    figure = metric("questions-asked").figure(day)
    assert (figure.value, figure.sample) == (1, 2)
    assert "newest 2 mentions" in figure.note


def test_a_stretch_that_ends_now_goes_on_ending_now(day):
    assert parse_qs(asked(day)) == {"since": ["24h"]}
    old = Question(day.mission, Window(NOON - 9 * HOUR, NOON - HOUR), (3, 4), "a b", now=NOON)
    assert set(parse_qs(asked(old))) == {"topic", "q", "from", "to"}
    assert urlsplit(explore_link("pivot", metric("volume").figure(day).behind)).path == "/m/pivot/explore/"


def test_a_wrong_name_is_met_with_near_ones():
    with pytest.raises(UnknownMetric, match="net-sentiment-a"):
        metric("net-sentiment")


def test_files_of_panels_hold_no_formulas(topics, day):
    for n, name in enumerate(("=cmd|' /C calc'!A0", "@sum", LONG_NAME)):
        stored(topics[:1], NOON - HOUR, f"coffee {n} =1+1", native_id=str(n), author=Author(id=name, name=name))
    for name in ("top-authors", "stream", "top-links"):
        for line in csv_lines(panel(name).draw(day)):
            assert not any(cell.lstrip('"').startswith(("=", "@", "+")) for cell in line.split(",")), line


def _without_figures(topic, native_id):
    from django.db import transaction

    from watchfloor.mentions.store.store import Changes, Labelled, mention_store

    post = Post(network="news", id=native_id, text="coffee", created_at=NOON - HOUR, metrics=Metrics(views=9))
    with transaction.atomic():
        mention_store().write(Changes(posts=[Labelled(post, b"", [(topic.pk, 1)], NOON)]))
