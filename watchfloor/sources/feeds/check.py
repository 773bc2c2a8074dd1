"""The test button: each address is asked once, without remembering anything."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.lib.spans import short_span
from watchfloor.sources.feeds.document import Feed
from watchfloor.sources.feeds.fetch import Failed, ask
from watchfloor.sources.feeds.reader import Reader
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.state import FeedState
from watchfloor.sources.source import Checked, NeedsHands, TryAgain

MOST_CHECKED = 8
SECONDS = 15.0


async def check(settings: FeedsSettings, guard: Guard) -> Checked:
    """Raises TryAgain or NeedsHands if none of the first addresses is a feed or leads to one."""
    tried = settings.addresses[:MOST_CHECKED]
    hosts: dict[str, asyncio.Lock] = {}
    reader, now = Reader(), datetime.now(UTC)

    async def one(client: GuardedClient, address: str) -> tuple[str, str] | Failed:
        async with hosts.setdefault(urlsplit(address).netloc, asyncio.Lock()):
            try:
                async with asyncio.timeout(SECONDS):
                    heard = await ask(FeedState(address, kind=settings.told_kind), client, reader, now=now)
            except TimeoutError:
                return Failed(f"It did not answer within {SECONDS:g} seconds")
            except Failed as failed:
                return failed
        assert heard.feed is not None
        return heard.feed.facts.title or address, _in_words(heard.feed, heard.url, heard.comments, now)

    try:
        async with GuardedClient(guard) as client:
            answers = await asyncio.gather(*(one(client, address) for address in tried))
    finally:
        reader.close()
    facts = {}
    for address, answer in zip(tried, answers, strict=True):
        if isinstance(answer, Failed):
            facts[address] = f"{answer}."
        else:
            facts[answer[0] if answer[0] not in facts else address] = answer[1]
    failed = [answer for answer in answers if isinstance(answer, Failed)]
    if len(failed) == len(tried):
        if all(one.needs_hands or one.is_gone for one in failed):
            raise NeedsHands(str(failed[0]), tried[0], "Correct the address in the settings.")
        raise TryAgain(str(failed[0]), tried[0], "Test it again in a while.")
    facts["Cost"] = f"at most {len(settings.addresses) * 60 / settings.most_often_minutes:g} requests an hour"
    more = len(settings.addresses) - len(tried)
    says = "The feed answers." if len(tried) == 1 else f"{len(tried) - len(failed)} of {len(tried)} feeds answer."
    return Checked(f"{says} {more} more were not tried." if more else says, facts)


def _in_words(feed: Feed, url: str, comments: str | None, now: datetime) -> str:
    dates = [entry.post.created_at for entry in feed.entries if entry.post is not None and entry.is_dated]
    past = [at for at in dates if at <= now]
    said = [f"{url} ({feed.form}, network “{feed.facts.kind}”)", f"{len(feed.entries)} items"]
    if past:
        said.append(f"the newest {short_span(now - max(past))} old")
    if undated := sum(entry.post is not None and not entry.is_dated for entry in feed.entries):
        said.append(f"{undated} without a date")
    if comments:
        said.append(f"comments at {comments}")
    return ", ".join(said)
