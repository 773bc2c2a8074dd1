"""Writing replies: never twice, to the right post, with its author mentioned."""

from __future__ import annotations

import asyncio

import pytest

from tests.real.mastodon import MastodonServer
from watchfloor.sources.mastodon import SOURCE
from watchfloor.sources.mastodon.reply import idempotency_key, length_of
from watchfloor.sources.mastodon.tests.listening import SECRETS, allow, to
from watchfloor.sources.source import CannotReply, NeedsHands, Reply, TryAgain


def replying(monkeypatch, text="Thank you", *, before=None, to_uri=None, secrets=SECRETS, times=1, lang=None, **post):
    """Reply to a post of ben's, `times` with the same key; what came of each, and the server."""

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            answered = server.post("Hello?", by="ben@far.example", **post)
            if before is not None:
                before(server)
            reply = Reply(key="k1", to=to_uri or answered["uri"], text=text, lang=lang)
            sent = [await SOURCE.reply(reply, to(server), secrets=secrets) for _ in range(times)]
            found = await SOURCE.find_reply(reply, to(server), secrets=secrets)
            mine = [status for status in server.statuses.values() if status["account"]["acct"] == "me"]
            return sent, found, mine, server, answered

    return asyncio.run(go())


def test_a_reply_is_written_under_its_post_and_mentions_its_author(monkeypatch):
    sent, found, (mine,), server, answered = replying(monkeypatch, lang="de-AT")
    assert (sent[0].id, sent[0].url) == (mine["uri"], mine["url"])
    assert found == sent[0]
    assert mine["text"] == "@ben@far.example Thank you"
    assert mine["in_reply_to_id"] == answered["id"]
    assert (mine["visibility"], mine["language"]) == ("public", "de")
    assert {head["idempotency-key"] for head in server.heads if "idempotency-key" in head} == {idempotency_key("k1")}


def test_the_same_key_twice_is_one_reply(monkeypatch):
    sent, _, mine, _, _ = replying(monkeypatch, times=3)
    assert len(mine) == 1
    assert len({one.id for one in sent}) == 1


@pytest.mark.parametrize("text", ["Hi @ben@far.example", "@BEN@far.example: yes"])
def test_an_author_who_is_mentioned_is_not_mentioned_twice(monkeypatch, text):
    _, _, (mine,), _, _ = replying(monkeypatch, text)
    assert mine["text"] == text


def test_a_name_that_only_begins_alike_is_no_mention(monkeypatch):
    _, _, (mine,), _, _ = replying(monkeypatch, "ask @ben@far.example-two")
    assert mine["text"].startswith("@ben@far.example ask")


def test_an_answer_that_was_lost_is_found_and_not_written_again(monkeypatch):
    """The server writes it and the line breaks: the reply is looked up."""

    def lose_the_answer(server):
        write = server._write_status

        def written(told, headers):
            write(told, headers)
            return 200, {}, b'{"id": "1", "half'

        server._write_status = written

    sent, _, mine, _, _ = replying(monkeypatch, before=lose_the_answer)
    assert len(mine) == 1
    assert sent[0].id == mine[0]["uri"]


def test_a_reply_that_was_never_written_is_not_found(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            answered = server.post("Hello?")
            server.post("Thank you", by="me", in_reply_to_id="17")["text"] = "@ana@social.example Thank you"
            reply = Reply(key="k", to=answered["uri"], text="Thank you")
            return await SOURCE.find_reply(reply, to(server), secrets=SECRETS)

    assert asyncio.run(go()) is None


def test_a_reply_to_an_unlisted_post_is_unlisted(monkeypatch):
    _, _, (mine,), _, _ = replying(monkeypatch, visibility="unlisted")
    assert mine["visibility"] == "unlisted"


@pytest.mark.parametrize(
    ("text", "to_uri", "secrets", "why"),
    [
        ("  ", None, SECRETS, "empty"),
        ("x" * 501, None, SECRETS, "characters"),
        ("x", "at://did:plc:x/app.bsky.feed.post/1", SECRETS, "no Mastodon post"),
        ("x", "https://far.example/users/ben/statuses/0", SECRETS, "can't find"),
        ("x", None, {}, "no account"),
    ],
)
def test_what_can_not_be_sent_is_said(monkeypatch, text, to_uri, secrets, why):
    with pytest.raises(CannotReply, match=why):
        replying(monkeypatch, text, to_uri=to_uri, secrets=secrets)


@pytest.mark.parametrize(("status", "kind"), [(401, NeedsHands), (403, NeedsHands), (503, TryAgain), (429, TryAgain)])
def test_refusals_say_whether_trying_again_can_help(monkeypatch, status, kind):
    def refuse(server):
        server.instead["/api/v1/statuses"] = [(status, {"Retry-After": "60"}, b'{"error":"no"}')] * 3

    with pytest.raises(kind, match=str(status)):
        replying(monkeypatch, before=refuse)


def test_a_text_that_the_server_refuses_is_told_in_its_words(monkeypatch):
    def refuse(server):
        server.instead["/api/v1/statuses"] = [(422, {}, b'{"error":"Validation failed: too spicy"}')]

    with pytest.raises(CannotReply, match="too spicy"):
        replying(monkeypatch, before=refuse)


def test_length_is_counted_as_the_network_does():
    assert length_of("https://a.example/" + "x" * 300, 23) == 23
    assert length_of("@ben@far.example hi", 23) == len("@ben hi")
    assert length_of("👩‍👩‍👧 ü", 23) == 3


def test_nobody_is_looked_up():
    assert asyncio.run(SOURCE.look_up_authors(["https://a.example/users/ana"], None, secrets={})) == []
