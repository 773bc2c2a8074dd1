"""One feed asked once: what it answered, or what its silence means."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

import httpx
import msgspec

from watchfloor.lib.guarded import AddressRefused, GuardedClient, GuardedError
from watchfloor.sources.feeds.document import Answer, Feed, Neither, Page
from watchfloor.sources.feeds.page import guesses
from watchfloor.sources.feeds.reader import CannotRead, Reader
from watchfloor.sources.feeds.rhythm import max_age, retry_after
from watchfloor.sources.feeds.state import FeedState, header

MOST_BYTES = 5_000_000  # of a feed, packed or unpacked
MOST_SECONDS = 30.0
MOST_TRIED = 6  # addresses on a page's site that may be its feed
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.5, */*;q=0.1"
)
BUSY = (429, 503)


class Failed(Exception):
    """What was tried and why it failed, in a sentence. `is_gone`: for good. `needs_hands`: trying again can't help.
    `after`: not before that, for the whole host."""

    def __init__(
        self, why: str, *, is_gone: bool = False, needs_hands: bool = False, after: timedelta | None = None
    ) -> None:
        super().__init__(why.rstrip(". "))
        self.is_gone, self.needs_hands, self.after = is_gone, needs_hands, after


class Heard(msgspec.Struct, frozen=True):
    """`feed` None: nothing has changed. `url`: where it is from now on; `comments`: its page's feed of comments."""

    url: str
    feed: Feed | None = None
    etag: str | None = None
    modified: str | None = None
    max_age_seconds: int | None = None
    comments: str | None = None


async def ask(state: FeedState, client: GuardedClient, reader: Reader, *, now: datetime) -> Heard:
    """Ask a feed for what is new; find it first if its address is a page's. Raises Failed."""
    conditions = {}
    if state.url and state.etag:
        conditions["If-None-Match"] = state.etag
    if state.url and state.modified:
        conditions["If-Modified-Since"] = state.modified
    answer = await _get(client, state.url or state.address, conditions, now)
    if answer.status_code == 304 and conditions:
        return Heard(state.url or state.address, max_age_seconds=max_age(answer.headers.get("cache-control")))
    url = str(answer.url)
    document = await _read(reader, answer, state, now)
    if isinstance(document, Feed):
        # As found: where the redirects led, if that is for good; else where it was asked.
        return _heard(document, answer, _kept_address(answer))
    if isinstance(document, Page) and state.url is None:
        return await _found_by_page(document, url, state, client, reader, now)
    raise Failed(_no_feed(document))


async def _found_by_page(
    page: Page, url: str, state: FeedState, client: GuardedClient, reader: Reader, now: datetime
) -> Heard:
    named = [one.url for one in page.candidates if not one.is_comments]
    comments = next((one.url for one in page.candidates if one.is_comments), None)
    for candidate in list(dict.fromkeys(named or guesses(url)))[:MOST_TRIED]:
        try:
            answer = await _get(client, candidate, {}, now)
            document = await _read(reader, answer, state, now)
        except Failed as error:
            if error.after is not None:
                raise
            continue
        if isinstance(document, Feed):
            heard = _heard(document, answer, _kept_address(answer))
            return msgspec.structs.replace(heard, comments=comments if comments != candidate else None)
    if page.asks_to_sign_in and not named:
        raise Failed("It answers with a page to sign in", needs_hands=True)
    raise Failed(
        "The page names no feed that can be read, and none stands where feeds commonly are. "
        "Look for a link “RSS” or “Feed” on it and give that address",
        needs_hands=True,
    )


async def _get(client: GuardedClient, url: str, conditions: dict[str, str], now: datetime) -> httpx.Response:
    """An answer with status 200 or 304. Raises Failed."""
    try:
        answer = await client.get(
            url, headers={"Accept": ACCEPT, **conditions}, most_bytes=MOST_BYTES, most_seconds=MOST_SECONDS
        )
    except AddressRefused as error:
        raise Failed(str(error), needs_hands=True) from error
    except GuardedError as error:
        raise Failed(str(error)) from error
    status = answer.status_code
    if status in (200, 203) or (status == 304 and conditions):
        return answer
    after = retry_after(answer.headers.get("retry-after"), now) if status in BUSY else None
    raise Failed(_says(status), is_gone=status == 410, needs_hands=status in (401, 403, 404, 407, 451), after=after)


def _says(status: int) -> str:
    known = {
        304: "It says that nothing has changed, but was not asked that",
        401: "It asks for a sign-in (401)",
        403: "It refuses us (403)",
        404: "Nothing is at that address any more (404)",
        410: "It is gone for good (410)",
        429: "It was asked too often (429)",
        451: "It may not be shown here for legal reasons (451)",
        503: "Its server is busy (503)",
    }
    return known.get(status, f"It answered with status {status}")


async def _read(reader: Reader, answer: httpx.Response, state: FeedState, now: datetime) -> Feed | Page | Neither:
    question = Answer(
        body=answer.content,
        url=str(answer.url),
        now=now,
        content_type=answer.headers.get("content-type", "")[:200],
        language=answer.headers.get("content-language", "")[:50] or None,
        scope=state.scope,
        kind=state.kind,
    )
    try:
        return await reader.read(question)
    except CannotRead as error:
        raise Failed(str(error)) from error


def _heard(feed: Feed, answer: httpx.Response, url: str) -> Heard:
    headers = answer.headers
    return Heard(
        url=url,
        feed=feed,
        etag=header(headers.get("etag")),
        modified=header(headers.get("last-modified")),
        max_age_seconds=max_age(headers.get("cache-control")),
    )


def _kept_address(answer: httpx.Response) -> str:
    """Where the feed is from now on: as far as the redirects are for good (301, 308), never further."""
    hops = list(answer.history)
    moved = list(takewhile(lambda hop: hop.status_code in (301, 308), hops))
    if len(moved) == len(hops):
        return str(answer.url)
    return str(hops[len(moved)].request.url)


def _no_feed(document: Page | Neither) -> str:
    if isinstance(document, Neither):
        return document.why
    if document.asks_to_sign_in:
        return "It answers with a page to sign in"
    return "It answers with a page where a feed was"
