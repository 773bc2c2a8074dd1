"""How a goal stands: attainment by its formula, and a state by the written rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.metrics.figure import Figure
from watchfloor.metrics.question import Window
from watchfloor.metrics.registry import Unit
from watchfloor.missions.goals import State, attainment, judge
from watchfloor.missions.models import Goal
from watchfloor.team.models import Mission

START = datetime(2026, 3, 1, tzinfo=UTC)
HALF = START + timedelta(days=5)
END = START + timedelta(days=10)


def goal(metric: str = "volume", over: str = "period", baseline=None, target: float | None = 100, due_at=END) -> Goal:
    told = {"baseline": baseline, "target": target, "starts_at": START, "due_at": due_at}
    return Goal(mission=Mission(name="Pivot"), name="Goal", metric=metric, over=over, **told)


def figure(value: float | None, unit: Unit = Unit.POSTS, sample: int | None = 1_000) -> Figure:
    why = "" if value is not None else "Nobody told."
    return Figure("volume", 1, value, why, unit, Window(START, END), END, sample, None, None)


def state(one: Goal, value: float | None, now: datetime, **told) -> State:
    return judge(one, figure(value, **told), now).state


def test_attainment_is_the_part_of_the_way():
    assert attainment(75, 50, 100) == 50
    assert attainment(25, 50, 0) == 50
    assert attainment(40, 50, 100) == -20
    assert attainment(150, 50, 100) == 200


@pytest.mark.parametrize("missing", [(None, 0, 1), (1, None, 2), (1, 0, None), (1, 5, 5)])
def test_attainment_is_unknown_where_a_part_is(missing):
    assert attainment(*missing) is None


@given(st.floats(-1e6, 1e6), st.floats(0.1, 1e6))
def test_attainment_is_0_at_the_baseline_and_100_at_the_target(baseline, way):
    target = baseline + way
    assert attainment(baseline, baseline, target) == 0
    assert attainment(target, baseline, target) == pytest.approx(100)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (50, State.ON_TIME),
        (41, State.ON_TIME),
        (39, State.DUE),
        (26, State.DUE),
        (24, State.LATE),
        (100, State.REACHED),
    ],
)
def test_a_count_is_expected_in_proportion_to_its_time(value, expected):
    assert state(goal(), value, HALF) == expected


def test_what_does_not_count_up_is_expected_between_baseline_and_target():
    mood = goal("net-sentiment-a", "day", baseline=-20, target=20)
    assert state(mood, 0, HALF, unit=Unit.POINTS) == State.ON_TIME
    assert state(mood, -6, HALF, unit=Unit.POINTS) == State.DUE
    assert state(mood, -20, HALF, unit=Unit.POINTS) == State.LATE
    assert state(mood, 20, HALF, unit=Unit.POINTS) == State.REACHED


def test_without_a_baseline_the_target_is_to_be_held():
    heard = goal("coverage", "day", target=99)
    assert state(heard, 99.5, HALF, unit=Unit.PERCENT) == State.ON_TIME
    assert state(heard, 60, HALF, unit=Unit.PERCENT) == State.LATE
    assert state(heard, 99.5, END, unit=Unit.PERCENT) == State.REACHED


def test_less_is_better_where_the_metric_says_so():
    bad = goal("negative-share", "day", target=20)
    assert state(bad, 15, HALF, unit=Unit.PERCENT) == State.ON_TIME
    assert state(bad, 40, HALF, unit=Unit.PERCENT) == State.LATE


def test_less_is_wanted_where_the_target_lies_below_the_baseline():
    fewer = goal("volume", "day", baseline=200, target=100)
    assert state(fewer, 150, HALF) in (State.ON_TIME, State.LATE)  # more is better for volume: the metric decides


def test_after_its_date_a_goal_is_reached_or_late():
    assert state(goal(), 100, END) == State.REACHED
    assert state(goal(), 99, END) == State.LATE


def test_the_last_tenth_of_its_time_is_due_soon():
    assert state(goal(), 95, START + timedelta(days=9, hours=12)) == State.DUE


@pytest.mark.parametrize(
    ("one", "value", "why"),
    [
        (goal(), None, "Nobody told."),
        (goal(target=None), 5, "no target"),
        (goal("no-such-metric"), 5, "Nobody told."),
    ],
)
def test_what_is_unknown_says_why(one, value, why):
    found = judge(one, figure(value) if one.metric == "volume" else None, HALF)
    assert found.state == State.UNKNOWN
    assert why in found.why or "not installed" in found.why


def test_a_share_of_few_posts_is_not_judged():
    found = judge(goal("negative-share", "day", target=20), figure(90.0, Unit.PERCENT, sample=3), HALF)
    assert found.state == State.UNKNOWN
    assert found.why == "Only 3 posts so far; it is judged from 30 on."


@given(st.floats(0, 1e6), st.integers(1, 9))
def test_more_is_never_worse_for_a_goal_that_wants_more(value, day):
    order = [State.LATE, State.DUE, State.ON_TIME, State.REACHED]
    now = START + timedelta(days=day)
    assert order.index(state(goal(), value + 10, now)) >= order.index(state(goal(), value, now))
