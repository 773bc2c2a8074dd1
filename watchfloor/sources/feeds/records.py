"""What is kept of a feed and of an item, in one shape for RSS, Atom, RDF and JSON Feed.

An item and what its feed says of itself are the raw payload of a post: `parse.parse` reads it, also at a re-mapping.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Kind = Literal["blog", "news", "forum", "web"]
KINDS: tuple[Kind, ...] = ("blog", "news", "forum", "web")


class FeedFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a feed says of itself. `scope` is the host that it was first found on: it names its items apart from those
    of other feeds, also after the feed has moved."""

    scope: str
    kind: Kind = "web"
    title: str | None = None
    lang: str | None = None
    is_comments: bool = False


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture, film, sound or other file of an item."""

    url: str
    type: str = ""  # a MIME type, or "image", "video", "audio"
    alt: str | None = None


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry as it was written. `html` may be plain text (`is_plain`). Dates are ISO 8601 where they could be read;
    `dated` is how the feed wrote them."""

    id: str | None = None
    link: str | None = None
    title: str | None = None
    title_is_plain: bool = True
    html: str = ""
    is_plain: bool = False
    base: str = ""
    lang: str | None = None
    published: str | None = None
    updated: str | None = None
    dated: str | None = None
    author: str | None = None
    author_url: str | None = None
    links: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    reply_to: str | None = None
    replies: int | None = None
    tags: tuple[str, ...] = ()


class RawItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The payload of one post. `seen_at`: when it was first read, which stands for a date that is missing."""

    feed: FeedFacts
    item: Item
    seen_at: datetime
