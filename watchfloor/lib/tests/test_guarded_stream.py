"""Answers that do not end, from real servers on loopback."""

from __future__ import annotations

import asyncio

import pytest

from watchfloor.lib.guarded import AddressRefused, BadAnswer, Guard, GuardedClient, TooBig, TooSlow, Unreachable
from watchfloor.lib.tests.web_servers import answering, ok, redirect, saying

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


async def read(answer, *, pieces=None, path="/", headers=None, allow=(), **limits):
    got = []
    async with answering(answer) as port:
        guard = Guard(frozenset({f"127.0.0.1:{port}", *allow}))
        async with (
            GuardedClient(guard) as client,
            client.stream(f"http://127.0.0.1:{port}{path}", headers=headers, **limits) as long,
        ):
            async for piece in long.pieces():
                got.append(piece)
                if pieces is not None and len(got) >= pieces:
                    break
    return got


def dripping(*pieces):
    """Each piece once the one before it was read, and then nothing more; the line stays open."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await asyncio.Event().wait()

    return answer


def test_pieces_come_as_they_are_sent():
    assert b"".join(asyncio.run(read(dripping(b"one"), pieces=1))) == b"one"


def test_it_ends_with_the_body():
    assert b"".join(asyncio.run(read(saying(ok(b"all of it"))))) == b"all of it"


def test_silence_is_a_failure_of_its_own():
    with pytest.raises(TooSlow, match=r"sent nothing for 0\.05 seconds"):
        asyncio.run(read(dripping(b":)\n"), silent_seconds=0.05))


def test_a_beginning_that_does_not_come_is_too_slow():
    async def answer(reader, writer):
        await asyncio.Event().wait()

    with pytest.raises(TooSlow, match=r"within 0\.05 seconds"):
        asyncio.run(read(answer, most_seconds=0.05))


def test_a_line_that_breaks_in_the_middle_is_told():
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with pytest.raises((BadAnswer, Unreachable)):
        asyncio.run(read(answer))


def test_a_packed_body_is_refused():
    answer = saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")
    with pytest.raises(BadAnswer, match="encoding 'gzip'"):
        asyncio.run(read(answer))


def test_a_redirect_to_this_machine_is_refused():
    with pytest.raises(AddressRefused):
        asyncio.run(read(saying(redirect("http://127.0.0.1:1/"))))


def test_a_redirect_elsewhere_does_not_carry_the_token_on():
    heads = []

    async def go():
        async with answering(saying(ok(b"there"), heads)) as other:
            return await read(
                saying(redirect(f"http://127.0.0.1:{other}/next")),
                headers={"Authorization": "Bearer hidden"},
                allow={f"127.0.0.1:{other}"},
            )

    assert asyncio.run(go()) == [b"there"]
    assert b"hidden" not in heads[0]


def test_an_endless_body_is_read_only_as_fast_as_it_is_asked_for():
    sent = 0

    async def answer(reader, writer):
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        while True:
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()

    got = asyncio.run(read(answer, pieces=3))
    assert sum(map(len, got)) < 1_000_000
    assert sent < 30_000_000


def test_a_bounded_request_still_is_bounded():
    async def go():
        async with (
            answering(saying(ok(b"x" * 1_000))) as port,
            GuardedClient(Guard(frozenset({f"127.0.0.1:{port}"})), most_bytes=100) as client,
        ):
            await client.get(f"http://127.0.0.1:{port}/")

    with pytest.raises(TooBig):
        asyncio.run(go())


def test_its_beginning_says_what_was_answered_instead():
    async def go():
        async with answering(saying(ok(b"x" * 5_000))) as port:
            guard = Guard(frozenset({f"127.0.0.1:{port}"}))
            async with GuardedClient(guard) as client, client.stream(f"http://127.0.0.1:{port}/") as long:
                return await long.beginning(100)

    assert asyncio.run(go()) == b"x" * 100
