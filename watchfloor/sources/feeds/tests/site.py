"""A web site on loopback for tests, and listening to it with a set clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from watchfloor.lib.tests.web_servers import answering
from watchfloor.sources.clock import SetClock
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.source import Feeds
from watchfloor.sources.source import Batch, Written

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Asked:
    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """Answers by path: (status, headers, body). `asked` holds the requests in their order."""

    port: int = 0
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    when_asked: Callable[[], Awaitable[None]] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, told, body.encode() if isinstance(body, str) else body)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@contextlib.asynccontextmanager
async def site() -> AsyncIterator[Site]:
    this = Site()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        path = first.split()[1]
        this.asked.append(Asked(path, headers))
        if this.when_asked is not None:
            await this.when_asked()
        this.at_once += 1
        this.most_at_once = max(this.most_at_once, this.at_once)
        status, told, body = this.pages.get(path, (404, {}, b"nothing here"))
        if told.get("ETag") and headers.get("if-none-match") == told["ETag"]:
            status, body = 304, b""
        told = {"Content-Length": str(len(body)), "Connection": "close", **told}
        await asyncio.sleep(0)
        writer.write(f"HTTP/1.1 {status} So\r\n".encode())
        writer.write("".join(f"{name}: {value}\r\n" for name, value in told.items()).encode() + b"\r\n" + body)
        this.at_once -= 1

    async with answering(answer) as port:
        this.port = port
        yield this


def rss(*items: str, head: str = "") -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Acme Blog</title>{head}{''.join(items)}</channel></rss>"
    )


def item(number: int, text: str = "", *, hour: int | None = None, more: str = "") -> str:
    date = f"<pubDate>Sun, 22 Nov 2026 {hour if hour is not None else number % 12:02}:00:00 GMT</pubDate>"
    return (
        f'<item><title>Post {number}</title><guid isPermaLink="false">tag:acme.example,2026:{number}</guid>'
        f"<link>https://acme.example/{number}</link>{date}"
        f"<description>{text or f'Text {number}'}</description>{more}</item>"
    )


async def hear(
    settings: FeedsSettings,
    *,
    until: Callable[[list[Batch]], bool],
    cursor: str | None = None,
    clock: SetClock | None = None,
) -> list[Batch]:
    """The batches up to the first after which `until` holds."""
    heard: list[Batch] = []
    async with aclosing(Feeds(clock or SetClock(NOW)).listen(settings, cursor=cursor, secrets={})) as batches:
        async with asyncio.timeout(60):
            async for batch in batches:
                heard.append(batch)
                if until(heard):
                    break
    return heard


def events(batches: list[Batch]) -> list:
    return [event for batch in batches for event in batch.events]


def posts(batches: list[Batch]) -> list[Written]:
    return [event for event in events(batches) if isinstance(event, Written)]


def cursor_of(batches: list[Batch]) -> str | None:
    return next((batch.cursor for batch in reversed(batches) if batch.cursor is not None), None)


def answers(count: int) -> Callable[[list[Batch]], bool]:
    """Until so many feeds were heard, whether they had something new or not."""
    return lambda batches: sum(not batch.is_plan and batch.cursor is not None for batch in batches) >= count
