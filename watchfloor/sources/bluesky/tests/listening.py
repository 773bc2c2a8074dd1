"""Listening in tests: to real servers on loopback, until enough has come."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import aclosing
from urllib.parse import urlsplit

from watchfloor.sources.bluesky import SOURCE
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.source import Batch, Gap, Unreadable, Written


def allow(monkeypatch, *urls: str) -> None:
    """Let the guard pass these addresses, as an operator would."""
    monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", ",".join(urlsplit(url).netloc for url in urls))


def jetstream(*hosts: str, **settings) -> BlueskySettings:
    return BlueskySettings(hosts=hosts, **settings)


async def listen(
    settings: BlueskySettings,
    *,
    until: Callable[[list], bool],
    cursor: str | None = None,
    each: Callable[[Batch], object] | None = None,
) -> tuple[list, str | None]:
    """The events up to the first batch after which `until` holds, and the cursor there."""
    events: list = []
    async with aclosing(SOURCE.listen(settings, cursor=cursor, secrets={})) as batches:
        async for batch in batches:
            events += batch.events
            cursor = batch.cursor or cursor
            if each is not None:
                done = each(batch)
                if hasattr(done, "__await__"):
                    await done
            if until(events):
                break
    return events, cursor


def texts(events: list) -> list[str]:
    return [event.post.text for event in events if isinstance(event, Written)]


def gaps(events: list) -> list[Gap]:
    return [event for event in events if isinstance(event, Gap)]


def unreadable(events: list) -> list[Unreadable]:
    return [event for event in events if isinstance(event, Unreadable)]


def enough(count: int) -> Callable[[list], bool]:
    return lambda events: len(events) >= count


@contextlib.contextmanager
def quickly(monkeypatch, module, **seconds: float):
    """Shorter waits than on the network, so that tests don't sit through them."""
    for name, value in seconds.items():
        monkeypatch.setattr(module, name, value)
    yield
