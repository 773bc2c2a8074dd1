"""The body of a delivery → events. All of it is read before any of it is kept: a mistake names its place."""

from __future__ import annotations

import msgspec

from watchfloor.sources.post import Post
from watchfloor.sources.post_json import UnreadablePost, read_post
from watchfloor.sources.source import Deleted, Event, Written

MOST_ITEMS = 1_000
LONGEST_NETWORK, LONGEST_ID, LONGEST_TEXT = 60, 1_000, 500_000
MOST_COUNTED = 2**53
CREATED, UPDATED, DELETED = "post.created", "post.updated", "post.deleted"


class Misread(Exception):
    """`field` is where, as in `[3].data.author.name`; "" if it is all of it."""

    def __init__(self, what: str, field: str = "") -> None:
        super().__init__(f"{field}: {what}" if field else what)
        self.what, self.field = what, field


def read_body(body: bytes, networks: tuple[str, ...] = ()) -> list[Event]:
    """A post, an event (`{"type": "post.created", "data": …}`), or a list of them. Raises Misread."""
    try:
        is_list = body.lstrip()[:1] == b"["
        items = (
            msgspec.json.decode(body, type=list[msgspec.Raw])
            if is_list
            else [msgspec.json.decode(body, type=msgspec.Raw)]
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Misread(f"The body is no JSON: {error}") from None
    if not items:
        raise Misread("The list is empty.")
    if len(items) > MOST_ITEMS:
        raise Misread(f"{len(items):,} posts are more than one message may carry; send at most {MOST_ITEMS:,}.")
    return [_event(bytes(item), f"[{n}]" if is_list else "", networks) for n, item in enumerate(items)]


def _event(raw: bytes, place: str, networks: tuple[str, ...]) -> Event:
    envelope = _envelope(raw)
    if envelope is None:
        return Written(_post(raw, place, networks), raw)
    kind, data = envelope
    inside = _join(place, "data")
    if kind in (CREATED, UPDATED):
        return Written(_post(data, inside, networks), data, edited=kind == UPDATED)
    if kind == DELETED:
        return _deleted(data, inside, networks)
    raise Misread(f"“{kind[:60]}” is not known here; it is {CREATED}, {UPDATED} or {DELETED}.", _join(place, "type"))


class _Envelope(msgspec.Struct):
    type: str
    data: msgspec.Raw
    text: msgspec.UnsetType | msgspec.Raw = msgspec.UNSET


def _envelope(raw: bytes) -> tuple[str, bytes] | None:
    """Type and data of an event; None for anything else. A post has a text, an event has none."""
    try:
        told = msgspec.json.decode(raw, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if told.text is not msgspec.UNSET else (told.type, bytes(told.data))


def _post(raw: bytes, place: str, networks: tuple[str, ...]) -> Post:
    try:
        post = read_post(raw)
    except UnreadablePost as error:
        raise Misread(f"{error.what}.", _join(place, error.field)) from None
    _check_name(post.network, post.id, place, networks)
    for field, words in (("text", post.text), ("title", post.title)):
        if words is not None and len(words) > LONGEST_TEXT:
            raise Misread(f"It is longer than {LONGEST_TEXT:,} characters.", _join(place, field))
    counts = {f"metrics.{name}": getattr(post.metrics, name) for name in post.metrics.__struct_fields__}
    for field, count in {**counts, "author.followers": post.author.followers}.items():
        if count is not None and not 0 <= count <= MOST_COUNTED:
            raise Misread("It must be 0 or more, and a number that can be counted.", _join(place, field))
    return post


class _Named(msgspec.Struct):
    network: str
    id: str


def _deleted(raw: bytes, place: str, networks: tuple[str, ...]) -> Deleted:
    try:
        named = msgspec.json.decode(raw, type=_Named)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Misread("A deletion names “network” and “id”, both text.", place) from None
    _check_name(named.network, named.id, place, networks)
    return Deleted(named.network, named.id)


def _check_name(network: str, native_id: str, place: str, networks: tuple[str, ...]) -> None:
    if not 0 < len(native_id) <= LONGEST_ID:
        raise Misread(f"It must have 1 to {LONGEST_ID:,} characters.", _join(place, "id"))
    if not 0 < len(network) <= LONGEST_NETWORK:
        raise Misread(f"It must have 1 to {LONGEST_NETWORK} characters.", _join(place, "network"))
    if networks and network not in networks:
        known = ", ".join(networks[:10])
        raise Misread(
            f"“{network}” is none of the networks this connection may name: {known}.", _join(place, "network")
        )


def _join(place: str, field: str) -> str:
    return f"{place}.{field}" if place and field else place or field
