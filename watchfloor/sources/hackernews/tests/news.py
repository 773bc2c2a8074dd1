"""A Hacker News of our own on loopback, made from the documented shapes, and listening to it with a set clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from watchfloor.lib.tests.web_servers import answering
from watchfloor.sources.clock import SetClock
from watchfloor.sources.hackernews.settings import HackerNewsSettings
from watchfloor.sources.hackernews.source import HackerNews
from watchfloor.sources.source import Batch

NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)


@dataclass
class News:
    """`items` by number; one that is None, or absent below `newest`, has not appeared yet."""

    clock: SetClock
    port: int = 0
    newest: int = 100
    items: dict[int, object] = field(default_factory=dict)
    updates: list[object] = field(default_factory=list)
    broken: dict[str, bytes] = field(default_factory=dict)  # path → whole answer
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self, kind: str = "story", **fields: object) -> int:
        self.newest += 1
        told = {"id": self.newest, "type": kind, "by": "norvig", "time": int(self.clock.now().timestamp())}
        if kind == "story":
            told |= {"title": f"Story {self.newest}", "score": 1, "descendants": 0, "url": "https://acme.example/"}
        if kind == "comment":
            told |= {"text": f"Comment {self.newest}", "parent": 100}
        self.items[self.newest] = {**told, **fields}
        return self.newest

    def change(self, number: int, **fields: object) -> None:
        self.items[number] = {**self.items[number], **fields}  # type: ignore[dict-item]
        self.updates.append(number)

    def answer(self, path: str) -> bytes:
        if path in self.broken:
            return self.broken[path]
        told: object = None
        if path == "/v0/maxitem.json":
            told = self.newest
        elif path == "/v0/updates.json":
            told = {"items": self.updates, "profiles": ["pg"]}
        elif path.startswith("/v0/item/"):
            told = self.items.get(int(path.removeprefix("/v0/item/").removesuffix(".json")))
        return whole(told if isinstance(told, bytes) else msgspec.json.encode(told))


def whole(body: bytes, status: int = 200, **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", "Connection: close", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@contextlib.asynccontextmanager
async def news() -> AsyncIterator[News]:
    this = News(SetClock(NOON))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        this.asked.append(path)
        this.at_once += 1
        this.most_at_once = max(this.most_at_once, this.at_once)
        await asyncio.sleep(0)
        writer.write(this.answer(path))
        this.at_once -= 1

    async with answering(answer) as port:
        this.port = port
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{port}")
            yield this


async def hear(
    this: News, cursor: str | None = None, *, looks: int = 1, between: Callable[[], object] = lambda: None, **settings
) -> list[Batch]:
    """The batches of `looks` looks; `between` happens after each."""
    batches: list[Batch] = []
    clock = Looks(this.clock, looks, between)
    listening = HackerNews(clock).listen(HackerNewsSettings(service=this.url, **settings), cursor=cursor, secrets={})
    async with aclosing(listening) as heard:
        with contextlib.suppress(Enough):
            async for batch in heard:
                batches.append(batch)
    return batches


class Enough(Exception):
    pass


class Looks:
    """A set clock that ends the listening after so many waits."""

    def __init__(self, clock: SetClock, looks: int, between: Callable[[], object]) -> None:
        self.clock, self.left, self.between = clock, looks, between

    def now(self) -> datetime:
        return self.clock.now()

    async def wait_until(self, when: datetime) -> None:
        self.left -= 1
        if not self.left:
            raise Enough
        await self.clock.wait_until(max(when, self.now() + timedelta(seconds=1)))
        self.between()
