"""Who asks the API gets what their role and their key allow, and every refusal is a problem that says what to do."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache

from watchfloor.team.models import Membership
from watchfloor.team.tests.cast import make_cast
from watchfloor.team.tokens import make_token

pytestmark = pytest.mark.django_db
ALL = ["see", "mark", "export", "listen", "show", "lead"]


@pytest.fixture
def cast():
    cache.clear()
    yield make_cast()
    cache.clear()


def key(person, *scopes):
    made = make_token(person, name="test", scopes=scopes or ALL, expires_at=None)
    return {"Authorization": f"Bearer {made.secret}"}


def test_without_a_key_it_says_how_to_get_one(cast, client):
    for headers in ({}, {"Authorization": "Bearer wf_nope"}, {"Authorization": "Basic x"}):
        answer = client.get("/api/v1/missions", headers=headers)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == "Bearer"
        assert "Keys to the API" in answer.json()["detail"]


def test_a_signed_in_page_is_no_key(cast, client):
    client.force_login(cast.ana)
    assert client.get("/api/v1/missions").status_code == 401


def test_it_lists_only_the_missions_one_may_enter(cast, client):
    told = client.get("/api/v1/missions", headers=key(cast.ana)).json()
    assert [mission["slug"] for mission in told["items"]] == ["pivot"]
    assert client.get("/api/v1/missions/other", headers=key(cast.ana)).status_code == 404
    assert client.get("/api/v1/missions/nowhere", headers=key(cast.ana)).status_code == 404


def test_a_key_does_no_more_than_its_scopes(cast, client):
    answer = client.post("/api/v1/missions/pivot/invitations", {}, "application/json", headers=key(cast.ana, "see"))
    assert answer.status_code == 403
    assert "lead" in answer.json()["detail"]


def test_a_key_does_no_more_than_its_person(cast, client):
    headers = key(cast.ben)
    assert client.post("/api/v1/missions/pivot/invitations", {}, "application/json", headers=headers).status_code == 403
    cast.ben.memberships.update(role=Membership.Role.LEAD)
    assert client.post("/api/v1/missions/pivot/invitations", {}, "application/json", headers=headers).status_code == 201


def test_pages_follow_each_other_by_their_cursor(cast, client):
    client.force_login(cast.ana)
    headers = key(cast.ana)
    for _ in range(5):
        client.post("/api/v1/missions/pivot/invitations", {"role": "viewer"}, "application/json", headers=headers)
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get("/api/v1/missions/pivot/invitations", {"limit": 2, "cursor": cursor}, headers=headers).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"cursor": "§"}, {"cursor": "cA"}])
def test_a_wrong_page_is_a_problem(cast, client, query):
    answer = client.get("/api/v1/missions", query, headers=key(cast.ana))
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


def test_what_can_not_be_now_says_why(cast, client):
    answer = client.delete(f"/api/v1/missions/pivot/people/{cast.ana.pk}", headers=key(cast.ana))
    assert answer.status_code == 409
    assert "last lead" in answer.json()["detail"]


def test_an_invitation_made_by_the_api_lets_somebody_in(cast, client):
    address, headers = "/api/v1/missions/pivot/invitations", key(cast.ana)
    told = client.post(address, {"role": "agent"}, "application/json", headers=headers)
    path = re.search(r"/join/.+/", told.json()["address"])[0]
    client.post(path, {"name": "Dora", "email": "dora@example.org"})
    people = client.get("/api/v1/missions/pivot/people", headers=headers).json()["items"]
    assert ("dora@example.org", "agent") in [(row["email"], row["role"]) for row in people]


def test_too_many_requests_are_told_when_to_come_back(cast, client):
    headers = key(cast.ana)
    answers = [client.get("/api/v1/me", headers=headers).status_code for _ in range(605)]
    assert set(answers) == {200, 429}
    last = client.get("/api/v1/me", headers=headers)
    assert 1 <= int(last["Retry-After"]) <= 60
    assert last["Content-Type"] == "application/problem+json"
