"""Going back over what a connection has passed: its source listens once more from an earlier place, beside the live
listening, until it has caught up with now. One at a time: the writer is shared with what is live.

It goes on to the very present, so that the last word on a post that was edited meanwhile is its newest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import msgspec
from django.db import close_old_connections, transaction
from django.utils import timezone

from watchfloor.lib.secrets import CannotOpen
from watchfloor.live.announce import publish
from watchfloor.pipeline.line import Line
from watchfloor.sources.look_back import LookBack
from watchfloor.sources.models import Connection
from watchfloor.sources.source import Batch, Gap, SourceError, installed_sources

log = logging.getLogger(__name__)

CAUGHT_UP = timedelta(seconds=3)
QUIET_SECONDS = 20.0  # a source that does not say how far behind it is has told all when it falls silent for this long
Write = Callable[..., Awaitable[Any]]


async def go_back(write: Write, line: Line) -> bool:
    """Do the next one that is asked for, if any. `write` does work in the writing thread. Whether there was one."""
    asked = await write(_next)
    if asked is None:
        return False
    row, connection = asked
    try:
        says = await _listen_again(write, line, row, connection)
        await write(_end, row.pk, LookBack.State.DONE, says)
    except (SourceError, CannotOpen, msgspec.ValidationError) as error:
        await write(_end, row.pk, LookBack.State.FAILED, str(error))
    except Exception:
        # The outermost loop of a going back: one that breaks in an unforeseen way must not end the stream.
        log.exception("A look back failed unexpectedly", extra={"look_back_id": row.pk})
        says = "Something unexpected happened; the server's log has the details. Ask for it again."
        await write(_end, row.pk, LookBack.State.FAILED, says)
    return True


async def _listen_again(write: Write, line: Line, row: LookBack, connection: Connection) -> str:
    """Returns what people should know of it, "" if nothing."""
    source = installed_sources()[connection.source]
    settings = msgspec.convert(connection.settings, source.settings_type)
    cursor = row.cursor or source.rewind(connection.cursor, by=timezone.now() - row.since)
    says = ""
    async with aclosing(source.listen(settings, cursor=cursor, secrets=connection.secrets)) as batches:  # type: ignore[type-var]
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    batch: Batch = await anext(batches)
            except (StopAsyncIteration, TimeoutError):
                return says
            await write(line.reload)
            await write(_take, line, batch, connection, row.pk)
            says = says or next((event.why for event in batch.events if isinstance(event, Gap)), "")
            if not await write(_is_running, row.pk):
                return says
            if batch.lag is not None and batch.lag <= CAUGHT_UP:
                return says


def _take(line: Line, batch: Batch, connection: Connection, pk: int) -> None:
    line.take(batch, connection, look_back=pk)


def _next() -> tuple[LookBack, Connection] | None:
    """The oldest that waits, or that a crash left at work: it goes on from its own cursor."""
    close_old_connections()
    row = (
        LookBack.objects.filter(state__in=["waiting", "running"])
        .select_related("connection")
        .order_by("-state", "asked_at")  # waiting before running: one that runs was left by a crash
        .first()
    )
    if row is None:
        return None
    LookBack.objects.filter(pk=row.pk).update(state=LookBack.State.RUNNING)
    return row, row.connection


def _is_running(pk: int) -> bool:
    """No: it was asked for again from an earlier time, or its connection is gone."""
    return LookBack.objects.filter(pk=pk, state=LookBack.State.RUNNING).exists()


def _end(pk: int, state: str, says: str) -> None:
    with transaction.atomic():
        row = LookBack.objects.filter(pk=pk, state=LookBack.State.RUNNING)
        if row.update(state=state, says=says, ended_at=timezone.now()):
            publish("sources", {"look_back": False})
