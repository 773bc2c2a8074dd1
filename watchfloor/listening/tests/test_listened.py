"""Whether a term is listened to already."""

from __future__ import annotations

import pytest

from watchfloor.listening.models import Topic
from watchfloor.listening.trends.covered import Listened

QUERIES = [
    "pivot OR #pivot26",
    "(coffee OR lunch) (pivot* OR hall)",
    "wifi NOT (offer* OR #spam)",
    '"food trucks" NEAR/5 queue',
    "(",
]


def listened():
    return Listened([Topic(pk=n, query=query) for n, query in enumerate(QUERIES)])


@pytest.mark.parametrize(
    ("term", "is_covered"),
    [
        ("#pivot26", True),
        ("#pivot", True),
        ("pivot conference", True),
        ("#pivotfood", False),
        ("coffee hall", True),
        ("coffee queue", False),
        ("food trucks", True),
        ("trucks outside", False),
        ("#spam", True),
        ("#wifi", True),
        ("#smallrooms", False),
    ],
)
def test_a_term_is_covered_if_a_post_of_it_is_found_or_it_stands_in_a_query(term, is_covered):
    assert listened().covers(term) is is_covered
    assert listened().covers(term) is is_covered


def test_no_topics_cover_nothing():
    assert not Listened([]).covers("#pivot")
