"""A wall's link shows one wall to whoever holds it, and nothing at all once it has ended."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from watchfloor.team.people import NotNow
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall import actions
from watchfloor.wall.models import Share

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def wall(cast):
    return actions.make_wall(cast.mission, "Lobby", scenes=[["network-share"]])


def link_of(client, wall, **asked):
    """The path of a new link, made on the page."""
    form = {"share": "1", "name": "Lobby left", "days": "7", "framed_by": "", **asked}
    page = client.post(f"/m/pivot/walls/{wall.pk}/", form, follow=True).content.decode()
    return re.search(r"/w/[\w-]+/", page)[0]


def test_it_shows_the_wall_to_somebody_who_is_not_signed_in(cast, client, wall):
    client.force_login(cast.ana)
    path = link_of(client, wall)
    client.logout()
    page = client.get(path)
    assert page.status_code == 200
    assert 'class="wf-wall"' in page.content.decode()


def test_it_has_128_bits_or_more_and_is_shown_once(cast, client, wall):
    client.force_login(cast.ana)
    token = link_of(client, wall).split("/")[2]
    assert len(token) * 6 >= 128
    assert token not in client.get(f"/m/pivot/walls/{wall.pk}/").content.decode()
    assert token not in repr(list(Share.objects.values()))


def test_it_tells_nobody_where_it_was_opened(cast, client, wall):
    shared = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1))
    page = client.get(f"/w/{shared.token}/")
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "no-store" in page["Cache-Control"]


def test_it_is_framed_only_by_whom_it_names(cast, client, wall):
    lasts = timedelta(days=1)
    shared = actions.share_wall(wall, by=cast.ana, lasts=lasts, framed_by="https://intranet.example.org")
    page = client.get(f"/w/{shared.token}/")
    assert "frame-ancestors https://intranet.example.org" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page


@pytest.mark.parametrize("origin", ["javascript:alert(1)", "*", "https://*", "https://a.example/path", "a.example",
                                    "https://a.example; script-src *", "https://user@a.example"])  # fmt: skip
def test_an_address_that_is_no_origin_is_refused(cast, wall, origin):
    with pytest.raises(NotNow):
        actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1), framed_by=origin)


def test_an_ended_a_revoked_and_an_unknown_link_look_alike(cast, client, wall):
    ended = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1))
    revoked = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1))
    Share.objects.filter(pk=ended.share.pk).update(expires_at=timezone.now(), made_at=timezone.now() - timedelta(1))
    client.force_login(cast.ana)
    client.post(f"/m/pivot/walls/{wall.pk}/shares/{revoked.share.pk}/revoke/")
    client.logout()
    for token in (ended.token, revoked.token, "nope", "a" * 3000):
        for path in (f"/w/{token}/", f"/w/{token}/live/"):
            assert client.get(path).status_code == 404


def test_it_opens_no_other_page(cast, client, wall):
    token = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1)).token
    client.get(f"/w/{token}/")
    for path in (f"/m/pivot/walls/{wall.pk}/screen/", f"/m/pivot/walls/{wall.pk}/", "/m/pivot/explore/"):
        assert client.get(path).status_code == 302


@pytest.mark.parametrize(("who", "status"), [("ben", 403), ("cleo", 404)])
def test_only_those_who_may_show_make_links(cast, client, wall, who, status):
    client.force_login(getattr(cast, who))
    assert client.post(f"/m/pivot/walls/{wall.pk}/", {"share": "1", "days": "7"}).status_code == status
    assert not Share.objects.exists()


def test_everyone_of_the_mission_may_look(cast, client, wall):
    client.force_login(cast.ben)
    assert client.get(f"/m/pivot/walls/{wall.pk}/screen/").status_code == 200
    client.force_login(cast.cleo)
    assert client.get(f"/m/pivot/walls/{wall.pk}/screen/").status_code == 404
