"""The matcher as its users meet it: queries come and go, matches are explained."""

from __future__ import annotations

from datetime import UTC, datetime

from watchfloor.listening.language.explain import found_terms
from watchfloor.listening.language.read import read
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.matcher import Matcher
from watchfloor.sources.post import Author, Post


def post(text: str, **told) -> Post:
    return Post(**{"network": "x", "id": "1", "text": text, "created_at": datetime(2026, 7, 4, tzinfo=UTC)} | told)


def matcher(**queries: str) -> Matcher[str]:
    made: Matcher[str] = Matcher()
    for id, text in queries.items():
        made.put(id, read(text))
    return made


def places(query: str, text: str, title: str | None = None) -> list[tuple[str, int, int]]:
    return [tuple(found) for found in found_terms(read(query), Reading(post(text, title=title)))]


def test_ids_come_sorted():
    assert matcher(t2="coffee", t10="tea", t1="coffee OR tea").match(post("coffee, tea")) == ["t1", "t10", "t2"]


def test_a_query_is_replaced_and_taken_out():
    topics = matcher(a="coffee", b="coff*")
    topics.put("a", read("tea"))
    assert topics.match(post("coffee")) == ["b"]
    topics.drop("b")
    topics.drop("b")
    assert topics.match(post("coffee")) == []
    assert topics.match(post("tea")) == ["a"]
    assert len(topics) == 1
    assert "a" in topics


def test_a_wildcard_put_in_later_finds_words_met_before():
    topics = matcher(a="zz*")
    assert topics.match(post("coffee queues")) == []
    topics.put("b", read("que*"))
    assert topics.match(post("coffee queues")) == ["b"]


def test_answers_stay_the_same_when_queries_are_filed_anew():
    topics = matcher(
        a="rare common", b='"common rare"', c="common que* -x", d="lang:en", e="has:emoji", f="zz OR rare*"
    )
    expected = {
        "common": ["d"],
        "rare common": ["a", "d", "f"],
        "common rare 🔥": ["a", "b", "d", "e", "f"],
        "common queue": ["c", "d"],
    }
    for _ in range(3_000):
        for text, ids in expected.items():
            assert topics.match(post(text, lang="en-GB")) == ids


def test_sentiment_is_asked_for_once_and_only_if_a_query_gets_that_far():
    asked = []

    def label(written: Post) -> str:
        asked.append(written.id)
        return "negative"

    topics = matcher(a="coffee sentiment:negative", b="coffee -sentiment:positive", c="tea sentiment:negative")
    assert topics.match(post("coffee"), label) == ["a", "b"]
    assert asked == ["1"]
    assert topics.match(post("water"), label) == []
    assert asked == ["1"]


def test_unknown_is_false():
    topics = matcher(
        a="followers:<10 OR x", b="coffee NOT followers:>10", c="coffee lang:en", d="coffee engagement:<=0"
    )
    assert topics.match(post("coffee")) == ["b"]
    assert topics.match(post("coffee", author=Author(followers=5), lang="en_US")) == ["a", "b", "c"]


def test_it_says_by_which_terms_and_where():
    assert places('"flat white" NEAR/5 queue* -is:repost', "A flat white, long queues") == [
        ('"flat white"', 2, 12),
        ("queue*", 19, 25),
    ]
    assert places("acme OR #acme OR tea", "#Acme’s acme") == [("#acme", 0, 5), ("acme", 1, 5), ("acme", 8, 12)]
    assert places("acme", "Acme's") == [("acme", 0, 4)]


def test_only_what_made_it_match_is_given():
    assert places("coffee -(tea OR -milk)", "coffee milk") == [("coffee", 0, 6), ("milk", 7, 11)]
    assert places("(coffee lang:en) OR milk", "coffee milk") == [("milk", 7, 11)]
    assert places("a NEAR/1 b", "a b x a x b") == [("a", 0, 1), ("b", 2, 3)]
    assert places("coffee", "tea") == []


def test_places_are_right_although_characters_are_dropped_or_composed():
    text = "👩🏽‍🚀 https://x.example ｃafe\u0301 co\u00adff\u200bee e\u0301a\u0301 end"
    found = places('café* coffee "éá end" 👩‍🚀', text)
    assert [text[start:end] for _, start, end in found] == [
        "👩🏽‍🚀", "ｃafe\u0301", "co\u00adff\u200bee", "e\u0301a\u0301 end",
    ]  # fmt: skip


def test_what_stands_in_the_title_is_given_apart():
    query, written = read("coffee"), Reading(post("more coffee", title="Coffee"))
    assert [tuple(found) for found in found_terms(query, written)] == [("coffee", 5, 11)]
    assert [tuple(found) for found in found_terms(query, written, in_title=True)] == [("coffee", 0, 6)]


def test_a_phrase_may_begin_in_the_title():
    assert matcher(a='"flat white"').match(post("white coffee", title="Flat")) == ["a"]
