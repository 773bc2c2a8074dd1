"""The rehearsal's own lines: a post as in `docs/formats.md`, or an object with "event" for everything else."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from watchfloor.sources.post import Post
from watchfloor.sources.source import AuthorChanged, AuthorRenamed, Deleted, Event, Unreadable, Written

EXCERPT_BYTES = 200
_NAMES: dict[type, str] = {Deleted: "deleted", AuthorChanged: "author_changed", AuthorRenamed: "author_renamed"}
_TYPES = {name: type_ for type_, name in _NAMES.items()}
_EDITION = re.compile("/e[0-9]+-")


class _Kind(msgspec.Struct):
    event: str | None = None


class _Edited(msgspec.Struct):
    post: Post


def write_line(event: Event) -> bytes:
    """The line that `read_line` reads back as this event (an Event of the rehearsal: no Gap, no Unreadable)."""
    if isinstance(event, Written):
        return _json.encode({"event": "edited", "post": event.post} if event.edited else event.post)
    return _json.encode({"event": _NAMES[type(event)], **msgspec.structs.asdict(event)})


def read_line(raw: bytes) -> list[Event]:
    """One line → its event. [Unreadable] for anything else."""
    try:
        kind = _kind.decode(raw).event
        if kind is None:
            return [Written(_zoned(_post.decode(raw)), raw)]
        if kind == "edited":
            return [Written(_zoned(_edited.decode(raw).post), raw, edited=True)]
        if kind in _TYPES:
            return [msgspec.json.decode(raw, type=_TYPES[kind])]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        return [Unreadable(f"not a line of a rehearsal: {problem}", raw[:EXCERPT_BYTES])]
    return [Unreadable(f'unknown event "{kind[:40]}"', raw[:EXCERPT_BYTES])]


def in_edition(event: Event, edition: int, gone: str | None = None) -> Event:
    """The same event as it happens when the rehearsal plays for the `edition`th time again: every post has a new id.
    `gone` is the author who deletes the account in the end: gone for good, so somebody else plays the part then."""
    if edition == 0:
        return event

    def renamed(id: str) -> str:
        other = f"at://{gone}.{edition}/"
        return renumber(id.replace(f"at://{gone}/", other) if gone else id, edition)

    if isinstance(event, Written):
        post = event.post
        changes: dict[str, Any] = {name: renamed(getattr(post, name)) for name in _IDS if getattr(post, name)}
        if gone and post.author.id == gone:
            changes["author"] = msgspec.structs.replace(post.author, id=f"{gone}.{edition}")
        return Written(msgspec.structs.replace(post, **changes), edited=event.edited)
    if isinstance(event, Deleted):
        return Deleted(event.network, renamed(event.id))
    if isinstance(event, AuthorChanged) and event.author_id == gone:
        return msgspec.structs.replace(event, author_id=f"{gone}.{edition}")
    return event


_IDS = ("id", "url", "reply_to", "repost_of", "quote_of", "conversation")


def renumber(id: str, edition: int) -> str:
    """The id of the same post in another edition (0 is the one that `plan` makes)."""
    return _EDITION.sub(f"/e{edition}-", id, count=1)


def _zoned(post: Post) -> Post:
    if post.created_at.tzinfo is None:
        raise msgspec.ValidationError("created_at has no time zone")
    return post


_json = msgspec.json.Encoder()
_kind = msgspec.json.Decoder(_Kind)
_post = msgspec.json.Decoder(Post)
_edited = msgspec.json.Decoder(_Edited)
