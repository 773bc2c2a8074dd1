"""What a network published, in one typed record.

Everything that listens produces these; everything after it (matching, labels, store, pages) reads only these.
The JSON form is the `Post` of `docs/formats.md`: `msgspec.json.decode(line, type=Post)` reads one line of it.

A field that the network did not tell is `None`, never 0 or "".
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

MediaKind = Literal["photo", "video", "audio", "other"]
Sentiment = Literal["negative", "neutral", "positive"]


class Author(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account on a network. `id` is the network's own, stable one (a DID, a number); handles change."""

    id: str | None = None
    handle: str | None = None
    name: str | None = None
    followers: int | None = None


class Media(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: MediaKind = "other"
    url: str | None = None
    alt: str | None = None


class Metrics(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often people answered to it, as last seen. `views` is no engagement."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    quotes: int | None = None
    views: int | None = None

    @property
    def engagement(self) -> int | None:
        """likes + reposts + replies + quotes; None if the network gave none of them."""
        told = [n for n in (self.likes, self.reposts, self.replies, self.quotes) if n is not None]
        return sum(told) if told else None


NOBODY = Author()
UNCOUNTED = Metrics()


class Post(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item as a network published it.

    `network` + `id` name it for ever. `created_at` is what its author's client claims (it may be wrong: the pipeline
    judges that), always with a zone. `links` are those that the network names; links written in `text` count as well.
    `reply_to`, `repost_of`, `quote_of`, `conversation` are ids on the same network.
    `sentiment` is a label that came along with the post (a labelled file), not ours.
    """

    network: str
    id: str
    text: str
    created_at: datetime
    url: str | None = None
    title: str | None = None
    lang: str | None = None
    author: Author = NOBODY
    links: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    reply_to: str | None = None
    repost_of: str | None = None
    quote_of: str | None = None
    conversation: str | None = None
    metrics: Metrics = UNCOUNTED
    sentiment: Sentiment | None = None
