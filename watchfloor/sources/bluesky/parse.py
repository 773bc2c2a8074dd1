"""One line of Jetstream → what happened. Pure: no network, no clock, no memory of earlier lines.

`read_line` is the loop's inside: at most one event per line, and the line's time for the cursor. It tries the typed
record first; what that refuses is read again part by part, so that an odd embed doesn't lose the post around it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import msgspec

from watchfloor.sources.bluesky.records import (
    POSTS,
    Account,
    Blob,
    Commit,
    Embed,
    Facet,
    Line,
    PostRecord,
    ReplyRef,
    Required,
)
from watchfloor.sources.bluesky.unknown import without_unknown
from watchfloor.sources.post import Author, Media, Post
from watchfloor.sources.source import AuthorChanged, AuthorRenamed, Deleted, Event, Unreadable, Written

NETWORK = "bluesky"
MOST_TEXT = 10_000  # characters; the network's own limit is 3,000 bytes
MOST_LINKS, MOST_LINK_LENGTH = 100, 4_096
MOST_MEDIA, MOST_ALT = 20, 10_000

_decode_line = msgspec.json.Decoder(Line).decode
_decode_record = msgspec.json.Decoder(PostRecord).decode

_PARTS: dict[str, Any] = {
    "langs": tuple[str, ...],
    "reply": ReplyRef | None,
    "facets": tuple[Facet, ...],
    "embed": Embed | None,
}

_is_did = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,500}").fullmatch
_is_key = re.compile(r"[A-Za-z0-9._:~-]{1,512}").fullmatch
_is_post_uri = re.compile(r"at://[A-Za-z0-9._:%-]{1,2048}/[A-Za-z0-9.-]{1,317}/[A-Za-z0-9._:~-]{1,512}").fullmatch
_is_lang = functools.lru_cache(1_000)(re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*").fullmatch)
_is_cid = re.compile(r"[A-Za-z0-9]{10,200}").fullmatch
_is_handle = re.compile(r"[A-Za-z0-9.-]{1,253}").fullmatch


class Read(msgspec.Struct, gc=False):
    """What one line says. `time_us` is None if even that could not be read; `unknown` names unknown record fields."""

    event: Event | None
    time_us: int | None
    unknown: tuple[str, ...] = ()


def parse(raw: bytes) -> list[Event]:
    """One line of Jetstream v1 → its events: one, or none if it is of no interest (a like, a profile)."""
    event = read_line(raw).event
    return [] if event is None else [event]


def read_line(raw: bytes) -> Read:
    """Read one line. Never raises."""
    if b"\\" in raw and b"\\u0000" in raw:  # the short search is twenty times faster and mostly the only one
        raw = without_nul(raw)
    try:
        line = _decode_line(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Read(_unreadable(f"The line is no Jetstream event: {error}", raw), None)
    time_us = line.time_us
    if not 0 < time_us < 1 << 53:
        return Read(_unreadable("The line's time_us is out of range.", raw), None)
    if not _is_did(line.did):
        return Read(_unreadable("The line names no account.", raw), time_us)
    if line.kind == "commit" and line.commit is not None:
        if line.commit.collection != POSTS:
            return Read(None, time_us)
        return _read_commit(raw, line.did, line.commit, time_us)
    if line.kind == "account" and line.account is not None:
        return Read(AuthorChanged(NETWORK, line.did, _account_state(line.account)), time_us)
    if line.kind == "identity" and line.identity is not None:
        handle = line.identity.handle
        if not handle or handle == "handle.invalid" or not _is_handle(handle):
            return Read(None, time_us)
        return Read(AuthorRenamed(NETWORK, line.did, handle=handle), time_us)
    return Read(_unreadable(f"The line's kind is not known: {line.kind[:40]!r}", raw), time_us)


def _account_state(account: Account) -> Any:
    if account.active:
        return "back"
    # Whatever else an inactive account is called (deactivated, suspended, takendown, a word of tomorrow): not shown.
    return "gone" if account.status == "deleted" else "hidden"


def _read_commit(raw: bytes, did: str, commit: Commit, time_us: int) -> Read:
    if not _is_key(commit.rkey):
        return Read(_unreadable("The line names no record.", raw), time_us)
    post_id = f"at://{did}/{POSTS}/{commit.rkey}"
    if commit.operation == "delete":
        return Read(Deleted(NETWORK, post_id), time_us)
    if commit.operation not in ("create", "update"):
        return Read(_unreadable(f"The operation is not known: {commit.operation[:40]!r}", raw), time_us)
    unknown: tuple[str, ...] = ()
    try:
        record = _decode_record(commit.record)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        try:
            record, unknown = _read_leniently(commit.record)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return Read(_unreadable(f"The post can't be read: {error}", raw), time_us)
    created_at = record.created_at
    if created_at.tzinfo is not UTC:
        if created_at.tzinfo is None:
            return Read(_unreadable("The post's createdAt names no time zone.", raw), time_us, unknown)
        try:
            record.created_at = created_at.astimezone(UTC)
        except OverflowError:
            return Read(_unreadable("The post's createdAt is beyond the calendar.", raw), time_us, unknown)
    if len(record.text) > MOST_TEXT:
        return Read(_unreadable(f"The post's text is longer than {MOST_TEXT:,} characters.", raw), time_us, unknown)
    return Read(Written(_post(did, commit.rkey, post_id, record), raw, commit.operation == "update"), time_us, unknown)


def _post(did: str, rkey: str, post_id: str, record: PostRecord) -> Post:
    reply, embed, langs = record.reply, record.embed, record.langs
    return Post(
        network=NETWORK,
        id=post_id,
        text=record.text,
        created_at=record.created_at,
        url=f"https://bsky.app/profile/{did}/post/{rkey}",
        lang=langs[0] if langs and _is_lang(langs[0]) else None,
        author=Author(id=did),
        links=_links(record.facets, embed) if record.facets or embed is not None else (),
        media=tuple(_media(did, embed))[:MOST_MEDIA] if embed is not None else (),
        reply_to=_uri(reply.parent) if reply is not None else None,
        conversation=_uri(reply.root) if reply is not None else None,
        quote_of=_quoted(embed) if embed is not None else None,
    )


def _uri(ref: Any) -> str | None:
    return ref.uri if ref is not None and _is_post_uri(ref.uri) else None


def _quoted(embed: Embed) -> str | None:
    """The post that is quoted. Lists, feeds and starter packs are embedded in the same way and are no quotes."""
    if embed.record is None:
        return None
    uri = _uri(embed.record.record or embed.record)
    return uri if uri is not None and f"/{POSTS}/" in uri else None


def _links(facets: tuple[Facet, ...], embed: Embed | None) -> tuple[str, ...]:
    """The links' real targets. The visible text of a link is often shortened, and the card's is not in the text."""
    found = [feature.uri for facet in facets for feature in facet.features if feature.uri is not None]
    if embed is not None:
        found += [part.external.uri for part in (embed, embed.media) if part is not None and part.external is not None]
    fit = (uri for uri in found if len(uri) <= MOST_LINK_LENGTH and uri[:8].lower().startswith(("http://", "https://")))
    return tuple(dict.fromkeys(fit))[:MOST_LINKS]


def _media(did: str, embed: Embed) -> Iterator[Media]:
    for part in (embed, embed.media):
        if part is None:
            continue
        for image in part.images:
            yield Media("photo", _image_url(did, image.image), image.alt[:MOST_ALT] or None)
        if part.video is not None:
            yield Media("video", _video_url(did, part.video), (part.alt or "")[:MOST_ALT] or None)


def _image_url(did: str, blob: Blob | None) -> str | None:
    fits = blob is not None and _is_cid(blob.address)
    return f"https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{blob.address}@jpeg" if blob and fits else None


def _video_url(did: str, blob: Blob) -> str | None:
    did = did.replace(":", "%3A")
    return f"https://video.bsky.app/watch/{did}/{blob.address}/playlist.m3u8" if _is_cid(blob.address) else None


# --- The second look -----------------------------------------------------------------------------------------------


def _read_leniently(raw: msgspec.Raw) -> tuple[PostRecord, tuple[str, ...]]:
    """Read a record that holds something unknown: the post without it, and its names. Text and date must be right; any
    other part that can't be read is left out and told. Raises msgspec.MsgspecError, ValueError, RecursionError."""
    unknown: list[str] = []
    record = without_unknown(msgspec.json.decode(raw, type=dict[str, Any]), PostRecord, unknown)
    parts = {}
    for name, kind in _PARTS.items():
        if name in record:
            try:
                parts[name] = msgspec.json.decode(msgspec.json.encode(record.pop(name)), type=kind)
            except (msgspec.MsgspecError, ValueError):
                unknown.append(name)
    required = msgspec.convert(record, Required)
    return PostRecord(text=required.text, created_at=required.created_at, **parts), tuple(unknown)


def without_nul(raw: bytes) -> bytes:
    """The line with U+FFFD for every U+0000: no database takes that character, and no text means it."""
    try:
        return msgspec.json.encode(_replace_nul(msgspec.json.decode(raw)))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return raw  # unreadable anyhow: the caller finds out why


def _replace_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_replace_nul(item) for item in value]
    if isinstance(value, dict):
        return {_replace_nul(key): _replace_nul(item) for key, item in value.items()}
    return value


def _unreadable(why: str, raw: bytes) -> Unreadable:
    return Unreadable(why[:300], raw[:200])
