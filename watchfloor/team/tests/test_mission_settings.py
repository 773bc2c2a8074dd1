"""A mission's own settings: its name, its zone, how long posts are kept."""

from __future__ import annotations

import pytest

from watchfloor.team.models import Membership, Mission, Person

pytestmark = pytest.mark.django_db
GOOD = {"name": "Corner Café", "kind": "brand", "time_zone": "Europe/Berlin", "keep_days": "30"}


@pytest.fixture
def mission():
    return Mission.objects.create(name="Café", slug="cafe")


def come_in(client, mission, role):
    person = Person.objects.create_user("ana@example.org", name="Ana")
    if role:
        Membership.objects.create(mission=mission, person=person, role=role)
    client.force_login(person)


def test_a_lead_sets_how_long_posts_are_kept(client, mission):
    come_in(client, mission, "lead")
    assert "Days that posts are kept" in client.get("/m/cafe/settings/").content.decode()
    assert client.post("/m/cafe/settings/", GOOD).status_code == 302
    mission.refresh_from_db()
    assert (mission.name, mission.time_zone, mission.keep_days) == ("Corner Café", "Europe/Berlin", 30)


@pytest.mark.parametrize(
    "wrong", [{"keep_days": "0"}, {"keep_days": "-3"}, {"keep_days": "soon"}, {"time_zone": "Mars"}]
)
def test_what_can_not_be_is_refused_and_changes_nothing(client, mission, wrong):
    come_in(client, mission, "lead")
    assert client.post("/m/cafe/settings/", GOOD | wrong).status_code == 422
    mission.refresh_from_db()
    assert (mission.name, mission.keep_days) == ("Café", None)


@pytest.mark.parametrize(("role", "status"), [("analyst", 403), ("agent", 403), ("viewer", 403), (None, 404)])
def test_nobody_else_changes_it(client, mission, role, status):
    come_in(client, mission, role)
    assert client.get("/m/cafe/settings/").status_code == status
    assert client.post("/m/cafe/settings/", GOOD).status_code == status
    mission.refresh_from_db()
    assert mission.name == "Café"
