"""One WebSocket, read as fast as it comes and handed on in batches; and what its failures mean to people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, PayloadTooBig

from watchfloor.lib.guarded import (
    AddressRefused,
    Guard,
    GuardedError,
    HandshakeRefused,
    guarded_websocket,
)
from watchfloor.sources.source import NeedsHands, SourceError, TryAgain

MOST_AT_ONCE = 500
LINGER_SECONDS = 0.05  # under load, batches are at least this far apart unless they are full; the first goes at once
MOST_WAITING, MOST_WAITING_BYTES = 5_000, 32_000_000  # then the sender is slowed down


class Silent(Exception):
    """Nothing came for too long."""


class Inbox:
    """The messages of one connection. A task reads them; `take` hands them on in the order they came."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._some, self._enough, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._taken_at = float("-inf")
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        receive = self._connection.recv
        try:
            while True:
                message = await receive(decode=False)
                self._waiting.append(message)
                self._waiting_bytes += len(message)
                self._some.set()
                if len(self._waiting) >= MOST_AT_ONCE or self._waiting_bytes >= MOST_WAITING_BYTES:
                    self._enough.set()
                    if len(self._waiting) >= MOST_WAITING or self._waiting_bytes >= MOST_WAITING_BYTES:
                        self._room.clear()
                        await self._room.wait()
        finally:
            self._some.set()
            self._enough.set()

    async def take(self, *, within_seconds: float) -> list[bytes]:
        """The next messages, at most MOST_AT_ONCE; none if nothing came in time. Raises ConnectionClosed when all that
        had come before the end is taken."""
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._some.wait()
        with contextlib.suppress(TimeoutError):
            linger = self._taken_at + LINGER_SECONDS - clock()
            if self._waiting and linger > 0:
                async with asyncio.timeout(linger):
                    await self._enough.wait()
        taken, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        ended = self._task.done()
        if ended and not taken:
            self._task.result()
        self._waiting_bytes -= sum(map(len, taken))
        if not ended:
            if not self._waiting:
                self._some.clear()
            if len(self._waiting) < MOST_AT_ONCE and self._waiting_bytes < MOST_WAITING_BYTES:
                self._enough.clear()
        self._room.set()
        self._taken_at = clock()
        return taken

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
            await self._task
        await self._connection.close()


@contextlib.asynccontextmanager
async def opened(url: str, guard: Guard, *, most_bytes: int, hello: str | None = None) -> AsyncIterator[Inbox]:
    """A connection's inbox, after saying `hello`. Raises GuardedError, ConnectionClosed."""
    connection = await guarded_websocket(url, guard, most_bytes=most_bytes)
    inbox = Inbox(connection)
    try:
        if hello is not None:
            await connection.send(hello)
        yield inbox
    finally:
        await inbox.close()


def explained(error: Exception, host: str) -> SourceError:
    """What a failed connection means, and whether trying again can help."""
    again = "It is tried again by itself."
    if isinstance(error, AddressRefused):
        return NeedsHands(f"Bluesky was not asked: {error}", host, "Change the address or the operator's list.")
    if isinstance(error, HandshakeRefused) and error.status in (400, 401, 403, 404, 405, 410):
        return NeedsHands(f"Bluesky could not be heard: {error}", host, "Check the address in the settings.")
    if isinstance(error, HandshakeRefused):
        return TryAgain(f"Bluesky could not be heard: {error}", host, again, after=_read_after(error.retry_after))
    if isinstance(error, GuardedError):
        return TryAgain(f"Bluesky could not be heard: {error}", host, again)
    if isinstance(error, ConnectionClosed):
        return TryAgain(f"The Bluesky stream broke off: {_closing(error)}", host, again)
    if isinstance(error, Silent):
        return TryAgain(f"The Bluesky stream fell silent: {error}", host, again)
    return TryAgain(f"The Bluesky stream could not be read: {error}", host, again)


def _closing(closed: ConnectionClosed) -> str:
    if isinstance(closed.__cause__, PayloadTooBig) or (closed.sent and closed.sent.code == 1009):
        return "the server sent a message that is too big"
    if closed.rcvd:
        return f"the server closed it ({closed.rcvd.code} {closed.rcvd.reason[:80]})".replace(" )", ")")
    return "the connection was lost"


def _read_after(value: str | None) -> timedelta | None:
    """A Retry-After header: seconds or a date. None if there is none, or no sense in it."""
    if value is None:
        return None
    if value.isascii() and value.isdigit() and len(value) < 7:
        return timedelta(seconds=int(value))
    try:
        return max(parsedate_to_datetime(value) - datetime.now(UTC), timedelta())
    except (ValueError, TypeError, OverflowError):
        return None
