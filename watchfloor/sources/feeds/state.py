"""Where a connection stands in each of its feeds: the cursor. Bounded, whatever the feeds say."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from watchfloor.sources.feeds.records import Kind
from watchfloor.sources.post import Post
from watchfloor.sources.source import NeedsHands

MOST_KNOWN = 20_000  # items of all feeds of a connection whose hashes are kept
MOST_HEADER = 400
_MARK = 4  # bytes of each of an item's three hashes


class FeedState(msgspec.Struct, omit_defaults=True):
    """One feed. `address` is what people wrote, `url` the feed as it was found or has moved. `tries` are those since
    the last answer, the planned one included; `known` the items of the last answers, packed."""

    address: str
    url: str | None = None
    scope: str | None = None
    kind: Kind | None = None
    title: str | None = None
    is_comments: bool = False
    etag: str | None = None
    modified: str | None = None
    next_at: int = 0  # seconds since 1970
    heard_at: int = 0
    every: int = 0  # seconds between two tries, as learned
    tries: int = 0
    why: str = ""  # what went wrong last
    is_over: bool = False  # gone for good: not asked again
    known: str = ""
    also_of: str | None = None  # the address on whose page this feed of comments was found

    @property
    def name(self) -> str:
        return self.title or self.url or self.address

    @property
    def host(self) -> str:
        return urlsplit(self.url or self.address).netloc.lower()


class Place(msgspec.Struct):
    """All feeds of a connection. `quiet`: hosts that asked to be left alone, and until when."""

    feeds: list[FeedState]
    quiet: dict[str, int] = {}

    def cursor(self) -> str:
        return msgspec.json.encode(self).decode()

    def reconciled(self, addresses: Iterable[str]) -> Place:
        """With exactly the feeds of `addresses`: new ones begin, others are forgotten."""
        wanted = dict.fromkeys(addresses)
        held = {feed.address: feed for feed in self.feeds}
        feeds = [held.get(address) or FeedState(address) for address in wanted]
        listed = {feed.url for feed in feeds} | set(wanted)
        feeds += [
            feed
            for feed in self.feeds
            if feed.also_of in wanted and feed.address not in wanted and feed.url not in listed
        ]
        return Place(feeds, self.quiet)


def read_cursor(cursor: str | None) -> Place:
    """Raises NeedsHands on a cursor that is not ours."""
    if cursor is None:
        return Place([])
    try:
        return msgspec.json.decode(cursor, type=Place)
    except (msgspec.MsgspecError, ValueError) as error:
        raise NeedsHands(
            "What is known of the feeds can't be read", cursor[:100], "Delete the connection and make it anew."
        ) from error


def rewind(cursor: str | None, *, by: timedelta) -> str | None:
    """The cursor that reads all feeds again: they have no times to go back to, and the store keeps one of each."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    for feed in place.feeds:
        feed.etag = feed.modified = None
        feed.known = ""
    return place.cursor()


class Mark(msgspec.Struct, frozen=True):
    """An item as it was read last: which, what it said, and what stays when only its id changes."""

    id: bytes
    said: bytes
    twin: bytes


def mark_of(post: Post, *, is_dated: bool) -> Mark:
    """Only what a person reads counts as a change: not counters, not addresses with changing tails."""
    said = "\n".join((post.title or "", post.text, post.author.name or ""))
    twin = f"{post.title}\n{post.text}\n{post.created_at.isoformat()}" if is_dated else post.id
    return Mark(_hash(post.id), _hash(said), _hash(twin))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=_MARK).digest()


def pack(marks: Iterable[Mark], *, most: int) -> str:
    """At most `most` of them, the first ones."""
    packed = b"".join(mark.id + mark.said + mark.twin for mark in list(marks)[:most])
    return base64.b85encode(packed).decode()


def unpack(known: str) -> list[Mark]:
    try:
        packed = base64.b85decode(known)
    except ValueError:
        return []
    size = 3 * _MARK
    cuts = (packed[at : at + size] for at in range(0, len(packed) - size + 1, size))
    return [Mark(cut[:_MARK], cut[_MARK : 2 * _MARK], cut[2 * _MARK :]) for cut in cuts]


def header(value: str | None) -> str | None:
    """An ETag or date to be sent back; a longer one is not kept, and the feed then read whole."""
    return value if value and len(value) <= MOST_HEADER and value.isprintable() else None


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(min(max(at, 0), 32_503_680_000), UTC)
