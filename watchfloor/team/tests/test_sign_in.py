from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from watchfloor.team.sign_in import make_link
from watchfloor.team.tests.cast import PASSWORD, make_cast


@pytest.fixture
def cast(db):
    cache.clear()
    yield make_cast()
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str):
    return client.post("/sign-in/", {"login": email, "password": password}, **extra)


@pytest.mark.parametrize("address", ["/sign-in/", "/sign-out/", "/sign-in/no-entry/", "/sign-in/no-password/"])
def test_its_pages_are_in_our_look(cast, client, address):
    if address == "/sign-out/":
        client.force_login(cast.ana)
    assert b"wf-door" in client.get(address).content


def test_it_signs_in_by_email_and_password(cast, client):
    assert sign_in(client, "ana@example.org").status_code == 302
    assert int(client.session["_auth_user_id"]) == cast.ana.pk


def test_the_session_gets_a_new_key_at_sign_in(cast, client):
    client.get("/sign-in/")
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    sign_in(client, "ana@example.org")
    assert client.session.session_key != before


def test_unknown_people_and_wrong_passwords_look_alike(cast, client):
    wrong = sign_in(client, "ana@example.org", "nope nope nope").content
    unknown = sign_in(client, "nobody@example.org", "nope nope nope").content
    assert b"not correct" in wrong
    assert b"not correct" in unknown


def test_guessing_is_stopped_but_a_link_always_works(cast, client):
    for _ in range(12):
        last = sign_in(client, "owner@example.org", "wrong wrong wrong")
    assert last.status_code in (200, 429)
    assert b"oo many" in last.content
    locked = sign_in(client, "owner@example.org")
    assert "_auth_user_id" not in client.session, locked.content
    client.post(f"/sign-in/{make_link(cast.owner, timedelta(hours=1))}/")
    assert int(client.session["_auth_user_id"]) == cast.owner.pk


def test_nobody_registers_alone(cast, client):
    for address in ("/signup/", "/accounts/signup/", "/sign-up/"):
        assert client.get(address).status_code == 404


def test_signing_out_takes_a_post(cast, client):
    sign_in(client, "ana@example.org")
    assert client.get("/sign-out/").status_code == 200
    assert "_auth_user_id" in client.session
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session


def test_a_next_address_elsewhere_is_not_followed(cast, client):
    response = client.post("/sign-in/?next=https://evil.example/", {"login": "ana@example.org", "password": PASSWORD})
    assert "evil" not in response["Location"]


def test_the_theme_is_kept_on_the_person(cast, client):
    client.force_login(cast.ana)
    client.post("/you/theme/", {"theme": "dark"})
    client.post("/you/theme/", {"theme": "pink"})
    cast.ana.refresh_from_db()
    assert cast.ana.theme == "dark"


def test_an_unknown_time_zone_is_refused(cast, client):
    client.force_login(cast.ana)
    response = client.post("/you/", {"name": "Ana", "time_zone": "Mars/Olympus", "theme": "auto"})
    assert response.status_code == 422
    assert b"no time zone" in response.content


def test_only_administrators_set_up_missions(cast, client):
    client.force_login(cast.ana)
    assert client.get("/missions/new/").status_code == 403
    client.force_login(cast.owner)
    made = client.post("/missions/new/", {"name": "Neue Größe 小", "kind": "brand", "time_zone": "Asia/Tokyo"})
    assert made["Location"] == "/m/neue-groe/set-up/goals/"
    again = client.post("/missions/new/", {"name": "Neue Größe", "kind": "brand", "time_zone": "Asia/Tokyo"})
    assert again["Location"] == "/m/neue-groe-2/set-up/goals/"
