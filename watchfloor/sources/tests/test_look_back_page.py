"""Looking back is asked for on a page, by those who may change what is listened to."""

from __future__ import annotations

import pytest

from watchfloor.sources.look_back import LookBack
from watchfloor.sources.models import Connection
from watchfloor.team.models import Membership
from watchfloor.team.tests.cast import make_cast

pytestmark = pytest.mark.django_db
PATH = "/m/pivot/look-back/"
CURSOR = '{"host":"wss://jetstream.example.org","time_us":1783175880000000,"heard_us":1783175880000000}'


@pytest.fixture
def cast():
    cast = make_cast()
    Connection.objects.create(name="Bluesky", source="bluesky", mission=cast.mission, cursor=CURSOR)
    return cast


def test_it_asks_for_the_hours_chosen(cast, client):
    client.force_login(cast.ana)
    assert "Bluesky" in client.get(PATH).content.decode()
    page = client.post(PATH, {"hours": "24"}, follow=True).content.decode()
    row = LookBack.objects.get()
    assert (row.asked_at - row.since).total_seconds() == pytest.approx(24 * 3600, abs=5)
    assert "waiting 0 %" in page


def test_a_mission_without_such_a_source_is_told_what_to_do(cast, client):
    Connection.objects.update(cursor=None)
    client.force_login(cast.ana)
    assert "Import what is missing" in client.post(PATH, {"hours": "1"}, follow=True).content.decode()
    assert not LookBack.objects.exists()


@pytest.mark.parametrize("hours", ["", "x", "-1", "1e9", "\x00"])
def test_nonsense_is_six_hours(cast, client, hours):
    client.force_login(cast.ana)
    assert client.post(PATH, {"hours": hours}).status_code == 302
    row = LookBack.objects.get()
    assert (row.asked_at - row.since).total_seconds() == pytest.approx(6 * 3600, abs=5)


def test_who_may_not_change_listening_asks_for_nothing(cast, client):
    for role, status in (("viewer", 403), ("agent", 403), ("analyst", 302)):
        Membership.objects.filter(person=cast.ben).update(role=role)
        client.force_login(cast.ben)
        assert client.post(PATH, {"hours": "1"}).status_code == status
    client.force_login(cast.cleo)
    assert client.post(PATH, {"hours": "1"}).status_code == 404
    assert LookBack.objects.count() == 1
