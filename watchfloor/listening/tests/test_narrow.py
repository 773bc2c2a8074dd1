"""What a store narrows down to holds every post that matches, and only those where it says it is exact."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.listening.language.evaluate import condition_of
from watchfloor.listening.language.index import (
    AllOf,
    AnyOf,
    Column,
    IndexTerms,
    Mark,
    Narrowed,
    NoneOf,
    Phrase,
    Word,
    index_terms,
    narrow,
)
from watchfloor.listening.language.read import read
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.tests.made import posts, queries, texts
from watchfloor.listening.tests.naive import Naive, naive_matches
from watchfloor.listening.tests.test_fast_equals_naive import readable
from watchfloor.sources.post import Post

often = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


def fits(word: Word | Mark, form: str) -> bool:
    return form.startswith(word.form) if word.prefix else form == word.form


def holds(tree: Narrowed, terms: IndexTerms, post: Post) -> bool:
    """A store, played as plainly as can be."""
    if isinstance(tree, AllOf):
        return all(holds(part, terms, post) for part in tree.parts)
    if isinstance(tree, AnyOf):
        return any(holds(part, terms, post) for part in tree.parts)
    if isinstance(tree, NoneOf):
        return not holds(tree.part, terms, post)
    if isinstance(tree, Word):
        return any(fits(tree, form) for form in terms.words)
    if isinstance(tree, Mark):
        return any(fits(tree, form) for form in terms.marks)
    if isinstance(tree, Phrase):
        return any(
            all(fits(word, form) for word, form in zip(tree.words, terms.words[start:], strict=False))
            for start in range(len(terms.words) - len(tree.words) + 1)
        )
    if isinstance(tree, Column):
        return condition_of(tree.field)(Reading(post))
    return True


@often
@given(queries, st.lists(posts, min_size=1, max_size=3))
def test_no_matching_post_is_lost(text, some_posts):
    query = readable(text)
    if query is None:
        return
    narrowed = narrow(query)
    for post in some_posts:
        terms = index_terms(post.title, post.text)
        held = holds(narrowed.tree, terms, post)
        columns = all(holds(column, terms, post) for column in narrowed.columns)
        if naive_matches(query, post):
            assert held
            assert holds(narrowed.text, terms, post)
            assert columns
        elif narrowed.exact:
            assert not held
        if narrowed.separable:
            assert held == (holds(narrowed.text, terms, post) and columns)


@often
@given(st.none() | texts, texts)
def test_a_word_stands_at_every_position_and_none_holds_white_space(title, text):
    terms = index_terms(title, text)
    assert len(terms.words) == len(Naive(title, text).at)
    for form in [*terms.words, *terms.marks]:
        assert form
        assert not any(sign.isspace() for sign in form)


def test_a_possessive_is_found_in_a_phrase_by_both_of_its_forms():
    terms = index_terms(None, "Acme's coffee")
    assert terms == IndexTerms(["acme", "coffee"], {"acmes"})
    for text in ('"acme coffee"', '"acme\'s coffee"', "acmes", "acme*", "acmes*"):
        assert holds(narrow(read(text)).tree, terms, None)


def test_plain_words_phrases_and_signs_need_no_evaluator():
    for text in (
        "coffee",
        '"flat white"',
        "#coffee",
        "@ana",
        "coff*",
        "coffee OR tea",
        "coffee -tea",
        "coffee lang:en",
    ):
        assert narrow(read(text)).exact, text
    for text in ("{Gap}", "a NEAR/5 b", '"love #acme"', '"cats sleep"'):
        assert not narrow(read(text)).exact, text


def test_what_columns_alone_decide_is_given_apart():
    narrowed = narrow(read("coffee lang:en -is:repost (followers:>5 OR has:photo)"))
    assert narrowed.text == Word("coffee")
    assert len(narrowed.columns) == 3
    assert narrowed.separable
    assert not narrow(read("coffee (tea OR lang:en)")).separable


def test_a_very_long_word_is_cut_alike_in_index_and_query():
    long = "a" * 5_000
    terms = index_terms(None, f"{long}b {long}")
    assert all(len(form) <= 100 for form in terms.words)
    assert holds(narrow(read(long)).tree, terms, None)
    assert not holds(narrow(read(f"{long}c")).tree, terms, None)
    assert holds(narrow(read(f"{long}*")).tree, terms, None)
