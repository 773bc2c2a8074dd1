"""How recorded times become wall-clock times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.clock import Pace

RECORDED = datetime(2026, 11, 17, 15, 30, tzinfo=UTC)
WALL = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
BEND = timedelta(hours=6)
seconds = st.integers(-200_000, 200_000)


def at(pace: Pace, seconds: float) -> float:
    return (pace.at(RECORDED + timedelta(seconds=seconds)) - WALL).total_seconds()


def test_it_runs_at_its_speed_after_the_moment_and_before_it() -> None:
    pace = Pace(RECORDED, WALL, speed=60)
    assert [at(pace, s) for s in (-600, 0, 60, 3600)] == [-10, 0, 1, 60]


def test_a_bent_past_ends_up_in_real_time() -> None:
    pace = Pace(RECORDED, WALL, speed=60, bend=BEND)
    far = BEND.total_seconds() + 10_000
    assert at(pace, -far) - at(pace, -far - 3600) == pytest.approx(3600, abs=0.01)
    assert at(pace, -60) == pytest.approx(-1, abs=0.2)
    assert at(pace, 60) == 1


@given(a=seconds, b=seconds, speed=st.floats(0.1, 1000), bent=st.booleans())
def test_what_came_first_comes_first(a: int, b: int, speed: float, bent: bool) -> None:
    pace = Pace(RECORDED, WALL, speed, BEND if bent else None)
    assert (at(pace, a) <= at(pace, b)) if a <= b else (at(pace, a) >= at(pace, b))


@given(a=seconds)
def test_at_natural_speed_the_bend_changes_nothing(a: int) -> None:
    assert at(Pace(RECORDED, WALL, 1.0, BEND), a) == a
