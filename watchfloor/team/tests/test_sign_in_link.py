from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client

from watchfloor.team.models import Person, SignInLink
from watchfloor.team.sign_in import make_link, use_up, works

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def owner(db):
    return Person.objects.create_superuser("owner@example.org", name="Owner")


def test_looking_at_a_link_uses_nothing_up(owner, client):
    token = make_link(owner, DAY)
    for _ in range(3):
        response = client.get(f"/sign-in/{token}/")
        assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert works(token)


def test_pressing_the_button_signs_in_once(owner, client):
    token = make_link(owner, DAY)
    assert client.post(f"/sign-in/{token}/").status_code == 302
    assert int(client.session["_auth_user_id"]) == owner.pk
    second = Client()
    assert second.post(f"/sign-in/{token}/").status_code == 410
    assert second.get(f"/sign-in/{token}/").status_code == 410
    assert "_auth_user_id" not in second.session


@pytest.mark.django_db(transaction=True)
def test_of_two_that_press_at_once_one_is_signed_in():
    owner = Person.objects.create_superuser("owner@example.org")
    token = make_link(owner, DAY)

    def press(_n: int) -> bool:
        try:
            return use_up(token) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(press, range(8))) == 1


def test_a_link_ends_after_its_time(owner, client):
    with time_machine.travel(NOON, tick=False) as clock:
        token = make_link(owner, DAY)
        clock.shift(DAY - timedelta(seconds=1))
        assert works(token)
        clock.shift(timedelta(seconds=2))
        assert client.post(f"/sign-in/{token}/").status_code == 410


def test_only_a_hash_of_the_token_is_kept(owner):
    token = make_link(owner, DAY)
    assert len(token) * 6 >= 128
    row = SignInLink.objects.values().get()
    assert token not in str(row)
    assert len(row["token_hash"]) == 64


def test_someone_switched_off_stays_out(owner, client):
    token = make_link(owner, DAY)
    Person.objects.update(is_active=False)
    assert client.post(f"/sign-in/{token}/").status_code == 410


def test_the_session_gets_a_new_key(owner, client):
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    client.post(f"/sign-in/{make_link(owner, DAY)}/")
    assert client.session.session_key != before


def test_the_address_leaks_to_nobody(owner, client):
    token = make_link(owner, DAY)
    page = client.get(f"/sign-in/{token}/")
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    assert token not in page.content.decode()
    assert client.post(f"/sign-in/{token}/")["Referrer-Policy"] == "strict-origin"


def test_who_came_by_link_sets_a_password_without_the_old_one(owner, client):
    client.post(f"/sign-in/{make_link(owner, DAY)}/")
    before = client.session.session_key
    new = {"new_password1": "lamp window river", "new_password2": "lamp window river"}
    assert client.post("/password/", new).status_code == 302
    assert client.session.session_key != before
    owner.refresh_from_db()
    assert owner.check_password("lamp window river")
    # Signed in with it, the old one is asked for.
    assert client.post("/password/", new).status_code == 422
