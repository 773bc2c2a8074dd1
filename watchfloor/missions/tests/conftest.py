"""The cast in a mission, a set clock, and pages made anew for each test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from watchfloor.missions import views
from watchfloor.team.tests.cast import Cast, make_cast

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def clock():
    """It is noon, and stays so until somebody moves it."""
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def nothing_kept():
    views.shared.forget()
