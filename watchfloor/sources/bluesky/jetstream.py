"""Listening to Jetstream v1: one host at a time, the next one taking over a little earlier in the stream.

Protocol: https://github.com/bluesky-social/jetstream (`/subscribe`).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import zstandard
from websockets.exceptions import ConnectionClosed

from watchfloor.lib.guarded import Guard, GuardedError
from watchfloor.sources.bluesky.fetch import Inbox, Silent, explained, opened
from watchfloor.sources.bluesky.parse import read_line
from watchfloor.sources.bluesky.position import Position, gap_before, now_us
from watchfloor.sources.bluesky.records import POSTS
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.source import Batch, Event, NeedsHands, SourceError, TryAgain, Unreadable

MOST_MESSAGE_BYTES = 2_000_000
SIGN_OF_LIFE_SECONDS = 3.0
STEADY_SECONDS = 10.0  # a connection that held this long and gave something counts as a success
SILENT_SECONDS = 60.0  # on the open network something happens every few milliseconds: a host this silent is stuck
MOST_GARBAGE = 500
MOST_DIDS_IN_ADDRESS = 50

Unpack = Callable[[bytes], bytes]


class NotJetstream(Exception):
    """Many messages came, and none of them was a line of Jetstream."""


async def listen(settings: BlueskySettings, place: Position | None, guard: Guard) -> AsyncGenerator[Batch]:
    """Batches from after `place`, for ever. A host that fails is followed by the next one (a lone host by itself);
    when all of them failed in a row, raises TryAgain, or NeedsHands if none of the failures can heal by itself."""
    unpack = unpacking(settings)
    clock = asyncio.get_running_loop().time
    failures: list[SourceError] = []
    for host in itertools.cycle(_in_order(settings.hosts, place)):
        began, heard = clock(), False
        try:
            async with aclosing(_listen_to(host, settings, place, guard, unpack)) as batches:
                async for batch, moved_to in batches:
                    place = moved_to
                    heard = heard or bool(batch.events) or batch.lag is not None
                    yield batch
        except (GuardedError, ConnectionClosed, Silent, NotJetstream) as error:
            if heard and clock() - began >= STEADY_SECONDS:
                failures.clear()
            else:
                failures.append(explained(error, host))
        if len(failures) >= len(settings.hosts):
            raise _summed_up(failures)


def _in_order(hosts: tuple[str, ...], place: Position | None) -> tuple[str, ...]:
    """The host we were on first: its times are the ones our place is told in."""
    at = hosts.index(place.host) if place is not None and place.host in hosts else 0
    return hosts[at:] + hosts[:at]


def _summed_up(failures: list[SourceError]) -> SourceError:
    again = [failure for failure in failures if isinstance(failure, TryAgain)]
    if not again:
        return failures[-1]
    # The last host's failure is the one shown; the shortest wait that a host asked for is enough for that host.
    waits = [failure.after for failure in again]
    shown = again[-1]
    return TryAgain(
        shown.tried,
        ", ".join(dict.fromkeys(failure.on for failure in failures)),
        shown.next_step,
        after=None if None in waits else min(wait for wait in waits if wait is not None),
    )


async def _listen_to(
    host: str, settings: BlueskySettings, place: Position | None, guard: Guard, unpack: Unpack | None
) -> AsyncGenerator[tuple[Batch, Position | None]]:
    asked_us = None if place is None else place.ask_from(host)
    address, hello = _asking(host, settings, asked_us)
    async with opened(address, guard, most_bytes=MOST_MESSAGE_BYTES, hello=hello) as inbox:
        stuck_is_failure = len(settings.hosts) > 1 and not settings.wanted_dids
        connected_at, garbage = place, 0
        first = asked_us is not None
        async for messages in _signs_of_life(inbox, may_be_silent=not stuck_is_failure):
            events: list[Event] = []
            unknown: dict[str, int] = {}
            last_us: int | None = None
            for message in messages:
                if unpack is not None:
                    try:
                        message = unpack(message)
                    except zstandard.ZstdError as error:
                        events.append(Unreadable(f"The message can't be decompressed: {error}"[:300], message[:200]))
                        continue
                read = read_line(message)
                if (time_us := read.time_us) is not None:
                    last_us = time_us
                    if first:
                        first = False
                        assert connected_at is not None
                        assert asked_us is not None
                        gap = gap_before(time_us, connected_at, asked_us=asked_us, wanted=settings.wanted)
                        if gap is not None:
                            events.append(gap)
                if read.event is not None:
                    events.append(read.event)
                for name in read.unknown:
                    unknown[name] = unknown.get(name, 0) + 1
            if last_us is None:
                garbage = garbage + len(messages) if garbage >= 0 else garbage
                if garbage >= MOST_GARBAGE:
                    raise NotJetstream(f"none of {garbage} messages was a line of Jetstream")
                yield Batch(events, place.cursor() if place else None), place
                continue
            garbage = -1
            heard_us = now_us()
            place = Position(host, last_us, heard_us, wanted=settings.wanted)
            lag = timedelta(microseconds=max(0, heard_us - last_us))
            yield Batch(events, place.cursor(), lag, unknown), place


async def _signs_of_life(inbox: Inbox, *, may_be_silent: bool) -> AsyncGenerator[list[bytes]]:
    """Messages as they come, and an empty list every few seconds without any. Raises Silent, ConnectionClosed."""
    clock = asyncio.get_running_loop().time
    heard_at = clock()
    while True:
        messages = await inbox.take(within_seconds=SIGN_OF_LIFE_SECONDS)
        if messages:
            heard_at = clock()
        elif not may_be_silent and clock() - heard_at > SILENT_SECONDS:
            raise Silent(f"connected, but nothing came for {SILENT_SECONDS:.0f} seconds")
        yield messages


def _asking(host: str, settings: BlueskySettings, asked_us: int | None) -> tuple[str, str | None]:
    """The address with the wishes in it; more accounts than an address can hold follow in a first message."""
    query = {"wantedCollections": [POSTS], "maxMessageSizeBytes": [str(MOST_MESSAGE_BYTES)]}
    hello = None
    if len(settings.wanted_dids) > MOST_DIDS_IN_ADDRESS:
        query["requireHello"] = ["true"]
        wishes = {
            "wantedCollections": [POSTS],
            "wantedDids": settings.wanted_dids,
            "maxMessageSizeBytes": MOST_MESSAGE_BYTES,
        }
        hello = msgspec.json.encode({"type": "options_update", "payload": wishes}).decode()
    elif settings.wanted_dids:
        query["wantedDids"] = list(settings.wanted_dids)
    if asked_us is not None:
        query["cursor"] = [str(asked_us)]
    if settings.compress:
        query["compress"] = ["true"]
    return f"{host}?{urlencode(query, doseq=True)}", hello


def unpacking(settings: BlueskySettings) -> Unpack | None:
    """How to decompress a message; None in plain mode. Raises NeedsHands without a usable dictionary."""
    if not settings.compress:
        return None
    what = "Compressed messages can't be read without Jetstream's dictionary"
    if settings.zstd_dictionary is None:
        raise NeedsHands(what, "compress", "Give its file as zstd_dictionary, or turn compress off.")
    try:
        dictionary = zstandard.ZstdCompressionDict(
            Path(settings.zstd_dictionary).read_bytes(), dict_type=zstandard.DICT_TYPE_FULLDICT
        )
        decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=1 << 23)
    except (OSError, ValueError, zstandard.ZstdError) as error:
        raise NeedsHands(f"{what}: {error}", settings.zstd_dictionary, "Give the right file.") from error

    def unpack(message: bytes) -> bytes:
        # A few bytes may claim gigabytes: the claim is read before anything is set aside for it.
        claimed = zstandard.get_frame_parameters(message).content_size
        if claimed != zstandard.CONTENTSIZE_UNKNOWN and claimed > MOST_MESSAGE_BYTES:
            raise zstandard.ZstdError("the message is too big")
        return decompressor.decompress(message, max_output_size=MOST_MESSAGE_BYTES)

    return unpack
