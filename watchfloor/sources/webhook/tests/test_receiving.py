"""The door: what is kept, what is answered, and that a message counts once."""

from __future__ import annotations

import pytest
from django.test import Client

from watchfloor.live.models import Announcement
from watchfloor.sources import actions
from watchfloor.sources.models import Connection, Delivery, Refusal
from watchfloor.sources.webhook.signing import new_secret
from watchfloor.sources.webhook.tests.sending import connect, post, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def forum():
    return connect()


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=True)


def test_a_signed_post_is_kept_and_the_stream_is_told(client, forum):
    answer = send(client, forum, post(), message_id="msg_a")
    assert answer.status_code == 202
    assert answer.json() == {"status": "accepted", "id": "msg_a", "items": 1}
    kept = Delivery.objects.get()
    assert (kept.number, kept.posts, kept.deleted, kept.repeated) == (1, 1, 0, 0)
    assert b"good coffee" in bytes(kept.body)
    assert Announcement.objects.filter(channel=f"hook:{forum.settings['token']}").exists()


def test_the_same_message_again_is_answered_and_kept_once(client, forum):
    assert send(client, forum, post(), message_id="msg_a").status_code == 202
    for body in (post(), post("2", "something else")):
        again = send(client, forum, body, message_id="msg_a")
        assert again.status_code == 200
        assert again.json()["status"] == "already received"
    kept = Delivery.objects.get()
    assert kept.repeated == 2
    assert b"good coffee" in bytes(kept.body)


def test_the_same_id_at_another_address_is_another_message(client, forum):
    other = connect(name="Shop")
    assert send(client, forum, post(), message_id="msg_a").status_code == 202
    assert send(client, other, post(), message_id="msg_a").status_code == 202


def test_deliveries_are_numbered_in_their_order(client, forum):
    for n in range(5):
        send(client, forum, post(str(n)))
    assert list(Delivery.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("body", "posts", "deleted"),
    [
        ([post("1"), post("2")], 2, 0),
        ({"type": "post.created", "timestamp": "2026-07-04T12:00:00Z", "data": post()}, 1, 0),
        ({"type": "post.updated", "data": post()}, 1, 0),
        ({"type": "post.deleted", "data": {"network": "forum", "id": "1"}}, 0, 1),
        ([post("1"), {"type": "post.deleted", "data": {"network": "forum", "id": "2", "more": 1}}], 1, 1),
        (post(type="note", data={"a": 1}), 1, 0),  # a post may have fields that are not ours
    ],
)
def test_it_takes_one_a_list_and_events(client, forum, body, posts, deleted):
    assert send(client, forum, body).status_code == 202
    kept = Delivery.objects.get()
    assert (kept.posts, kept.deleted) == (posts, deleted)


def problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert not Delivery.objects.exists()
    return told


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (b" ", None, "no JSON"),
        (b"{", None, "no JSON"),
        (b"[" * 5_000, None, "no JSON"),
        ([], None, "empty"),
        ("text", None, "an object"),
        (None, None, "an object"),
        ([post(), 7], "[1]", "an object"),
        ({}, "network", "missing"),
        ({k: v for k, v in post().items() if k != "created_at"}, "created_at", "missing"),
        (post(created_at="yesterday"), "created_at", "no time"),
        (post(text=None), "text", "null"),
        (post(native_id=" "), "id", "empty"),
        (post(native_id="x" * 1_001), "id", "1,000"),
        (post(network="n" * 61), "network", "60"),
        (post(author={"name": 7}), "author.name", "must be text"),
        (post(author={"followers": -1}), "author.followers", "0 or more"),
        (post(author={"followers": 10**30}), "author.followers", ""),
        (post(metrics={"likes": 2**60}), "metrics.likes", "counted"),
        (post(metrics={"likes": True}), "metrics.likes", "whole number"),
        ([post(), post(links=["https://a.example", 7])], "[1].links[1]", "must be text"),
        (post(media=[{"url": 7}]), "media[0].url", "must be text"),
        ({"type": "post.created", "data": {"network": "forum"}}, "data.id", "missing"),
        ([{"type": "post.deleted", "data": {"id": "1"}}], "[0].data", "“network” and “id”"),
        ({"type": "post.deleted", "data": {"network": "forum", "id": ""}}, "data.id", "1 to 1,000"),
        ({"type": "post.liked", "data": {"id": "1"}}, "type", "post.created"),
        ([post(str(n)) for n in range(1_001)], None, "1,001"),
        (post(text="x" * 500_001), "text", "500,000"),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_place(client, forum, body, field, says):
    told = problem(send(client, forum, body), 422)
    assert says in told["detail"]
    assert told.get("field") == field


