"""Listening to a Jetstream server: order, cursor, filters, several hosts, compression."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import msgspec
import pytest
import zstandard

from tests.real.jetstream import JetstreamServer
from watchfloor.lib.tests.web_servers import answering, redirect, saying
from watchfloor.sources.bluesky import SOURCE, jetstream
from watchfloor.sources.bluesky.position import Position
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.bluesky.tests.lines import ANA, BEN, CAPTURED, identity_line, post_line
from watchfloor.sources.bluesky.tests.listening import allow, enough, gaps, listen, texts
from watchfloor.sources.bluesky.tests.listening import jetstream as to
from watchfloor.sources.source import NeedsHands, TryAgain


def now_us():
    return time.time_ns() // 1000


def place(server_url, time_us, **more):
    return Position(server_url, time_us, now_us(), **more).cursor()


async def heard(server, lines, *, until, **settings):
    listening = asyncio.create_task(listen(to(server.url, **settings), until=until))
    await server.somebody.wait()
    for line in lines:
        server.publish(line)
    return await listening


def test_it_listens_from_now_and_asks_for_posts_only(monkeypatch):
    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            server.publish(post_line(now_us(), "too early"))
            lines = [*CAPTURED.values(), post_line(now_us(), "last")]
            events, cursor = await heard(server, lines, until=lambda events: "last" in texts(events))
            return server, events, msgspec.json.decode(cursor, type=Position)

    server, events, position = asyncio.run(go())
    assert server.asked[0]["wantedCollections"] == ["app.bsky.feed.post"]
    assert "cursor" not in server.asked[0]
    assert [type(event).__name__ for event in events].count("Written") == 13
    assert len(events) == 20
    assert "too early" not in texts(events)
    assert gaps(events) == []
    assert position.host == server.url
    assert position.time_us == msgspec.json.decode(server.kept[-1].line)["time_us"]


def test_from_a_cursor_nothing_is_lost_and_nothing_in_disorder(monkeypatch):
    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            began = now_us() - 10_000_000
            for number in range(2_000):
                server.publish(post_line(began + number * 5_000, str(number)))
            cursor = place(server.url, began + 700 * 5_000)
            sizes = []
            events, _ = await listen(
                to(server.url), cursor=cursor, until=enough(1_500), each=lambda batch: sizes.append(len(batch.events))
            )
            return events, sizes

    events, sizes = asyncio.run(go())
    assert texts(events) == [str(number) for number in range(500, 2_000)]
    assert max(sizes) <= 500
    assert gaps(events) == []


def test_a_broken_line_is_taken_up_where_it_broke(monkeypatch):
    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            monkeypatch.setattr(jetstream, "STEADY_SECONDS", 0)
            began = now_us()
            publish = (server.publish(post_line(began + number, str(number))) for number in range(30))

            async def next_ten(batch):
                if any(text.endswith("9") for text in texts(batch.events)):
                    await server.hang_up()
                    for _ in range(10):
                        next(publish, None)

            listening = asyncio.create_task(
                listen(to(server.url), until=lambda events: "29" in texts(events), each=next_ten)
            )
            await server.somebody.wait()
            for _ in range(10):
                next(publish)
            return (await listening)[0], server.asked

    events, asked = asyncio.run(go())
    assert list(dict.fromkeys(texts(events))) == [str(number) for number in range(30)]
    assert len(asked) >= 3
    assert gaps(events) == []


def test_a_host_that_fails_is_followed_by_the_next_one_a_little_earlier(monkeypatch):
    async def go():
        async with JetstreamServer() as first, JetstreamServer() as second:
            allow(monkeypatch, first.url, second.url)
            monkeypatch.setattr(jetstream, "STEADY_SECONDS", 0)
            seen = now_us()
            for server in (first, second):
                server.publish(post_line(seen - 6_000_000, "long before"))
                server.publish(post_line(seen - 4_000_000, "before"))
                server.publish(post_line(seen, "seen"))
            second.publish(post_line(seen + 1, "new"))

            async def fail(batch):
                if "seen" in texts(batch.events):
                    await first.hang_up()

            return (
                seen,
                second.asked,
                await listen(
                    to(first.url, second.url),
                    cursor=place(first.url, seen),
                    until=lambda events: "new" in texts(events),
                    each=fail,
                ),
            )

    seen, asked, (events, cursor) = asyncio.run(go())
    assert texts(events) == ["seen", "before", "seen", "new"]
    assert asked[0]["cursor"] == [str(seen - 5_000_000)]
    assert gaps(events) == []
    assert msgspec.json.decode(cursor, type=Position).time_us == seen + 1


def test_it_goes_back_to_the_host_that_its_cursor_is_from(monkeypatch):
    async def go():
        async with JetstreamServer() as first, JetstreamServer() as second:
            allow(monkeypatch, first.url, second.url)
            seen = now_us()
            second.publish(post_line(seen, "seen"))
            await listen(to(first.url, second.url), cursor=place(second.url, seen), until=enough(1))
            return first.asked, second.asked, seen

    first, second, seen = asyncio.run(go())
    assert first == []
    assert second[0]["cursor"] == [str(seen - 1_000_000)]


def test_rewinding_asks_that_much_earlier(monkeypatch):
    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            seen = now_us()
            server.publish(post_line(seen, "seen"))
            cursor = SOURCE.rewind(place(server.url, seen), by=timedelta(minutes=2))
            events, _ = await listen(to(server.url), cursor=cursor, until=enough(1))
            return server.asked, seen, events

    asked, seen, events = asyncio.run(go())
    assert asked[0]["cursor"] == [str(seen - 121_000_000)]
    assert gaps(events) == []
    assert SOURCE.rewind(None, by=timedelta(minutes=2)) is None


def test_a_quiet_stream_gives_signs_of_life(monkeypatch):
    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            monkeypatch.setattr(jetstream, "SIGN_OF_LIFE_SECONDS", 0.01)
            signs = []
            cursor = place(server.url, now_us())
            server.publish(post_line(now_us() - 60_000_000, "old"))

            def each(batch):
                signs.append(batch)
                if len(signs) == 3:
                    server.publish(post_line(now_us(), "at last"))

            await listen(to(server.url), cursor=cursor, until=enough(1), each=each)
            return cursor, signs

    cursor, signs = asyncio.run(go())
    assert [len(batch.events) for batch in signs[:3]] == [0, 0, 0]
    assert signs[0].cursor == cursor
    assert signs[0].lag is None
    assert signs[-1].lag >= timedelta(0)


def test_a_host_that_stays_silent_is_left_when_there_are_others(monkeypatch):
    async def go():
        async with JetstreamServer() as silent, JetstreamServer() as lively:
            allow(monkeypatch, silent.url, lively.url)
            monkeypatch.setattr(jetstream, "SIGN_OF_LIFE_SECONDS", 0.01)
            monkeypatch.setattr(jetstream, "SILENT_SECONDS", 0.05)
            seen = now_us()
            lively.publish(post_line(seen, "heard"))
            return texts((await listen(to(silent.url, lively.url), cursor=place("x", seen), until=enough(1)))[0])

    assert asyncio.run(go()) == ["heard"]


# --- Filters and compression ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [0, 60])
def test_only_wanted_accounts_are_heard(monkeypatch, more):
    dids = (ANA, *(f"did:plc:other{number}" for number in range(more)))

    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            lines = [
                post_line(now_us(), "ben's", did=BEN),
                post_line(now_us(), "ana's"),
            ]
            events, _ = await heard(server, lines, until=enough(1), wanted_dids=dids)
            return server.asked, events

    asked, events = asyncio.run(go())
    assert texts(events) == ["ana's"]
    assert ("wantedDids" in asked[0]) == (not more)


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory):
    samples = [post_line(number, f"sample {number} of many") for number in range(2_000)]
    file = tmp_path_factory.mktemp("zstd") / "dictionary"
    file.write_bytes(zstandard.train_dictionary(8_192, samples).as_bytes())
    return file


def test_compressed_messages_are_read_with_the_dictionary(monkeypatch, dictionary):
    async def go():
        async with JetstreamServer(dictionary=dictionary.read_bytes()) as server:
            allow(monkeypatch, server.url)
            lines = [post_line(now_us(), str(number)) for number in range(20)]
            events, _ = await heard(server, lines, until=enough(20), compress=True, zstd_dictionary=str(dictionary))
            return server.asked, texts(events)

    asked, heard_texts = asyncio.run(go())
    assert asked[0]["compress"] == ["true"]
    assert heard_texts == [str(number) for number in range(20)]


def test_a_compressed_message_that_claims_gigabytes_is_unreadable(monkeypatch, dictionary):
    unpack = jetstream.unpacking(BlueskySettings(compress=True, zstd_dictionary=str(dictionary)))
    bomb = zstandard.ZstdCompressor().compress(b"\0" * 50_000_000)
    hidden = zstandard.ZstdCompressor(write_content_size=False).compress(b"\0" * 50_000_000)
    assert len(bomb) < 10_000
    for message in (bomb, hidden, b"", b"garbage", bomb[:100]):
        with pytest.raises(zstandard.ZstdError):
            unpack(message)


def test_without_the_dictionary_it_says_what_to_do(tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"no dictionary")
    for file in (None, str(tmp_path / "missing"), str(wrong)):
        settings = BlueskySettings(compress=True, zstd_dictionary=file)
        with pytest.raises(NeedsHands, match=r"zstd_dictionary|right file"):
            asyncio.run(listen(settings, until=enough(1)))


# --- What goes wrong -----------------------------------------------------------------------------------------------


async def failing(monkeypatch, *answers):
    """Listen where the hosts answer so."""
    import contextlib

    async with contextlib.AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(answering(answer)) for answer in answers]
        hosts = tuple(f"ws://127.0.0.1:{port}/subscribe" for port in ports)
        allow(monkeypatch, *hosts)
        await listen(to(*hosts), until=enough(1))


def status(code, *headers):
    return saying("\r\n".join([f"HTTP/1.1 {code} X", "Content-Length: 0", *headers, "", ""]).encode())


@pytest.mark.parametrize("code", [429, 500, 502, 503])
def test_trouble_on_the_server_is_tried_again(monkeypatch, code):
    with pytest.raises(TryAgain, match=rf"answered with HTTP {code}.*127\.0\.0\.1.*tried again") as caught:
        asyncio.run(failing(monkeypatch, status(code), status(code)))
    assert caught.value.after is None


@pytest.mark.parametrize("code", [400, 401, 403, 404])
def test_a_refused_address_needs_hands(monkeypatch, code):
    with pytest.raises(NeedsHands, match="Check the address"):
        asyncio.run(failing(monkeypatch, status(code), status(code)))


def test_one_host_that_may_work_later_is_reason_enough_to_try_again(monkeypatch):
    with pytest.raises(TryAgain):
        asyncio.run(failing(monkeypatch, status(500), status(404)))


def test_a_wait_that_the_server_asks_for_is_told(monkeypatch):
    with pytest.raises(TryAgain) as caught:
        asyncio.run(failing(monkeypatch, status(429, "Retry-After: 90"), status(429, "Retry-After: 30")))
    assert caught.value.after == timedelta(seconds=30)


def test_an_unusable_wait_is_ignored(monkeypatch):
    with pytest.raises(TryAgain) as caught:
        asyncio.run(failing(monkeypatch, status(429, "Retry-After: soon")))
    assert caught.value.after is None


def test_a_redirect_to_a_private_address_needs_hands(monkeypatch):
    with pytest.raises(NeedsHands, match="WATCHFLOOR_ALLOW_ADDRESSES"):
        asyncio.run(failing(monkeypatch, saying(redirect("ws://127.0.0.1:1/subscribe"))))


def test_loopback_needs_the_operators_list(monkeypatch):
    monkeypatch.delenv("WATCHFLOOR_ALLOW_ADDRESSES", raising=False)
    with pytest.raises(NeedsHands, match="WATCHFLOOR_ALLOW_ADDRESSES"):
        asyncio.run(listen(to("ws://127.0.0.1:1/subscribe"), until=enough(1)))


def test_a_list_of_addresses_that_can_not_be_read_needs_hands(monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", "localhost")
    with pytest.raises(NeedsHands, match="not host:port"):
        asyncio.run(listen(BlueskySettings(), until=enough(1)))


def test_a_cursor_that_is_not_ours_needs_hands():
    with pytest.raises(NeedsHands, match="Reset the connection's position"):
        asyncio.run(listen(BlueskySettings(), cursor="nonsense", until=enough(1)))


# --- The test button, and what it costs ----------------------------------------------------------------------------


def test_the_check_says_what_was_heard(monkeypatch):
    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            checking = asyncio.create_task(SOURCE.check(to(server.url), secrets={}))
            await server.somebody.wait()
            server.publish(identity_line(now_us()))
            return await checking

    checked = asyncio.run(go())
    assert checked.says == "Bluesky answers, and posts are coming in."
    assert "Behind the network" in checked.facts


def test_it_costs_nothing():
    assert SOURCE.cost(BlueskySettings()).money_per_1000_posts == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"hosts": []},
        {"hosts": ["http://example.org"]},
        {"hosts": ["wss://u:p@example.org/subscribe"]},
        {"service": "https://bsky.network"},
        {"pds": "ws://example.org"},
        {"mode": "telepathy"},
        {"wanted_dids": ["ana"]},
        {"wanted_dids": [f"did:plc:{number}" for number in range(10_001)]},
        {"surprise": 1},
    ],
)
def test_wrong_settings_are_refused_when_they_are_saved(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, SOURCE.settings_type)
