"""A topic in trouble takes the screen, whatever the scene, and gives it back when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from watchfloor.missions.actions import set_level
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall import actions, red
from watchfloor.wall.models import Wall
from watchfloor.wall.red import RedWatch, red_topic
from watchfloor.wall.tests.world import labelled, store, topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def wall(cast):
    wall = actions.make_wall(cast.mission, "Lobby", scenes=[["network-share"]], announcement="IT is on it")
    return Wall.objects.select_related("mission").get(pk=wall.pk)


@pytest.fixture
def talk(cast):
    """Hours of calm talk in two topics."""
    talk = topic(cast.mission), topic(cast.mission, "Wifi", "wifi")
    calm = [
        labelled(talk[number % 12 == 0], ago=timedelta(minutes=20 * window + number % 5 + 5))
        for window in range(1, 12)
        for number in range(24)
    ]
    store(cast.mission, calm)
    return talk


def trouble(wifi, posts=20):
    store(wifi.mission, [labelled(wifi, "wifi is down", tone="negative") for _ in range(posts)])


def test_calm_is_not_red(wall, talk):
    assert red_topic(wall, timezone.now()) is None


def test_trouble_in_a_topic_is_red_with_its_figures(wall, talk, client):
    trouble(talk[1])
    found = red_topic(wall, timezone.now())
    assert (found.kind, found.title) == ("RED TOPIC", "Wifi")
    assert [fact.value for fact in found.facts] == ["20", "100 %"]
    assert found.since <= timezone.now()
    assert len(found.side) == 3
    html = red.draw_red(wall, found)
    assert "IT is on it" in html[red.RED_PLACE]
    assert "<svg" in html[red.RED_PLACE]


def test_the_screen_changes_its_shape(cast, wall, talk, client):
    client.force_login(cast.ben)
    address = f"/m/pivot/walls/{wall.pk}/screen/"
    assert "is-red" not in client.get(address).content.decode()
    trouble(talk[1])
    page = client.get(address).content.decode()
    assert "wf-stage is-red" in page
    assert "w-cols-red" in page
    assert "w-cols-side" in page
    assert "w-cols-12" not in page


def test_it_can_be_switched_off(cast, wall, talk, client):
    trouble(talk[1])
    actions.change_wall(wall, shows_red=False)
    client.force_login(cast.ben)
    assert "is-red" not in client.get(f"/m/pivot/walls/{wall.pk}/screen/").content.decode()
    assert RedWatch().now(wall, timezone.now()) is None


def test_a_crisis_is_red_without_a_topic(cast, wall, talk):
    set_level(cast.mission, "crisis", why="Water in hall A", by=cast.ana)
    found = red_topic(Wall.objects.select_related("mission").get(pk=wall.pk), timezone.now())
    assert found.kind == "CRISIS"
    assert found.title == cast.mission.name
    assert found.since is not None


def test_it_goes_back_when_it_is_over(wall, talk, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(red.time, "monotonic", lambda: clock[0])
    watch, now = RedWatch(), timezone.now()
    trouble(talk[1])
    assert watch.now(wall, now) is not None
    over = now + timedelta(hours=1)
    clock[0] += red.LOOKED_EVERY_SECONDS
    assert watch.now(wall, over) is not None, "it stays for a while, lest the shape go to and fro"
    clock[0] += red.STAYS_SECONDS
    assert watch.now(wall, over) is None


def test_a_level_that_was_lowered_ends_it_at_once(cast, wall, talk):
    watch = RedWatch()
    set_level(cast.mission, "crisis", why="", by=cast.ana)
    held = Wall.objects.select_related("mission").get(pk=wall.pk)
    assert watch.now(held, timezone.now()) is not None
    set_level(cast.mission, "active", why="", by=cast.ana)
    watch.over()
    held = Wall.objects.select_related("mission").get(pk=wall.pk)
    assert watch.now(held, timezone.now()) is None