def test_bytes_that_are_no_text_are_refused(client, forum, monkeypatch):
    from watchfloor.sources.webhook import views

    monkeypatch.setattr(views, "verify", lambda *_a, **_k: "msg_x")
    for body in (b"\xff\xfe{", b'{"network": "\xff"}', b'[{"text": "\xe9"}]'):
        assert "UTF-8" in problem(send(client, forum, body), 422)["detail"] or body[:1] == b"\xff"


def test_a_list_is_kept_whole_or_not_at_all(client, forum):
    problem(send(client, forum, [post("1"), post("2", text=None)]), 422)


def test_only_the_networks_it_may_name(client):
    forum = connect(networks=["forum"])
    problem(send(client, forum, post(network="bluesky")), 422)
    told = problem(send(client, forum, {"type": "post.deleted", "data": {"network": "bluesky", "id": "x"}}), 422)
    assert told["field"] == "data.network"
    assert send(client, forum, post()).status_code == 202


def test_a_wrong_signature_is_401_and_counted(client, forum):
    for _ in range(3):
        told = problem(send(client, forum, post(), secret=new_secret()), 401)
        assert "webhook-signature" in told["detail"]
    refusal = Refusal.objects.get()
    assert (refusal.status, refusal.times) == (401, 1)  # within one second: one write


def test_an_unsigned_post_is_401(client, forum):
    answer = client.post(f"/hooks/{forum.settings['token']}/", post(), content_type="application/json")
    assert "are needed" in problem(answer, 401)["detail"]


def test_an_old_message_is_401(client, forum):
    stale = {"webhook-timestamp": "1614265330"}
    assert "five minutes" in problem(send(client, forum, post(), headers=stale), 401)["detail"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_only_json_is_415(client, forum, kind):
    problem(send(client, forum, b'{"a": 1}', content_type=kind), 415)


def test_json_with_a_charset_is_json(client, forum):
    assert send(client, forum, post(), content_type="application/json; charset=utf-8").status_code == 202


def test_a_compressed_body_is_415(client, forum):
    problem(send(client, forum, post(), headers={"Content-Encoding": "gzip"}), 415)


def test_a_body_over_the_limit_is_413(client, forum):
    problem(send(client, forum, b'"' + b"x" * 1_000_000 + b'"'), 413)


def test_an_address_that_is_none_is_404_and_nothing_is_kept(client, forum):
    for token in ("nobody", "x" * 200, forum.settings["token"] + "x"):
        answer = client.post(f"/hooks/{token}/", post(), content_type="application/json")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
    assert not Refusal.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
def test_there_is_nothing_but_post(client, forum, method):
    answer = getattr(client, method)(f"/hooks/{forum.settings['token']}/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


def test_while_switched_off_senders_are_asked_to_come_back(client, forum):
    actions.switch(forum, on=False)
    answer = send(client, forum, post())
    problem(answer, 503)
    assert int(answer["Retry-After"]) > 0
    actions.switch(forum, on=True)
    assert send(client, forum, post()).status_code == 202


def test_a_secret_that_can_not_be_opened_is_503(client, forum, settings):
    secret = forum.secrets["secret"]
    settings.SECRET_KEY = "another key, as long as a key has to be 0123456789"
    settings.SECRET_KEY_FALLBACKS = []
    problem(send(client, forum, post(), secret=secret), 503)


def test_while_a_secret_is_changed_both_are_taken_until_the_old_one_is_forgotten(client, forum):
    old = forum.secrets["secret"]
    new = actions.make_new_secret(forum)
    assert send(client, forum, post("1"), secret=old).status_code == 202
    assert send(client, forum, post("2"), secret=new).status_code == 202
    actions.forget_earlier_secret(forum)
    assert send(client, forum, post("3"), secret=old).status_code == 401
    assert send(client, forum, post("4"), secret=new).status_code == 202


def test_deleting_the_connection_closes_the_door(client, forum):
    secret = forum.secrets["secret"]
    send(client, forum, post())
    actions.delete_connection(Connection.objects.get())
    assert send(client, forum, post(), secret=secret).status_code == 404
    assert not Delivery.objects.exists()
