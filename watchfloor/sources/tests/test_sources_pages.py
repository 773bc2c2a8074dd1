from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from watchfloor.live.models import Announcement
from watchfloor.sources import views
from watchfloor.sources.models import Connection, ConnectionGap
from watchfloor.sources.reads import health
from watchfloor.sources.source import Checked, NeedsHands
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def bluesky(cast):
    return Connection.objects.create(name="Bluesky", source="bluesky", state="live", heard_at=NOON, last_post_at=NOON)


def test_it_shows_state_figures_and_the_error_in_words(cast, bluesky, client):
    Connection.objects.filter(pk=bluesky.pk).update(
        state="waiting", says="Bluesky closed the stream (wss://x). Wait.", received=1204, unreadable=3, lag_seconds=2.5
    )
    ConnectionGap.objects.create(
        connection=bluesky, since=NOON, until=NOON + timedelta(hours=1), why="Too old", found_at=NOON
    )
    client.force_login(cast.ana)
    page = client.get("/sources/").content.decode()
    for words in ("waiting to try again", "1,204", "2.5 s", "Bluesky closed the stream"):
        assert words in page
    assert "Too old" in client.get(f"/sources/{bluesky.pk}/").content.decode()


def test_silence_is_a_state_of_its_own(cast, bluesky):
    assert health(bluesky, NOON).shape == "ok"
    later = health(bluesky, NOON + bluesky.rhythm + timedelta(minutes=1))
    assert later.shape == "due"
    assert "silent" in later.word


@pytest.mark.parametrize("state", Connection.State.values)
@pytest.mark.parametrize("is_on", [True, False])
def test_every_state_has_a_word(cast, bluesky, state, is_on):
    bluesky.state, bluesky.is_on = state, is_on
    assert health(bluesky, NOON).word


def test_a_source_that_is_not_installed_is_said(cast, client):
    lost = Connection.objects.create(name="Lost", source="gone-package")
    client.force_login(cast.owner)
    assert b"not installed" in client.get("/sources/").content
    assert client.get(f"/sources/{lost.pk}/").status_code == 200


def test_lists_ask_a_fixed_number_of_questions(cast, bluesky, client):
    client.force_login(cast.owner)
    client.get("/sources/")  # which mission is open is asked once
    with CaptureQueriesContext(connection) as of_one:
        client.get("/sources/")
    for n in range(30):
        Connection.objects.create(name=f"Source {n}", source="bluesky", mission=cast.mission)
    with CaptureQueriesContext(connection) as of_many:
        client.get("/sources/")
    assert len(of_many) == len(of_one)


def test_connections_of_another_mission_are_not_shown(cast, client):
    theirs = Connection.objects.create(name="Theirs", source="bluesky", mission=cast.other)
    client.force_login(cast.ana)
    assert b"Theirs" not in client.get("/sources/").content
    for address in ("", "switch/", "test/", "delete/"):
        assert client.post(f"/sources/{theirs.pk}/{address}").status_code == 404


def test_only_administrators_change_anything(cast, bluesky, client):
    client.force_login(cast.ana)
    for address in (
        f"{bluesky.pk}/",
        f"{bluesky.pk}/switch/",
        f"{bluesky.pk}/test/",
        f"{bluesky.pk}/delete/",
        "add/bluesky/",
    ):
        assert client.post(f"/sources/{address}").status_code == 403, address
    assert b"Delete" not in client.get(f"/sources/{bluesky.pk}/").content
    assert Connection.objects.filter(pk=bluesky.pk, is_on=True).exists()


def test_an_administrator_adds_changes_switches_and_deletes(cast, client):
    client.force_login(cast.owner)
    form = {
        "name": "Our Bluesky",
        "mission": cast.mission.pk,
        "setting_mode": "firehose",
        "setting_service": "wss://pds.example.org",
        "setting_hosts": "wss://a.example.org/subscribe\n\n wss://b.example.org/subscribe ",
    }
    made = client.post("/sources/add/bluesky/", form)
    connection = Connection.objects.get()
    assert made["Location"] == f"/sources/{connection.pk}/"
    assert connection.settings["mode"] == "firehose"
    assert connection.settings["hosts"] == ["wss://a.example.org/subscribe", "wss://b.example.org/subscribe"]
    client.post(f"/sources/{connection.pk}/", {**form, "name": "Renamed"})
    client.post(f"/sources/{connection.pk}/switch/", {"on": "0"})
    connection.refresh_from_db()
    assert (connection.name, connection.is_on) == ("Renamed", False)
    client.post(f"/sources/{connection.pk}/delete/")
    assert not Connection.objects.exists()
    assert Announcement.objects.filter(channel="sources").count() == 4


def test_wrong_settings_are_refused_with_the_sources_own_sentence(cast, client):
    client.force_login(cast.owner)
    form = {"name": "B", "setting_mode": "firehose", "setting_service": "http://x"}
    response = client.post("/sources/add/bluesky/", form)
    assert response.status_code == 422
    assert b"is no address with wss" in response.content or b"is no address with ws" in response.content
    assert not Connection.objects.exists()


class _Tried:
    def __init__(self, answer):
        self.answer = answer
        self.settings_type = dict

    async def check(self, settings, *, secrets):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_test_button_says_what_was_reached(cast, bluesky, client, monkeypatch):
    client.force_login(cast.owner)
    monkeypatch.setattr(views, "plug", lambda _connection: _Tried(Checked("Reached it.", {"host": "a.example"})))
    page = client.post(f"/sources/{bluesky.pk}/test/", headers={"HX-Request": "true"}).content.decode()
    assert "Reached it." in page
    assert "a.example" in page


def test_the_test_button_says_what_failed_and_what_to_do(cast, bluesky, client, monkeypatch):
    client.force_login(cast.owner)
    error = NeedsHands("Signed in", "<b>https://pds.example</b>", "Enter a new app password.")
    monkeypatch.setattr(views, "plug", lambda _connection: _Tried(error))
    page = client.post(f"/sources/{bluesky.pk}/test/").content.decode()
    assert "Enter a new app password." in page
    assert "<b>https://pds" not in page
