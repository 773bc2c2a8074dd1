"""A post → the hashtags and phrases in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.listening.language.tokens import cut
from watchfloor.listening.trends.terms import MOST_HASHTAGS, MOST_PHRASES, said_in, term_hash
from watchfloor.sources.post import Post

AT = datetime(2026, 3, 1, tzinfo=UTC)


def said(text, **fields):
    return said_in(Post("bluesky", "1", text, AT, **fields), author="a", language="en")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Lunch at #PivotFood!", {"#pivotfood": "#PivotFood"}),
        ("The food trucks are here", {"food trucks": "food trucks"}),
        ("Hall of Fame tour", {"hall of fame": "Hall of Fame", "fame tour": "Fame tour"}),
        ("Hall B, again", {"hall b": "Hall B"}),
        ("food. trucks", {}),
        ("food https://example.com/x trucks", {}),
        ("food #trucks parked", {"#trucks": "#trucks"}),
        ("food @trucks.example parked", {}),
        ("at the of 12 30", {}),
        ("#2026 #1", {}),
        ("東京タワー東京タワー #東京", {"#東京": "#東京"}),
        ("Café Zentral Ecke", {"cafe zentral": "Café Zentral", "cafe zentral ecke": "Café Zentral Ecke",
                               "zentral ecke": "Zentral Ecke"}),
        ("big 🔥 fire", {}),
        ("Acme's new flavour", {"acmes new flavour": "Acme's new flavour"}),
    ],
)  # fmt: skip
def test_terms_of_a_post(text, terms):
    assert said(text).terms == terms


@given(st.text(alphabet="ab #@.,'’é東 \n-_7😀https:/", max_size=300))
def test_any_text_gives_a_bounded_number_of_terms_that_are_in_it(text):
    one = said(text)
    assert len(one.terms) <= MOST_HASHTAGS + MOST_PHRASES + 2
    places = cut(None, text).places
    for term in one.terms:
        for word in [term] if term[0] == "#" else term.split():
            assert word in places


def test_copies_are_recognised_whatever_stands_around_them():
    first = said("Free coins for all visitors of the show, claim now https://a.example")
    for text in (
        "claim now: free COINS for all visitors of the show https://b.example/xyz",
        "@tom Free coins for all visitors of the show, claim now 44",
    ):
        assert said(text).copy_of == first.copy_of is not None
    assert said("Free coins for no visitors of the show").copy_of != first.copy_of
    assert said("lunch!").copy_of is None, "short words are alike by chance"


def test_reposts_say_so():
    assert said("x", repost_of="7").is_repost
    assert not said("x", reply_to="7").is_repost


def test_hashes_are_numbers_of_a_database_and_never_0():
    assert all(-(2**63) <= term_hash(term) < 2**63 and term_hash(term) for term in ("", "a", "#東京"))
