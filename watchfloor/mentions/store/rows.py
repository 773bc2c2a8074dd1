"""How a post becomes a row and a row becomes the post again.

What SQL looks at has columns; the rest is packed into one value, with times and scores as small whole numbers, and
comes back exactly: the post to the microsecond in UTC, scores and confidences to three decimals.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from watchfloor.mentions.store.ids import DateDoubt, time_of
from watchfloor.mentions.store.payloads import compress_rest, decompress_rest
from watchfloor.mentions.store.store import Labelled, StoredPost
from watchfloor.sources.post import Author, Media, MediaKind, Metrics, Post, Sentiment

SENTIMENT_CODE: dict[Sentiment | None, int] = {"negative": -1, "neutral": 0, "positive": 1, None: 2}
SENTIMENT: dict[int, Sentiment | None] = {code: name for name, code in SENTIMENT_CODE.items()}
STATE: dict[int, Literal["shown", "hidden"]] = {0: "shown", 1: "hidden"}

Label = Literal["language", "sentiment"]

_MICROSECOND = timedelta(microseconds=1)
_CONTENT = ("w", "u", "g", "k", "m", "r", "p", "q", "c")
_MEDIA_KINDS: tuple[MediaKind, ...] = ("photo", "video", "audio", "other")


class Rest(msgspec.Struct, omit_defaults=True):
    """The part of a post that no SQL condition needs. One letter a name: names are repeated in every row."""

    i: str  # native id, short (short_id)
    w: int  # written, microseconds after the id's millisecond
    s: int  # seen, the same
    u: str | None = None  # url; the end of the post's native id in it is written \1, its author's id \2
    y: str | None = None  # title
    g: str | None = None  # lang as declared
    k: tuple[str, ...] = ()  # links
    m: tuple[tuple[int, str | None, str | None], ...] = ()  # media: kind, url, alt
    r: str | None = None  # reply_to
    p: str | None = None  # repost_of
    q: str | None = None  # quote_of
    c: str | None = None  # conversation
    e: tuple[int | None, ...] = ()  # metrics: likes, reposts, replies, quotes, views
    f: int | None = None  # the author's followers when the post was told
    n: str | None = None  # the author's name, where the author has neither id nor handle and so no row
    t: Sentiment | None = None  # the label that came along
    d: Literal["f", "a"] | None = None  # date doubt: future, ancient
    a: int | None = None  # edited, microseconds after the id's millisecond
    b: int = 0  # who labelled the language: a Word
    h: int | None = None  # language confidence, thousandths
    j: int = 0  # who labelled the sentiment: a Word
    v: int | None = None  # sentiment score, thousandths
    x: int | None = None  # sentiment confidence, thousandths


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Rest).decode
_decode_numbers = msgspec.msgpack.Decoder(list[int]).decode


def _pack(rest: Rest) -> bytes:
    return compress_rest(_encode(rest))


def _unpack(packed: bytes) -> Rest:
    return _decode(decompress_rest(packed))


def pack(
    post_id: int, item: Labelled, words: Mapping[str, int], doubt: DateDoubt | None, edited_at: datetime | None
) -> bytes:
    return _pack(rest_of(post_id, item, words, doubt, edited_at))


def repack(
    post_id: int, held: bytes, item: Labelled, words: Mapping[str, int], people: Collection[int], *, same_text: bool
) -> tuple[bytes, bool, set[Label]]:
    """What `held` becomes when `item` replaces it, whether its content (not counts or labels) stays the same, and which
    labels stay because one of `people` (labellers' words) gave them.

    When it was first seen, and so its place in charts, stays. New figures alone are no edit.
    """
    before, after = _unpack(held), rest_of(post_id, item, words, None, None)
    after.s, after.d = before.s, before.d
    kept: set[Label] = set()
    if before.b in people:
        after.b, after.h = before.b, before.h
        kept.add("language")
    if before.j in people:
        after.j, after.v, after.x = before.j, before.v, before.x
        kept.add("sentiment")
    is_same = same_text and all(getattr(before, name) == getattr(after, name) for name in _CONTENT)
    after.a = before.a if is_same else (item.seen_at - time_of(post_id)) // _MICROSECOND
    return _pack(after), is_same, kept


def title_of(held: bytes) -> str | None:
    return _unpack(held).y


def pack_topics(topics: Mapping[int, int]) -> bytes:
    """Topic ids, each with the version that found the post."""
    return _encode([number for pair in sorted(topics.items()) for number in pair])


def unpack_topics(packed: bytes) -> dict[int, int]:
    numbers = _decode_numbers(packed)
    return dict(zip(numbers[::2], numbers[1::2], strict=True))


def labellers(held: bytes) -> tuple[int, int]:
    """Who labelled language and sentiment: Words."""
    rest = _unpack(held)
    return rest.b, rest.j


def relabelled(
    held: bytes,
    *,
    language_by: int | None,
    sentiment_by: int | None,
    language_confidence: float | None = None,
    sentiment_score: float | None = None,
    sentiment_confidence: float | None = None,
) -> bytes:
    """`held` with new labellers (Words); None leaves that label as it is."""
    rest = _unpack(held)
    if language_by is not None:
        rest.b, rest.h = language_by, _thousandths(language_confidence)
    if sentiment_by is not None:
        rest.j, rest.v, rest.x = sentiment_by, _thousandths(sentiment_score), _thousandths(sentiment_confidence)
    return _pack(rest)


def rest_of(
    post_id: int, item: Labelled, words: Mapping[str, int], doubt: DateDoubt | None, edited_at: datetime | None
) -> Rest:
    post, at = item.post, time_of(post_id)
    author, counted = post.author, post.metrics
    metrics = (counted.likes, counted.reposts, counted.replies, counted.quotes, counted.views)
    return Rest(
        i=short_id(post),
        w=(post.created_at - at) // _MICROSECOND,
        s=(item.seen_at - at) // _MICROSECOND,
        u=_short_url(post),
        y=post.title,
        g=post.lang,
        k=post.links,
        m=tuple((_MEDIA_KINDS.index(media.kind), media.url, media.alt) for media in post.media),
        r=post.reply_to,
        p=post.repost_of,
        q=post.quote_of,
        c=post.conversation,
        e=() if metrics == _UNCOUNTED else metrics,
        f=author.followers,
        n=author.name if author.id is None and author.handle is None else None,
        t=post.sentiment,
        d=None if doubt is None else "f" if doubt == "future" else "a",
        a=None if edited_at is None else (edited_at - at) // _MICROSECOND,
        b=words[item.language_by],
        h=_thousandths(item.language_confidence),
        j=words[item.sentiment_by],
        v=_thousandths(item.sentiment_score),
        x=_thousandths(item.sentiment_confidence),
    )


# The columns that `unpack` reads, in its order; `p` is the post, `a` its author (LEFT JOIN).
COLUMNS = (
    "p.id, p.network_id, p.language_id, p.sentiment, p.state, p.text, p.rest, "
    "a.native_id, a.handle, a.name, p.author_id, a.followers, p.topics"
)


def unpack(row: Sequence[Any], words: Mapping[int, str], own_topics: Collection[int]) -> StoredPost:
    """`own_topics`: those of the mission that asks; it learns of no others."""
    post_id, network, language, sentiment, state, text, packed = row[:7]
    author_id, handle, name, author, followers = row[7:12]
    rest = _unpack(packed)
    at = time_of(post_id)
    native_id = _whole_id(rest.i, author_id)
    if author is None:
        name = rest.n
    return StoredPost(
        id=post_id,
        at=at,
        seen_at=at + rest.s * _MICROSECOND,
        post=Post(
            network=words[network],
            id=native_id,
            text=text,
            created_at=at + rest.w * _MICROSECOND,
            url=_whole_url(rest.u, native_id, author_id),
            title=rest.y,
            lang=rest.g,
            author=Author(author_id, handle, name, rest.f),
            links=rest.k,
            media=tuple(Media(_MEDIA_KINDS[kind], url, alt) for kind, url, alt in rest.m),
            reply_to=rest.r,
            repost_of=rest.p,
            quote_of=rest.q,
            conversation=rest.c,
            metrics=Metrics(*rest.e),
            sentiment=rest.t,
        ),
        language=words[language] or None,
        language_by=words[rest.b],
        language_confidence=None if rest.h is None else rest.h / 1000,
        sentiment=SENTIMENT[sentiment],
        sentiment_score=None if rest.v is None else rest.v / 1000,
        sentiment_confidence=None if rest.x is None else rest.x / 1000,
        sentiment_by=words[rest.j],
        topics=[topic for topic in unpack_topics(row[12]) if topic in own_topics],
        state=STATE[state],
        date_doubt=None if rest.d is None else "future" if rest.d == "f" else "ancient",
        edited_at=None if rest.a is None else at + rest.a * _MICROSECOND,
        author_row=author,
        followers_now=followers,
    )


_AUTHORS_ID, _AS_IT_IS = "\2", "\3"
_UNCOUNTED = (None,) * 5


def _thousandths(number: float | None) -> int | None:
    return None if number is None else round(number * 1000)


def short_id(post: Post) -> str:
    """The native id without its author's, which the author's row holds (`at://did:plc:…/` on Bluesky)."""
    author = post.author.id
    if _AUTHORS_ID in post.id or post.id.startswith(_AS_IT_IS):
        return _AS_IT_IS + post.id
    return post.id if author is None or len(author) < 4 else post.id.replace(author, _AUTHORS_ID)


def _whole_id(short: str, author_id: str | None) -> str:
    if short.startswith(_AS_IT_IS):
        return short[len(_AS_IT_IS) :]
    return short if author_id is None else short.replace(_AUTHORS_ID, author_id)


def _short_url(post: Post) -> str | None:
    """The address without what the row holds anyway: the last part of the post's native id, the author's id."""
    url = post.url
    if url is None:
        return None
    url = url.replace("\1", "%01").replace("\2", "%02")
    tail, author = post.id.rsplit("/", 1)[-1], post.author.id
    if len(tail) > 3:
        url = url.replace(tail, "\1")
    return url.replace(author, "\2") if author is not None and len(author) > 3 else url


def _whole_url(short: str | None, native_id: str, author_id: str | None) -> str | None:
    if short is None:
        return None
    return short.replace("\2", author_id or "").replace("\1", native_id.rsplit("/", 1)[-1])
