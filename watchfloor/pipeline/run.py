"""The stream process: every connection that is on is listened to; what it yields goes down the line.

asyncio at the networks; one thread writes, so that SQLite's one writer is never fought over and topics are reloaded
between two batches, never within one.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from django.db import close_old_connections, connections, transaction
from django.utils import timezone

from watchfloor.lib.secrets import CannotOpen
from watchfloor.live.announce import publish
from watchfloor.live.reader import Hub, Overflow
from watchfloor.pipeline.line import Line
from watchfloor.pipeline.look_back import go_back
from watchfloor.pipeline.models import BEAT_EVERY, beat
from watchfloor.sources.minutes import begin_pause
from watchfloor.sources.models import Connection
from watchfloor.sources.source import Backoff, Batch, NeedsHands, SourceError, TryAgain, installed_sources

log = logging.getLogger(__name__)

Result = TypeVar("Result")
BATCHES_AHEAD = 4  # received while one is written
LOOK_AGAIN = timedelta(seconds=30)  # at connections and topics, although announcements tell of changes


class Stream:
    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._line: Line | None = None
        self._asked_to_go_back = asyncio.Event()
        self._running: dict[
            int, tuple[str, asyncio.Task[None]]
        ] = {}  # connection → (what it was started with, its task)

    async def run(self, stopping: asyncio.Event) -> None:
        """Listen until `stopping`; then finish the batches in hand."""
        self._line = await self._write(Line)
        _collect_garbage_seldom()
        hub = await self._write(Hub.of_this_process)
        helpers = [
            asyncio.create_task(work)
            for work in (self._beat(), self._follow_changes(hub), self._go_back_when_asked(self._line))
        ]
        await self._start_and_stop_connections()
        await stopping.wait()
        for _what, task in self._running.values():
            task.cancel()
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, *(task for _what, task in self._running.values()), return_exceptions=True)
        await self._write(connections.close_all)
        self._writer.shutdown()
        hub.stop()

    async def _write(self, work: Callable[..., Result], *args: Any) -> Result:
        """Do `work` in the writing thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work, *args)

    # --- What is listened to ---------------------------------------------------------------------------------------

    async def _follow_changes(self, hub: Hub) -> None:
        """Topics and connections that people change take effect at once."""
        assert self._line is not None
        with hub.subscribe("topics", "sources") as changes:
            while True:
                try:
                    change = await changes.next(LOOK_AGAIN.total_seconds())
                except Overflow:
                    change = None
                if change is None:
                    await self._write(self._line.reload)
                elif change.payload.get("look_back"):
                    self._asked_to_go_back.set()
                    continue
                elif change.channel == "topics":
                    await self._write(self._line.reload)
                    continue
                await self._start_and_stop_connections()

    async def _go_back_when_asked(self, line: Line) -> None:
        while True:
            self._asked_to_go_back.clear()  # before looking: who asks while we look is seen in the next round
            while await go_back(self._write, line):
                pass
            await self._asked_to_go_back.wait()

    async def _start_and_stop_connections(self) -> None:
        wanted = {c.pk: c for c in await self._write(_connections_that_are_on)}
        for pk, (what, task) in list(self._running.items()):
            if pk not in wanted or what != _started_with(wanted[pk]):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                del self._running[pk]
        for pk, connection in wanted.items():
            if pk not in self._running:
                self._running[pk] = (_started_with(connection), asyncio.create_task(self._listen(connection)))

    async def _listen(self, connection: Connection) -> None:
        """Listen to one connection, and try again by its network's rules, until it is done or needs hands."""
        source = installed_sources().get(connection.source)
        if source is None:
            await self._set(
                connection, "failed", f"There is no source “{connection.source}” installed. Install its package."
            )
            return
        failures = 0
        while True:
            heard = False
            try:
                await self._set(connection, "connecting")
                settings = msgspec.convert(connection.settings, source.settings_type)
                secrets = connection.secrets
                assert self._line is not None
                cursor = await self._write(self._line.begin, connection.pk)
                async for batch in _read_ahead(source.listen(settings, cursor=cursor, secrets=secrets)):
                    if not heard and not batch.is_plan:
                        heard, failures = True, 0
                        await self._set(connection, "live")
                    await self._write(self._line.take, batch, connection)
                await self._set(connection, "done")
                return
            except (NeedsHands, CannotOpen, msgspec.ValidationError) as error:
                await self._set(connection, "failed", str(error))
                return
            except TryAgain as error:
                wait = max(_pause(source.facts.backoff, failures), error.after or timedelta(0))
                says = str(error)
            except SourceError as error:
                wait, says = _pause(source.facts.backoff, failures), str(error)
            except Exception:
                # The outermost loop of a connection: one that breaks in an unforeseen way must not end the others.
                log.exception("A connection failed unexpectedly", extra={"connection_id": connection.pk})
                wait = _pause(source.facts.backoff, failures)
                says = "Something unexpected happened; the server's log has the details. Trying again."
            failures += 1
            # Planned before waiting, so that a restart in between does not hurry.
            await self._set(connection, "waiting", says, wait)
            log.warning(
                "A connection waits before it tries again",
                extra={"connection_id": connection.pk, "wait_seconds": wait.total_seconds()},
            )
            await asyncio.sleep(wait.total_seconds())

    async def _set(self, connection: Connection, state: str, says: str = "", wait: timedelta | None = None) -> None:
        await self._write(_set_state, connection.pk, state, says, wait)

    async def _beat(self) -> None:
        while True:
            await self._write(beat, "stream", os.getpid())
            await asyncio.sleep(BEAT_EVERY.total_seconds())


