"""A goal that was given no date is not late the minute it is set."""

from __future__ import annotations

import pytest
from django.utils import timezone

from watchfloor.missions.actions import change_goal, make_goal
from watchfloor.missions.goals import standing
from watchfloor.team.tests.cast import make_cast

pytestmark = pytest.mark.django_db


def test_nothing_says_when_it_should_be_there():
    cast = make_cast()
    goal = make_goal(cast.mission, by=cast.ana, name="Be talked about", metric="volume", baseline=0.0, target=500.0)
    now = standing(goal, timezone.now())
    assert now.state == "unknown"
    assert "no date" in now.why
    change_goal(goal, by=cast.ana, target=0.0, baseline=None)
    assert standing(goal, timezone.now()).state != "late"
