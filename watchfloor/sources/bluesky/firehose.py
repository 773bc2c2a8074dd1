"""Listening to a PDS or a relay by com.atproto.sync.subscribeRepos: every commit of its accounts, numbered by `seq`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import msgspec
from websockets.exceptions import ConnectionClosed

from watchfloor.lib.guarded import Guard, GuardedError
from watchfloor.sources.bluesky.fetch import explained, opened
from watchfloor.sources.bluesky.frames import read_frame
from watchfloor.sources.bluesky.parse import read_line
from watchfloor.sources.bluesky.position import Position, moment, now_us
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.source import Batch, Event, Gap

MOST_FRAME_BYTES = 6_000_000  # the protocol allows 5 MB
SIGN_OF_LIFE_SECONDS = 3.0
MOST_GARBAGE = 500
REPLACED = "Another server counts differently: what came between is not known."
OUTDATED = "The server no longer had our place in the stream and began later."
FUTURE = "The server did not know our place in the stream and sent only what is new."


class FutureCursor(Exception):
    """The server has never counted as far as our place."""


class NotAFirehose(Exception):
    """Many messages came, and none of them was a frame of subscribeRepos, or the server reported an error."""


async def listen(settings: BlueskySettings, place: Position | None, guard: Guard) -> AsyncGenerator[Batch]:
    """Batches from after `place`, until the connection breaks: then TryAgain or NeedsHands."""
    service, lost_since, why = settings.service, None, ""
    if place is not None and (place.host != service or place.seq is None):
        lost_since, why = place.time_us, REPLACED
    try:
        try:
            async with aclosing(_listen_to(settings, place, guard, lost_since, why)) as batches:
                async for batch in batches:
                    yield batch
        except FutureCursor:
            since = place.heard_us if place is not None else now_us()
            async with aclosing(_listen_to(settings, None, guard, since, FUTURE)) as batches:
                async for batch in batches:
                    yield batch
    except (GuardedError, ConnectionClosed, NotAFirehose, FutureCursor) as error:
        raise explained(error, service) from error


async def _listen_to(
    settings: BlueskySettings, place: Position | None, guard: Guard, lost_since: int | None, why: str
) -> AsyncGenerator[Batch]:
    service, wanted = settings.service, frozenset(settings.wanted_dids)
    seq = place.seq if place is not None and place.host == service else None
    address = f"{service.rstrip('/')}/xrpc/com.atproto.sync.subscribeRepos" + (
        f"?cursor={seq}" if seq is not None else ""
    )
    garbage = 0
    async with opened(address, guard, most_bytes=MOST_FRAME_BYTES) as inbox:
        while True:
            events: list[Event] = []
            unknown: dict[str, int] = {}
            moved_to: tuple[int, int] | None = None
            for message in await inbox.take(within_seconds=SIGN_OF_LIFE_SECONDS):
                frame = read_frame(message)
                if frame.error is not None:
                    raise FutureCursor() if frame.error == "FutureCursor" else NotAFirehose(frame.error)
                if frame.info == "OutdatedCursor" and place is not None:
                    lost_since, why = place.time_us, OUTDATED
                garbage = 0 if frame.seq is not None else garbage + 1
                events += frame.unreadable
                if frame.seq is None or frame.time_us is None:
                    continue
                moved_to = frame.seq, frame.time_us
                if lost_since is not None:
                    since, until = sorted((lost_since, frame.time_us))
                    events.append(Gap(moment(since), moment(until), why))
                    lost_since = None
                for line in frame.lines:
                    read = read_line(line)
                    if read.event is not None and (not wanted or _account_of(line) in wanted):
                        events.append(read.event)
                    for name in read.unknown:
                        unknown[name] = unknown.get(name, 0) + 1
            if garbage >= MOST_GARBAGE:
                raise NotAFirehose(f"none of {garbage} messages was a frame of subscribeRepos")
            if moved_to is None:
                yield Batch(events, place.cursor() if place is not None else None)
                continue
            heard_us = now_us()
            place = Position(service, moved_to[1], heard_us, seq=moved_to[0])
            yield Batch(events, place.cursor(), timedelta(microseconds=max(0, heard_us - moved_to[1])), unknown)
            await asyncio.sleep(0)  # decoding is slow enough that others must have their turn


class _Did(msgspec.Struct):
    did: str


def _account_of(line: bytes) -> str:
    return msgspec.json.decode(line, type=_Did).did
