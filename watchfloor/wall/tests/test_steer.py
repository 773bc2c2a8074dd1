"""One remote for many screens: all of them show the same scene at the same moment, and what the remote says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.team.people import NotNow
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall import actions
from watchfloor.wall.models import Wall
from watchfloor.wall.steering import showing

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def wall(cast):
    scenes = [["pulse"], ["network-share"], ["volume"]]
    return actions.make_wall(cast.mission, "Lobby", scenes=scenes, began_at=NOON, rotate_seconds=20)


def shown_at(wall, seconds):
    wall = Wall.objects.select_related("pinned").get(pk=wall.pk)
    shown = showing(wall, list(wall.scenes.all()), NOON + timedelta(seconds=seconds))
    return shown.scene.panels[0]["panel"]


def steer(wall, cast, what, seconds, **told):
    return actions.steer(wall, what, by=cast.ana, now=NOON + timedelta(seconds=seconds), **told)


def test_scenes_take_turns(wall):
    assert [shown_at(wall, s) for s in (0, 19, 20, 40, 60, 61, 80)] == [
        "pulse", "pulse", "network-share", "volume", "pulse", "pulse", "network-share"
    ]  # fmt: skip


def test_next_shows_the_next_one_now_and_for_its_whole_time(wall, cast):
    steer(wall, cast, "next", 7)
    assert [shown_at(wall, s) for s in (7, 26, 27, 47)] == ["network-share", "network-share", "volume", "pulse"]


def test_back_shows_the_one_before(wall, cast):
    steer(wall, cast, "back", 7)
    assert shown_at(wall, 7) == "volume"


def test_a_pinned_scene_stays_and_going_on_begins_with_it(wall, cast):
    steer(wall, cast, "pin", 25)
    assert {shown_at(wall, s) for s in range(25, 500, 10)} == {"network-share"}
    steer(wall, cast, "unpin", 500)
    assert [shown_at(wall, s) for s in (500, 519, 520)] == ["network-share", "network-share", "volume"]


def test_next_moves_the_pin(wall, cast):
    steer(wall, cast, "pin", 0)
    steer(wall, cast, "next", 1)
    assert shown_at(wall, 300) == "network-share"


def test_a_pinned_scene_that_is_removed_lets_go(wall, cast):
    steer(wall, cast, "pin", 25)
    actions.remove_scene(wall.scenes.all()[1])
    assert shown_at(wall, 25) == "volume"


def test_an_announcement_is_shown_until_it_is_taken_away(wall, cast, client):
    client.force_login(cast.ana)
    client.post(f"/m/pivot/walls/{wall.pk}/remote/", {"announce": "1", "words": "  Doors   open <b>now</b> "})
    page = client.get(f"/m/pivot/walls/{wall.pk}/screen/").content.decode()
    assert "Doors open &lt;b&gt;now&lt;/b&gt;" in page
    client.post(f"/m/pivot/walls/{wall.pk}/remote/", {"announce": "1", "words": ""})
    assert "Doors open" not in client.get(f"/m/pivot/walls/{wall.pk}/screen/").content.decode()


def test_the_remote_steers_all_walls_when_asked(wall, cast, client):
    other = actions.make_wall(cast.mission, "Backstage", scenes=[["pulse"]])
    client.force_login(cast.ana)
    client.post(f"/m/pivot/walls/{wall.pk}/remote/", {"period": "1h"})
    assert Wall.objects.get(pk=other.pk).period == "24h"
    client.post(f"/m/pivot/walls/{wall.pk}/remote/", {"period": "7d", "all": "1"})
    assert set(Wall.objects.values_list("period", flat=True)) == {"7d"}


@pytest.mark.parametrize("told", [{}, {"go": "999999"}, {"go": "x"}, {"period": "nonsense"}, {"pin": "\x00"}])
def test_nonsense_steers_nothing(wall, cast, client, told):
    client.force_login(cast.ana)
    before = Wall.objects.values().get(pk=wall.pk)
    assert client.post(f"/m/pivot/walls/{wall.pk}/remote/", told).status_code == 302
    after = Wall.objects.values().get(pk=wall.pk)
    changed = {name for name in before if before[name] != after[name]} - {"steered_at", "steered_by_id"}
    assert changed <= ({"pinned_id"} if "pin" in told else {"began_at"} if told.get("go") == "x" else set())


@pytest.mark.parametrize(("who", "status"), [("ben", 403), ("cleo", 404)])
def test_only_those_who_may_show_steer(wall, cast, client, who, status):
    client.force_login(getattr(cast, who))
    assert client.post(f"/m/pivot/walls/{wall.pk}/remote/", {"blank": "1"}).status_code == status
    assert not Wall.objects.get(pk=wall.pk).is_blank


def test_a_scene_of_an_unknown_panel_is_refused(wall):
    with pytest.raises(NotNow, match="pulse"):
        actions.add_scene(wall, panels=[{"panel": "puls"}])
    for panels in ([], [{"panel": "pulse"}] * 5):
        with pytest.raises(NotNow):
            actions.add_scene(wall, panels=panels)
