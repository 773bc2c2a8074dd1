"""Requests are planned so that a server's limits are never run into."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.mastodon.budget import RESERVE, Budget, seconds_until_reset


class Clock:
    """Stands still, and jumps to wherever somebody waits for."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time

    async def sleep(self, seconds):
        self.time += seconds


def sent_at(count, *, pauses=(), budget=None, clock=None):
    clock = clock or Clock()
    budget = budget or Budget(clock, clock.sleep)
    times = []

    async def go():
        for number in range(count):
            if pauses:
                clock.time += pauses[number % len(pauses)]
            await budget.turn()
            times.append(clock.time)

    asyncio.run(go())
    return times


@given(st.integers(1, 1_000), st.lists(st.floats(0, 1_000), max_size=20))
def test_no_window_however_it_lies_holds_more_than_the_limits(count, pauses):
    times = sent_at(count, pauses=pauses)
    for window, limit in ((300, 300), (900, 300)):
        for begin in times[:: max(1, len(times) // 50)]:
            assert sum(begin <= at < begin + window for at in times) <= limit


def test_a_burst_goes_at_once():
    assert sent_at(90)[-1] == 0
    assert sent_at(91)[-1] == pytest.approx(5)


def test_what_is_left_to_others_is_left():
    clock = Clock()
    budget = Budget(clock, clock.sleep)
    reset = (datetime.now(UTC) + timedelta(seconds=100)).isoformat()
    budget.heard(200, {"x-ratelimit-remaining": str(RESERVE), "x-ratelimit-reset": reset})
    assert sent_at(1, budget=budget, clock=clock)[0] == pytest.approx(101, abs=2)


@pytest.mark.parametrize("headers", [{"retry-after": "30"}, {}, {"retry-after": "soon"}, {"x-ratelimit-reset": "x"}])
def test_after_a_refusal_nothing_goes_out_until_the_time_that_was_said(headers):
    clock = Clock()
    budget = Budget(clock, clock.sleep)
    wait = budget.heard(429, headers)
    assert wait == (30 if headers == {"retry-after": "30"} else 60)
    assert sent_at(1, budget=budget, clock=clock)[0] >= wait


def test_a_wait_of_years_is_bounded():
    clock = Clock()
    assert Budget(clock, clock.sleep).heard(429, {"retry-after": "9999999"}) == 3_600


def test_the_reset_is_told_by_the_servers_own_clock():
    theirs = datetime(2020, 1, 1, tzinfo=UTC)
    headers = {"date": format_datetime(theirs, usegmt=True), "x-ratelimit-reset": "2020-01-01T00:01:00.000000Z"}
    assert seconds_until_reset(headers) == 61


@given(
    st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "date"]), st.text())
)
def test_headers_that_make_no_sense_do_no_harm(headers):
    budget = Budget()
    budget.heard(200, headers)
    assert budget.heard(429, headers) >= 0
