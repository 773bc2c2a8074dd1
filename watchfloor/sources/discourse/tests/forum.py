"""A Discourse forum of our own on loopback, made from the documented shapes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from watchfloor.lib.tests.web_servers import answering
from watchfloor.sources.clock import SetClock
from watchfloor.sources.discourse.settings import DiscourseSettings
from watchfloor.sources.discourse.source import Discourse
from watchfloor.sources.source import Batch

NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)
PAGE = 50


@dataclass
class Forum:
    """`posts` by id. `windows`: answers as older releases do, the 50 ids up to and with `before`."""

    clock: SetClock
    port: int = 0
    posts: dict[int, dict] = field(default_factory=dict)
    unlisted: set[int] = field(default_factory=set)
    last: int = 1_000
    windows: bool = False
    broken: dict[str, bytes] = field(default_factory=dict)  # path without query → whole answer
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    def write(self, text: str = "<p>Hello</p>", *, topic: int = 7, **fields) -> int:
        self.last += 1
        number = 1 + sum(post["topic_id"] == topic for post in self.posts.values())
        at = self.clock.now().isoformat().replace("+00:00", "Z")
        self.posts[self.last] = {
            "id": self.last, "name": "Ana Lee", "username": "ana", "user_id": 3, "created_at": at, "updated_at": at,
            "cooked": text, "post_number": number, "post_type": 1, "reply_count": 0, "reply_to_post_number": None,
            "quote_count": 0, "reads": 5, "topic_id": topic, "topic_slug": "coffee", "topic_title": "Coffee",
            "post_url": f"/t/coffee/{topic}/{number}", "version": 1, "hidden": False, "deleted_at": None,
            "user_deleted": False, "actions_summary": [{"id": 2, "count": 4}], **fields,
        }  # fmt: skip
        return self.last

    def change(self, number: int, **fields) -> None:
        self.posts[number] |= fields

    def answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path in self.broken:
            return self.broken[parts.path]
        if parts.path == "/posts.json":
            return whole({"latest_posts": self._latest(parse_qs(parts.query).get("before"))})
        if parts.path == "/latest.json":
            return whole({"topic_list": {"topics": [{"id": 7, "title": "Coffee"}] if self.posts else []}})
        if parts.path.startswith("/posts/"):
            post = self.posts.get(int(parts.path.removeprefix("/posts/").removesuffix(".json")))
            return whole(post) if post else whole({"errors": ["not found"]}, 404)
        if parts.path.startswith("/t/"):
            topic = int(parts.path.split("/")[2])
            inside = [post for post in self.posts.values() if post["topic_id"] == topic]
            return whole({"id": topic, "post_stream": {"posts": inside, "stream": [p["id"] for p in inside]}})
        return whole({}, 404)

    def _latest(self, before: list[str] | None) -> list[dict]:
        top = int(before[0]) if before else self.last + 1
        listed = {n: p for n, p in self.posts.items() if n not in self.unlisted}
        if self.windows:
            top = int(before[0]) if before else self.last
            return [p for n, p in sorted(listed.items(), reverse=True) if top - PAGE < n <= top]
        return [p for n, p in sorted(listed.items(), reverse=True) if n < top][:PAGE]


def whole(told: object, status: int = 200, **headers: str) -> bytes:
    body = told if isinstance(told, bytes) else msgspec.json.encode(told)
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", "Connection: close", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@contextlib.asynccontextmanager
async def forums(count: int = 1) -> AsyncIterator[list[Forum]]:
    clock = SetClock(NOON)
    these = [Forum(clock) for _ in range(count)]
    async with contextlib.AsyncExitStack() as stack:
        for this in these:
            this.port = await stack.enter_async_context(answering(_answering(this)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", ",".join(this.name for this in these))
            yield these


def _answering(this: Forum):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        this.asked.append(target)
        writer.write(this.answer(target))

    return answer


async def hear(
    *these: Forum, cursor: str | None = None, looks: int = 1, between=lambda: None, **settings
) -> list[Batch]:
    """The batches of `looks` looks; `between` happens after each."""
    clock = these[0].clock
    told = DiscourseSettings(sites=tuple(this.url for this in these), **settings)
    batches: list[Batch] = []
    async with aclosing(Discourse(clock).listen(told, cursor=cursor, secrets={})) as heard:
        async for batch in heard:
            batches.append(batch)
            if len(batches) == looks:
                break
            between()
    return batches


def later(these: list[Forum], **span: float) -> None:
    these[0].clock.time += timedelta(**span)