async def _read_ahead(batches: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
    """Receive the next batches while one is written, but none after a plan before that stands. What fails in reading is
    raised after what came before it."""
    queue: asyncio.Queue[Batch | BaseException | None] = asyncio.Queue(BATCHES_AHEAD)

    async def receive() -> None:
        try:
            async for batch in batches:
                await queue.put(batch)
                if batch.is_plan:
                    await queue.join()
        except Exception as error:  # handed on, not swallowed
            await queue.put(error)
        else:
            await queue.put(None)

    task = asyncio.create_task(receive())
    try:
        while (got := await queue.get()) is not None:
            if isinstance(got, BaseException):
                raise got
            yield got
            queue.task_done()  # whoever asks for the next has written this one
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        close = getattr(batches, "aclose", None)
        if close is not None:
            await close()


def _connections_that_are_on() -> list[Connection]:
    close_old_connections()
    return list(Connection.objects.filter(is_on=True).exclude(source="file"))


def _started_with(connection: Connection) -> str:
    """What, when changed, means to start anew."""
    return repr((connection.source, connection.settings, bytes(connection.sealed_secrets), connection.mission_id))


def _set_state(pk: int, state: str, says: str, wait: timedelta | None) -> None:
    now = timezone.now()
    with transaction.atomic():
        Connection.objects.filter(pk=pk).update(
            state=state,
            says=says,
            next_try_at=None if wait is None else now + wait,
            **({"trouble": says, "troubled_at": now} if says else {}),
        )
        if state == "done":
            begin_pause(pk, now)
        publish("sources", {"connection": pk, "state": state})


def _collect_garbage_seldom() -> None:
    """A post is a dozen small objects that refer to nothing in circles: looking for circles every 700 of them cost a
    fifth of the time of listening. What lives as long as the process is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _pause(backoff: Backoff, failures: int) -> timedelta:
    """Doubling from first to most, the last half of it by chance, so that many do not come back at once."""
    most: timedelta = min(backoff.first * 2 ** min(failures, 20), backoff.most)
    return most / 2 + timedelta(seconds=most.total_seconds() / 2 * random.random())  # noqa: S311 - no secret


def main() -> None:
    """Run the stream until SIGTERM or SIGINT."""
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(_main())


async def _main() -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    await Stream().run(stopping)
