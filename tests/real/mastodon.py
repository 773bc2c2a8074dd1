"""A Mastodon server for tests: streaming and REST as a client sees them, on loopback, in the shapes of Mastodon 4.7.

    async with MastodonServer() as server:
        post = server.post("Hello #pivot")
        server.edit(post, "Hello again"); server.delete(post)

It keeps the rules that a client can trip over: ids carry the time at which a post was *written* (one from elsewhere
that comes late lies before what was there), `min_id` pages upwards and is answered newest first, streams have no memory
and want a token, a deletion names a number alone, `X-RateLimit-…` on every answer, an `Idempotency-Key` is kept.
Streams are offered by server-sent events on the same port, and by WebSocket on another (`websocket=True`: there
alone).

What it answers instead can be scripted: `server.instead["/api/v1/timelines/public"].append((503, {}, b"…"))`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Status = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
TOKEN = "token-of-ana"
_count = itertools.count()


class MastodonServer:
    def __init__(self, domain: str = "social.example", *, websocket: bool = False, port: int = 0) -> None:
        self.domain, self._wants_websocket, self._port = domain, websocket, port
        self.statuses: dict[str, Status] = {}  # by number
        self.home: set[str] = set()  # numbers that are in the token's home timeline
        self.tokens = {TOKEN}
        self.streams_need_token = True
        self.timelines_need_token = False
        self.keeps: int | None = None  # the newest so many of each timeline; None: all
        self.knows_min_id = True
        self.remaining = 300
        self.thump_seconds = 0.05
        self.is_stuck = False  # signs of life, no events
        self.instead: defaultdict[str, list[Answer]] = defaultdict(list)
        self.asked: list[str] = []  # paths with queries, in order
        self.heads: list[dict[str, str]] = []
        self.keys: dict[str, Status] = {}
        self.streaming_address: str | None = None
        self._streams: dict[asyncio.Queue[bytes | None], str] = {}
        self._sockets: dict[ServerConnection, str] = {}
        self._news = asyncio.Event()
        self._last_ms = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self._socket_server: Server | None = None
        if self._wants_websocket:
            self._socket_server = await serve(self._subscriber, "127.0.0.1", 0, compression=None)
            self._socket_port = next(iter(self._socket_server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket_server is not None:
            self._socket_server.close()
            await self._socket_server.wait_closed()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    @property
    def allowed(self) -> str:
        """For the operator's list."""
        pairs = [f"127.0.0.1:{self._port}"] + ([f"127.0.0.1:{self._socket_port}"] if self._wants_websocket else [])
        return ",".join(pairs)

    @property
    def listeners(self) -> int:
        return len(self._streams) + len(self._sockets)

    async def until_listened(self, count: int = 1) -> None:
        while self.listeners < count:
            self._news.clear()
            await self._news.wait()

    async def until_left(self) -> None:
        """Until nobody listens any more."""
        while self.listeners:
            self._news.clear()
            await self._news.wait()

    async def until_asked(self, beginning: str, count: int = 1) -> None:
        while sum(path.startswith(beginning) for path in self.asked) < count:
            self._news.clear()
            await self._news.wait()

    # --- What people do ----------------------------------------------------------------------------------------------

    def post(
        self,
        text: str,
        *,
        by: str = "ana",
        uri: str | None = None,
        at_ms: int | None = None,
        streamed: bool = True,
        home: bool = True,
        **changes: Any,
    ) -> Status:
        """A post appears: in its timelines, and (with `streamed`) in the streams. `at_ms`: written then."""
        status = self.status(text, by=by, uri=uri, at_ms=at_ms, **changes)
        self.statuses[status["id"]] = status
        if home:
            self.home.add(status["id"])
        if streamed:
            self._tell(status, "update")
        return status

    def status(
        self, text: str, *, by: str = "ana", uri: str | None = None, at_ms: int | None = None, **changes: Any
    ) -> Status:
        if at_ms is None:
            at_ms = self._last_ms = max(self._last_ms + 1, time.time_ns() // 1_000_000)
        number = str((at_ms << 16) | (next(_count) & 0xFFFF))
        name, _, elsewhere = by.partition("@")
        home = elsewhere or self.domain
        tags = [word[1:].rstrip(".,!").lower() for word in text.split() if word.startswith("#")]
        account = {
            "id": str(1000 + sum(map(ord, by))),
            "username": name,
            "acct": by,
            "display_name": name.title(),
            "url": f"https://{home}/@{name}",
            "uri": f"https://{home}/users/{name}",
            "followers_count": 12,
            "following_count": 3,
            "statuses_count": 7,
            "emojis": [],
            "bot": False,
        }
        return {
            "id": number,
            "created_at": datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")[:23] + "Z",
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": uri or f"https://{home}/users/{name}/statuses/{number}",
            "url": uri or f"https://{home}/@{name}/{number}",
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 0,
            "quotes_count": 0,
            "edited_at": None,
            "content": f"<p>{text}</p>",
            "reblog": None,
            "account": account,
            "media_attachments": [],
            "mentions": [],
            "tags": [{"name": tag, "url": f"https://{self.domain}/tags/{tag}"} for tag in tags],
            "emojis": [],
            "tagged_collections": [],
            "quote": None,
            "card": None,
            "poll": None,
        } | changes

    def edit(self, status: Status, text: str, *, streamed: bool = True) -> None:
        self._last_ms = max(self._last_ms + 1, time.time_ns() // 1_000_000)
        now = datetime.fromtimestamp(self._last_ms / 1000, UTC).isoformat(timespec="milliseconds")[:23] + "Z"
        status |= {"content": f"<p>{text}</p>", "edited_at": now}
        if streamed:
            self._tell(status, "status.update")

    def delete(self, status: Status, *, streamed: bool = True) -> None:
        del self.statuses[status["id"]]
        self.home.discard(status["id"])
        if streamed:
            for stream in self._streams_of(status):
                self.send(stream, "delete", status["id"])

    def _tell(self, status: Status, event: str) -> None:
        for stream in self._streams_of(status):
            self.send(stream, event, json.dumps(status))

    def _streams_of(self, status: Status) -> set[str]:
        streams = {"user"}
        if status["visibility"] == "public":
            is_local = "@" not in status["account"]["acct"]
            streams |= {"public", "public:local" if is_local else "public:remote"}
            streams |= {f"hashtag:{tag['name']}" for tag in status["tags"]}
        return streams

    def send(self, stream: str, event: str, payload: str) -> None:
        if self.is_stuck:
            return
        self.send_bytes(f"event: {event}\ndata: {payload}\n\n".encode(), stream)
        frame = json.dumps({"stream": stream.split(":", 1), "event": event, "payload": payload})
        for connection, of in self._sockets.items():
            if of == stream:
                self._run(_send(connection, frame))

    def send_bytes(self, piece: bytes, stream: str | None = None) -> None:
        """Anything at all, to those who listen to `stream` by events (None: to all of them)."""
        for queue, of in self._streams.items():
            if stream in (None, of):
                queue.put_nowait(piece)

    def hang_up(self) -> None:
        for queue in self._streams:
            queue.put_nowait(None)
        for connection in self._sockets:
            self._run(connection.close(1001))

    # --- The wire ----------------------------------------------------------------------------------------------------

    def _run(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:]) if k}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(target)
        self.heads.append(headers)
        self._news.set()
        parts = urlsplit(target)
        if self.instead[parts.path]:
            self._write(writer, *self.instead[parts.path].pop(0))
        elif parts.path.startswith("/api/v1/streaming/"):
            await self._events(writer, parts.path, parse_qs(parts.query), headers)
            return False
        else:
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._write(writer, *self._answer(method, unquote(parts.path), query, headers, body))
        await writer.drain()
        return True

    def _write(self, writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: bytes) -> None:
        self.remaining = max(0, self.remaining - 1)
        reset = datetime.fromtimestamp(time.time() + 300, UTC).isoformat()
        told = {
            "Content-Type": "application/json; charset=utf-8",
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": reset.replace("+00:00", "Z"),
            "Content-Length": str(len(body)),
        } | headers
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body)

    async def _events(
        self, writer: asyncio.StreamWriter, path: str, query: dict[str, list[str]], headers: dict[str, str]
    ) -> None:
        if self._wants_websocket:
            return self._write(writer, *said({"error": "Not found"}, 404))
        name = path.removeprefix("/api/v1/streaming/").replace("/", ":")
        stream = f"hashtag:{query['tag'][0].lower()}" if name == "hashtag" else name
        if why := self._refused_stream(headers):
            return self._write(writer, *said({"error": why}, 401))
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(_chunk(b":)\n"))
        self._streams[queue] = stream
        self._news.set()
        try:
            while True:
                piece: bytes | None = b":thump\n"
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.thump_seconds):
                        piece = await queue.get()
                if piece is None:
                    return None
                writer.write(_chunk(piece))
                await writer.drain()
        finally:
            del self._streams[queue]
            self._news.set()

    async def _subscriber(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        stream = query["stream"][0] + (f":{query['tag'][0].lower()}" if "tag" in query else "")
        headers = {name.lower(): value for name, value in connection.request.headers.raw_items()}
        if why := self._refused_stream(headers):
            await connection.send(json.dumps({"error": why, "status": 401}))
            return
        self._sockets[connection] = stream
        self._news.set()
        try:
            await connection.wait_closed()
        finally:
            del self._sockets[connection]
            self._news.set()

    def _refused_stream(self, headers: dict[str, str]) -> str | None:
        if not self.streams_need_token or self._is_known(headers):
            return None
        return "Invalid access token" if "authorization" in headers else "Missing access token"

    def _is_known(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    # --- REST --------------------------------------------------------------------------------------------------------

    def _answer(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> Answer:
        if path == "/api/v2/instance":
            return said(self._instance())
        if path.startswith("/api/v1/timelines/"):
            if (self.timelines_need_token or path.endswith("/home")) and not self._is_known(headers):
                return said({"error": "This method requires an authenticated user"}, 401)
            return said(self._timeline(path.removeprefix("/api/v1/timelines/"), query))
        if not self._is_known(headers):
            return said({"error": "The access token is invalid"}, 401)
        if path == "/api/v1/accounts/verify_credentials":
            return said(self.status("", by="me")["account"])
        if path == "/api/v2/search":
            found = [s for s in self.statuses.values() if query["q"] in (s["uri"], s["url"])]
            return said({"accounts": [], "statuses": found, "hashtags": []})
        if path.endswith("/statuses") and method == "GET":
            mine = [s for s in self.statuses.values() if s["account"]["acct"] == "me"]
            return said(list(reversed(mine)))
        if path.endswith("/source"):
            status = self.statuses[path.split("/")[4]]
            return said({"id": status["id"], "text": status["text"], "spoiler_text": ""})
        if path == "/api/v1/statuses" and method == "POST":
            return self._write_status(json.loads(body), headers)
        return said({"error": "Record not found"}, 404)

    def _write_status(self, told: dict[str, Any], headers: dict[str, str]) -> Answer:
        key = headers.get("idempotency-key", "")
        if key not in self.keys:
            if len(told["status"]) > 500:
                return said({"error": "Validation failed: Text character limit of 500 exceeded"}, 422)
            status = self.post(
                told["status"],
                by="me",
                in_reply_to_id=told["in_reply_to_id"],
                visibility=told["visibility"],
                language=told.get("language"),
            )
            self.keys[key] = status | {"text": told["status"]}
            status["text"] = told["status"]
        return said(self.keys[key])

    def _instance(self) -> dict[str, Any]:
        same = f"http://127.0.0.1:{self._port}"
        streaming = f"ws://127.0.0.1:{self._socket_port}" if self._wants_websocket else same
        return {
            "domain": self.domain,
            "title": "Mastodon",
            "version": "4.7.3",
            "configuration": {
                "urls": {"streaming": self.streaming_address or streaming},
                "statuses": {"max_characters": 500, "characters_reserved_per_url": 23},
            },
        }

    def _timeline(self, name: str, query: dict[str, str]) -> list[Status]:
        def is_in(status: Status) -> bool:
            if name == "home":
                return status["id"] in self.home
            if status["visibility"] != "public":
                return False
            if name.startswith("tag/"):
                return name[4:].lower() in [tag["name"] for tag in status["tags"]]
            is_local = "@" not in status["account"]["acct"]
            return is_local if query.get("local") else not is_local if query.get("remote") else True

        every = sorted((s for s in self.statuses.values() if is_in(s)), key=lambda s: int(s["id"]))
        kept = every if self.keeps is None else every[-self.keeps :] if self.keeps else []
        limit = min(int(query.get("limit", "20")), 40)
        if "max_id" in query:
            kept = [s for s in kept if int(s["id"]) < int(query["max_id"])]
        if "min_id" in query and self.knows_min_id:
            kept = [s for s in kept if int(s["id"]) > int(query["min_id"])][:limit]
        return kept[-limit:][::-1]


def said(what: Any, status: int = 200) -> Answer:
    return status, {}, json.dumps(what).encode()


async def _send(connection: ServerConnection, frame: str) -> None:
    with contextlib.suppress(ConnectionClosed):  # who has just gone gets nothing
        await connection.send(frame)


def _chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
