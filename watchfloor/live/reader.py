"""One reader per process hears every announcement and hands it on to whoever subscribed.

    hub = Hub.of_this_process()
    with hub.subscribe("mission:12", "sources") as heard:   # in the event loop
        async for change in heard: …

Reading is done by one thread: on SQLite it looks whether the file changed (PRAGMA data_version: no query, no lock)
twenty times a second; on PostgreSQL it listens.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from django.db import connection, connections, models

from watchfloor.live.announce import WIRE
from watchfloor.live.models import Announcement

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.05
MOST_WAITING = 1_000  # changes that a slow subscriber may leave lying before it is told to start over


class Change(msgspec.Struct, frozen=True):
    channel: str
    payload: dict[str, Any]
    payload_json: bytes  # encoded once, shared by all screens
    frame: bytes  # the same as an event of a stream


class Overflow(Exception):
    """A subscriber was too slow; it must load afresh."""


class Subscription:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue(MOST_WAITING)

    def hand(self, change: Change | None) -> None:
        """Called by the reader's thread."""
        # A loop that is closed belongs to a screen that went away between two looks.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, change)

    def _put(self, change: Change | None) -> None:
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            change = None
        self._queue.put_nowait(change)

    async def next(self, timeout_seconds: float) -> Change | None:
        """The next change, or None after `timeout_seconds` without one. Raises Overflow."""
        try:
            async with asyncio.timeout(timeout_seconds):
                change = await self._queue.get()
        except TimeoutError:
            return None
        if change is None:
            raise Overflow
        return change

    def waiting(self) -> Change | None:
        """The next change if one is there already. Raises Overflow."""
        if self._queue.empty():
            return None
        change = self._queue.get_nowait()
        if change is None:
            raise Overflow
        return change


class Hub:
    _mine: Hub | None = None
    _making = threading.Lock()

    def __init__(self) -> None:
        self._subscribers: dict[str, set[Subscription]] = defaultdict(set)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def of_this_process(cls) -> Hub:
        with cls._making:
            if cls._mine is None:
                cls._mine = cls()
                cls._mine.start()
            return cls._mine

    def start(self) -> None:
        self._thread = threading.Thread(target=self._read_for_ever, name="live-reader", daemon=True)
        self._thread.start()
        self._ready.wait(5)

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(5)

    @contextmanager
    def subscribe(self, *channels: str) -> Iterator[Subscription]:
        subscription = Subscription(asyncio.get_running_loop())
        with self._lock:
            for channel in channels:
                self._subscribers[channel].add(subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                for channel in channels:
                    self._subscribers[channel].discard(subscription)

    def watching(self) -> int:
        """How many subscriptions there are."""
        with self._lock:
            return len({s for those in self._subscribers.values() for s in those})

    def _hand_on(self, channel: str, payload: dict[str, Any]) -> None:
        with self._lock:
            to = list(self._subscribers.get(channel, ()))
        if to:
            told = msgspec.json.encode(payload)
            change = Change(channel, payload, told, _frame(channel, payload, told))
            for subscription in to:
                subscription.hand(change)

    def _read_for_ever(self) -> None:
        # The outermost loop of this thread: a database that went away for a while must not end live screens.
        while not self._stopping.is_set():
            try:
                if connection.vendor == "postgresql":
                    self._listen()
                else:
                    self._look()
            except Exception:
                log.exception("Reading announcements failed; trying again in 1 s")
                connections.close_all()
                self._stopping.wait(1)
        connections.close_all()

    def _look(self) -> None:
        last = _newest()
        self._ready.set()
        with connection.cursor() as cursor:
            seen = None
            while not self._stopping.is_set():
                cursor.execute("PRAGMA data_version")
                version = cursor.fetchone()[0]
                if version != seen:
                    seen = version
                    # Writers take turns on SQLite, so ids are in the order of commits and none appears later.
                    for pk, channel, payload in (
                        Announcement.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "channel", "payload")
                    ):
                        last = pk
                        self._hand_on(channel, payload)
                self._stopping.wait(LOOK_EVERY_SECONDS)

    def _listen(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {WIRE}")
        self._ready.set()
        raw = connection.connection
        while not self._stopping.is_set():
            for notice in raw.notifies(timeout=0.5, stop_after=100):
                pk, channel, payload = msgspec.json.decode(notice.payload)
                if payload is None:
                    payload = Announcement.objects.values_list("payload", flat=True).get(pk=pk)
                self._hand_on(channel, payload)


def _frame(channel: str, payload: dict[str, Any], told: bytes) -> bytes:
    name = str(payload.get("event") or ("mentions" if channel.startswith("mission:") else channel))
    return b"event: " + name.encode() + b"\ndata: " + told + b"\n\n"


def _newest() -> int:
    return Announcement.objects.aggregate(newest=models.Max("pk"))["newest"] or 0
