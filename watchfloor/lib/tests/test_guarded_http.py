"""The guarded HTTP client against real servers on loopback that mean no good."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from watchfloor.lib.guarded import (
    AddressRefused,
    BadAnswer,
    Guard,
    GuardedClient,
    TooBig,
    TooManyRedirects,
    TooSlow,
    Unreachable,
)
from watchfloor.lib.tests.web_servers import answering, ok, redirect, saying


def guard_for(*ports, host="127.0.0.1"):
    return Guard(frozenset(f"{host}:{port}" for port in ports))


async def fetch(url, guard, method="GET", **limits):
    options = {name: limits.pop(name) for name in ("headers", "json", "content") if name in limits}
    async with GuardedClient(guard, **limits) as client:
        return await client.request(method, url, **options)


async def fetch_from(answer, path="/", **limits):
    async with answering(answer) as port:
        return await fetch(f"http://127.0.0.1:{port}{path}", guard_for(port), **limits)


def test_it_fetches_from_an_allowed_address_with_the_name_as_host():
    heads = []

    async def go():
        async with answering(saying(ok(b"hello", "X-Kind: feed"), heads)) as port:

            async def resolve(host, _):
                assert host == "intranet.example"
                return ["127.0.0.1"]

            guard = Guard(frozenset({f"intranet.example:{port}"}), resolve=resolve)
            return port, await fetch(f"http://intranet.example:{port}/feed?x=1", guard)

    port, answer = asyncio.run(go())
    assert (answer.status_code, answer.content, answer.headers["x-kind"]) == (200, b"hello", "feed")
    assert heads[0].startswith(b"GET /feed?x=1 HTTP/1.1\r\n")
    assert f"host: intranet.example:{port}".encode() in heads[0].lower()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "１２７.0.0.1",
        "①②⑦.0.0.1",
    ],
)
def test_no_way_of_writing_loopback_reaches_a_server_there(host):
    heads = []

    async def go():
        async with answering(saying(ok(b"secret"), heads)) as port:
            await fetch(f"http://{host}:{port}/", Guard())

    with pytest.raises((AddressRefused, Unreachable)):
        asyncio.run(go())
    assert heads == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked():
    """A name that answers with a good address first and loopback next must not be asked twice."""
    asked = []

    async def go():
        async with answering(saying(ok(b"secret"))) as port:

            async def rebinding(host, _):
                asked.append(host)
                return ["192.0.0.8"] if len(asked) == 1 else ["127.0.0.1"]

            await fetch(f"http://rebind.example:{port}/", Guard(resolve=rebinding))

    with pytest.raises(AddressRefused, match=r"192\.0\.0\.8"):
        asyncio.run(go())
    assert asked == ["rebind.example"]


@pytest.mark.parametrize("target", ["http://127.0.0.1:{inner}/", "http://localhost:{inner}/", "//127.0.0.1:{inner}/"])
def test_a_redirect_to_a_private_address_is_refused(target):
    heads = []

    async def go():
        async with (
            answering(saying(ok(b"secret"), heads)) as inner,
            answering(saying(redirect(target.format(inner=inner)))) as outer,
        ):
            await fetch(f"http://127.0.0.1:{outer}/", guard_for(outer))

    with pytest.raises(AddressRefused, match="WATCHFLOOR_ALLOW_ADDRESSES"):
        asyncio.run(go())
    assert heads == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/", "data:,x"])
def test_a_redirect_to_another_scheme_or_with_a_password_is_refused(target):
    with pytest.raises((AddressRefused, BadAnswer)):
        asyncio.run(fetch_from(saying(redirect(target))))


def test_an_answer_tells_the_redirects_that_led_to_it():
    async def go():
        async with (
            answering(saying(ok(b"there"))) as inner,
            answering(saying(redirect(f"http://127.0.0.1:{inner}/"))) as outer,
        ):
            return await fetch(f"http://127.0.0.1:{outer}/", guard_for(outer, inner))

    answer = asyncio.run(go())
    assert [(hop.status_code, hop.request.url.path) for hop in answer.history] == [(302, "/")]


def test_redirects_are_followed_up_to_the_limit():
    async def go(hops):
        left = hops

        async def hop(reader, writer):
            nonlocal left
            await reader.readuntil(b"\r\n\r\n")
            left -= 1
            writer.write(redirect(f"/{left}") if left >= 0 else ok(b"there"))

        return await fetch_from(hop, most_redirects=3)

    assert asyncio.run(go(3)).content == b"there"
    with pytest.raises(TooManyRedirects, match="more than 3 times"):
        asyncio.run(go(4))


def test_secret_headers_do_not_follow_a_redirect_to_another_host():
    heads = []

    async def go():
        headers = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "Cookie": "s3cret", "Accept": "a/b"}
        async with (
            answering(saying(ok(b"x"), heads)) as other,
            answering(saying(redirect(f"http://127.0.0.1:{other}/"), heads)) as first,
        ):
            await fetch(f"http://127.0.0.1:{first}/", guard_for(first, other), headers=headers)

    asyncio.run(go())
    assert heads[0].count(b"s3cret") == 3
    assert b"s3cret" not in heads[1]
    assert b"a/b" in heads[1]


def test_a_posted_body_is_not_carried_to_where_a_redirect_points():
    with pytest.raises(BadAnswer, match="redirects a POST"):
        asyncio.run(fetch_from(saying(redirect("/elsewhere")), method="POST", json={"a": 1}))


def test_an_endless_body_is_cut_off():
    async def endless(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()

    with pytest.raises(TooBig, match="more than 1,000,000 bytes"):
        asyncio.run(fetch_from(endless, most_bytes=1_000_000))


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_small_body_that_inflates_without_end_is_cut_off(pack):
    encoding = "gzip" if pack is gzip.compress else "deflate"
    bomb = pack(b"\0" * 100_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(TooBig, match="after decompression"):
        asyncio.run(fetch_from(saying(ok(bomb, f"Content-Encoding: {encoding}")), most_bytes=1_000_000))


def test_a_packed_body_is_unpacked():
    answer = asyncio.run(fetch_from(saying(ok(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip"))))
    assert answer.json() == {"a": 1}
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "bogus"])
def test_encodings_that_were_not_asked_for_are_refused(encoding):
    with pytest.raises(BadAnswer, match="encoding"):
        asyncio.run(fetch_from(saying(ok(b"xx", f"Content-Encoding: {encoding}"))))


def test_a_body_that_only_claims_to_be_packed_is_a_bad_answer():
    with pytest.raises(BadAnswer, match="decompressed"):
        asyncio.run(fetch_from(saying(ok(b"plain", "Content-Encoding: gzip"))))


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"])
def test_a_server_that_drips_bytes_is_given_up(before):
    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(before)
        while True:
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(0.01)

    with pytest.raises(TooSlow, match=r"within 0\.3 seconds"):
        asyncio.run(fetch_from(drip, most_seconds=0.3))


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"SSH-2.0-x\r\n"]
)
def test_answers_that_are_no_http_are_told_as_such(answer):
    with pytest.raises((BadAnswer, Unreachable), match=r"127\.0\.0\.1"):
        asyncio.run(fetch_from(saying(answer)))


def test_headers_without_end_are_cut_off():
    with pytest.raises(BadAnswer):
        asyncio.run(fetch_from(saying(b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 200_000 + b"\r\n")))


def test_nobody_listening_is_unreachable():
    async def go():
        async with answering(saying(b"")) as port:
            pass
        await fetch(f"http://127.0.0.1:{port}/", guard_for(port))

    with pytest.raises(Unreachable, match="could not be reached"):
        asyncio.run(go())


def test_a_server_that_takes_the_connection_and_is_silent_is_given_up_over_https():
    async def mute(reader, writer):
        await asyncio.sleep(60)

    async def go():
        async with answering(mute) as port:
            await fetch(f"https://127.0.0.1:{port}/", guard_for(port), most_seconds=0.2)

    with pytest.raises(TooSlow):
        asyncio.run(go())


def test_a_server_without_tls_is_unreachable_over_https():
    async def plain(reader, writer):
        writer.write(ok(b"x"))

    async def go():
        async with answering(plain) as port:
            await fetch(f"https://127.0.0.1:{port}/", guard_for(port))

    with pytest.raises(Unreachable):
        asyncio.run(go())


def test_a_proxy_from_the_environment_is_not_used(monkeypatch):
    seen = []

    async def go():
        async with answering(saying(ok(b"proxied"), seen)) as proxy, answering(saying(ok(b"direct"))) as port:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
            return await fetch(f"http://127.0.0.1:{port}/", guard_for(port))

    assert asyncio.run(go()).content == b"direct"
    assert seen == []


def test_cookies_are_not_kept_between_requests():
    heads = []

    async def go():
        async with (
            answering(saying(ok(b"x", "Set-Cookie: a=b"), heads)) as port,
            GuardedClient(guard_for(port)) as client,
        ):
            await client.get(f"http://127.0.0.1:{port}/")
            await client.get(f"http://127.0.0.1:{port}/")

    asyncio.run(go())
    assert b"cookie" not in heads[1].lower()
