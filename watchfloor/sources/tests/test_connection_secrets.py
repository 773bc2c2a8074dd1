"""Secrets of connections: typed in once, kept encrypted, never shown again."""

from __future__ import annotations

import pytest

from watchfloor.sources.models import Connection
from watchfloor.team.models import Person

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Ours",
    "setting_mode": "firehose",
    "setting_service": "wss://pds.example",
    "setting_account": "ana.example",
}
CANARY = "abcd-efgh-ijkl-mnop"


@pytest.fixture
def owner(client):
    client.force_login(Person.objects.create_superuser("owner@example.org"))
    return client


@pytest.fixture
def connection(owner):
    answer = owner.post("/sources/add/bluesky/", FORM | {"secret_app_password": CANARY})
    assert answer.status_code == 302, answer.content.decode()
    return Connection.objects.get()


def test_it_is_kept_and_only_encrypted(connection):
    assert connection.secrets == {"app_password": CANARY}
    assert CANARY.encode() not in bytes(connection.sealed_secrets)
    assert CANARY not in str(connection.settings)


def test_no_page_shows_it_again(owner, connection):
    for path in ("/sources/", f"/sources/{connection.pk}/", "/sources/add/bluesky/"):
        assert CANARY not in owner.get(path).content.decode()
    refused = owner.post(f"/sources/{connection.pk}/", FORM | {"name": "", "secret_app_password": CANARY})
    assert refused.status_code == 422
    assert CANARY not in refused.content.decode()


def test_saving_without_it_keeps_it_and_typing_another_replaces_it(owner, connection):
    owner.post(f"/sources/{connection.pk}/", FORM | {"name": "Renamed", "secret_app_password": ""})
    connection.refresh_from_db()
    assert (connection.name, connection.secrets) == ("Renamed", {"app_password": CANARY})
    owner.post(f"/sources/{connection.pk}/", FORM | {"secret_app_password": "another"})
    connection.refresh_from_db()
    assert connection.secrets == {"app_password": "another"}


def test_a_key_that_was_changed_is_told_and_the_secret_can_be_typed_anew(owner, connection, settings):
    settings.SECRET_KEY = "another key, as long as a key has to be 0123456789"
    settings.SECRET_KEY_FALLBACKS = []
    owner.force_login(Person.objects.get())
    told = owner.post(f"/sources/{connection.pk}/test/").content.decode()
    assert "can&#x27;t be opened with the present key" in told
    owner.post(f"/sources/{connection.pk}/", FORM | {"secret_app_password": "typed anew"})
    connection.refresh_from_db()
    assert connection.secrets == {"app_password": "typed anew"}


def test_an_earlier_key_still_opens_it(connection, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as long as a key has to be 0123456789"
    assert Connection.objects.get().secrets == {"app_password": CANARY}
