"""One forum: its public lists, and what its refusals mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from watchfloor.lib.guarded import AddressRefused, GuardedClient, GuardedError
from watchfloor.sources import told
from watchfloor.sources.discourse.settings import name_of
from watchfloor.sources.source import NeedsHands, SourceError, TryAgain
from watchfloor.sources.told import Object

MOST_BYTES = 8_000_000
MOST_SECONDS = 20.0
GONE = (403, 404, 410)


class Missing(Exception):
    """It is not there, or not for everybody."""


class Site:
    def __init__(self, client: GuardedClient, address: str) -> None:
        self._client, self.address, self.name = client, address, name_of(address)
        self.requests = 0

    async def posts(self, before: int | None = None) -> list[tuple[Object, bytes]]:
        """The newest public posts, at most 50, before the id `before`; each decoded and as it was sent. Raises
        SourceError."""
        path = "/posts.json" if before is None else f"/posts.json?before={before}"
        try:
            answer = msgspec.json.decode(await self._raw(path), type=_Latest)
            raws = [bytes(raw) for raw in answer.latest_posts]
            found = [(msgspec.json.decode(raw), raw) for raw in raws]
        except Missing:
            raise NeedsHands(
                "The forum shows its posts to nobody outside", self.name,
                "Check the address; a forum that asks for a sign-in can't be heard.",
            ) from None  # fmt: skip
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise TryAgain(
                "The forum answered /posts.json with something that no Discourse answers", self.name,
                "Check that it is a Discourse forum; it is tried again by itself.",
            ) from None  # fmt: skip
        return [(of, raw) for of, raw in found if isinstance(of, dict)]

    async def post(self, number: int) -> Object:
        """One post. Raises Missing, SourceError."""
        return self._object(await self._raw(f"/posts/{number}.json"), "/posts")

    async def around(self, topic: int, number: int) -> list[Object]:
        """The posts of a topic around one of them. Raises Missing, SourceError."""
        found = self._object(await self._raw(f"/t/{topic}/{number}.json"), "/t")
        return told.parts(told.part(found, "post_stream"), "posts")

    async def latest_title(self) -> str | None:
        """The title of the topic that was last written in. Raises SourceError."""
        try:
            found = self._object(await self._raw("/latest.json"), "/latest.json")
        except Missing:
            return None
        topics = told.parts(told.part(found, "topic_list"), "topics")
        return told.text(topics[0], "title") if topics else None

    def _object(self, raw: bytes, what: str) -> Object:
        try:
            found: Any = msgspec.json.decode(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise TryAgain(
                f"The forum answered {what} with something unexpected", self.name, "It is tried again by itself."
            )
        return found

    async def _raw(self, path: str) -> bytes:
        """Raises Missing, SourceError."""
        self.requests += 1
        again = "It is tried again by itself."
        try:
            answer = await self._client.get(
                f"{self.address}{path}",
                headers={"Accept": "application/json"},
                most_bytes=MOST_BYTES,
                most_seconds=MOST_SECONDS,
            )
        except AddressRefused as error:
            raise NeedsHands(
                f"The forum was not asked: {error}", self.name, "Change the address or the operator's list."
            ) from error
        except GuardedError as error:
            raise TryAgain(f"The forum could not be asked: {error}", self.name, again) from error
        status = answer.status_code
        if status == 200:
            return answer.content
        if status in GONE:
            raise Missing
        raise self._refused(status, answer.headers.get("retry-after"))

    def _refused(self, status: int, retry_after: str | None) -> SourceError:
        if status == 401:
            return NeedsHands("The forum asks for a sign-in", self.name, "Only public forums can be heard.")
        says = "The forum was asked too often" if status == 429 else f"The forum answered with status {status}"
        after = waits(retry_after, datetime.now(UTC))
        if status == 429 and after is None:
            after = timedelta(minutes=1)
        return TryAgain(says, self.name, "It is tried again by itself.", after=after)


class _Latest(msgspec.Struct):
    latest_posts: list[msgspec.Raw]


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
