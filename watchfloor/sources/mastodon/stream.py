"""One stream of one server, by server-sent events or by WebSocket: messages as they come.

https://docs.joinmastodon.org/methods/streaming/. Mastodon offers both; Pleroma, Akkoma and GoToSocial WebSocket alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
from websockets.exceptions import ConnectionClosed, PayloadTooBig

from watchfloor.lib.guarded import Guard, GuardedClient, HandshakeRefused, Unreachable, guarded_websocket
from watchfloor.sources.mastodon.server import NotMastodon, Refused, Server, words_of
from watchfloor.sources.mastodon.sse import MOST_EVENT_BYTES, Endless, Events, Message

Way = Literal["sse", "websocket"]
OPENING_SECONDS = 15.0
SILENT_SECONDS = 60.0  # a server-sent sign of life comes every 15
TICK_SECONDS = 3.0
NOT_OFFERED = (400, 404, 405, 406, 410, 426, 501)  # this server has no streams of this kind

_SSE_PATHS = {"public": "public", "public:local": "public/local", "public:remote": "public/remote", "user": "user"}


class NotOffered(Exception):
    """The server does not stream this way."""


@contextlib.asynccontextmanager
async def opened(way: Way, server: Server, feed: str, guard: Guard) -> AsyncIterator[AsyncGenerator[list[Message]]]:
    """The messages of a stream once it stands; an empty list is a sign of life. Raises GuardedError, Refused,
    NotOffered, NotMastodon; while reading GuardedError, Refused, Endless, ConnectionClosed."""
    address = (await server.about()).streaming
    open_it = _by_events(server, address, feed, guard) if way == "sse" else _by_websocket(server, address, feed, guard)
    async with open_it as messages, contextlib.aclosing(messages):
        yield messages


@contextlib.asynccontextmanager
async def _by_events(
    server: Server, address: str, feed: str, guard: Guard
) -> AsyncIterator[AsyncGenerator[list[Message]]]:
    path, query = _path(feed)
    async with (
        GuardedClient(guard) as client,  # its own: a client keeps a bounded number of lines open
        client.stream(
            f"{address}/api/v1/streaming/{path}",
            params=query,
            headers={**server.headers, "Accept": "text/event-stream"},
            most_seconds=OPENING_SECONDS,
            silent_seconds=SILENT_SECONDS,
        ) as answer,
    ):
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status != 200 or kind != "text/event-stream":
            after = server.budget.heard(answer.status, answer.headers) if answer.status == 429 else None
            says = words_of(await answer.beginning())
            if answer.status in NOT_OFFERED or answer.status == 200:
                raise NotOffered(says or f"HTTP {answer.status}")
            raise Refused(answer.status, says, after=after)
        yield _events(answer.pieces())


async def _events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[list[Message]]:
    events = Events()
    yield []  # it stands
    try:
        async for piece in pieces:
            yield events.feed(piece)
    except Endless as error:
        raise NotMastodon(f"The stream can't be read: {error}.") from error
    raise Unreachable("The server closed the stream.")


@contextlib.asynccontextmanager
async def _by_websocket(
    server: Server, address: str, feed: str, guard: Guard
) -> AsyncIterator[AsyncGenerator[list[Message]]]:
    stream, _, tag = feed.partition(":") if feed.startswith("hashtag:") else (feed, "", "")
    query = {"stream": stream} | ({"tag": tag} if tag else {})
    url = f"ws{address[4:]}/api/v1/streaming?{urlencode(query)}"
    try:
        connection = await guarded_websocket(
            url, guard, headers=server.headers, most_bytes=MOST_EVENT_BYTES, most_seconds=OPENING_SECONDS
        )
    except HandshakeRefused as error:
        if error.status in NOT_OFFERED or error.status == 200:
            raise NotOffered(f"HTTP {error.status}") from error
        if error.status is None:
            raise
        after = server.budget.heard(429, {"retry-after": error.retry_after or ""}) if error.status == 429 else None
        raise Refused(error.status, after=after) from error
    try:
        yield _frames(connection)
    finally:
        await connection.close()


async def _frames(connection: Any) -> AsyncGenerator[list[Message]]:
    """The library's pings find a dead line; their silence in between is a sign of life."""
    yield []
    try:
        while True:
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    frame: bytes = await connection.recv(decode=False)
            except TimeoutError:
                yield []
                continue
            yield [_message(frame)]
    except ConnectionClosed as error:
        too_big = isinstance(error.__cause__, PayloadTooBig) or (error.sent and error.sent.code == 1009)
        why = "The server sent a message that is too big." if too_big else "The server closed the stream."
        raise Unreachable(why) from error


def _message(frame: bytes) -> Message:
    """Raises Refused where the frame is the refusal of a subscription."""
    try:
        told = msgspec.json.decode(frame, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Message("?", frame)
    if "error" in told and "event" not in told:
        status = told.get("status")
        raise Refused(status if isinstance(status, int) else 400, str(told["error"])[:200])
    event, payload = told.get("event"), told.get("payload", "")
    if not isinstance(event, str):
        return Message("?", frame)
    text = payload if isinstance(payload, str) else msgspec.json.encode(payload).decode()
    return Message(event[:100], text.encode("utf-8", "replace"))


def _path(feed: str) -> tuple[str, dict[str, str]]:
    if feed.startswith("hashtag:"):
        return "hashtag", {"tag": feed.removeprefix("hashtag:")}
    return _SSE_PATHS[feed], {}
