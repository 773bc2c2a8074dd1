"""What PostgreSQL makes of a post's row for its text index are our tokens, whatever the text."""

from __future__ import annotations

import pytest
from django.db import connections
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from watchfloor.listening.language.index import index_terms
from watchfloor.mentions.store.lexemes import ALONE, STANDS_ALIKE, difference, side_by_side, simple_terms
from watchfloor.mentions.store.tidy import tidy_text
from watchfloor.mentions.tests.test_search_equals_the_stream import WORDS

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(databases=["default", "postgres"])]

pieces = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        ["HTTP://a.b/c", "xhttps://x", "“so”", "don’t", "İ", "ẞ", "a\u3000b", "\x1f", "*", "\\", "a\\b", "''"]
    ),
    st.text(max_size=6),
)
texts = st.lists(pieces, max_size=12).flatmap(
    lambda words: st.sampled_from([" ", "", "\n", ", "]).map(lambda between: tidy_text(between.join(words)))
)
asked = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def terms(text: str, more: str | None, less: str) -> list[str] | None:
    with connections["postgres"].cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(mentions_terms(%s, %s, %s))", [text, more, less])
        found: list[str] | None = cursor.fetchone()[0]
    return found


@asked
@given(texts)
@example("x " * 15_000 + "y")
@example("word " * 3 + "z" * 3_000)
def test_they_are_the_tokens_of_the_text(text: str) -> None:
    found = index_terms(None, text)
    marks = {f"!{mark}" for mark in found.marks} | {"!!t1"}
    more, less = difference(found.words, marks, text)
    assert set(terms(text, more, less) or ()) == {*found.words, *marks}


@asked
@given(texts)
def test_python_cuts_a_text_as_the_database_does(text: str) -> None:
    assert set(terms(text, "", "") or ()) == set(simple_terms(text))


@asked
@given(texts, st.integers(0, 10), st.integers(2, 3), st.booleans())
def test_words_that_stand_side_by_side_are_found(text: str, at: int, long: int, cut_off: bool) -> None:
    words = index_terms(None, text).words
    phrase = [(word, False) for word in words[at : at + long]]
    if cut_off and phrase:
        phrase[0] = (phrase[0][0][:1], True)
    pattern = side_by_side(phrase)
    if len(phrase) < 2 or pattern is None:
        return
    less = difference(words, [], text)[1]
    with connections["postgres"].cursor() as cursor:
        cursor.execute(f"SELECT {STANDS_ALIKE} FROM (SELECT %s AS text, %s AS less) p", [pattern, text, less])
        assert cursor.fetchone() == (True,), (phrase, pattern)


def test_a_post_that_nobody_is_shown_is_not_in_the_index() -> None:
    assert terms("coffee", None, "") is None


def test_a_script_without_spaces_is_kept_in_tokens() -> None:
    text = "東京で珈琲を飲みました"
    more, less = difference(index_terms(None, text).words, [], text)
    assert less == ALONE
    assert set(more.split(" ")) == set(text)
