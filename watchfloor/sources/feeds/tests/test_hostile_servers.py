"""Servers that are broken or mean harm: each is answered with a sentence, in bounded time."""

from __future__ import annotations

import asyncio
import gzip
import re

import pytest

from watchfloor.lib.tests.web_servers import answering, ok, redirect, saying
from watchfloor.sources.feeds import fetch
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.source import SOURCE
from watchfloor.sources.feeds.tests.site import answers, hear, item, posts, rss, site
from watchfloor.sources.source import NeedsHands, SourceError, TryAgain


async def _drip(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _endless(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"<item>" * 10_000)
        await writer.drain()


async def _hangs_up(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>")
    await writer.drain()
    writer.transport.abort()


async def _redirects_for_ever(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 301 Moved\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


SERVERS = {
    "drips": (_drip, TryAgain, "did not answer in full within"),
    "never ends": (_endless, TryAgain, "sent more than 5,000,000 bytes"),
    "hangs up": (_hangs_up, TryAgain, "could not be reached|gave no readable answer"),
    "speaks no HTTP": (saying(b"SSH-2.0-OpenSSH\r\n\r\n"), TryAgain, "gave no readable answer"),
    "redirects for ever": (_redirects_for_ever, TryAgain, "redirects more than"),
    "a gzip bomb": (
        saying(ok(gzip.compress(bytes(60_000_000)), "Content-Encoding: gzip")),
        TryAgain,
        "sent more than 5,000,000 bytes after decompression",
    ),
    "no gzip": (saying(ok(b"<rss>", "Content-Encoding: gzip")), TryAgain, "can't be decompressed"),
    "an unknown encoding": (saying(ok(b"<rss>", "Content-Encoding: br")), TryAgain, "which was not asked for"),
    "a picture": (
        saying(ok(b"\x89PNG\r\n\0\0", "Content-Type: image/png")),
        TryAgain,
        r"is no text \(image/png\)",
    ),
    "nothing": (saying(ok(b"")), TryAgain, "The answer was empty"),
    "304 unasked": (
        saying(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"),
        TryAgain,
        "was not asked that",
    ),
    "redirects to this machine": (saying(redirect("http://127.0.0.1:1/")), NeedsHands, "is this machine"),
    "redirects to a cloud's own address": (
        saying(redirect("http://169.254.169.254/latest/meta-data")),
        NeedsHands,
        "is a link-local address",
    ),
    "redirects to a file": (saying(redirect("file:///etc/passwd")), NeedsHands, "does not begin with http"),
}


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_means_harm_ends_in_a_sentence(name, monkeypatch):
    server, error, says = SERVERS[name]
    if name == "drips":
        monkeypatch.setattr(fetch, "MOST_SECONDS", 0.3)

    async def go():
        async with answering(server) as port:
            monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{port}")
            address = f"http://127.0.0.1:{port}/feed"
            for attempt in (
                hear(FeedsSettings((address,)), until=answers(1)),
                SOURCE.check(FeedsSettings((address,)), secrets={}),
            ):
                with pytest.raises(error) as told:
                    await attempt
                assert re.search(says, str(told.value))
                assert len(str(told.value)) < 700

    asyncio.run(go())


def test_one_that_means_harm_does_not_stop_the_others(monkeypatch):
    monkeypatch.setattr(fetch, "MOST_SECONDS", 0.5)

    async def go():
        async with site() as acme, answering(_drip) as port:
            monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{port},127.0.0.1:{acme.port}")
            acme.put("/feed", rss(item(1)))
            addresses = (f"http://127.0.0.1:{port}/", f"{acme.url}/feed")
            heard = await hear(FeedsSettings(addresses), until=answers(2))
            assert len(posts(heard)) == 1
            assert any("did not answer in full" in (batch.trouble or "") for batch in heard)

    asyncio.run(go())


def test_a_page_that_names_a_private_address_is_not_followed_there(allow):
    async def go():
        async with site() as inner, site() as acme:
            allow(acme)
            head = f'<link rel="alternate" type="application/rss+xml" href="{inner.url}/secret">'
            acme.put("/", f"<html><head>{head}</head></html>")
            inner.put("/secret", rss(item(1)))
            with pytest.raises(SourceError):
                await hear(FeedsSettings((acme.url,)), until=answers(1))
            assert inner.asked == []

    asyncio.run(go())
