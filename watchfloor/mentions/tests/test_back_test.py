"""What two queries would have found, against asking the evaluator about every post."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.listening.actions import make_topic
from watchfloor.listening.language.evaluate import matches
from watchfloor.listening.language.read import read
from watchfloor.mentions.backtest import Probe, back_test
from watchfloor.mentions.tests.posts import stored
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def food(cast):
    return make_topic(cast.mission, name="Food", role="issue", query="coffee OR tea", by=None)


def write(topic, *texts, hours=1):
    for n, text in enumerate(texts):
        stored([topic], NOON - timedelta(hours=hours, seconds=n), text, native_id=f"{hours}/{n}")


def test_it_says_what_each_finds_alone_and_both(cast, food):
    write(food, "coffee", "tea", "coffee and tea", "tea with milk", "milk")
    write(food, "coffee of yesterday", "tea of yesterday", hours=30)
    write(food, "coffee of last month", hours=24 * 30)
    tested = back_test(cast.mission, read("coffee"), read("tea -milk"), NOON)
    day, week = tested.day, tested.week
    assert (day.only_old, day.both, day.only_new, day.stored) == (1, 1, 1, 5)
    assert (week.only_old, week.both, week.only_new, week.stored) == (2, 1, 2, 7)
    assert (week.old, week.new, week.change) == (3, 3, 0.0)
    assert [one.post.text for one in tested.old_examples] == ["coffee", "coffee of yesterday"]
    assert [one.post.text for one in tested.new_examples] == ["tea", "tea of yesterday"]
    assert [one.post.text for one in tested.both_examples] == ["coffee and tea"]
    assert tested.read_back_to is None


def test_without_an_old_one_all_is_new(cast, food):
    write(food, "coffee", "tea")
    tested = back_test(cast.mission, None, read("coffee"), NOON)
    assert (tested.week.only_old, tested.week.both, tested.week.only_new) == (0, 0, 1)
    assert tested.week.change is None


WORDS = st.sampled_from(["coffee", "tea", "milk", "#tea", "“so”", "don't", "has", "?"])
QUERIES = [
    "coffee",
    "tea NOT milk",
    "#tea OR coffee",
    "has:question tea",
    '"tea milk"',
    "sentiment:negative tea",
    "te*",
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), max_size=8), st.data())
def test_every_figure_equals_asking_about_every_post(cast, food, texts, data):
    from django.db import transaction

    with transaction.atomic():
        write(food, *texts)
        old, new = read(data.draw(st.sampled_from(QUERIES))), read(data.draw(st.sampled_from(QUERIES)))
        tested = back_test(cast.mission, old, new, NOON, probes=[Probe("milk", read("milk"))], terms=["tea"])
        from watchfloor.mentions.reads import newest

        posts = newest(cast.mission, None, limit=100)
        found = [
            (matches(old, p.post, lambda _, p=p: p.sentiment), matches(new, p.post, lambda _, p=p: p.sentiment), p)
            for p in posts
        ]
        week = tested.week
        assert week.both == sum(was and now for was, now, _ in found)
        assert week.only_old == sum(was and not now for was, now, _ in found)
        assert week.only_new == sum(now and not was for was, now, _ in found)
        assert tested.probes["milk"] == sum(now and matches(read("milk"), p.post) for _, now, p in found)
        transaction.set_rollback(True)


def test_bounded_work_says_how_far_back_it_went(cast, food):
    write(food, *(f"coffee {n}" for n in range(30)))
    tested = back_test(cast.mission, read("tea"), read("coffee"), NOON, most_read=10)
    assert (tested.read, tested.week.only_new) == (10, 10)
    assert tested.read_back_to is not None
    assert tested.new_examples[0].post.text == "coffee 0"
    assert back_test(cast.mission, read("tea"), read("coffee"), NOON, most_read=30).read_back_to is None


def test_an_event_long_over_is_looked_at_in_its_own_days(cast, food):
    write(food, "coffee", hours=24 * 300)
    tested = back_test(cast.mission, None, read("coffee"), NOON)
    assert tested.is_past
    assert tested.day.new == 1


def test_it_counts_in_which_languages_a_word_stands(cast, food):
    write(food, "coffee", "tea")
    tested = back_test(cast.mission, None, read("coffee OR tea"), NOON, terms=["coffee", "nothing"])
    assert tested.terms["coffee"].languages == {"en": 1}
    assert tested.terms["nothing"].posts == 0


def test_other_missions_posts_are_none_of_its_business(cast, food):
    write(food, "coffee")
    assert back_test(cast.other, None, read("coffee"), NOON).week.new == 0


def test_nothing_stored_is_no_error(cast):
    tested = back_test(cast.mission, read("tea"), read("coffee"), NOON)
    assert (tested.week.old, tested.week.new, tested.is_past) == (0, 0, False)
