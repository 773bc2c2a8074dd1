"""What accounts are called: the network's own lines name them by DID alone.

1. `app.bsky.actor.getProfiles` at the setting `profiles` (an AppView): handle, name and followers, 25 accounts a
   request, without a key.
2. In firehose mode, for accounts that were not told: `com.atproto.repo.describeRepo` at the service itself, a request
   an account. A PDS knows its accounts' handles where no AppView reads it.

https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles
https://docs.bsky.app/docs/api/com-atproto-repo-describe-repo
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.sources.bluesky.parse import NETWORK
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.bluesky.xrpc import Pds, RateLimited, Refused
from watchfloor.sources.source import AsksNobody, AuthorRenamed, NeedsHands, SourceError, TryAgain

AT_ONCE = 25  # the network's own limit
MOST_NAME = 640  # characters; the network's own limit is 640 bytes
MOST_FOLLOWERS = 2**53

# One malformed id would have the whole request refused: only the two kinds that the network knows are asked for.
_is_did = re.compile(r"did:plc:[a-z2-7]{24}|did:web:[A-Za-z0-9.-]{1,253}").fullmatch
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_is_handle = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?").fullmatch


class Profile(msgspec.Struct, rename="camel"):
    did: str
    handle: str | None = None
    display_name: str | None = None
    followers_count: int | None = None


class Repo(msgspec.Struct, rename="camel"):
    did: str
    handle: str | None = None
    handle_is_correct: bool = True


async def look_up(ids: Sequence[str], settings: BlueskySettings, guard: Guard) -> list[AuthorRenamed]:
    """What is known of these accounts, at most AT_ONCE of them. Raises SourceError, AsksNobody if it is off."""
    if not settings.asks_for_profiles:
        raise AsksNobody("Names of accounts are not asked for", "Bluesky", "Enter an address for profiles.")
    dids = [did for did in dict.fromkeys(ids) if _is_did(did)][:AT_ONCE]
    if not dids:
        return []
    async with GuardedClient(guard) as client:
        if settings.mode == "jetstream":
            return await _profiles(client, settings.profiles, dids)
        return await _profiles_or_repos(client, settings, dids)


async def _profiles_or_repos(client: GuardedClient, settings: BlueskySettings, dids: list[str]) -> list[AuthorRenamed]:
    told: list[AuthorRenamed] = []
    failed: SourceError | None = None
    try:
        told = await _profiles(client, settings.profiles, dids)
    except RateLimited:
        raise
    except SourceError as error:
        failed = error
    known = {one.author_id for one in told}
    try:
        described = await _repos(client, _http(settings.service), [did for did in dids if did not in known])
    except SourceError as error:
        described, failed = None, failed or error
    if described is None and failed is not None and not told:
        raise failed
    return told + (described or [])


async def _profiles(client: GuardedClient, address: str, dids: list[str]) -> list[AuthorRenamed]:
    method = "app.bsky.actor.getProfiles"
    try:
        answer = await Pds(client, address).get(method, actors=dids)
    except Refused as error:
        raise _refusal(error, method, address) from error
    profiles = answer.get("profiles")
    return list(read_profiles(profiles if isinstance(profiles, list) else (), dids))


def read_profiles(answer: Iterable[Any], asked: Sequence[str]) -> Iterable[AuthorRenamed]:
    """The profiles that can be read, of accounts that were asked for, one each."""
    awaited = set(asked)
    for one in answer:
        try:
            profile = msgspec.convert(one, Profile)
        except msgspec.ValidationError:
            continue
        if profile.did not in awaited:
            continue
        awaited.remove(profile.did)
        followers = profile.followers_count
        yield AuthorRenamed(
            NETWORK,
            profile.did,
            handle=_handle(profile.handle),
            name=_name(profile.display_name),
            followers=followers if followers is not None and 0 <= followers < MOST_FOLLOWERS else None,
        )


async def _repos(client: GuardedClient, address: str, dids: list[str]) -> list[AuthorRenamed] | None:
    """None if the server describes no repos, as a relay does: that is known from its first answer."""
    pds = Pds(client, address)
    told: list[AuthorRenamed] = []
    for did in dids:
        try:
            repo = msgspec.convert(await pds.get("com.atproto.repo.describeRepo", repo=did), Repo)
        except Refused as error:
            if error.status == 400:  # not here, deactivated, taken down
                continue
            if error.status in (401, 403, 404, 405, 501):
                return told or None
            if told:
                break
            raise _refusal(error, "com.atproto.repo.describeRepo", address) from error
        except msgspec.ValidationError:
            continue
        except TryAgain:
            if told:
                break  # what was told is not lost; the next look-up meets the limit and obeys it
            raise
        handle = _handle(repo.handle) if repo.did == did and repo.handle_is_correct else None
        if handle is not None:
            told.append(AuthorRenamed(NETWORK, did, handle=handle))
    return told


def _refusal(error: Refused, method: str, address: str) -> SourceError:
    what = f"Bluesky refused {method} ({error})"
    if error.status >= 500 and error.status != 501:  # 501: this server does not know the method
        return TryAgain(what, address, "It is tried again.")
    return NeedsHands(what, address, "Check the address for profiles.")


def _handle(handle: str | None) -> str | None:
    """`handle.invalid` is the network's word for "does not prove to be theirs"."""
    if handle is None or len(handle) > 253 or handle.lower() == "handle.invalid" or not _is_handle(handle):
        return None
    return handle


def _name(name: str | None) -> str | None:
    return " ".join((name or "")[: 2 * MOST_NAME].split())[:MOST_NAME] or None


def _http(service: str) -> str:
    parts = urlsplit(service)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"
