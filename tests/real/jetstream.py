"""A Jetstream v1 server for tests and benchmarks: ring buffer, cursor, filters, clamping, zstd with a dictionary.

    python -m tests.real.jetstream --lines FILE --port N [--repeat N] [--rate N]   lines, as if they happened now
    python -m tests.real.jetstream --pds ws://127.0.0.1:2583 --port N              what a real PDS does, bridged

It serves the wire of https://github.com/bluesky-social/jetstream as far as a client can see it: inclusive cursor, an
old cursor silently clamped to the look-back, a future one silently dropped to live; identity and account events ignore
`wantedCollections`. It listens on loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import re
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

import msgspec
import zstandard
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

MOST_KEPT = 300_000


class Kept(NamedTuple):
    time_us: int
    did: str
    collection: str | None
    line: bytes


class _Commit(msgspec.Struct):
    collection: str


class _Line(msgspec.Struct):
    did: str
    time_us: int
    commit: _Commit | None = None


_read = msgspec.json.Decoder(_Line).decode


class JetstreamServer:
    """`async with JetstreamServer() as server: server.publish(line)`; `server.url` is what to listen to."""

    def __init__(
        self,
        *,
        port: int = 0,
        dictionary: bytes | None = None,
        look_back_us: int = 36 * 3600 * 10**6,
        most_kept: int = MOST_KEPT,
    ) -> None:
        self._most_kept = most_kept
        self._port, self._look_back_us = port, look_back_us
        self.kept: list[Kept] = []
        self.dropped = 0  # how many were kept once, and are no more
        self.asked: list[dict[str, list[str]]] = []  # the query of each connection, for tests
        self.sent_to: dict[ServerConnection, int] = {}  # next place of each subscriber
        self._news = asyncio.Event()
        self.somebody = asyncio.Event()  # set when the first subscriber is there
        self._pack = None
        if dictionary is not None:
            table = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_FULLDICT)
            self._pack = zstandard.ZstdCompressor(dict_data=table).compress
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await serve(self._subscriber, "127.0.0.1", self._port, compression=None, max_size=10_000_000)
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/subscribe"

    @property
    def port(self) -> int:
        return self._port

    def publish(self, line: bytes) -> None:
        read = _read(line)
        self.kept.append(Kept(read.time_us, read.did, read.commit.collection if read.commit else None, line))
        if len(self.kept) > self._most_kept * 1.5:
            self.forget(len(self.kept) - self._most_kept)
        self._news.set()

    def forget(self, oldest: int) -> None:
        """Drop the oldest lines, as a server does that has no more room."""
        del self.kept[:oldest]
        self.dropped += oldest

    async def hang_up(self) -> None:
        for connection in list(self.sent_to):
            await connection.close(1012, "service restart")

    @property
    def furthest_behind(self) -> int:
        return max((self.dropped + len(self.kept) - at for at in self.sent_to.values()), default=0)

    async def _subscriber(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        parts = urlsplit(connection.request.path)
        if parts.path != "/subscribe":
            await connection.close(1008, "subscribe at /subscribe")
            return
        asked = parse_qs(parts.query)
        self.asked.append(asked)
        wanted = asked
        if asked.get("requireHello") == ["true"]:
            wanted = msgspec.json.decode(await connection.recv())["payload"]
        dids = frozenset(wanted.get("wantedDids", ()))
        fits = _collections(wanted.get("wantedCollections", ()))
        pack = self._pack if asked.get("compress") == ["true"] else None
        self.sent_to[connection] = self._start(asked.get("cursor"))
        self.somebody.set()
        closed = asyncio.ensure_future(connection.wait_closed())
        try:
            while True:
                at = self.sent_to[connection]
                kept = self.kept[max(at - self.dropped, 0) :][:500]
                if not kept:
                    self._news.clear()
                    news = asyncio.ensure_future(self._news.wait())
                    await asyncio.wait((news, closed), return_when=asyncio.FIRST_COMPLETED)
                    news.cancel()
                    if closed.done():
                        break
                    continue
                self.sent_to[connection] = max(at, self.dropped) + len(kept)
                lines = [
                    k.line for k in kept if (not dids or k.did in dids) and (k.collection is None or fits(k.collection))
                ]
                await _send(connection, lines if pack is None else [pack(line) for line in lines], text=pack is None)
        except ConnectionClosed:
            pass
        finally:
            self.sent_to.pop(connection, None)
            closed.cancel()

    def _start(self, cursor: list[str] | None) -> int:
        end = self.dropped + len(self.kept)
        now_us = time.time_ns() // 1000
        if not cursor or int(cursor[0]) > max(now_us, self.kept[-1].time_us if self.kept else 0):
            return end  # a cursor in the future: silently what is new
        asked_us = max(int(cursor[0]), now_us - self._look_back_us)
        return self.dropped + bisect.bisect_left(self.kept, asked_us, key=lambda kept: kept.time_us)


def _collections(wanted: Iterable[str]) -> re.Pattern[str].fullmatch:  # type: ignore[valid-type]
    patterns = [re.escape(word[:-1]) + ".*" if word.endswith("*") else re.escape(word) for word in wanted]
    return re.compile("|".join(patterns) if patterns else ".*").fullmatch


async def _send(connection: ServerConnection, messages: list[bytes], *, text: bool) -> None:
    """Whole frames straight onto the transport: many times faster than a send each, so that the client is the limit."""
    opcode = 0x81 if text else 0x82
    if connection.transport.is_closing():
        raise ConnectionClosed(None, None)
    connection.transport.write(b"".join(_frame(opcode, message) for message in messages))
    await asyncio.sleep(0)
    while connection.transport.get_write_buffer_size() > 1_000_000:
        await asyncio.sleep(0.001)


def _frame(opcode: int, message: bytes) -> bytes:
    size = len(message)
    if size < 126:
        return bytes((opcode, size)) + message
    return (
        struct.pack(">BBH", opcode, 126, size) + message
        if size < 65536
        else struct.pack(">BBQ", opcode, 127, size) + message
    )


# --- What it is fed with -------------------------------------------------------------------------------------------


class Restamped:
    """Lines as if they happened now, each time as another record: `time_us`, `rev` and `rkey` change."""

    def __init__(self, lines: list[bytes]) -> None:
        self._parts = [re.split(rb'(?<="time_us":)\d+|(?<="rkey":")[^"]+', line, maxsplit=2) for line in lines]
        self._count = 0
        self._last_us = 0

    def next(self) -> bytes:
        parts = self._parts[self._count % len(self._parts)]
        self._count += 1
        self._last_us = now_us = max(self._last_us + 1, time.time_ns() // 1000)
        if len(parts) == 3:
            return b"%b%d%b3bench%d%b" % (parts[0], now_us, parts[1], self._count, parts[2])
        return b"%b%d%b" % (parts[0], now_us, parts[1])


async def play(server: JetstreamServer, lines: list[bytes], *, repeat: int, rate: float) -> None:
    """Publish every line `repeat` times (0: for ever), `rate` a second (0: as fast as the subscribers take them)."""
    restamped, total, sent, began = Restamped(lines), repeat * len(lines), 0, time.monotonic()
    while not total or sent < total:
        due = 1000 if not rate else int((time.monotonic() - began) * rate) - sent
        for _ in range(min(due, total - sent) if total else due):
            server.publish(restamped.next())
            sent += 1
        await asyncio.sleep(0.005 if rate else 0)
        while not rate and server.furthest_behind > 20_000:
            await asyncio.sleep(0.001)


async def bridge(server: JetstreamServer, service: str) -> None:
    """Publish what a PDS or relay tells by subscribeRepos, from its first event on."""
    from websockets.asyncio.client import connect

    from tests.real.bridge import lines_of

    async with connect(
        f"{service}/xrpc/com.atproto.sync.subscribeRepos?cursor=0", compression=None, max_size=6_000_000, proxy=None
    ) as frames:
        async for frame in frames:
            for line in lines_of(frame):
                server.publish(line)


async def main() -> None:
    options = argparse.ArgumentParser(description="A Jetstream v1 server on loopback.")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--lines", type=Path, help="a file with one Jetstream line each")
    options.add_argument("--repeat", type=int, default=1, help="how often; 0 is for ever")
    options.add_argument("--rate", type=float, default=0, help="lines a second; 0 is as fast as they are taken")
    options.add_argument("--as-is", action="store_true", help="keep the lines' own times and wait to be asked for them")
    options.add_argument("--pds", help="the address of a PDS or relay to bridge")
    options.add_argument("--keep", type=int, default=MOST_KEPT, help="how many lines a slow subscriber can still get")
    options.add_argument("--dictionary", type=Path, help="a zstd dictionary for compress=true")
    asked = options.parse_args()
    dictionary = asked.dictionary.read_bytes() if asked.dictionary else None
    look_back = 10**18 if asked.as_is else 36 * 3600 * 10**6
    kept = {"look_back_us": look_back, "most_kept": asked.keep}
    async with JetstreamServer(port=asked.port, dictionary=dictionary, **kept) as server:
        print(server.url, flush=True)
        if asked.pds:
            await bridge(server, asked.pds)
        elif asked.lines:
            lines = asked.lines.read_bytes().splitlines()
            if asked.as_is:
                for line in lines:
                    server.publish(line)
            else:
                await server.somebody.wait()
                await play(server, lines, repeat=asked.repeat, rate=asked.rate)
        await asyncio.Future()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
