"""Listening to a Mastodon server: streams, edits, deletions, several servers, two ways of streaming."""

from __future__ import annotations

import asyncio

import pytest

from tests.real.mastodon import MastodonServer
from watchfloor.sources.mastodon import stream
from watchfloor.sources.mastodon.tests.listening import (
    allow,
    deleted,
    gaps,
    listen,
    texts,
    to,
    tokens,
    unreadable,
)
from watchfloor.sources.source import NotPublic, Written


async def heard(server, happen, *, until, settings=None, listeners=1, **options):
    listening = asyncio.create_task(listen(settings or to(server), until=until, **options))
    await server.until_listened(listeners)
    happen()
    return await listening


@pytest.mark.parametrize("websocket", [False, True])
def test_posts_edits_and_deletions_come_as_they_happen(monkeypatch, websocket):
    async def go():
        async with MastodonServer(websocket=websocket) as server:
            allow(monkeypatch, server)
            server.post("too early")

            def happen():
                first = server.post("Hello")
                server.edit(first, "Hello again")
                server.delete(first)
                server.post("last")

            events, _ = await heard(server, happen, until=lambda events: "last" in texts(events))
            return events

    events = asyncio.run(go())
    assert texts(events) == ["Hello", "Hello again", "last"]
    assert [event.edited for event in events if isinstance(event, Written)] == [False, True, False]
    assert deleted(events) == [events[0].post.id]
    assert gaps(events) == unreadable(events) == []
    assert events[0].post.author.handle == "ana@social.example"


def test_each_stream_brings_its_own(monkeypatch):
    async def go(*feeds, hashtags=()):
        async with MastodonServer() as server:
            allow(monkeypatch, server)

            def happen():
                server.post("here #pivot")
                server.post("far #Pivot", by="ben@far.example")
                server.post("quiet", visibility="unlisted")
                server.post("hidden", visibility="private")
                server.post("end #pivot")
                server.post("end #pivot", by="ben@far.example")

            settings = to(server, streams=feeds, hashtags=hashtags)
            until = lambda events: any(text.startswith("end") for text in texts(events))  # noqa: E731
            return await heard(server, happen, until=until, settings=settings)

    def of(*feeds, hashtags=()):
        events, _ = asyncio.run(go(*feeds, hashtags=hashtags))
        return [text for text in texts(events) if not text.startswith("end")], events

    assert of("public")[0] == ["here #pivot", "far #Pivot"]
    assert of("public:local")[0] == ["here #pivot"]
    assert of("public:remote")[0] == ["far #Pivot"]
    assert of(hashtags=("#Pivot",))[0] == ["here #pivot", "far #Pivot"]
    home, events = of("user")
    assert home == ["here #pivot", "far #Pivot", "quiet"]
    (left_out,) = [event for event in events if isinstance(event, NotPublic)]
    assert "visibility: private" in left_out.why
    assert unreadable(events) == []


def test_the_same_post_from_two_servers_and_three_streams_comes_once(monkeypatch):
    uri = "https://far.example/users/ben/statuses/9"

    async def go():
        async with MastodonServer("one.example") as one, MastodonServer("two.example") as two:
            allow(monkeypatch, one, two)
            settings = to(one, two, streams=("public",), hashtags=("pivot",))
            until = lambda events: texts(events).count("end") == 2  # noqa: E731
            listening = asyncio.create_task(listen(settings, until=until, secrets=tokens(one, two)))
            await asyncio.gather(one.until_listened(2), two.until_listened(2))
            here = one.post("Hello #pivot", by="ben@far.example", uri=uri)
            two.post("Hello #pivot", by="ben@far.example", uri=uri)
            one.post("end")
            two.post("end")
            events, _ = await listening
            return here, events

    here, events = asyncio.run(go())
    assert texts(events).count("Hello #pivot") == 1
    assert [event.post.id for event in events if "Hello" in event.post.text] == [uri]
    assert here["uri"] == uri


