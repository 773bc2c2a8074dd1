"""When a feed is asked next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.feeds.rhythm import (
    FIRST_BACK_OFF,
    MOST_BACK_OFF,
    back_off,
    interval,
    jittered,
    max_age,
    retry_after,
)
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.tests.site import NOW

SETTINGS = FeedsSettings(("https://example.org",))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def every(step, count=10, **asked):
    return interval([NOW - n * step for n in range(count)], now=NOW, settings=SETTINGS, **asked)


@pytest.mark.parametrize(
    ("step", "asked", "wanted"),
    [
        (4 * HOUR, {}, HOUR),
        (10 * MINUTE, {}, 10 * MINUTE),
        (7 * 24 * HOUR, {}, 6 * HOUR),
        (4 * HOUR, {"asks_seconds": 7_200}, 2 * HOUR),
        (4 * HOUR, {"max_age_seconds": 7_200}, 2 * HOUR),
        (4 * HOUR, {"asks_seconds": 10**9}, 6 * HOUR),
        (7 * 24 * HOUR, {"usual_seconds": 3_600}, HOUR),
        (20 * MINUTE, {"usual_seconds": 3_600}, 10 * MINUTE),
    ],
)
def test_it_is_learned_from_history_and_what_the_feed_asks(step, asked, wanted):
    assert every(step, **asked) == wanted


def test_a_feed_that_fell_quiet_is_asked_less():
    old = [NOW - 100 * HOUR - n * 10 * MINUTE for n in range(10)]
    assert interval(old, now=NOW, settings=SETTINGS) == 5 * HOUR


def test_without_dates_it_is_asked_twice_an_hour():
    assert interval([], now=NOW, settings=SETTINGS) == 30 * MINUTE
    assert interval([NOW + 999 * HOUR, NOW + 9 * HOUR], now=NOW, settings=SETTINGS) == 30 * MINUTE


@given(
    st.lists(st.datetimes(timezones=st.just(NOW.tzinfo)), max_size=30),
    st.none() | st.integers(0, 10**9),
    st.none() | st.integers(0, 10**9),
    st.integers(5, 1_440),
    st.integers(1, 168),
)
def test_it_always_stays_between_its_bounds(dates, asks, usual, most_often, at_least):
    told = FeedsSettings(("https://x.example",), most_often_minutes=most_often, at_least_every_hours=at_least)
    wait = interval(dates, now=NOW, settings=told, asks_seconds=asks, usual_seconds=usual)
    assert most_often * MINUTE <= wait <= max(at_least * HOUR, most_often * MINUTE)
    assert 0.9 * wait <= jittered(wait) <= 1.1 * wait


@given(st.integers(0, 10**6))
def test_back_off_doubles_up_to_a_day_with_half_of_it_by_chance(tries):
    full = min(FIRST_BACK_OFF * 2 ** min(max(tries - 1, 0), 20), MOST_BACK_OFF)
    assert full / 2 <= back_off(tries) <= full


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Sun, 22 Nov 2026 13:00:00 GMT", HOUR),
        ("Sun, 22 Nov 2020 13:00:00 GMT", timedelta()),
        ("9" * 400, timedelta(days=2)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=2)),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("٣", None),
        (None, None),
    ],
)
def test_retry_after_is_kept_to_within_reason(value, wait):
    assert retry_after(value, NOW) == wait


@given(st.text(max_size=200))
def test_no_header_ends_anything(text):
    retry_after(text, NOW)
    max_age(text)


def test_max_age_is_found_among_other_words():
    assert max_age("public, max-age=300, s-maxage=9") == 300
    assert max_age('private,max-age="60"') == 60
    assert max_age("s-maxage=9") is None
