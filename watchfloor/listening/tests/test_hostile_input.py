"""No query and no post makes it run away: the work grows in step with their length.

Sizes are such that quadratic work would take minutes and run into the tests' time limit; nothing is timed.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watchfloor.listening.language.evaluate import matches
from watchfloor.listening.language.explain import found_terms
from watchfloor.listening.language.index import index_terms, narrow
from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.words import in_words
from watchfloor.listening.matcher import Matcher
from watchfloor.sources.post import Post


def post(text: str) -> Post:
    return Post(network="x", id="1", text=text, created_at=datetime(2026, 7, 4, tzinfo=UTC))


POSTS = {
    "unsorted marks": "a" + "\u0301\u0316" * 100_000,
    "marks made of marks": "\u0f73" * 75_000,
    "voiced marks": "\uff9e\u0301" * 50_000,
    "apostrophes": "a'" * 100_000,
    "hash signs": "#" * 200_000,
    "handles": "@a." * 50_000,
    "handles in handles": "@a@" * 50_000,
    "joined emoji": "👩\u200d" * 50_000,
    "joiners": "\u200d" * 150_000,
    "tones": "👍" + "🏽" * 100_000 + "\u200d",
    "keycaps": "3\ufe0f\u20e3" * 37_000,
    "links": "http://a " * 22_000,
    "one word": "a" * 200_000,
    "one character": "あ" * 75_000,
    "two words": "a b " * 50_000,
    "every character": "".join(map(chr, [*range(0x3000), *range(0xE000, 0x10000)])),
}
QUERY = 'a NEAR/100 b OR "a b a b" OR あああ OR "👩 x" OR {A} OR ab* OR link:x OR has:question'.replace("👩* OR ", "")


@pytest.mark.parametrize("name", POSTS)
def test_a_hostile_post_costs_in_step_with_its_length(name):
    written = post(POSTS[name])
    query = read(QUERY)
    matcher: Matcher[str] = Matcher()
    matcher.put("q", query)
    assert matcher.match(written) == (["q"] if matches(query, written) else [])
    found_terms(query, Reading(written))
    index_terms(None, written.text)


@pytest.mark.parametrize(("text", "offset"), [("\udcff", 0), ("coffee \ud800", 7), ('"a \udfff"', 3)])
def test_half_a_character_is_refused(text, offset):
    with pytest.raises(QueryError) as refused:
        read(text)
    assert refused.value.offset == offset


def test_many_phrases_and_nears_over_many_occurrences():
    phrases = " OR ".join(['"' + "a b " * 20 + 'c"'] * 200)
    nears = " OR ".join(["a NEAR/100 c"] * 900)
    for text in (phrases, nears, "あ" * 9_000 + "い", " OR ".join(["あああ い"] * 900)):
        assert not matches(read(text), post("a b " * 30_000 + "あ" * 50_000))


DEEP = {
    "brackets": "(" * 200 + "a" + ")" * 200,
    "negated brackets": "-(b " * 199 + "a" + ")" * 199 + " a",
    "and in or": "(a OR b (c OR " * 100 + "d" + "))" * 100,
    "not in and in or": "(a OR b -(c OR " * 100 + "d" + "))" * 100,
    "negations": "NOT " * 4_000 + "a",
    "terms": " ".join(["a"] * 2_000),
    "long phrase": '"' + "a " * 9_990 + '"',
    "long word": "a" * 20_000,
}


@pytest.mark.parametrize("name", DEEP)
def test_a_query_at_the_limit_works(name):
    query = read(DEEP[name])
    written = post("a d")
    matcher: Matcher[str] = Matcher()
    matcher.put("q", query)
    assert matcher.match(written) == (["q"] if matches(query, written) else [])
    assert in_words(query)
    assert narrow(query)
    found_terms(query, Reading(written))


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("(" * 201 + "a" + ")" * 201, 200),
        ("(" * 20_000, 0),
        (")" * 20_000, 0),
        ("a " * 2_001, 4_000),
        ("a" * 20_001, 20_000),
        ('"' * 19_999, 0),
        ("NEAR/5 " * 2_000, 0),
        ("-" * 20_000, 0),
        ("lang:(" * 3_000, 5),
        ("*" * 20_000, 0),
        ("\\" * 20_000, 0),
        ("followers:>" + "9" * 10_000, 11),
        ("a NEAR/" + "9" * 10_000 + " b", 7),
    ],
)
def test_a_hostile_query_is_refused(text, offset):
    with pytest.raises(QueryError) as refused:
        read(text)
    assert refused.value.offset == offset
    assert len(refused.value.message) < 300
