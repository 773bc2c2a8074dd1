"""The Bluesky source: the contract of `sources/source.py`, put together from this folder's parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import msgspec

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.sources.bluesky import firehose, jetstream
from watchfloor.sources.bluesky.parse import NETWORK, parse
from watchfloor.sources.bluesky.position import read_cursor, rewind
from watchfloor.sources.bluesky.profiles import AT_ONCE, look_up
from watchfloor.sources.bluesky.reply import find, send
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.bluesky.xrpc import writing_account
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
    TryAgain,
)

CHECK_SECONDS = 15
LOOK_UPS_PER_MINUTE = 10  # in the worst case 26 requests each: half of what a PDS allows an address


class Bluesky:
    name = NETWORK
    settings_type: type[msgspec.Struct] = BlueskySettings
    facts = Facts(
        title="Bluesky",
        networks=(NETWORK,),
        terms="Public posts by an open protocol; deletions must be followed.",
        terms_url="https://bsky.social/about/support/tos",
        limits="Free and complete; public servers look back 36 hours. Names are asked for, 25 accounts a request. "
        "Replies: 1,600 an hour, 300 sign-ins a day.",
        cannot_tell=(
            "metrics.likes",
            "metrics.reposts",
            "metrics.replies",
            "metrics.quotes",
            "metrics.views",
        ),
        rhythm=timedelta(seconds=60),
        backoff=Backoff(timedelta(seconds=1), timedelta(minutes=2)),
        follows_edits=True,
        follows_deletions=True,
        can_reply=True,
        secrets=(
            SecretField(
                "app_password",
                "App password",
                "For writing replies; listening needs none. Made in Bluesky under Settings, Privacy and security.",
            ),
        ),
        authors_at_once=AT_ONCE,
        author_look_ups_per_minute=LOOK_UPS_PER_MINUTE,
        letters="Bs",
        shape="microblog",
    )

    async def listen(
        self, settings: BlueskySettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncGenerator[Batch]:
        """Batches for ever; see `jetstream.listen` and `firehose.listen`. Raises TryAgain, NeedsHands."""
        place, guard = read_cursor(cursor), _guard()
        heard = (jetstream if settings.mode == "jetstream" else firehose).listen(settings, place, guard)
        async with aclosing(heard) as batches:
            async for batch in batches:
                yield batch

    def parse(self, raw: bytes) -> list[Event]:
        return parse(raw)

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        return rewind(cursor, by=by)

    async def check(self, settings: BlueskySettings, *, secrets: Mapping[str, str]) -> Checked:
        """Listen until the first sign of life, and sign in if there is an account. Raises SourceError."""
        facts = {}
        if settings.account:
            async with GuardedClient(_guard()) as client:
                session = await writing_account(client, settings.pds, settings.account, secrets).session()
            facts["Replies as"] = f"@{session.handle}"
        async with aclosing(self.listen(settings, cursor=None, secrets=secrets)) as batches:
            async for batch in batches:
                if batch.lag is not None:
                    facts["Behind the network"] = f"{batch.lag.total_seconds():.1f} s"
                    return Checked("Bluesky answers, and posts are coming in.", facts)
                return Checked("Bluesky answers; nothing was posted in the seconds that were listened.", facts)
        raise TryAgain("Bluesky ended the stream", settings.service, "Test it again.")

    def cost(self, settings: BlueskySettings) -> Cost:
        return Cost(
            requests_per_hour=60 * LOOK_UPS_PER_MINUTE if settings.asks_for_profiles else 0,
            money_per_1000_posts=0,
            note="Free: one connection that stays open. Listening to everybody takes a few gigabytes of traffic a day.",
        )

    async def reply(self, reply: Reply, settings: BlueskySettings, *, secrets: Mapping[str, str]) -> Sent:
        async with GuardedClient(_guard()) as client:
            return await send(reply, writing_account(client, settings.pds, settings.account, secrets), settings.pds)

    async def find_reply(self, reply: Reply, settings: BlueskySettings, *, secrets: Mapping[str, str]) -> Sent | None:
        async with GuardedClient(_guard()) as client:
            return await find(reply, writing_account(client, settings.pds, settings.account, secrets), settings.pds)

    async def look_up_authors(
        self, ids: Sequence[str], settings: BlueskySettings, *, secrets: Mapping[str, str]
    ) -> list[AuthorRenamed]:
        return await look_up(ids, settings, _guard())


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


SOURCE = Bluesky()
_satisfies(SOURCE)
