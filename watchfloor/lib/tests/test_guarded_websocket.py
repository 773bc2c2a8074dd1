"""WebSockets through the guard, against real servers on loopback."""

from __future__ import annotations

import asyncio
import socket

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError

from watchfloor.lib.guarded import (
    AddressRefused,
    Guard,
    HandshakeRefused,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    guarded_websocket,
)
from watchfloor.lib.tests.web_servers import answering, redirect, saying


def guard_for(*ports):
    return Guard(frozenset(f"127.0.0.1:{port}" for port in ports))


async def open_at(answer, scheme="ws", **options):
    async with answering(answer) as port:
        connection = await guarded_websocket(f"{scheme}://127.0.0.1:{port}/x", guard_for(port), **options)
        await connection.close()


def says(*messages):
    async def handler(connection):
        for message in messages:
            await connection.send(message)
        await connection.wait_closed()

    return serve(handler, "127.0.0.1", 0, max_size=None)


def port_of(server):
    return next(iter(server.sockets)).getsockname()[1]


def test_it_opens_an_allowed_address_and_receives():
    async def go():
        async with says("hello") as server:
            connection = await guarded_websocket(f"ws://127.0.0.1:{port_of(server)}/", guard_for(port_of(server)))
            try:
                return await connection.recv()
            finally:
                await connection.close()

    assert asyncio.run(go()) == "hello"


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="TCP_USER_TIMEOUT is Linux's")
def test_a_dead_peer_is_noticed_by_the_machine_even_while_we_are_behind():
    async def go():
        async with says("hello") as server:
            connection = await guarded_websocket(f"ws://127.0.0.1:{port_of(server)}/", guard_for(port_of(server)))
            line = connection.transport.get_extra_info("socket")
            set_to = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            await connection.close()
            return set_to

    assert asyncio.run(go()) == 40_000


def test_a_message_beyond_the_limit_closes_the_connection():
    async def go():
        async with says("x" * 2_000) as server:
            port = port_of(server)
            connection = await guarded_websocket(f"ws://127.0.0.1:{port}/", guard_for(port), most_bytes=1_000)
            await connection.recv()

    with pytest.raises(ConnectionClosedError) as caught:
        asyncio.run(go())
    assert caught.value.sent.code == 1009


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_loopback_is_refused_without_the_list(host):
    with pytest.raises((AddressRefused, Unreachable)):
        asyncio.run(guarded_websocket(f"ws://{host}:9/", Guard()))


@pytest.mark.parametrize("url", ["http://example.com/", "wss://u:p@example.com/", "ws:", "nonsense"])
def test_other_schemes_and_passwords_are_refused(url):
    with pytest.raises(AddressRefused):
        asyncio.run(guarded_websocket(url, Guard()))


@pytest.mark.parametrize("scheme", ["ws", "http"])
def test_a_redirect_to_a_private_address_is_refused(scheme):
    async def go():
        async with says("secret") as inner:
            await open_at(saying(redirect(f"{scheme}://127.0.0.1:{port_of(inner)}/")))

    with pytest.raises(AddressRefused, match="WATCHFLOOR_ALLOW_ADDRESSES"):
        asyncio.run(go())


def test_a_redirect_to_an_allowed_address_is_followed_without_the_headers():
    heads = []

    async def go():
        async with says("hello") as inner:
            target = redirect(f"http://127.0.0.1:{port_of(inner)}/")
            async with answering(saying(target, heads)) as outer:
                connection = await guarded_websocket(
                    f"ws://127.0.0.1:{outer}/", guard_for(outer, port_of(inner)), headers={"Authorization": "s3cret"}
                )
                assert connection.request is not None
                assert "Authorization" not in connection.request.headers
                message = await connection.recv()
                await connection.close()
                return message

    assert asyncio.run(go()) == "hello"
    assert b"s3cret" in heads[0]


def test_redirects_without_end_are_given_up():
    with pytest.raises(TooManyRedirects):
        asyncio.run(open_at(saying(redirect("/again"))))


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_http_answer_is_told_with_its_status(status):
    answer = f"HTTP/1.1 {status} No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(HandshakeRefused, match=str(status)) as caught:
        asyncio.run(open_at(saying(answer)))
    assert (caught.value.status, caught.value.retry_after) == (status, "7")


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"])
def test_an_answer_that_is_no_handshake_is_told(answer):
    with pytest.raises((HandshakeRefused, Unreachable), match=r"127\.0\.0\.1"):
        asyncio.run(open_at(saying(answer)))


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_server_that_never_answers_is_given_up(scheme):
    async def mute(reader, writer):
        await asyncio.sleep(60)

    with pytest.raises(TooSlow, match=r"within 0\.2 seconds"):
        asyncio.run(open_at(mute, scheme, most_seconds=0.2))


def test_nobody_listening_is_unreachable():
    async def go():
        async with answering(saying(b"")) as port:
            pass
        await guarded_websocket(f"ws://127.0.0.1:{port}/", guard_for(port))

    with pytest.raises(Unreachable):
        asyncio.run(go())
