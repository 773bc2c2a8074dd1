from __future__ import annotations

import pytest

from watchfloor.listening.common_words import languages_of_common_words
from watchfloor.listening.language.read import read
from watchfloor.listening.query_warnings import standing_alone, warnings_of


def keys(query):
    return [one.key for one in warnings_of(read(query))]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("coffee tea OR milk", ["or-beside-and"]),
        ("coffee OR tea -is:repost", ["or-beside-and"]),
        ("coffee AND tea OR milk", ["or-beside-and"]),
        ("(coffee tea) OR milk", []),
        ("coffee (tea OR milk)", []),
        ("coffee OR (tea NOT (milk OR sugar))", []),
        ("x (coffee OR tea sugar)", ["or-beside-and"]),
        ("coffee NEAR/5 tea OR milk", []),
        ("coffee or tea", ["small-operator"]),
        ("the", ["common-word"]),
        ("wo OR badge", ["common-word"]),
        ("wo lang:de", []),
        ("wo badge", []),
        ('"wo ist"', []),
        ("wo -is:repost", ["common-word"]),
        ("#die", []),
        ("ca*", ["short-wildcard"]),
        ("coffee ca*", []),
        ("coffee -coffee", ["contradiction"]),
        ("coffee NOT (tea OR coffee)", ["contradiction"]),
        ("coffee -#coffee", []),
    ],
)
def test_doubtful_queries_are_warned_about(query, wanted):
    assert keys(query) == wanted


def test_a_warning_says_where_why_and_what_to_do():
    warning = warnings_of(read("coffee tea OR milk"))[0]
    assert warning.offset == 11
    assert "(coffee tea) OR milk" in warning.why
    assert warning.do
    longer = warnings_of(read('("a (b" OR b) (c OR d) OR e NOT (f OR g)'))[0]
    assert '(("a (b" OR b) (c OR d)) OR (e NOT (f OR g))' in longer.why
    assert "de" in warnings_of(read("badge OR wo"))[0].says


@pytest.mark.parametrize(
    "query",
    [
        "pivot OR pivot26 OR @pivot OR #pivot26",
        "#askpivot OR (@pivot has:question -is:repost)",
        "(wifi OR wi-fi OR wlan) NEAR/12 (pivot* OR hall* OR down OR again)",
        '(coffee OR lunch OR "flat white" OR queue*) (pivot* OR #askpivot OR hall)',
    ],
)
def test_queries_as_people_should_write_them_raise_no_warning(query):
    assert keys(query) == []


def test_what_is_enough_alone():
    alone = [term.written for term in standing_alone(read('(a OR "b c" OR d e) NOT f lang:en'))]
    assert alone == ["a", '"b c"']


def test_the_list_of_common_words_is_folded_and_in_many_languages():
    words = languages_of_common_words()
    assert words["where"] == ("en",)
    assert "de" in words["fur"]
    assert "dont" in words
    assert len({language for languages in words.values() for language in languages}) >= 25
