"""What is shipped to write topics with."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.listening.language.evaluate import matches
from watchfloor.listening.language.facts import EMPTY_POST
from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.language.words import in_words
from watchfloor.listening.library import (
    NotFilled,
    fill,
    placeholders,
    shuts_out,
    snippet,
    snippets,
    template,
    templates,
    use_cases,
    with_term,
    without,
)
from watchfloor.listening.models import Topic
from watchfloor.listening.query_warnings import warnings_of


def finds(query, text):
    import msgspec

    return matches(read(query), msgspec.structs.replace(EMPTY_POST, text=text))


@pytest.mark.parametrize("noise", snippets(), ids=lambda one: one.key)
def test_every_noise_snippet_is_a_query_that_can_be_shut_out(noise):
    assert in_words(read(noise.query))
    for query in ("coffee", "coffee OR tea", "coffee tea", "(coffee OR tea) -milk"):
        assert shuts_out(without(query, noise), noise)
        assert not shuts_out(query, noise)
        assert not [w for w in warnings_of(read(noise.query)) if w.key == "or-beside-and"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("job-ads", "Acme: We’re hiring a barista!"),
        ("job-ads", "Koch (m/w/d) gesucht"),
        ("giveaways", "GIVEAWAY! Follow us and win an Acme mug"),
        ("crypto", "Claim your $PVT airdrop now"),
        ("adult", "more on my OnlyFans"),
        ("second-hand", "Acme jacket, for sale, size M"),
        ("coupons", "Use code ACME20 at checkout"),
        ("horoscopes", "Your daily horoscope, Cancer"),
        ("betting", "Best free bets today"),
    ],
)
def test_noise_is_found_by_its_snippet(key, text):
    assert finds(snippet(key).query, text)


def test_ordinary_words_are_no_noise():
    for text in (
        "Where do I get a badge?",
        "The wifi in hall B is down again",
        "Great job by the team on stage",
        "20 off stage now",
    ):
        assert not [one.key for one in snippets() if finds(one.query, text)], text


@pytest.mark.parametrize("this", templates(), ids=lambda one: one.key)
def test_every_template_reads_when_filled_as_its_placeholders_show(this):
    query = fill(this, {one.key: one.example for one in this.placeholders})
    assert in_words(read(query))
    assert "[" not in query
    assert not warnings_of(read(query))
    assert this.use_case in use_cases()
    assert this.role in Topic.Role.values


def test_every_use_case_has_a_template_and_every_placeholder_is_used():
    assert {one.use_case for one in templates()} == set(use_cases())
    assert {one.key for this in templates() for one in this.placeholders} == set(placeholders())


def test_keys_are_told_apart():
    for those in (snippets(), templates()):
        assert len({one.key for one in those}) == len(those)


def test_words_become_terms():
    query = fill(template("event-questions"), {"hashtags": "#pivot26, pivot conf; OR\n", "handles": '"@pivot"'})
    assert query.startswith('(#pivot26 OR "pivot conf" OR "OR" OR @pivot) ')


def test_an_empty_placeholder_is_named():
    with pytest.raises(NotFilled) as refused:
        fill(template("event-questions"), {"hashtags": " , ", "handles": "@pivot"})
    assert refused.value.key == "hashtags"


@given(st.sampled_from(templates()), st.text(min_size=1, max_size=40))
def test_whatever_is_filled_in_is_read_or_refused(this, words):
    with contextlib.suppress(NotFilled, QueryError):
        read(fill(this, {one.key: words for one in this.placeholders}))


@pytest.mark.parametrize(
    ("query", "wider"),
    [
        ("a OR b", "a OR b OR #c"),
        ("a", "a OR #c"),
        ("(#a OR #b) -is:repost", "(#a OR #b OR #c) -is:repost"),
        ("a -is:repost", "(a OR #c) -is:repost"),
        ("a b", "(a b) OR #c"),
        ('"a b" NEAR/5 c', '"a b" NEAR/5 c OR #c'),
    ],
)
def test_a_query_is_widened_by_a_term(query, wider):
    assert with_term(query, "#c") == wider


QUERIES = [
    "a",
    "a b",
    "a OR b",
    "(a OR b) c",
    "(a OR b) NOT (c OR d)",
    "a (b OR c) d",
    "a NEAR/3 (b OR c)",
    "lang:en a",
]


@given(st.sampled_from(QUERIES), st.lists(st.sampled_from("abcd#"), max_size=5))
def test_a_widened_query_finds_all_that_it_found(query, words):
    text = " ".join(words)
    wider = with_term(query, "food trucks")
    assert finds(wider, text) or not finds(query, text)
