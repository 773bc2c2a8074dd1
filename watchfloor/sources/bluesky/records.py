"""The shapes of Jetstream's lines and of Bluesky's post record, as types for msgspec.

The types of the record refuse fields that they don't name. That is how unknown fields are found at no cost: nearly
every post decodes at once, and only one that holds something unknown is read again, leniently, with the names counted.
Lexicons: `app.bsky.feed.post`, `app.bsky.richtext.facet`, `app.bsky.embed.*`, `com.atproto.label.defs#selfLabels`.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Raw, Struct, field

POSTS = "app.bsky.feed.post"

# --- The line ------------------------------------------------------------------------------------------------------


class Commit(Struct, gc=False):
    operation: str
    collection: str
    rkey: str
    record: Raw = Raw()


class Account(Struct, gc=False):
    active: bool
    status: str | None = None


class Identity(Struct, gc=False):
    handle: str | None = None


class Line(Struct, gc=False):
    did: str
    time_us: int
    kind: str
    commit: Commit | None = None
    account: Account | None = None
    identity: Identity | None = None


# --- The record ----------------------------------------------------------------------------------------------------


class Known(Struct, gc=False, kw_only=True, forbid_unknown_fields=True):
    type: str | None = field(name="$type", default=None)


class Ref(Known):
    uri: str = ""
    cid: str = ""


class ReplyRef(Known):
    root: Ref | None = None
    parent: Ref | None = None


class Feature(Known):
    """A link, a mention or a tag: whichever of the three fields is there."""

    uri: str | None = None
    did: str | None = None
    tag: str | None = None


class ByteSlice(Known):
    byte_start: int = field(name="byteStart", default=0)
    byte_end: int = field(name="byteEnd", default=0)


class Facet(Known):
    index: ByteSlice | None = None
    features: tuple[Feature, ...] = ()


class Link(Struct, gc=False):
    cid: str = field(name="$link", default="")


class Blob(Known):
    """A file. Posts of 2023 have `cid` in place of `ref`."""

    ref: Link | None = None
    cid: str | None = None
    mime_type: str | None = field(name="mimeType", default=None)
    size: int | None = None

    @property
    def address(self) -> str:
        return self.ref.cid if self.ref else self.cid or ""


class Image(Known):
    image: Blob | None = None
    alt: str = ""
    aspect_ratio: Raw = field(name="aspectRatio", default=Raw())


class External(Known):
    uri: str = ""
    title: str = ""
    description: str = ""
    thumb: Raw = Raw()


class EmbeddedRecord(Ref):
    """`app.bsky.embed.record` holds a Ref; `…recordWithMedia` holds an embed that holds the Ref."""

    record: Ref | None = None


class Embed(Known):
    """Every embed of a post: which fields are there goes by `$type`."""

    images: tuple[Image, ...] = ()
    video: Blob | None = None
    alt: str | None = None
    captions: Raw = Raw()
    aspect_ratio: Raw = field(name="aspectRatio", default=Raw())
    presentation: str | None = None
    external: External | None = None
    record: EmbeddedRecord | None = None
    media: Embed | None = None


class SelfLabel(Known):
    val: str = ""


class SelfLabels(Known):
    values: tuple[SelfLabel, ...] = ()


class PostRecord(Known):
    text: str
    created_at: datetime = field(name="createdAt")
    langs: tuple[str, ...] = ()
    reply: ReplyRef | None = None
    facets: tuple[Facet, ...] = ()
    embed: Embed | None = None
    labels: SelfLabels | None = None
    tags: tuple[str, ...] = ()
    entities: Raw = Raw()


class Required(Struct, gc=False):
    """What a post must have to be read at all."""

    text: str
    created_at: datetime = field(name="createdAt")
