"""Writing a reply so that it can't appear twice: the record's key is chosen before the first attempt.

1. Sign in. 2. Fetch the post that is answered: the reply names it, and its thread's root, by address and hash.
3. Create the record under its key. A second create of the same key is refused by the PDS with a bare 500; so after
any unclear answer the record is fetched and compared, and only what is really not there counts as not sent.

https://docs.bsky.app/docs/advanced-guides/posts
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import regex

from watchfloor.sources.bluesky.records import POSTS
from watchfloor.sources.bluesky.xrpc import Pds, Refused, unclear
from watchfloor.sources.source import CannotReply, NeedsHands, Reply, Sent, TryAgain

MOST_GRAPHEMES, MOST_BYTES = 300, 3_000
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_is_tid = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}").fullmatch
_post_uri = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]+)").fullmatch
_EPOCH_US, _YEAR_US = 1_672_531_200_000_000, 31_536_000_000_000  # 2023

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\"'.,;:!?)\]}]")
_MENTION = re.compile(
    r"(?<![\w@.])@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])"
)
_TAG = regex.compile(r"(?<![\w&])[#＃](?!\ufe0f)((?=[\p{L}\p{M}\p{N}_]*[\p{L}\p{M}_])[\p{L}\p{M}\p{N}_]{1,64})")


async def send(reply: Reply, pds: Pds, address: str) -> Sent:
    """Write the reply, or find that it is written already. Raises SourceError; TryAgain may mean that it is not known
    whether it was written: `find` tells."""
    check_text(reply.text)
    session = await pds.session()
    key = record_key(reply.key)
    record: dict[str, Any] = {
        "$type": POSTS,
        "text": reply.text,
        "createdAt": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reply": await _reply_refs(reply.to, pds, address),
    }
    if reply.lang:
        record["langs"] = [reply.lang]
    if facets := await _facets(reply.text, pds):
        record["facets"] = facets
    body = {"repo": session.did, "collection": POSTS, "rkey": key, "record": record}
    try:
        answer = await pds.post("com.atproto.repo.createRecord", body)
        return Sent(str(answer["uri"]), _page(session.did, key))
    except (Refused, TryAgain, KeyError) as error:
        if (sent := await find(reply, pds, address)) is not None:
            return sent
        if isinstance(error, Refused):
            raise unclear(error, "the reply", address) from error
        if isinstance(error, TryAgain):
            raise
        raise TryAgain("Bluesky's answer to the reply can't be read", address, "It is looked up again.") from error


async def find(reply: Reply, pds: Pds, address: str) -> Sent | None:
    """The reply under its key, None if there is none. Raises NeedsHands if something else stands there."""
    did = (await pds.session()).did
    key = record_key(reply.key)
    try:
        found = await pds.get("com.atproto.repo.getRecord", repo=did, collection=POSTS, rkey=key)
    except Refused as error:
        if error.name == "RecordNotFound":
            return None
        raise unclear(error, "looking for the reply", address) from error
    value = found.get("value", {})
    if value.get("text") == reply.text and value.get("reply", {}).get("parent", {}).get("uri") == reply.to:
        return Sent(str(found["uri"]), _page(did, key))
    raise NeedsHands("Another post stands under the key of this reply", str(found.get("uri")), "Write the reply anew.")


def record_key(key: str) -> str:
    """The record's key for a reply's key: the key itself if it is a TID (13 sortable characters, the kind of key that
    posts have), else one made from its hash, with a time in 2023."""
    if _is_tid(key):
        return key
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:16])
    tid = (_EPOCH_US + number % _YEAR_US) << 10 | (number >> 64) & 0x3FF
    return "".join(_DIGITS[tid >> shift & 31] for shift in range(60, -1, -5))


def check_text(text: str) -> None:
    """Raises CannotReply on a text that Bluesky would refuse."""
    if not text.strip():
        raise CannotReply("An empty reply can't be sent", "Bluesky", "Write something.")
    length = len(regex.findall(r"\X", text))
    if length > MOST_GRAPHEMES or len(text.encode()) > MOST_BYTES:
        raise CannotReply(
            f"The reply has {length} characters", "Bluesky", f"Shorten it to {MOST_GRAPHEMES} characters."
        )


async def _reply_refs(to: str, pds: Pds, address: str) -> dict[str, Any]:
    """The post that is answered and the root of its thread, each as a strong reference."""
    parts = _post_uri(to)
    if parts is None:
        raise CannotReply("This is no Bluesky post", to[:200], "Reply to a post.")
    try:
        found = await pds.get("com.atproto.repo.getRecord", repo=parts[1], collection=POSTS, rkey=parts[2])
        parent = {"uri": str(found["uri"]), "cid": str(found["cid"])}
        root = found["value"].get("reply", {}).get("root", parent)
        return {"root": {"uri": str(root["uri"]), "cid": str(root["cid"])}, "parent": parent}
    except Refused as error:
        if error.status < 500:
            raise CannotReply(
                f"The post that is answered can't be fetched ({error})", to[:200], "See whether it was deleted."
            ) from error
        raise unclear(error, "fetching the post that is answered", address) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise CannotReply("The post that is answered can't be read", to[:200], "Reply on Bluesky itself.") from error


async def _facets(text: str, pds: Pds) -> list[dict[str, Any]]:
    """Links, mentions and tags, at offsets in UTF-8 bytes. A handle that nobody has stays plain text."""
    found: list[tuple[int, int, dict[str, str]]] = []
    for link in _LINK.finditer(text):
        found.append((*link.span(), {"$type": "app.bsky.richtext.facet#link", "uri": link[0]}))
    for mention in _MENTION.finditer(text):
        if did := await _did_of(mention[1], pds):
            found.append((*mention.span(), {"$type": "app.bsky.richtext.facet#mention", "did": did}))
    for tag in _TAG.finditer(text):
        found.append((*tag.span(), {"$type": "app.bsky.richtext.facet#tag", "tag": tag[1]}))
    facets, free_from = [], 0
    for start, end, feature in sorted(found, key=lambda facet: facet[:2]):
        if start < free_from:
            continue  # a tag or a mention inside a link
        free_from = end
        index = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
        facets.append({"index": index, "features": [feature]})
    return facets


async def _did_of(handle: str, pds: Pds) -> str | None:
    try:
        return str((await pds.get("com.atproto.identity.resolveHandle", handle=handle.lower()))["did"])
    except (Refused, KeyError):
        return None


def _page(did: str, key: str) -> str:
    return f"https://bsky.app/profile/{did}/post/{key}"
