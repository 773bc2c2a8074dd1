"""The matcher gives the answers of a plain evaluator that was written from the definition on its own."""

from __future__ import annotations

from unicodedata import is_normalized

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.listening.language.evaluate import matches
from watchfloor.listening.language.inkling import inkling
from watchfloor.listening.language.needs import picture_key
from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.language.tokens import cut
from watchfloor.listening.language.tree import Query
from watchfloor.listening.matcher import Matcher
from watchfloor.listening.tests.made import posts, queries, texts
from watchfloor.listening.tests.naive import Naive, naive_matches

often = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


def readable(text: str) -> Query | None:
    try:
        return read(text)
    except QueryError:
        return None


@often
@given(st.none() | texts, texts)
def test_it_cuts_the_same_tokens(title, text):
    tokens, naive = cut(title, text), Naive(title, text)
    found: list[set[tuple[str, str, int]]] = [
        {(word, tokens.exact_word(position), 1)} for position, word in enumerate(tokens.words)
    ]
    for other in tokens.others:
        found[other.position].add((other.form, tokens.exact_form(other), other.span))
    assert found == naive.at
    assert tokens.links == naive.links
    assert bool(tokens.pictures) == naive.emoji


@often
@given(st.none() | texts, texts)
def test_every_token_stands_where_it_says(title, text):
    tokens = cut(title, text)
    for position, word in enumerate(tokens.words):
        in_title, start, end = tokens.written(tokens.starts[position], tokens.ends[position])
        written = (title if in_title else text)[start:end]
        if is_normalized("NFC", written) and "\u20e3" not in written and position not in tokens.pictures:
            assert cut(None, written).words == [word]


@often
@given(queries, st.lists(posts, min_size=1, max_size=3))
def test_a_query_matches_the_same_posts(text, some_posts):
    query = readable(text)
    if query is None:
        return
    for post in some_posts:
        assert matches(query, post) == naive_matches(query, post)


@often
@given(st.lists(queries, min_size=1, max_size=12), st.lists(posts, min_size=1, max_size=5))
def test_the_matcher_finds_the_same_queries(texts, some_posts):
    known = {number: query for number, text in enumerate(texts) if (query := readable(text))}
    matcher: Matcher[int] = Matcher()
    for number, query in known.items():
        matcher.put(number, query)
    for post in some_posts:
        assert matcher.match(post) == [number for number, query in known.items() if naive_matches(query, post)]


@often
@given(posts)
def test_the_cheap_guess_misses_nothing(post):
    tokens = cut(post.title, post.text)
    guessed = inkling(post)
    for form in tokens.places:
        if form[0] not in "#@" or form.endswith("\u20e3"):
            assert form in guessed or picture_key(form) in guessed
    for position in tokens.pictures:
        assert picture_key(tokens.words[position]) in guessed
