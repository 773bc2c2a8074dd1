"""One Mastodon server: calls to its REST API within the budget, and what its refusals mean."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from watchfloor.lib.guarded import AddressRefused, GuardedClient, GuardedError
from watchfloor.sources import told
from watchfloor.sources.mastodon.budget import Budget, budget_of
from watchfloor.sources.source import CannotReply, NeedsHands, SourceError, TryAgain

MOST_BYTES = 10_000_000  # 40 statuses of the biggest servers are a few hundred kilobytes
MOST_SECONDS = 20.0
FRESH_SECONDS = 60.0
PAGE = 40  # the most statuses that a timeline gives at once


class Refused(Exception):
    """The server answered with an error. `says` are its own words."""

    def __init__(self, status: int, says: str = "", *, after: float | None = None) -> None:
        super().__init__(f"HTTP {status}{f': {says}' if says else ''}")
        self.status, self.says, self.after = status, says, after


class NotMastodon(Exception):
    """What was answered is not what a Mastodon server answers."""


class About(msgspec.Struct, frozen=True):
    """What a server says of itself. `domain` is what stands behind the @ of its accounts."""

    domain: str
    version: str
    streaming: str  # http(s)://host
    most_characters: int = 500
    characters_per_link: int = 23


class Server:
    def __init__(self, client: GuardedClient, address: str, token: str = "", budget: Budget | None = None) -> None:
        self.client, self.address, self.token = client, address, token
        self.name = urlsplit(address).netloc
        self.budget = budget or budget_of(address, token)
        self._about: About | None = None
        self._about_at = 0.0
        self._asking_about = asyncio.Lock()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def get(self, path: str, **params: str) -> Any:
        """The decoded answer. Raises GuardedError, Refused, NotMastodon."""
        answer = await self._ask("GET", path, params=params)
        try:
            return msgspec.json.decode(answer.content)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NotMastodon(f"{self.name} answered {path} with something that is no JSON.") from error

    async def page(self, path: str, **params: str) -> list[bytes]:
        """Statuses of a timeline, each as it was sent. Raises GuardedError, Refused, NotMastodon."""
        answer = await self._ask("GET", path, params=params)
        try:
            return [bytes(raw) for raw in msgspec.json.decode(answer.content, type=list[msgspec.Raw])]
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NotMastodon(f"{self.name} answered {path} with something that is no list.") from error

    async def post(self, path: str, body: dict[str, Any], *, key: str) -> Any:
        """Raises GuardedError, Refused, NotMastodon."""
        answer = await self._ask("POST", path, json=body, headers={"Idempotency-Key": key})
        try:
            return msgspec.json.decode(answer.content)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NotMastodon(f"{self.name} answered {path} with something that is no JSON.") from error

    async def about(self) -> About:
        """What the server says of itself, asked once by all of its streams. Raises GuardedError, Refused,
        NotMastodon."""
        async with self._asking_about:
            if self._about is None:
                self._about, self._about_at = self._read_about(await self._ask_about()), time.monotonic()
            return self._about

    def forget_about(self) -> None:
        """Something failed: it may have moved its streams."""
        if time.monotonic() - self._about_at > FRESH_SECONDS:
            self._about = None

    async def _ask_about(self) -> told.Object:
        try:
            said = await self.get("/api/v2/instance")
        except Refused as error:
            if error.status not in (404, 405, 406, 410):
                raise
            said = await self.get("/api/v1/instance")
        if not isinstance(said, dict):
            raise NotMastodon(f"{self.name} does not say what it is.")
        return said

    def _read_about(self, told_of: told.Object) -> About:
        configuration = told.part(told_of, "configuration")
        streaming = told.text(told.part(configuration, "urls"), "streaming") or told.text(
            told.part(told_of, "urls"), "streaming_api"
        )
        statuses = told.part(configuration, "statuses")
        domain = told.text(told_of, "domain") or told.text(told_of, "uri") or self.name
        return About(
            domain=(urlsplit(domain).netloc or domain).lower()[:255],
            version=(told.text(told_of, "version") or "unknown")[:60],
            streaming=self._streaming(streaming),
            most_characters=told.count(statuses, "max_characters") or 500,
            characters_per_link=told.count(statuses, "characters_reserved_per_url") or 23,
        )

    def _streaming(self, said: str | None) -> str:
        """Where its streams are. Servers write it with ws or http, or not at all. Raises NotMastodon if a token would
        have to leave TLS for it."""
        parts = urlsplit(said or self.address)
        scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
        if scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
            return self.address
        if scheme == "http" and self.address.startswith("https://"):
            raise NotMastodon(f"{self.name} names an address without TLS for its streams ({parts.netloc[:100]}).")
        return f"{scheme}://{parts.netloc}"

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        await self.budget.turn()
        answer = await self.client.request(
            method,
            f"{self.address}{path}",
            params=params or None,
            json=json,
            headers={**self.headers, **(headers or {})},
            most_bytes=MOST_BYTES,
            most_seconds=MOST_SECONDS,
        )
        after = self.budget.heard(answer.status_code, answer.headers)
        if not 200 <= answer.status_code < 300:
            raise Refused(answer.status_code, words_of(answer.content), after=after)
        return answer


def words_of(body: bytes) -> str:
    """What an error's JSON says; nothing of a page of HTML."""
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return (told.text(found, "error_description") or told.text(found, "error") or "")[:200]


def explained(error: Exception, doing: str, server: str) -> SourceError:
    """What a failure means, and whether trying again can help."""
    again = "It is tried again by itself."
    if isinstance(error, SourceError):
        return error
    if isinstance(error, AddressRefused):
        return NeedsHands(f"{doing} was not tried: {error}", server, "Change the address or the operator's list.")
    if isinstance(error, Refused) and error.status == 401:
        return NeedsHands(
            f"{doing} was refused ({error})", server, "Enter an access token of an account on this server."
        )
    if isinstance(error, Refused) and error.status == 403:
        return NeedsHands(
            f"{doing} is not allowed ({error})", server, "Give the token the scopes read and, for replies, write."
        )
    if isinstance(error, Refused) and error.status in (400, 404, 405, 406, 410, 422):
        return NeedsHands(f"{doing} failed ({error})", server, "Check that this is a Mastodon server, and its name.")
    if isinstance(error, Refused) and error.status == 429:
        return TryAgain(
            f"{doing} is limited ({error})",
            server,
            "It is tried again when the limit allows.",
            after=None if error.after is None else timedelta(seconds=error.after),
        )
    if isinstance(error, Refused):
        after = None if error.after is None else timedelta(seconds=error.after)
        return TryAgain(f"{doing} failed ({error})", server, again, after=after)
    if isinstance(error, NotMastodon):
        return TryAgain(f"{doing} failed: {error}", server, "Check the server's name; it is tried again by itself.")
    if isinstance(error, GuardedError):
        return TryAgain(f"{doing} failed: {error}", server, again)
    return TryAgain(f"{doing} broke off: {error or type(error).__name__}", server, again)


def no_account(server: str) -> CannotReply:
    return CannotReply(
        "This connection has no account to reply from", server, "Enter an access token with the scopes read and write."
    )
