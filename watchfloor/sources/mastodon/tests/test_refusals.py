"""Servers that refuse, limit, redirect, or mean no good: what is done, and what people are told."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.real.mastodon import MastodonServer
from watchfloor.lib.tests.web_servers import answering, ok, saying
from watchfloor.sources.mastodon import SOURCE, feed, sse
from watchfloor.sources.mastodon.settings import MastodonSettings
from watchfloor.sources.mastodon.tests.listening import SECRETS, allow, listen, texts, to, tokens, unreadable
from watchfloor.sources.source import NeedsHands, TryAgain


def has(text):
    return lambda events: text in texts(events)


async def tried(settings, secrets=None):
    return await listen(settings, until=lambda _: True, secrets=SECRETS if secrets is None else secrets)


async def on(server, monkeypatch, happen, *, until, **settings):
    allow(monkeypatch, server)
    listening = asyncio.create_task(listen(to(server, **settings), until=until))
    await server.until_asked("/api/v1/timelines/")
    happen()
    return (await listening)[0]


# --- Where it does not stream -----------------------------------------------------------------------------------------


def test_without_a_token_the_timelines_are_asked_in_turns(monkeypatch):
    said = []
    monkeypatch.setattr(feed.Feed, "seconds_between", staticmethod(lambda settings: 0.01))

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            listening = asyncio.create_task(
                listen(to(server), until=has("n99"), secrets={}, each=lambda batch: said.append(batch.trouble))
            )
            await server.until_asked("/api/v1/timelines/")
            for number in range(100):
                server.post(f"n{number}")
            return (await listening)[0], server.asked

    events, asked = asyncio.run(go())
    assert "does not stream public to us (HTTP 401: Missing access token)" in said[0]
    assert texts(events) == [f"n{number}" for number in range(100)]
    assert sum("streaming" in path for path in asked) == 1


def test_asking_in_turns_finds_what_came_late_from_elsewhere(monkeypatch):
    monkeypatch.setattr(feed.Feed, "seconds_between", staticmethod(lambda settings: 0.01))

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            listening = asyncio.create_task(listen(to(server, mode="poll"), until=has("late")))
            await server.until_asked("/api/v1/timelines/")
            posts = [server.post(f"n{number}") for number in range(15)]
            await server.until_asked("/api/v1/timelines/", 5)
            server.post("late", by="ben@far.example", at_ms=(int(posts[5]["id"]) >> 16) + 1)
            return (await listening)[0]

    events = asyncio.run(go())
    assert len(texts(events)) == 16


def test_how_often_it_asks_stays_within_the_limits():
    settings = MastodonSettings(servers=("a.example",), hashtags=tuple(f"tag{n}" for n in range(50)), poll_seconds=5)
    pages_in_15_minutes = 900 / feed.Feed.seconds_between(settings) * len(settings.feeds)
    assert pages_in_15_minutes <= 180


def test_a_home_timeline_without_a_token_needs_hands(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            await tried(to(server, streams=("user",)), {})

    with pytest.raises(NeedsHands, match="Enter an access token") as refused:
        asyncio.run(go())
    assert "127.0.0.1" in refused.value.on


@pytest.mark.parametrize("mode", ["sse", "websocket"])
def test_a_mode_that_was_chosen_is_not_changed_silently(monkeypatch, mode):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            await tried(to(server, mode=mode), {})

    with pytest.raises((NeedsHands, TryAgain)):
        asyncio.run(go())


def test_a_wrong_token_needs_hands(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.timelines_need_token = True
            await tried(to(server), {"access_tokens": "wrong"})

    with pytest.raises(NeedsHands, match="401"):
        asyncio.run(go())


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_a_limit_is_waited_out_as_long_as_the_server_says(monkeypatch):
    limited = [(429, {"Retry-After": "7"}, b'{"error":"Too many requests"}')]

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.instead["/api/v2/instance"] = list(limited)
            await tried(to(server))

    with pytest.raises(TryAgain, match="limit") as refused:
        asyncio.run(go())
    assert refused.value.after is not None
    assert refused.value.after.total_seconds() == 7


def test_a_stream_that_is_limited_is_tried_again_when_it_may(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.instead["/api/v1/streaming/public"] = [(429, {"Retry-After": "120"}, b"")]
            await tried(to(server))

    with pytest.raises(TryAgain) as refused:
        asyncio.run(go())
    assert refused.value.after.total_seconds() == 120


def test_one_server_that_fails_does_not_stop_the_other(monkeypatch):
    said = []

    async def go():
        async with MastodonServer("one.example") as one, MastodonServer("two.example") as two:
            allow(monkeypatch, one, two)
            one.instead["/api/v2/instance"] = [(500, {}, b"")] * 1_000
            listening = asyncio.create_task(
                listen(
                    to(one, two),
                    until=has("still"),
                    secrets=tokens(one, two),
                    each=lambda batch: said.append(batch.trouble),
                )
            )
            await two.until_asked("/api/v1/timelines/")
            two.post("still")
            return (await listening)[0], one.port

    events, port = asyncio.run(go())
    assert texts(events) == ["still"]
    assert any(f"Listening to public failed (HTTP 500) (127.0.0.1:{port})" in (words or "") for words in said)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_in_trouble_is_tried_again(monkeypatch, status):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.instead["/api/v2/instance"] = [(status, {}, b"<html>oh</html>")] * 10
            await tried(to(server))

    with pytest.raises(TryAgain, match=str(status)):
        asyncio.run(go())


# --- Where it leads ---------------------------------------------------------------------------------------------------


def test_an_address_that_may_not_be_asked_needs_hands(monkeypatch):
    monkeypatch.delenv("WATCHFLOOR_ALLOW_ADDRESSES", raising=False)
    with pytest.raises(NeedsHands, match="was not asked"):
        asyncio.run(tried(MastodonSettings(servers=("http://127.0.0.1:1",), streams=("public",))))


@pytest.mark.parametrize("path", ["/api/v2/instance", "/api/v1/streaming/public"])
def test_a_redirect_to_a_private_address_is_not_followed(monkeypatch, path):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.instead[path] = [(302, {"Location": "http://169.254.169.254/latest"}, b"")] * 10
            await tried(to(server))
            await listen(to(server), until=lambda _: False)

    with pytest.raises(NeedsHands, match=r"169\.254"):
        asyncio.run(go())


def test_a_streaming_address_in_a_private_network_is_not_asked(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.streaming_address = "ws://10.0.0.7"
            await listen(to(server), until=lambda _: False)

    with pytest.raises(NeedsHands, match=r"10\.0\.0\.7"):
        asyncio.run(go())


def test_a_token_does_not_leave_tls():
    from watchfloor.lib.guarded import Guard, GuardedClient
    from watchfloor.sources.mastodon.server import NotMastodon, Server

    async def go():
        async with GuardedClient(Guard()) as client:
            Server(client, "https://a.example", "t")._streaming("ws://a.example")

    with pytest.raises(NotMastodon, match="without TLS"):
        asyncio.run(go())


def test_what_is_no_mastodon_server_says_so(monkeypatch):
    async def go(body):
        async with answering(saying(ok(body))) as port:
            monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{port}")
            await tried(MastodonSettings(servers=(f"http://127.0.0.1:{port}",), streams=("public",)))

    for body in (b"<html>", b"[]", b"null", b"[" * 100_000, b"\xff\xfe"):
        with pytest.raises(TryAgain, match="Check the server's name"):
            asyncio.run(go(body))


# --- Rubbish in the stream --------------------------------------------------------------------------------------------

RUBBISH = {
    "no JSON": b"event: update\ndata: hello\n\n",
    "half a status": b'event: update\ndata: {"id": "1", "uri\n\n',
    "a list": b"event: update\ndata: [1]\n\n",
    "nested": b"event: update\ndata: " + b"[" * 50_000 + b"\n\n",
    "no UTF-8": b'event: update\ndata: {"id":"\xff\xfe"}\n\n',
    "no data": b"event: update\n\n",
    "unknown event": b"event: conversation\ndata: {}\n\n",
    "announcement": b"event: announcement.delete\ndata: 17\n\n",
    "delete of nothing": b"event: delete\ndata: \n\n",
    "delete of rubbish": b"event: delete\ndata: " + b"9" * 100_000 + b"\n\n",
    "filters": b"event: filters_changed\ndata: undefined\n\n",
    "line ends of old": b":thump\r\n\r\n: x\r\n",
    "nulls": b"\0\0\0\n\n",
    "only colons": b":" * 1_000 + b"\n",
    "longer than any status": b"event: update\ndata: " + b"x" * 3_000_000 + b"\n\n",
    "huge number": b'event: update\ndata: {"id": "' + b"9" * 10_000 + b'"}\n\n',
}


@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_in_the_stream_does_not_end_it(monkeypatch, rubbish):
    async def go():
        async with MastodonServer() as server:

            def happen():
                server.send_bytes(rubbish)
                server.post("after it")

            return await on(server, monkeypatch, happen, until=has("after it"))

    events = asyncio.run(go())
    assert texts(events) == ["after it"]
    assert all(len(event.excerpt) <= 200 for event in unreadable(events))


def test_a_status_in_single_bytes_is_read(monkeypatch):
    async def go():
        async with MastodonServer() as server:

            def happen():
                status = server.status("byte by byte ü")
                for byte in f"event: update\r\ndata: {json.dumps(status, ensure_ascii=False)}\r\n\r\n".encode():
                    server.send_bytes(bytes((byte,)))

            return await on(server, monkeypatch, happen, until=has("byte by byte ü"))

    assert texts(asyncio.run(go())) == ["byte by byte ü"]


def test_a_status_that_is_broken_off_comes_by_the_backfill(monkeypatch):
    async def go():
        async with MastodonServer() as server:

            def happen():
                status = server.post("whole", streamed=False)
                server.send_bytes(f"event: update\ndata: {json.dumps(status)[:200]}".encode())
                server.hang_up()

            return await on(server, monkeypatch, happen, until=has("whole"))

    events = asyncio.run(go())
    assert texts(events) == ["whole"]
    assert unreadable(events) == []


def test_an_event_without_end_closes_the_line(monkeypatch):
    monkeypatch.setattr(sse, "MOST_RUBBISH_BYTES", 5_000_000)

    async def go():
        async with MastodonServer() as server:

            def happen():
                for _ in range(8):
                    server.send_bytes(b"x" * 1_000_000)

            listening = asyncio.create_task(on(server, monkeypatch, happen, until=has("after it")))
            await server.until_asked("/api/v1/streaming/public", 2)
            server.post("after it")
            return await listening

    assert texts(asyncio.run(go())) == ["after it"]


@pytest.mark.parametrize(
    "page",
    [b"{}", b"null", b"[1, null, []]", b'[{"id": 5}]', b'[{"uri": "x"}]', b"[[[[", b"[" + b"{}," * 1_000 + b"{}]"],
)
def test_rubbish_in_a_timeline_does_not_end_the_stream(monkeypatch, page):
    async def go():
        async with MastodonServer() as server:
            server.instead["/api/v1/timelines/public"] = [(200, {}, page)] * 3
            return await on(server, monkeypatch, lambda: server.post("live"), until=has("live"))

    assert "live" in texts(asyncio.run(go()))


# --- The test button --------------------------------------------------------------------------------------------------


def test_the_test_button_says_who_answers_and_how_it_streams(monkeypatch):
    async def go(websocket, secrets, **settings):
        async with MastodonServer(websocket=websocket) as server:
            allow(monkeypatch, server)
            checked = await SOURCE.check(to(server, **settings), secrets=secrets)
            (says,) = checked.facts.values()
            return says

    says = asyncio.run(go(False, SECRETS))
    assert says == "version 4.7.3, token of @me@social.example, streams by server-sent events"
    assert "streams by WebSocket" in asyncio.run(go(True, SECRETS))
    assert "asked every 30 seconds, because it does not stream to us (HTTP 401: Missing access token)" in asyncio.run(
        go(False, {})
    )
    assert asyncio.run(go(False, {}, mode="poll")).endswith("asked every 30 seconds")


def test_the_test_button_names_the_server_that_fails(monkeypatch):
    async def go():
        async with MastodonServer("one.example") as one, MastodonServer("two.example") as two:
            allow(monkeypatch, one, two)
            two.instead["/api/v2/instance"] = [(502, {}, b"")]
            return two.port, await SOURCE.check(to(one, two), secrets=tokens(one, two))

    port, checked = asyncio.run(go())
    assert checked.says == "1 of 2 servers can't be listened to."
    assert "502" in checked.facts[f"127.0.0.1:{port}"]


def test_the_test_button_fails_where_nobody_answers(monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", "127.0.0.1:1")
    settings = MastodonSettings(servers=("http://127.0.0.1:1",), streams=("public",))
    with pytest.raises(TryAgain, match="Testing the server"):
        asyncio.run(SOURCE.check(settings, secrets={}))
