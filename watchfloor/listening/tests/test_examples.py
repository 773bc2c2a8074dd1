"""The examples: a query, posts that match and that don't, why, and the query in words; and queries that are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchfloor.listening.language.evaluate import matches
from watchfloor.listening.language.explain import found_terms
from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.words import in_words
from watchfloor.listening.matcher import Matcher
from watchfloor.listening.tests.naive import naive_matches
from watchfloor.sources.post import Post

EXAMPLES = Path(__file__).parent / "examples"


def cases(*names: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{case['query']}: {case['why']}")
        for name in names
        for case in map(json.loads, (EXAMPLES / f"{name}.jsonl").read_text("utf-8").splitlines())
    ]


def post(text: str, title: str | None = None) -> Post:
    return Post(network="x", id="1", text=text, title=title, created_at=datetime(2026, 7, 4, tzinfo=UTC))


@pytest.mark.parametrize("case", cases("words", "signs", "scripts", "operators"))
def test_it_finds_what_the_example_says(case):
    query = read(case["query"])
    matcher: Matcher[str] = Matcher()
    matcher.put("q", query)
    for texts, expected in ((case["match"], True), (case["no_match"], False)):
        for text in texts:
            assert matches(query, post(text)) is expected, text
            assert naive_matches(query, post(text)) is expected, text
            assert matcher.match(post(text)) == (["q"] if expected else []), text
            assert matches(query, post("", title=text)) is expected, text
            found = found_terms(query, Reading(post(text)))
            assert all(0 <= start < end <= len(text) for _, start, end in found)
            assert expected or not found
    assert in_words(query) == case["words"]


@pytest.mark.parametrize("case", cases("errors"))
def test_it_refuses_with_the_place_and_a_hint(case):
    with pytest.raises(QueryError) as refused:
        read(case["query"])
    assert refused.value.offset == case["offset"]
    assert refused.value.message.endswith(".")
    if case["hint"]:
        assert case["hint"] in (refused.value.hint or "")
