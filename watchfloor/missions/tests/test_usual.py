"""Whether a count is far above its usual part of the talk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.missions.usual import LEAST_WINDOWS, against_usual

CALM = [(2, 100)] * 20


def test_more_talk_with_the_usual_part_is_nothing_unusual():
    found = against_usual(20, 1_000, CALM)
    assert found is not None
    assert found.expected == 20
    assert abs(found.z) < 1


def test_a_larger_part_is_unusual():
    found = against_usual(40, 100, CALM)
    assert found is not None
    assert found.z > 8
    assert found.times == 20


def test_windows_in_which_hardly_anybody_talked_say_nothing():
    assert against_usual(40, 100, [(10, 10)] * 50) is None
    found = against_usual(40, 100, [*CALM, *[(10, 10)] * 50])
    assert found is not None
    assert found.expected == 2


def test_too_short_a_past_says_nothing():
    assert against_usual(40, 100, CALM[: LEAST_WINDOWS - 1]) is None


def test_noise_is_never_taken_for_less_than_counting_allows():
    found = against_usual(3, 100, [(0, 100)] * 30)
    assert found is not None
    assert found.z == 3


def test_a_part_that_varies_much_must_differ_more():
    wild = [(0, 100), (40, 100)] * 10
    steady = [(20, 100)] * 20
    calm, odd = against_usual(60, 100, steady), against_usual(60, 100, wild)
    assert calm is not None
    assert odd is not None
    assert calm.z > 2 * odd.z


@given(st.integers(0, 500), st.integers(20, 500), st.integers(0, 20))
def test_more_is_never_less_unusual(count, of, more):
    low, high = against_usual(count, of, CALM), against_usual(count + more, of, CALM)
    assert low is not None
    assert high is not None
    assert high.z >= low.z
