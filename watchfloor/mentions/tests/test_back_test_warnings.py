from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from watchfloor.listening.actions import make_topic
from watchfloor.listening.language.read import read
from watchfloor.mentions.backtest import back_test
from watchfloor.mentions.backtest_warnings import warnings_from, words_to_count
from watchfloor.mentions.store.store import Changes, Labelled, mention_store
from watchfloor.sources.post import Author, Post
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def cast(db):
    return make_cast()


def write(cast, *texts_and_languages):
    topic = make_topic(cast.mission, name="All", role="own", query="x", by=None)
    posts = [
        Labelled(
            post=Post("bluesky", str(n), text, NOON - timedelta(minutes=n), author=Author(id=str(n)), lang=language),
            raw=b"",
            topics=[(topic.pk, 1)],
            seen_at=NOON,
            language=language,
            language_by="x",
        )
        for n, (text, language) in enumerate(texts_and_languages)
    ]
    with transaction.atomic():
        mention_store().write(Changes(posts=posts))


def warned(cast, text):
    query = read(text)
    tested = back_test(cast.mission, None, query, NOON, terms=words_to_count(query))
    return {one.key: one for one in warnings_from(tested, query)}


def test_it_says_that_nothing_is_found(cast):
    write(cast, ("coffee", "en"))
    assert "finds-nothing" in warned(cast, "tea")
    assert warned(cast, "coffee") == {}


def test_where_nothing_is_stored_nothing_is_warned_about(cast):
    assert warned(cast, "tea") == {}


def test_it_says_that_nearly_everything_is_found(cast):
    write(cast, *[("coffee now", "en")] * 48, *[("tea", "en")] * 12)
    assert "80 %" in warned(cast, "coffee")["finds-everything"].says
    assert set(warned(cast, "coffee OR milk")) == {"finds-everything", "one-word-carries-all"}
    assert warned(cast, "tea") == {}


def test_a_few_posts_are_no_everything(cast):
    write(cast, *[("coffee now", "en")] * 49)
    assert warned(cast, "coffee") == {}


def test_a_word_of_another_language_is_told_by_who_says_it(cast):
    write(cast, *[("gift for you", "en")] * 8, *[("gift in the water", "de")] * 17, *[("pivot", "en")] * 100)
    warning = warned(cast, "gift OR pivot26")["word-of-another-language"]
    assert "de" in warning.says
    assert "Of 25 stored posts" in warning.why
    assert "17 are" in warning.why
    assert warning.offset == 0
    assert warned(cast, "gift lang:en") == {}
    assert warned(cast, "gift water") == {}, "not enough alone"
    assert set(warned(cast, "pivot")) == {"finds-everything"}


def test_in_a_mission_of_that_language_it_is_no_surprise(cast):
    write(cast, *[("gift im wasser", "de-AT")] * 25, *[("pivot", "de")] * 100)
    assert "word-of-another-language" not in warned(cast, "gift")
