"""The one place where a post is made fit for every engine, before it is matched and stored.

PostgreSQL refuses U+0000, UTF-8 has no lone surrogates, whole numbers have 64 bits, Python's dates end on both sides.
The pipeline tidies a post before matching it, so that the stream and the store read the same text.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from watchfloor.sources.post import Author, Media, Metrics, Post

LONGEST_ID = 1_000  # characters
LONGEST_NETWORK = 60
LONGEST_WORD = 100
LARGEST = 2**63 - 1
REPLACEMENT = "\ufffd"
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

_NUMBERS = ("likes", "reposts", "replies", "quotes", "views")


def tidy_text(text: str) -> str:
    """`text` with U+0000 and lone surrogates replaced by U+FFFD. A pair of surrogates becomes the sign it means."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def tidy_word(word: str) -> str:
    """The name of a language or labeller, cut to a length that a list of all of them can bear."""
    return tidy_text(word[:LONGEST_WORD])


def tidy_number(number: int | None) -> int | None:
    return number if number is None else min(max(number, -LARGEST), LARGEST)


def tidy_time(at: datetime) -> datetime:
    """The same instant in UTC; one that UTC's years 1 to 9999 can't hold becomes the nearest that they can.

    A time without a zone stays as it is: nobody knows which instant it means, and the store refuses it.
    """
    if at.tzinfo is None or at.tzinfo is UTC:
        return at
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return FIRST if at.year == 1 else LAST


def why_refused(post: Post) -> str | None:
    """Why the store can't take the post; None if it can."""
    if not post.network or len(post.network) > LONGEST_NETWORK:
        return f"The name of its network has {len(post.network)} characters; 1 to {LONGEST_NETWORK} are possible."
    if not post.id or len(post.id) > LONGEST_ID:
        return f"Its id has {len(post.id)} characters; 1 to {LONGEST_ID} are possible."
    if post.author.id is not None and len(post.author.id) > LONGEST_ID:
        return f"Its author's id has {len(post.author.id)} characters; at most {LONGEST_ID} are possible."
    if post.created_at.tzinfo is None:
        return "Its date has no time zone."
    return None


def tidy_post(post: Post) -> Post:
    """The post itself if it is fit already (the usual case), else a copy that is. Tidying twice changes nothing."""
    numbers = (post.author.followers, *(getattr(post.metrics, name) for name in _NUMBERS))
    if _is_fit("\n".join(_strings(post))) and all(n is None or -LARGEST <= n <= LARGEST for n in numbers):
        at = tidy_time(post.created_at)
        return post if at is post.created_at else msgspec.structs.replace(post, created_at=at)
    return msgspec.structs.replace(
        post,
        network=tidy_text(post.network),
        id=tidy_text(post.id),
        text=tidy_text(post.text),
        created_at=tidy_time(post.created_at),
        url=_tidy(post.url),
        title=_tidy(post.title),
        lang=_tidy(post.lang),
        author=Author(
            id=_tidy(post.author.id),
            handle=_tidy(post.author.handle),
            name=_tidy(post.author.name),
            followers=tidy_number(post.author.followers),
        ),
        links=tuple(tidy_text(link) for link in post.links),
        media=tuple(Media(item.kind, _tidy(item.url), _tidy(item.alt)) for item in post.media),
        reply_to=_tidy(post.reply_to),
        repost_of=_tidy(post.repost_of),
        quote_of=_tidy(post.quote_of),
        conversation=_tidy(post.conversation),
        metrics=Metrics(*(tidy_number(getattr(post.metrics, name)) for name in _NUMBERS)),
    )


def _tidy(text: str | None) -> str | None:
    return None if text is None else tidy_text(text)


def _is_fit(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _strings(post: Post) -> list[str]:
    author = post.author
    strings = [post.network, post.id, post.text, *post.links]
    for part in (
        post.url, post.title, post.lang, author.id, author.handle, author.name,
        post.reply_to, post.repost_of, post.quote_of, post.conversation,
    ):  # fmt: skip
        if part is not None:
            strings.append(part)
    for item in post.media:
        strings.extend(part for part in (item.url, item.alt) if part is not None)
    return strings
