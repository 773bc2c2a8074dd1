"""Listening in tests: to servers on loopback, until enough has come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from tests.real.mastodon import TOKEN, MastodonServer
from watchfloor.sources.mastodon import SOURCE
from watchfloor.sources.mastodon.settings import MastodonSettings
from watchfloor.sources.source import Batch, Deleted, Gap, Unreadable, Written

SECRETS = {"access_tokens": TOKEN}


def allow(monkeypatch, *servers: MastodonServer) -> None:
    """Let the guard pass these servers, as an operator would."""
    monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", ",".join(server.allowed for server in servers))


def to(*servers: MastodonServer, streams=("public",), **settings) -> MastodonSettings:
    return MastodonSettings(servers=tuple(server.url for server in servers), streams=streams, **settings)


def tokens(*servers: MastodonServer) -> dict[str, str]:
    return {"access_tokens": " ".join(f"127.0.0.1:{server.port}={TOKEN}" for server in servers)}


async def listen(
    settings: MastodonSettings,
    *,
    until: Callable[[list], bool],
    cursor: str | None = None,
    secrets=None,
    each: Callable[[Batch], object] | None = None,
    needs_cursor: bool = False,
) -> tuple[list, str | None]:
    """The events up to the first batch after which `until` holds (with `needs_cursor`: and that has a cursor)."""
    events: list = []
    async with aclosing(
        SOURCE.listen(settings, cursor=cursor, secrets=SECRETS if secrets is None else secrets)
    ) as batches:
        async for batch in batches:
            events += batch.events
            cursor = batch.cursor or cursor
            if each is not None:
                each(batch)
            if until(events) and (batch.cursor is not None or not needs_cursor):
                break
    return events, cursor


def texts(events: list) -> list[str]:
    return [event.post.text for event in events if isinstance(event, Written)]


def gaps(events: list) -> list[Gap]:
    return [event for event in events if isinstance(event, Gap)]


def deleted(events: list) -> list[str]:
    return [event.id for event in events if isinstance(event, Deleted)]


def unreadable(events: list) -> list[Unreadable]:
    return [event for event in events if isinstance(event, Unreadable)]
