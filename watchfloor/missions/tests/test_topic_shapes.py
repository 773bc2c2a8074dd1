"""Topics of a start: templates filled with what people call it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.listening.language.read import read
from watchfloor.missions.shapes import Called, fill, term, words_of
from watchfloor.missions.use_cases import KIND_TOPICS, USE_CASES, suggested_goals, suggested_scenes, suggested_topics
from watchfloor.panels.registry import all_panels

PIVOT = Called("Pivot Conference", ["pivotconf"], ["#pivot26", "ask pivot"], ["@pivot"], ["Northbound Summit", "Relay"])


def test_the_own_topic_holds_every_name():
    own = fill(suggested_topics(["reports"], "brand"), PIVOT)[0]
    assert own.name == "Pivot Conference"
    assert own.query == '("Pivot Conference" OR pivotconf OR #pivot26 OR #askpivot OR @pivot)'


def test_each_competitor_is_a_topic():
    found = fill(suggested_topics(["health"], "brand"), PIVOT)
    assert [(one.name, one.query) for one in found if one.role == "competitor"] == [
        ("Northbound Summit", '"Northbound Summit"'),
        ("Relay", "Relay"),
    ]


def test_a_shape_whose_places_stay_empty_makes_no_topic():
    names = [one.name for one in fill(suggested_topics(["campaign"], "brand"), Called("Café"))]
    assert names == ["Café", "Questions to us"]


def test_an_event_listens_on_site_as_well():
    assert "On site" in [one.name for one in fill(suggested_topics(["reports"], "event"), PIVOT)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Acme", "Acme"),
        ("#acme", "#acme"),
        ("Acme Corp", '"Acme Corp"'),
        ("OR", '"OR"'),
        ('a "b" c', '"a  b  c"'),
        ("!!", ""),
    ],
)
def test_a_name_is_never_an_operator(typed, expected):
    assert term(typed) == expected


@settings(max_examples=25)
@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=4))
def test_whatever_people_call_it_the_queries_can_be_read(name, words):
    called = Called(name, words, words, words, words)
    for start in fill(suggested_topics(list(USE_CASES), "event"), called):
        read(start.query)
        assert start.name.strip() or not name.strip()


def test_words_come_by_comma_or_line():
    assert words_of(" #a, #b\n#a;c ,, ") == ["#a", "#b", "c"]


def test_every_use_case_brings_goals_topics_and_a_scene_of_panels_that_exist():
    assert len(USE_CASES) == 8
    for name, case in USE_CASES.items():
        assert case.goals
        assert fill(case.topics, PIVOT)
        assert suggested_scenes(name)
        for scene in suggested_scenes(name, "event"):
            assert 2 <= len(scene) <= 4
            assert set(scene) <= set(all_panels())


def test_every_goal_of_a_start_has_a_metric_with_one_number():
    from watchfloor.metrics.registry import metric

    for name in USE_CASES:
        for goal in suggested_goals([name], "event"):
            assert metric(goal.metric).figure is not None


def test_several_use_cases_bring_each_topic_once():
    shapes = suggested_topics(list(USE_CASES), "event")
    assert len(shapes) == len(set(shapes))
    assert set(KIND_TOPICS["event"]) <= set(shapes)
