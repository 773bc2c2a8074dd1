"""The hype score, by its formula and by what it is for."""

from __future__ import annotations

from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.listening.trends.score import PREVIOUS, hype, is_warm

EVEN = [50] * PREVIOUS


def test_it_is_the_formula():
    scored = hype(10, 50, [1] * 7 + [0] * 7, EVEN)
    v, m = 100 * 10 / 50, 100 * 0.5 / 50
    assert (scored.volume, scored.baseline) == (v, m)
    assert scored.score == pytest.approx((v - m) * v * log10(10) / (1 + m))


def test_one_person_makes_no_trend():
    assert hype(1, 50, [0] * PREVIOUS, EVEN).score == 0


def test_what_is_always_said_does_not_rise():
    assert hype(10, 50, [10] * PREVIOUS, EVEN).score == 0
    assert hype(5, 50, [10] * PREVIOUS, EVEN).score == 0
    assert hype(20, 100, [10] * PREVIOUS, EVEN).score == 0, "twice as many people, the same share"


def test_a_quiet_window_makes_nobody_loud():
    assert hype(3, 3, [0] * PREVIOUS, EVEN).volume == 6, "three of the usual fifty, not of three"


COUNTS = st.lists(st.integers(0, 30), min_size=PREVIOUS, max_size=PREVIOUS)


@given(st.integers(0, 40), COUNTS)
def test_more_people_never_score_less(used, before):
    wrote = [30] * PREVIOUS
    assert hype(used + 1, 50, before, wrote).score >= hype(used, 50, before, wrote).score >= 0


def test_it_takes_a_past_to_know_what_is_usual():
    assert not is_warm([])
    assert not is_warm([100] * 5 + [0] * 9), "too few windows"
    assert not is_warm([2] * PREVIOUS), "too few people"
    assert is_warm([7] * 6 + [0] * 8)


def test_windows_in_which_nobody_wrote_say_nothing():
    told = hype(8, 50, [2] * 7, [50] * 7)
    assert hype(8, 50, [0] * 7 + [2] * 7, [0] * 7 + [50] * 7) == told
