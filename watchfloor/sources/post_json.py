"""One line of JSON → one post: the `Post` of the command line's formats.

Required are `network`, `id`, `text` and `created_at`; everything else may be missing or null, and fields that are not
ours are ignored. What is there must have the right type: a number where an id is due would name another post.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from watchfloor.sources.post import NOBODY, UNCOUNTED, Author, Media, MediaKind, Metrics, Post, Sentiment


class UnreadablePost(ValueError):
    """A line holds no post. `what` says what is wrong with it, in one sentence without a full stop; `field` is where
    (`author.name`), "" if it is all of it."""

    def __init__(self, what: str, field: str = "") -> None:
        super().__init__(what)
        self.what, self.field = what, field


def read_post(line: bytes) -> Post:
    """Return the post of one line. A `created_at` without a zone is UTC. Raises UnreadablePost."""
    try:
        post = _DECODER.decode(line)
    except msgspec.ValidationError:
        return _read_carefully(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadablePost(_not_json(line, error)) from None
    if post.created_at.tzinfo is None or not post.network.strip() or not post.id.strip():
        return _read_carefully(line)
    return post


_DECODER = msgspec.json.Decoder(Post)
_KINDS: dict[str, MediaKind] = {"photo": "photo", "video": "video", "audio": "audio", "other": "other"}
_SENTIMENTS: dict[str, Sentiment] = {"negative": "negative", "neutral": "neutral", "positive": "positive"}
_NAMES = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
Read = TypeVar("Read")


def _not_json(line: bytes, error: Exception) -> str:
    try:
        line.decode()
    except UnicodeDecodeError as broken:
        return f"it is not UTF-8 (byte {broken.start})"
    return "it is nested too deeply" if isinstance(error, RecursionError) else f"it is no JSON: {error}"


def _read_carefully(line: bytes) -> Post:
    """Read what the fast decoder would not take: nulls, unknown kinds of media, times without zone; or say what is
    wrong in words for people."""
    try:
        told = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadablePost(_not_json(line, error)) from None
    if not isinstance(told, dict):
        raise UnreadablePost(f"a post is an object, not {_NAMES.get(type(told), 'null')}")
    return Post(
        network=_name(told, "network"),
        id=_name(told, "id"),
        text=_required(told, "text"),
        created_at=_time(told),
        url=_text(told, "url"),
        title=_text(told, "title"),
        lang=_text(told, "lang"),
        author=_object(told, "author", _author) or NOBODY,
        links=tuple(_list(told, "links", lambda link: _typed(link, str, "a link", ""))),
        media=tuple(_list(told, "media", _medium)),
        reply_to=_text(told, "reply_to"),
        repost_of=_text(told, "repost_of"),
        quote_of=_text(told, "quote_of"),
        conversation=_text(told, "conversation"),
        metrics=_object(told, "metrics", _metrics) or UNCOUNTED,
        sentiment=_sentiment(told.get("sentiment")),
    )


def _name(told: dict[str, Any], field: str) -> str:
    value = _required(told, field)
    if not value.strip():
        raise UnreadablePost(f"“{field}” is empty", field)
    return value


def _required(told: dict[str, Any], field: str) -> str:
    value = _text(told, field)
    if value is None:
        raise UnreadablePost(f"“{field}” is {'null' if field in told else 'missing'}", field)
    return value


def _text(told: dict[str, Any], field: str) -> str | None:
    value = told.get(field)
    return None if value is None else _typed(value, str, f"“{field}”", field)


def _typed(value: Any, kind: type[Read], name: str, field: str) -> Read:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        wanted = "a whole number" if kind is int else _NAMES[kind]
        raise UnreadablePost(f"{name} must be {wanted}, not {_NAMES.get(type(value), 'null')}", field)
    return value


def _time(told: dict[str, Any]) -> datetime:
    written = _required(told, "created_at")
    try:
        time = msgspec.convert(written, datetime)
    except msgspec.ValidationError:
        try:
            time = datetime.fromisoformat(written)
        except ValueError:
            shown = written if len(written) <= 40 else f"{written[:40]}…"
            raise UnreadablePost(f"“created_at” is no time like 2026-07-04T12:00:00Z: {shown}", "created_at") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _object(told: dict[str, Any], field: str, read: Callable[[dict[str, Any]], Read]) -> Read | None:
    value = told.get(field)
    if value is None:
        return None
    inner = _typed(value, dict, f"“{field}”", field)
    try:
        return read(inner)
    except UnreadablePost as error:
        raise UnreadablePost(error.what, f"{field}.{error.field}") from None


def _list(told: dict[str, Any], field: str, read: Callable[[Any], Read]) -> list[Read]:
    value = told.get(field)
    items = [] if value is None else _typed(value, list, f"“{field}”", field)
    found = []
    for n, item in enumerate(items):
        if item is None:
            continue
        try:
            found.append(read(item))
        except UnreadablePost as error:
            where = f"{field}[{n}]"
            raise UnreadablePost(error.what, f"{where}.{error.field}" if error.field else where) from None
    return found


def _author(told: dict[str, Any]) -> Author:
    return Author(
        id=_text(told, "id"),
        handle=_text(told, "handle"),
        name=_text(told, "name"),
        followers=_count(told, "followers"),
    )


def _medium(told: Any) -> Media:
    medium = _typed(told, dict, "an item of “media”", "")
    kind = _KINDS.get(_text(medium, "kind") or "other", "other")
    return Media(kind=kind, url=_text(medium, "url"), alt=_text(medium, "alt"))


def _metrics(told: dict[str, Any]) -> Metrics:
    return Metrics(
        likes=_count(told, "likes"),
        reposts=_count(told, "reposts"),
        replies=_count(told, "replies"),
        quotes=_count(told, "quotes"),
        views=_count(told, "views"),
    )


def _count(told: dict[str, Any], field: str) -> int | None:
    value = told.get(field)
    return None if value is None else _typed(value, int, f"“{field}”", field)


def _sentiment(value: Any) -> Sentiment | None:
    """Others may write something else under this name: it is no field of a post, so that is ignored."""
    return _SENTIMENTS.get(value) if isinstance(value, str) else None
