"""Calls to a PDS, signed in with an app password; and what its refusals mean.

https://docs.bsky.app/docs/advanced-guides/rate-limits: 30 sign-ins in five minutes and 300 a day, so a session is kept
in memory for as long as its token holds.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import msgspec

from watchfloor.lib.guarded import AddressRefused, GuardedClient, GuardedError
from watchfloor.sources.source import CannotReply, NeedsHands, SourceError, TryAgain

Json = dict[str, Any]
_sessions: dict[str, Session] = {}
MOST_SESSIONS = 200


class Session(msgspec.Struct, frozen=True):
    did: str
    handle: str
    accessJwt: str  # noqa: N815 - the network's name
    until: float = 0.0


class Refused(Exception):
    """The PDS answered with an error. `name` is its own word for it ("RecordNotFound"), "" if it gave none."""

    def __init__(self, status: int, name: str, says: str) -> None:
        super().__init__(f"{status} {name}: {says}")
        self.status, self.name = status, name


class RateLimited(TryAgain):
    """429: not before `after`."""


class Pds:
    """One account on one PDS; without an account, what anybody may ask."""

    def __init__(self, client: GuardedClient, address: str, account: str = "", password: str = "") -> None:
        self._client, self._address, self._account, self._password = client, address.rstrip("/"), account, password

    async def session(self) -> Session:
        """Sign in, or give the session that still holds. Raises SourceError."""
        key = hashlib.sha256("\0".join((self._address, self._account, self._password)).encode()).hexdigest()
        kept = _sessions.get(key)
        if kept is not None and kept.until > time.time():
            return kept
        body = {"identifier": self._account, "password": self._password}
        try:
            answer = await self._send("POST", "com.atproto.server.createSession", json=body)
            session = msgspec.convert(answer, Session)
        except (Refused, msgspec.ValidationError) as error:
            raise NeedsHands(
                f"Bluesky did not sign in {self._account} ({error})", self._address, "Enter a new app password."
            ) from error
        if len(_sessions) >= MOST_SESSIONS:
            _sessions.clear()
        _sessions[key] = session = msgspec.structs.replace(session, until=_expires(session.accessJwt) - 60)
        return session

    def forget_session(self) -> None:
        key = hashlib.sha256("\0".join((self._address, self._account, self._password)).encode()).hexdigest()
        _sessions.pop(key, None)

    async def get(self, method: str, **params: str | Sequence[str]) -> Json:
        """A query that needs no account. Raises SourceError, Refused."""
        return await self._send("GET", method, params=params)

    async def post(self, method: str, body: Json) -> Json:
        """A call in the account's name; signs in once more if the token has run out. Raises SourceError, Refused."""
        for attempt in (1, 2):
            token = (await self.session()).accessJwt
            try:
                return await self._send("POST", method, json=body, headers={"Authorization": f"Bearer {token}"})
            except Refused as error:
                if attempt == 2 or error.name not in ("ExpiredToken", "InvalidToken"):
                    raise
                self.forget_session()
        raise AssertionError("unreachable")

    async def _send(self, verb: str, method: str, **options: Any) -> Json:
        try:
            answer = await self._client.request(
                verb, f"{self._address}/xrpc/{method}", most_bytes=2_000_000, most_seconds=20, **options
            )
        except AddressRefused as error:
            raise NeedsHands(f"Bluesky was not asked: {error}", self._address, "Change the PDS address.") from error
        except GuardedError as error:
            raise TryAgain(
                f"Bluesky gave no answer to {method}: {error}", self._address, "It is tried again."
            ) from error
        return self._read(answer, method)

    def _read(self, answer: httpx.Response, method: str) -> Json:
        try:
            body = msgspec.json.decode(answer.content, type=dict[str, Any])
        except (msgspec.MsgspecError, ValueError, RecursionError):
            body = {}
        if answer.status_code == 200:
            return body
        if answer.status_code == 429:
            raise RateLimited(
                f"Bluesky limits how often {method} may be called (429)",
                self._address,
                "It is tried again when the limit allows.",
                after=_limit_resets(answer.headers),
            )
        raise Refused(answer.status_code, str(body.get("error", ""))[:60], str(body.get("message", ""))[:200])


def writing_account(client: GuardedClient, address: str, account: str | None, secrets: Mapping[str, str]) -> Pds:
    """The account that writes replies. Raises CannotReply if the connection names none."""
    password = secrets.get("app_password", "")
    if not account or not password:
        raise CannotReply(
            "This connection has no account to reply from", "Bluesky", "Enter an account and an app password."
        )
    return Pds(client, address, account, password)


def unclear(error: Refused, method: str, address: str) -> SourceError:
    """A refusal as a SourceError: the server's own trouble passes, ours does not."""
    what = f"Bluesky refused {method} ({error})"
    if error.status >= 500:
        return TryAgain(what, address, "It is tried again.")
    return NeedsHands(what, address, "Change the reply or the account and send it again.")


def _expires(token: str) -> float:
    """When a JWT runs out, in seconds since 1970; soon if it doesn't say."""
    try:
        payload = token.split(".")[1]
        told = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, Any])
        return float(told["exp"])
    except (IndexError, KeyError, ValueError, TypeError, msgspec.MsgspecError):
        return time.time() + 300


def _limit_resets(headers: Mapping[str, str]) -> timedelta | None:
    for name, since in (("ratelimit-reset", time.time()), ("retry-after", 0.0)):
        try:
            return timedelta(seconds=min(max(1.0, float(headers[name]) - since), 86_400))
        except (KeyError, ValueError):
            continue
    return None
