"""Servers that mean no good: the stream goes on where it can, and says clearly why where it can't."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
import time

import pytest

from watchfloor.lib.tests.web_servers import answering
from watchfloor.sources.bluesky import jetstream
from watchfloor.sources.bluesky.tests.lines import CAPTURED, post_line
from watchfloor.sources.bluesky.tests.listening import allow, enough, listen, texts, unreadable
from watchfloor.sources.bluesky.tests.listening import jetstream as to
from watchfloor.sources.source import TryAgain

GOOD = post_line(time.time_ns() // 1000, "good")


def frame(payload, opcode=0x81):
    size = len(payload)
    if size < 126:
        return bytes((opcode, size)) + payload
    return (
        struct.pack(">BBH", opcode, 126, size) if size < 65_536 else struct.pack(">BBQ", opcode, 127, size)
    ) + payload


def after_handshake(*pieces, hang_up=True):
    """A server that opens a WebSocket and then sends these bytes, whatever they are."""

    async def answer(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if not hang_up:
            await asyncio.sleep(60)

    return answer


def heard_from(monkeypatch, *pieces, until=None, **options):
    async def go():
        async with answering(after_handshake(*pieces, **options)) as port:
            url = f"ws://127.0.0.1:{port}/subscribe"
            allow(monkeypatch, url)
            return (await listen(to(url), until=until or (lambda events: "good" in texts(events))))[0]

    return asyncio.run(go())


BAD_MESSAGES = {
    "no JSON": b"<html>hello</html>",
    "half of a line": CAPTURED["plain"][:200],
    "an empty message": b"",
    "a list": b"[1, 2, 3]",
    "wrong types": b'{"did": 7, "time_us": "soon", "kind": null}',
    "bytes that are no UTF-8": b"\xff\xfe" * 50,
    "nested without end": b"[" * 50_000,
    "a huge text": post_line(1_783_175_888_000_000, "x" * 500_000),
    "script in a handle": CAPTURED["plain"].replace(b"did:plc:ana", b"<script>"),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_bad_message_is_told_and_the_stream_goes_on(monkeypatch, name):
    events = heard_from(monkeypatch, frame(BAD_MESSAGES[name], 0x82), frame(GOOD), hang_up=False)
    [told] = unreadable(events)
    assert len(told.excerpt) <= 200
    assert texts(events) == ["good"]


def test_text_and_binary_messages_pings_and_fragments_are_read_alike(monkeypatch):
    pieces = (
        frame(GOOD, 0x82),
        frame(b"ping", 0x89),
        frame(GOOD[:100], 0x01),
        frame(b"", 0x8A),
        frame(GOOD[100:], 0x80),
    )
    events = heard_from(monkeypatch, *pieces, until=enough(2), hang_up=False)
    assert texts(events) == ["good", "good"]


BROKEN_STREAMS = {
    "hangs up at once": [],
    "hangs up in the middle of a message": [frame(GOOD)[:50]],
    "hangs up in the middle of a frame's head": [b"\x81\x7e\x01"],
    "an unknown opcode": [frame(b"x", 0x8F)],
    "a masked frame from the server": [b"\x81\x81\x00\x00\x00\x00x"],
    "reserved bits": [frame(b"x", 0xF1)],
    "HTTP in place of frames": [b"HTTP/1.1 200 OK\r\n\r\n" * 10],
    "noise": [bytes(range(256)) * 20],
    "a frame of 2^62 bytes": [struct.pack(">BBQ", 0x81, 127, 1 << 62)],
    "a frame beyond the limit": [frame(b"x" * 2_000_001)],
    "fragments without end": [frame(b"x" * 60_000, 0x01), *[frame(b"x" * 60_000, 0x00)] * 40],
    "closes with an odd code": [frame(struct.pack(">H", 4_999) + b"<b>odd</b>", 0x88)],
    "closes with garbage": [frame(b"\xff", 0x88)],
    "a close that is too long": [frame(b"x" * 200, 0x88)],
}


@pytest.mark.parametrize("name", BROKEN_STREAMS)
def test_a_broken_stream_is_tried_again_and_said_why(monkeypatch, name):
    with pytest.raises(TryAgain, match=r"(broke off|could not be).*127\.0\.0\.1.*tried again"):
        heard_from(monkeypatch, *BROKEN_STREAMS[name])


def test_what_came_before_the_break_is_not_lost(monkeypatch):
    got = []
    with pytest.raises(TryAgain):
        heard_from(
            monkeypatch, frame(GOOD) * 700, frame(GOOD)[:50], until=lambda events: got.extend(events[len(got) :])
        )
    assert len(got) == 700


def test_a_stream_of_nothing_but_garbage_is_given_up(monkeypatch):
    got = []
    with pytest.raises(TryAgain, match="none of 500 messages was a line of Jetstream"):
        heard_from(
            monkeypatch, frame(b"garbage") * 5_000, until=lambda events: got.extend(events[len(got) :]), hang_up=False
        )
    assert len(got) < 500


def test_garbage_among_lines_does_not_end_the_stream(monkeypatch):
    events = heard_from(monkeypatch, frame(GOOD), frame(b"garbage") * 2_000, until=enough(2_001), hang_up=False)
    assert len(unreadable(events)) == 2_000


def test_a_reader_that_is_slow_slows_the_server_and_holds_little(monkeypatch):
    """Nobody takes the batches: the messages held stay few, and nothing is dropped."""
    total, long = 30_000, "x" * 2_000

    async def go():
        written = 0

        async def flood(reader, writer):
            nonlocal written
            await after_handshake()(reader, writer)
            for number in range(total):
                writer.write(frame(post_line(1_783_175_888_000_000 + number, f"{number} {long}")))
                await writer.drain()
                written = number + 1
            await asyncio.sleep(60)

        async with answering(flood) as port:
            url = f"ws://127.0.0.1:{port}/subscribe"
            allow(monkeypatch, url)
            held_back = []
            got = []

            async def each(batch):
                if len(got) == 0:
                    while not held_back or held_back[-1] != written:
                        held_back.append(written)
                        await asyncio.sleep(0.05)
                got.extend(text.split()[0] for text in texts(batch.events))

            await listen(to(url), until=enough(total), each=each)
            return held_back[-1], got

    held_back, got = asyncio.run(go())
    assert held_back < total / 2
    assert got == [str(number) for number in range(total)]


def test_messages_that_are_huge_but_allowed_do_not_fill_the_memory(monkeypatch):
    """A server that sends megabytes without end to a reader that is slow is slowed down by bytes, not by count."""
    sent = 0

    async def go():
        async def flood(reader, writer):
            nonlocal sent
            await after_handshake()(reader, writer)
            for _ in range(400):
                writer.write(frame(b"x" * 1_900_000))
                await writer.drain()
                sent += 1

        async with answering(flood) as port:
            url = f"ws://127.0.0.1:{port}/subscribe"
            allow(monkeypatch, url)
            settled = []

            async def each(batch):
                while len(settled) < 5 or settled[-5] != sent:
                    settled.append(sent)
                    await asyncio.sleep(0.02)

            await listen(to(url), until=enough(1), each=each)

    asyncio.run(go())
    assert 0 < sent < 100


def test_leaving_closes_the_connection(monkeypatch):
    async def go():
        closed = asyncio.Event()

        async def until_closed(reader, writer):
            await after_handshake(frame(GOOD))(reader, writer)
            while await reader.read(1_000):
                pass
            closed.set()

        async with answering(until_closed) as port:
            url = f"ws://127.0.0.1:{port}/subscribe"
            allow(monkeypatch, url)
            await listen(to(url), until=enough(1))
            await closed.wait()
        return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    assert asyncio.run(go()) == set()


def test_a_connection_that_keeps_breaking_is_not_hammered(monkeypatch):
    """Each connection gives something and breaks at once: that is no success to start over from."""
    opened = 0

    async def go():
        async def one_line(reader, writer):
            nonlocal opened
            opened += 1
            await after_handshake(frame(GOOD))(reader, writer)

        async with answering(one_line) as port:
            url = f"ws://127.0.0.1:{port}/subscribe"
            allow(monkeypatch, url)
            await listen(to(url, url, url), until=lambda events: False)

    assert jetstream.STEADY_SECONDS > 1
    with pytest.raises(TryAgain):
        asyncio.run(go())
    assert opened == 3