def test_a_deletion_heard_on_the_other_server_is_of_the_same_post(monkeypatch):
    uri = "https://far.example/users/ben/statuses/9"

    async def go():
        async with MastodonServer("one.example") as one, MastodonServer("two.example") as two:
            allow(monkeypatch, one, two)
            listening = asyncio.create_task(
                listen(to(one, two), until=lambda events: bool(deleted(events)), secrets=tokens(one, two))
            )
            await asyncio.gather(one.until_listened(), two.until_listened())
            one.post("Hello", by="ben@far.example", uri=uri)
            two.delete(two.post("Hello", by="ben@far.example", uri=uri))
            return (await listening)[0]

    assert deleted(asyncio.run(go())) == [uri]


def test_an_edit_is_told_once_by_however_many_servers(monkeypatch):
    async def go():
        async with MastodonServer("one.example") as one, MastodonServer("two.example") as two:
            allow(monkeypatch, one, two)
            until = lambda events: texts(events).count("end") == 2  # noqa: E731
            listening = asyncio.create_task(listen(to(one, two), until=until, secrets=tokens(one, two)))
            await asyncio.gather(one.until_listened(), two.until_listened())
            post = one.post("Helo", by="ben@far.example", uri="https://far.example/users/ben/statuses/9")
            two.statuses[post["id"]] = post
            one.edit(post, "Hello")
            two._tell(post, "status.update")
            one.post("end")
            two.post("end")
            return (await listening)[0]

    assert [text for text in texts(asyncio.run(go())) if text != "end"] == ["Helo", "Hello"]


def test_a_reply_names_the_post_it_answers_where_that_came_by(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)

            def happen():
                post = server.post("Who is there?", by="ben@far.example")
                server.post("Me", in_reply_to_id=post["id"], in_reply_to_account_id="5")
                server.post("Not me", in_reply_to_id="1", in_reply_to_account_id="5")

            return (await heard(server, happen, until=lambda events: len(events) >= 3))[0]

    asked, known, unknown = asyncio.run(go())
    assert known.post.reply_to == asked.post.id
    assert unknown.post.reply_to == "social.example:1"


def test_what_was_sent_can_be_read_again_from_what_was_kept(monkeypatch):
    from watchfloor.sources.mastodon import SOURCE

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            happen = lambda: server.edit(server.post("Helo"), "Hello")  # noqa: E731
            return (await heard(server, happen, until=lambda events: len(events) >= 2))[0]

    for event in asyncio.run(go()):
        assert SOURCE.parse(event.raw) == [event]


def test_a_deletion_of_a_post_that_nobody_remembers_is_counted(monkeypatch):
    counts = []

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.streams_need_token = False

            def happen():
                server.send("public", "delete", "12345")
                server.post("last")

            await heard(
                server,
                happen,
                until=lambda events: "last" in texts(events),
                each=lambda batch: counts.append(batch.unknown_fields),
            )

    asyncio.run(go())
    assert {"delete (of a post not remembered)": 1} in counts


def test_the_token_goes_in_a_header_and_in_no_address(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            await heard(server, lambda: server.post("x"), until=lambda events: bool(events))
            return server

    server = asyncio.run(go())
    assert all(head["authorization"] == "Bearer token-of-ana" for head in server.heads)
    assert not any("token" in path for path in server.asked)


def test_a_quiet_stream_gives_signs_of_life(monkeypatch):
    lags = []

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            await listen(to(server), until=lambda _: len(lags) > 3, each=lambda batch: lags.append(batch.lag))

    asyncio.run(go())
    assert lags[-1] is not None
    assert lags[-1].total_seconds() < 5


def test_a_server_that_falls_silent_is_left_and_tried_again(monkeypatch):
    monkeypatch.setattr(stream, "SILENT_SECONDS", 0.1)

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.thump_seconds = 60
            listening = asyncio.create_task(listen(to(server), until=lambda events: "missed" in texts(events)))
            await server.until_asked("/api/v1/timelines/public")
            server.post("missed", streamed=False)
            await server.until_asked("/api/v1/streaming/public", 2)
            return (await listening)[0]

    assert texts(asyncio.run(go())) == ["missed"]
