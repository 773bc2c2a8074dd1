"""Calls to the Hacker News API, and what its refusals mean."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from watchfloor.lib.guarded import AddressRefused, GuardedClient, GuardedError
from watchfloor.sources.source import NeedsHands, SourceError, TryAgain

AT_ONCE = 10  # requests
TRIES = 3
MOST_BYTES = 2_000_000
MOST_SECONDS = 20.0


class Api:
    def __init__(self, client: GuardedClient, service: str) -> None:
        self._client, self.service = client, service.rstrip("/")

    async def newest(self) -> int:
        """The largest id there is. Raises SourceError."""
        newest = await self._json("maxitem")
        if not isinstance(newest, int) or isinstance(newest, bool) or newest < 0:
            raise self._strange("maxitem")
        return newest

    async def changed(self) -> list[int]:
        """Ids of items that changed lately. Raises SourceError."""
        updates = await self._json("updates")
        items = updates.get("items") if isinstance(updates, dict) else None
        if not isinstance(items, list):
            raise self._strange("updates")
        return [i for i in items if isinstance(i, int) and not isinstance(i, bool) and i > 0]

    async def items(self, ids: Iterable[int]) -> dict[int, bytes | None]:
        """The items as they were sent; None for one that is not there (yet). Raises SourceError."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> tuple[int, bytes | None]:
            async with gate:
                raw = await self._raw(f"item/{number}")
                return number, None if raw.strip() == b"null" else raw

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(number)) for number in ids]
        except ExceptionGroup as failed:
            raise next((e for e in failed.exceptions if isinstance(e, SourceError)), failed) from None
        return dict(task.result() for task in tasks)

    async def _json(self, path: str) -> Any:
        try:
            return msgspec.json.decode(await self._raw(path))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise self._strange(path) from None

    async def _raw(self, path: str) -> bytes:
        """Tried again at once when the line broke: of thousands of small requests a few do. Raises SourceError."""
        for left in reversed(range(TRIES)):
            try:
                answer = await self._client.get(
                    f"{self.service}/v0/{path}.json", most_bytes=MOST_BYTES, most_seconds=MOST_SECONDS
                )
            except AddressRefused as error:
                raise NeedsHands(
                    f"Hacker News was not asked: {error}", self.service, "Change the address or the operator's list."
                ) from error
            except GuardedError as error:
                if left:
                    continue
                raise TryAgain(
                    f"Hacker News could not be asked: {error}", self.service, "It is tried again by itself."
                ) from error
            if answer.status_code == 200:
                return answer.content
            if left and answer.status_code >= 500 and "retry-after" not in answer.headers:
                continue
            raise self._refused(answer.status_code, answer.headers.get("retry-after"))
        raise AssertionError("unreachable")

    def _refused(self, status: int, retry_after: str | None) -> SourceError:
        if status in (401, 403, 404, 410):
            return NeedsHands(f"Hacker News refused ({status})", self.service, "Check the address in the settings.")
        return TryAgain(
            f"Hacker News answered with status {status}", self.service, "It is tried again by itself.",
            after=waits(retry_after, datetime.now(UTC)),
        )  # fmt: skip

    def _strange(self, path: str) -> SourceError:
        return TryAgain(
            f"Hacker News answered {path} with something else than expected", self.service,
            "Check the address in the settings; it is tried again by itself.",
        )  # fmt: skip


def waits(retry_after: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header: seconds or a date. None if there is none, or no sense in it."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7:
        return timedelta(seconds=int(retry_after))
    try:
        return max(parsedate_to_datetime(retry_after) - now, timedelta())
    except (ValueError, TypeError, OverflowError):
        return None
