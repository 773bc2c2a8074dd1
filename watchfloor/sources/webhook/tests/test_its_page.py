"""A webhook's page: its address, the secret once, an example that works, what came."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from django.test import Client

from watchfloor.sources import actions
from watchfloor.sources.models import Connection, Delivery
from watchfloor.sources.webhook.tests.sending import connect, post, send
from watchfloor.team.tests.cast import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def owner(cast, client):
    client.force_login(cast.owner)
    return client


def make(owner, **form):
    answer = owner.post("/sources/add/webhook/", {"name": "Forum", **form})
    assert answer.status_code == 302, answer.content.decode()
    return Connection.objects.get(), answer["Location"]


def test_connecting_makes_an_address_and_shows_the_secret_once(owner):
    forum, where = make(owner)
    secret = forum.secrets["secret"]
    page = owner.get(where).content.decode()
    assert f"http://testserver/hooks/{forum.settings['token']}/" in page
    assert page.count(secret) == 1
    assert secret not in owner.get(where).content.decode()
    assert secret not in str(dict(owner.session))


def test_a_secret_of_the_sender_is_taken_and_never_shown(owner):
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    forum, where = make(owner, secret_secret=secret)
    assert forum.secrets["secret"] == secret
    assert secret not in owner.get(where).content.decode()


def test_what_is_no_secret_is_refused_without_being_shown(owner):
    answer = owner.post("/sources/add/webhook/", {"name": "Forum", "secret_secret": "password!"})
    assert answer.status_code == 422
    assert "Copy all of it again" in answer.content.decode()
    assert "password!" not in answer.content.decode()


def test_changing_its_settings_keeps_the_address_and_the_secret(owner):
    forum, where = make(owner)
    token, secret = forum.settings["token"], forum.secrets["secret"]
    assert (
        owner.post(where, {"name": "Renamed", "setting_networks": "shop", "setting_token": "x" * 30}).status_code == 302
    )
    forum.refresh_from_db()
    assert forum.settings == {"token": token, "networks": ["shop"]}
    assert forum.secrets["secret"] == secret
    assert "setting_token" not in owner.get(where).content.decode()


def test_a_new_secret_is_shown_once_and_the_old_one_stays_good_until_forgotten(owner):
    forum, where = make(owner)
    old = forum.secrets["secret"]
    owner.post(f"{where}secret/")
    forum.refresh_from_db()
    new = forum.secrets["secret"]
    assert new != old
    page = owner.get(where).content.decode()
    assert new in page
    assert "Forget the earlier secret" in page
    owner.post(f"{where}secret/forget/")
    forum.refresh_from_db()
    assert forum.secrets == {"secret": new}


def test_last_messages_and_refusals_are_listed(owner):
    forum, where = make(owner)
    send(Client(), forum, [post("1"), post("2")], message_id="msg_<b>")
    send(Client(), forum, [post("1"), post("2")], message_id="msg_<b>")
    send(Client(), forum, {"nothing": 1})
    page = owner.get(where).content.decode()
    for words in ("waits for the stream", "2 posts", "sent 1 more time", "msg_&lt;b&gt;", "422"):
        assert words in page
    Connection.objects.update(cursor="1")
    assert "waits for the stream" not in owner.get(where).content.decode()


def test_only_administrators_see_the_address_and_make_secrets(cast, client):
    forum = connect(mission=cast.mission)
    client.force_login(cast.ana)
    assert forum.settings["token"] not in client.get(f"/sources/{forum.pk}/").content.decode()
    for address in ("secret/", "secret/forget/"):
        assert client.post(f"/sources/{forum.pk}/{address}").status_code == 403


def test_other_connections_have_no_secret_to_make(owner):
    other = Connection.objects.create(name="B", source="bluesky")
    assert owner.post(f"/sources/{other.pk}/secret/").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "openssl", "od", "base64"))), reason="needs bash, curl, openssl"
)
def test_the_example_works_as_it_stands(owner, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    forum, where = make(owner, setting_networks="shop")
    context = owner.get(where).context
    example = context["hook"].example.replace("whsec_…", forum.secrets["secret"])
    ran = subprocess.run(["bash", "-c", example], capture_output=True, timeout=60, check=True)
    assert b'"accepted"' in ran.stdout, ran
    assert Delivery.objects.get().posts == 1


def test_no_program_changes_the_address_either(cast):
    forum = connect()
    token = forum.settings["token"]
    for told in ({}, {"token": "y" * 30}):
        actions.change_connection(forum, name="F", mission=None, settings=told, secrets={})
        forum.refresh_from_db()
        assert forum.settings["token"] == token
