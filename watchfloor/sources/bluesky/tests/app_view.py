"""A server of our own on loopback that answers `app.bsky.actor.getProfiles` in the shape that is documented. It is no
real AppView: what is tested with it is that shape, and our side of it.

https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

METHOD = "/xrpc/app.bsky.actor.getProfiles"
Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class AppView:
    """`profiles` by DID; `asked` are the DIDs of each request. `instead` answers in place of the profiles."""

    url: str = ""
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    instead: Callable[[list[str]], Answer] | None = None

    def add(self, did: str, handle: str, **more: Any) -> None:
        self.profiles[did] = {
            "did": did,
            "handle": handle,
            "displayName": more.pop("name", ""),
            "avatar": f"https://cdn.bsky.app/img/avatar/plain/{did}/bafkrei@jpeg",
            "associated": {"lists": 0, "feedgens": 0, "starterPacks": 0, "labeler": False},
            "labels": [],
            "createdAt": "2024-02-01T10:00:00.000Z",
            "indexedAt": "2024-02-01T10:00:00.000Z",
            "followersCount": 0,
            "followsCount": 3,
            "postsCount": 7,
        } | more

    def answer(self, path: str) -> Answer:
        url = urlsplit(path)
        if url.path != METHOD:
            return _json(501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"})
        actors = parse_qs(url.query).get("actors", [])
        self.asked.append(actors)
        if self.instead is not None:
            return self.instead(actors)
        if len(actors) > 25:
            return _json(400, {"error": "InvalidRequest", "message": "actors must not have more than 25 elements"})
        return _json(200, {"profiles": [self.profiles[did] for did in actors if did in self.profiles]})


@contextmanager
def running_app_view() -> Iterator[AppView]:
    view = AppView()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, headers = view.answer(self.path)
            self.send_response(status)
            for name, value in (
                {"Content-Type": "application/json", "Content-Length": str(len(body))} | headers
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    view.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield view
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def refusing(status: int, error: str = "", **headers: str) -> Callable[[list[str]], Answer]:
    return lambda _: (*_json(status, {"error": error, "message": "…"})[:2], headers)


def saying(body: Any) -> Callable[[list[str]], Answer]:
    return lambda _: _json(200, body)


def _json(status: int, body: Any) -> Answer:
    return status, body if isinstance(body, bytes) else json.dumps(body).encode(), {}
