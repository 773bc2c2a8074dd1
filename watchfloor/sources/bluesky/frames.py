"""One frame of com.atproto.sync.subscribeRepos → lines as Jetstream v1 would send them. Pure.

A frame is two CBOR items, a header and a body. The body of a `#commit` carries a CAR file with the blocks that changed;
the records are among them, found by their CID. Frames come from strangers: nothing but DAG-CBOR is decoded (no other
tags, no loops, no indefinite lengths), each length is checked before it is believed, and a block must have the hash
that its CID says. Signatures of commits are not checked: the server is trusted for who wrote what.

https://atproto.com/specs/event-stream, https://atproto.com/specs/sync, https://ipld.io/specs/transport/car/carv1/
"""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn

import cbor2
import msgspec

from watchfloor.sources.bluesky.records import POSTS
from watchfloor.sources.source import Unreadable

MOST_DEPTH = 100
SHA256_CID = b"\x01"  # CIDv1; then codec, 0x12 0x20, and 32 bytes of SHA-256


class BadFrame(ValueError):
    """What is wrong with a frame."""


class Frame(NamedTuple):
    """What a frame says. `lines` are its posts', accounts' and identities' events; `info` and `error` are the names in
    an information or error frame; `seq` and `time_us` are None in those."""

    seq: int | None = None
    time_us: int | None = None
    lines: tuple[bytes, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    info: str | None = None
    error: str | None = None


def read_frame(raw: bytes) -> Frame:
    """Never raises: a frame that can't be read is a Frame with an Unreadable."""
    seq: int | None = None
    try:
        head, body = _decode_two(raw)
        kind = head.get("t")
        if head.get("op") == -1:
            return Frame(error=str(body.get("error"))[:100])
        if kind == "#info":
            return Frame(info=str(body.get("name"))[:100])
        seq = _whole_number(body, "seq")
        time_us = _time_us(body)
        if kind == "#commit":
            return _read_commit(body, seq, time_us, raw)
        if kind in ("#identity", "#account"):
            return Frame(seq, time_us, (_account_line(kind[1:], body, time_us),))
        return Frame(seq, time_us)  # #sync, and what comes tomorrow: no posts in it
    except (cbor2.CBORError, msgspec.MsgspecError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return Frame(seq, unreadable=(_unreadable(f"The frame can't be read: {error}", raw),))


def _decode_two(raw: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    decoder = cbor2.CBORDecoder(io.BytesIO(raw), **_STRICT)
    head, body = decoder.decode(), decoder.decode()
    if not (isinstance(head, dict) and isinstance(body, dict)):
        raise BadFrame("not two maps")
    return head, body


def _read_commit(body: dict[str, Any], seq: int, time_us: int, raw: bytes) -> Frame:
    did, rev, ops = _words(body, "repo"), _words(body, "rev"), body.get("ops")
    if not isinstance(ops, list):
        raise BadFrame("no list of operations")
    if body.get("tooBig") is True:
        return Frame(seq, time_us, unreadable=(_unreadable("A commit was too big for the server to send.", raw),))
    lines, unreadable = [], []
    blocks: dict[bytes, bytes] | None = None
    for op in ops:
        path = _words(op, "path")
        if not path.startswith(f"{POSTS}/"):
            continue
        action = _words(op, "action")
        commit = {"rev": rev, "operation": action, "collection": POSTS, "rkey": path[len(POSTS) + 1 :]}
        if action != "delete":
            if blocks is None:
                blocks = read_car(body.get("blocks"))
            try:
                cid = op.get("cid")
                if not isinstance(cid, Cid):
                    raise BadFrame("a written record has no CID")
                commit |= {"record": _record(blocks, cid), "cid": str(cid)}
            except (cbor2.CBORError, ValueError, TypeError, RecursionError) as error:
                unreadable.append(_unreadable(f"The record {path[:100]} can't be read: {error}", raw))
                continue
        lines.append(_line(did, time_us, "commit", commit))
    return Frame(seq, time_us, tuple(lines), tuple(unreadable))


def _record(blocks: dict[bytes, bytes], cid: Cid) -> Any:
    block = blocks.get(cid.value)
    if block is None:
        raise BadFrame("its block is missing")
    if cid.value[2:4] == b"\x12\x20" and hashlib.sha256(block).digest() != cid.value[4:]:
        raise BadFrame("its block has another hash")
    record = cbor2.loads(block, **_STRICT)
    if not isinstance(record, dict):
        raise BadFrame("it is no map")
    return _as_json(record)


def _account_line(kind: str, body: dict[str, Any], time_us: int) -> bytes:
    names = ("did", "handle", "seq", "time") if kind == "identity" else ("active", "did", "seq", "status", "time")
    return _line(_words(body, "did"), time_us, kind, {name: body[name] for name in names if body.get(name) is not None})


def _line(did: str, time_us: int, kind: str, what: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"did": did, "time_us": time_us, "kind": kind, kind: what})


def _words(value: Any, name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise BadFrame(f"{name} is no text")
    return found


def _whole_number(value: dict[str, Any], name: str) -> int:
    found = value.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 1 << 63:
        raise BadFrame(f"{name} is no number")
    return found


def _time_us(body: dict[str, Any]) -> int:
    when = msgspec.convert(body.get("time"), datetime)
    if when.tzinfo is None:
        raise BadFrame("time names no zone")
    passed = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _unreadable(why: str, raw: bytes) -> Unreadable:
    return Unreadable(why[:300], raw[:200])


# --- DAG-CBOR and CAR ----------------------------------------------------------------------------------------------


class Cid(NamedTuple):
    """The address of a block: binary, or written in base 32 with a leading b."""

    value: bytes

    def __str__(self) -> str:
        return "b" + base64.b32encode(self.value).decode().lower().rstrip("=")


def _link(tag: cbor2.CBORTag, _immutable: bool) -> Cid:
    if tag.tag != 42 or not isinstance(tag.value, bytes) or tag.value[:1] != b"\0":
        raise BadFrame("a tag that DAG-CBOR does not have")
    return Cid(tag.value[1:])


def _no_tag(*_: Any) -> NoReturn:
    raise BadFrame("a tag that DAG-CBOR does not have")


_OTHER_TAGS = (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 100, 256, 258, 260, 261, 1004, 43000, 55799)
_STRICT: dict[str, Any] = {
    "tag_hook": _link,
    "semantic_decoders": dict.fromkeys(_OTHER_TAGS, _no_tag),  # regular expressions, shared references, big numbers …
    "max_depth": MOST_DEPTH,
    "allow_indefinite": False,
    "allow_duplicate_keys": False,
    "strict_hashable_types": True,
}


def _as_json(value: Any) -> Any:
    """https://atproto.com/specs/data-model#json-representation"""
    if isinstance(value, Cid):
        return {"$link": str(value)}
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    return value


def read_car(car: Any) -> dict[bytes, bytes]:
    """The blocks of a CAR v1 file by their binary CIDs. Raises BadFrame on anything that is not one."""
    if not isinstance(car, bytes):
        raise BadFrame("no blocks")
    length, at = _varint(car, 0)
    at += length
    blocks = {}
    while at < len(car):
        length, at = _varint(car, at)
        end = at + length
        if not at < end <= len(car):
            raise BadFrame("a block is cut off")
        start = at + _cid_length(car, at)
        if start > end:
            raise BadFrame("a block is shorter than its CID")
        blocks[car[at:start]] = car[start:end]
        at = end
    return blocks


def _cid_length(car: bytes, at: int) -> int:
    """CIDv1: version, codec, kind and length of the hash, the hash. CIDv0 is a bare SHA-256 and not used here."""
    if car[at : at + 1] == SHA256_CID and car[at + 2 : at + 4] == b"\x12\x20":
        return 36
    after = at
    for _ in range(3):
        _, after = _varint(car, after)
    length, after = _varint(car, after)
    return after - at + length


def _varint(car: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 63, 7):
        if at >= len(car):
            break
        byte = car[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
    raise BadFrame("a length that can't be read")
