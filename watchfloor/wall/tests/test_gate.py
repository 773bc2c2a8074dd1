"""Somebody looks at posts before visitors do: lets in, keeps off, takes it back; it is kept who did."""

from __future__ import annotations

import pytest

from watchfloor.mentions.hiding import hide_posts
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall import actions
from watchfloor.wall.models import Judged, Wall
from watchfloor.wall.tests.world import delete, say, shown, topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def wall(cast):
    return actions.make_wall(cast.mission, "Lobby", scenes=[["stream"]], posts="approved")


@pytest.fixture
def post(cast):
    return say(topic(cast.mission), "pivot is nice")


def answer(client, wall, post, word, **headers):
    return client.post(f"/m/pivot/walls/{wall.pk}/posts/", {"post": post, "may_show": word}, headers=headers)


def test_posts_wait_until_somebody_lets_them_in(cast, client, wall, post):
    client.force_login(cast.ana)
    assert "is nice" not in shown(wall, "stream")
    assert "waits for approval" in client.get(f"/m/pivot/walls/{wall.pk}/posts/").content.decode()
    answer(client, wall, post, "yes")
    assert "is nice" in shown(wall, "stream")
    judged = Judged.objects.get()
    assert (judged.by, judged.may_show) == (cast.ana, True)
    page = client.get(f"/m/pivot/walls/{wall.pk}/posts/").content.decode()
    assert str(cast.ana) in page


def test_kept_off_and_taken_back(cast, client, wall, post):
    Wall.objects.update(posts="all")
    client.force_login(cast.ana)
    answer(client, wall, post, "no")
    assert "is nice" not in shown(wall, "stream")
    answer(client, wall, post, "forget")
    assert "is nice" in shown(wall, "stream")


def test_the_list_alone_is_given_to_a_page_that_is_open(cast, client, wall, post):
    client.force_login(cast.ana)
    part = answer(client, wall, post, "yes", **{"HX-Request": "true"}).content.decode()
    assert "is nice" in part
    assert "<html" not in part


@pytest.mark.parametrize("what", ["delete", "hide"])
def test_what_was_let_in_goes_when_it_is_deleted_or_hidden(cast, client, wall, post, what):
    actions.judge(cast.mission, post, may_show=True, by=cast.ana)
    delete(cast.mission, post) if what == "delete" else hide_posts(cast.mission, [post])
    assert "is nice" not in shown(wall, "stream")


@pytest.mark.parametrize(("who", "status"), [("ben", 403), ("cleo", 404)])
def test_only_those_who_may_show_judge(cast, client, wall, post, who, status):
    client.force_login(getattr(cast, who))
    assert answer(client, wall, post, "yes").status_code == status
    assert not Judged.objects.exists()
