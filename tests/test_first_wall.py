"""The set-up's wall step makes a wall; the rehearsal has one from the beginning."""

from __future__ import annotations

import pytest

from watchfloor.first_start import make_rehearsal
from watchfloor.missions.models import Purpose
from watchfloor.missions.scenes import scenes_of
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall.models import Wall
from watchfloor.wall.set_up import FIRST_SCENES, first_scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def test_chosen_scenes_become_a_wall(cast, client):
    Purpose.objects.create(mission=cast.mission, use_cases=["care"])
    client.force_login(cast.ana)
    suggested = scenes_of(cast.mission)
    client.post("/m/pivot/set-up/wall/", {"scene": [scene.key for scene in suggested[:2]]})
    wall = Wall.objects.get()
    assert [[told["panel"] for told in scene.panels] for scene in wall.scenes.all()] == [
        list(scene.panels) for scene in suggested[:2]
    ]


def test_choosing_nothing_makes_no_wall_and_choosing_again_no_second(cast, client):
    Purpose.objects.create(mission=cast.mission, use_cases=["care"])
    client.force_login(cast.ana)
    client.post("/m/pivot/set-up/wall/", {})
    assert not Wall.objects.exists()
    keys = [scene.key for scene in scenes_of(cast.mission)]
    for _ in range(2):
        client.post("/m/pivot/set-up/wall/", {"scene": keys})
    assert Wall.objects.count() == 1


def test_the_rehearsal_has_a_wall(db):
    wall = Wall.objects.get(mission=make_rehearsal())
    assert wall.scenes.count() >= 2


def test_a_mission_without_a_purpose_begins_with_scenes_that_suit_any(cast):
    cast.mission.kind = "brand"
    assert first_scenes(cast.mission)
    assert all(1 <= len(scene) <= 4 for scene in (*FIRST_SCENES, *first_scenes(cast.mission)))
