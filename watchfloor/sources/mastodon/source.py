"""The Mastodon source: the contract of `sources/source.py`, put together from this folder's parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import msgspec

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.sources.mastodon import checking, listen, place
from watchfloor.sources.mastodon.feed import QUIET_SECONDS, Feed
from watchfloor.sources.mastodon.parse import NETWORK, read_mastodon
from watchfloor.sources.mastodon.reply import find, send
from watchfloor.sources.mastodon.server import Server, no_account
from watchfloor.sources.mastodon.settings import MastodonSettings, tokens_of
from watchfloor.sources.source import (
    AuthorRenamed,
    Backoff,
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
    Reply,
    SecretField,
    Sent,
    Source,
)


class Mastodon:
    name = NETWORK
    settings_type: type[msgspec.Struct] = MastodonSettings
    facts = Facts(
        title="Mastodon",
        networks=(NETWORK,),
        terms="Public posts by an open protocol; each server has rules of its own, and deletions must be followed.",
        limits="Free. 300 requests in 5 minutes, 300 pages of timelines in 15; most servers stream only with a token. "
        "Public streams leave out replies to others and boosts; hashtags carry replies.",
        cannot_tell=("conversation", "metrics.views"),
        rhythm=timedelta(minutes=15),
        backoff=Backoff(timedelta(seconds=1), timedelta(minutes=5)),
        follows_edits=True,
        follows_deletions=True,
        can_reply=True,
        secrets=(
            SecretField(
                "access_tokens",
                "Access tokens",
                "Made on the server under Preferences, Development, with the scope read; for replies also write. One "
                "token is the first server's; for others write server=token, parted by spaces.",
            ),
        ),
        letters="M",
        shape="microblog",
    )

    async def listen(
        self, settings: MastodonSettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncGenerator[Batch]:
        """Batches for ever; see `listen.listen`. Raises TryAgain, NeedsHands."""
        heard = listen.listen(settings, cursor, tokens_of(settings, secrets), _guard())
        async with aclosing(heard) as batches:
            async for batch in batches:
                yield batch

    def parse(self, raw: bytes) -> list[Event]:
        return read_mastodon(raw)

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        return place.rewind(cursor, by=by)

    async def check(self, settings: MastodonSettings, *, secrets: Mapping[str, str]) -> Checked:
        return await checking.check(settings, tokens_of(settings, secrets), _guard())

    def cost(self, settings: MastodonSettings) -> Cost:
        """While all is well; a backfill adds a request for each 40 posts."""
        streams = len(settings.servers) * len(settings.feeds)
        asked = streams * 3_600 / Feed.seconds_between(settings)
        quiet = streams * 3_600 / QUIET_SECONDS
        if settings.mode == "poll":
            return Cost(requests_per_hour=asked, money_per_1000_posts=0, note="Free: timelines are asked in turns.")
        return Cost(
            requests_per_hour=quiet,
            money_per_1000_posts=0,
            note=f"Free: {streams} connections that stay open, and a request every five minutes for each that is "
            f"quiet. Where a server does not stream to us, its timelines are asked in turns: {asked:,.0f} an hour.",
        )

    async def reply(self, reply: Reply, settings: MastodonSettings, *, secrets: Mapping[str, str]) -> Sent:
        async with GuardedClient(_guard()) as client:
            return await send(reply, _account(client, settings, secrets), settings.reply_visibility)

    async def find_reply(self, reply: Reply, settings: MastodonSettings, *, secrets: Mapping[str, str]) -> Sent | None:
        async with GuardedClient(_guard()) as client:
            return await find(reply, _account(client, settings, secrets))

    async def look_up_authors(
        self, ids: Sequence[str], settings: MastodonSettings, *, secrets: Mapping[str, str]
    ) -> list[AuthorRenamed]:
        return []  # each post tells its author's handle, name and followers


def _account(client: GuardedClient, settings: MastodonSettings, secrets: Mapping[str, str]) -> Server:
    """The server where the account lives that writes replies. Raises CannotReply without a token for it."""
    token = tokens_of(settings, secrets).get(settings.reply_address)
    if not token:
        raise no_account(settings.reply_address)
    return Server(client, settings.reply_address, token)


def _guard() -> Guard:
    try:
        return Guard.from_environment()
    except ValueError as error:
        raise NeedsHands(
            "The list of allowed addresses can't be read", str(error), "Correct it and restart."
        ) from error


def _satisfies(source: Source) -> Any:
    """mypy checks here that the contract is kept."""
    return source


SOURCE = Mastodon()
_satisfies(SOURCE)
