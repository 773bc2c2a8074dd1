"""The test button: each server is asked who it is, whose token it was given, and whether it streams."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from watchfloor.lib.guarded import Guard, GuardedClient, GuardedError
from watchfloor.sources import told
from watchfloor.sources.mastodon.backfill import path_of
from watchfloor.sources.mastodon.feed import Feed
from watchfloor.sources.mastodon.server import NotMastodon, Refused, Server, explained
from watchfloor.sources.mastodon.settings import MastodonSettings
from watchfloor.sources.mastodon.stream import NotOffered, Way, opened
from watchfloor.sources.source import Checked, SourceError

CHECK_SECONDS = 10.0
_WAYS = {"sse": "streams by server-sent events", "websocket": "streams by WebSocket"}

Trouble = (GuardedError, Refused, NotMastodon)


async def check(settings: MastodonSettings, tokens: Mapping[str, str], guard: Guard) -> Checked:
    """Raises SourceError if no server can be listened to; one that can't is named among the facts."""
    async with GuardedClient(guard) as client:
        servers = [Server(client, address, tokens.get(address, "")) for address in settings.addresses]
        told_of = await asyncio.gather(*(_tried(server, settings, guard) for server in servers), return_exceptions=True)
    facts: dict[str, str] = {}
    failures: list[SourceError] = []
    for server, says in zip(servers, told_of, strict=True):
        if isinstance(says, SourceError):
            failures.append(says)
            facts[server.name] = str(says)
        elif isinstance(says, BaseException):
            raise says
        else:
            facts[server.name] = says
    if len(failures) == len(servers):
        raise failures[0]
    answer = "Mastodon answers." if not failures else f"{len(failures)} of {len(servers)} servers can't be listened to."
    return Checked(answer, facts)


async def _tried(server: Server, settings: MastodonSettings, guard: Guard) -> str:
    """Raises SourceError."""
    doing = "Testing the server"
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            about = await server.about()
            parts = [f"version {about.version}"]
            if server.token:
                me = await server.get("/api/v1/accounts/verify_credentials")
                acct = told.text(me, "acct") if isinstance(me, dict) else None
                parts.append(f"token of @{acct}@{about.domain}")
            parts.append(await _how(server, settings, guard))
            return ", ".join(parts)
    except TimeoutError:
        raise explained(NotMastodon(f"no answer within {CHECK_SECONDS:g} seconds"), doing, server.name) from None
    except Trouble as error:
        raise explained(error, doing, server.name) from error


async def _how(server: Server, settings: MastodonSettings, guard: Guard) -> str:
    """How the first stream would be listened to. Raises GuardedError, Refused, NotMastodon."""
    feed = settings.feeds[0]
    ways: tuple[Way, ...] = ("sse", "websocket") if settings.mode == "auto" else ()
    if settings.mode in ("sse", "websocket"):
        ways = (settings.mode,)
    why: Exception | None = None
    for way in ways:
        try:
            async with opened(way, server, feed, guard) as messages:
                await anext(messages)
                return _WAYS[way]
        except NotOffered as error:
            why = error
        except Refused as error:
            if settings.mode != "auto" or error.status not in (401, 403):
                raise
            why = error
            break
    if settings.mode in ("sse", "websocket"):
        raise NotMastodon(f"the server does not stream by {settings.mode} ({why})")
    path, query = path_of(feed)
    await server.page(path, **query, limit="1")
    seconds = Feed.seconds_between(settings)
    refused = f", because it does not stream to us ({why})" if why is not None else ""
    return f"asked every {seconds:g} seconds{refused}"
