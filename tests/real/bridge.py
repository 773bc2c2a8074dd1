"""subscribeRepos frames as Jetstream v1 lines, written apart from the product's own reading so that each can be held
against the other. Trusts what it reads: it is for servers of the tests' own."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from typing import Any

import cbor2
import msgspec

KEYS = {"#identity": ("did", "handle", "seq", "time"), "#account": ("active", "did", "seq", "status", "time")}


def lines_of(frame: bytes) -> Iterator[bytes]:
    decoder = cbor2.CBORDecoder(io.BytesIO(frame), tag_hook=_link)
    head, body = decoder.decode(), decoder.decode()
    kind = head.get("t")
    if kind == "#commit":
        blocks = _car(body["blocks"])
        for op in body["ops"]:
            collection, key = op["path"].split("/", 1)
            commit = {"rev": body["rev"], "operation": op["action"], "collection": collection, "rkey": key}
            if op["action"] != "delete":
                block = blocks[op["cid"]["$link"]]
                commit |= {"record": _json(cbor2.loads(block, tag_hook=_link)), "cid": op["cid"]["$link"]}
            yield _line(body["repo"], "commit", commit)
    elif kind in KEYS:
        yield _line(body["did"], kind[1:], {key: body[key] for key in KEYS[kind] if body.get(key) is not None})


def _line(did: str, kind: str, what: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"did": did, "time_us": time.time_ns() // 1000, "kind": kind, kind: what})


def _link(*told: Any) -> dict[str, str]:
    tag = next(part for part in told if isinstance(part, cbor2.CBORTag))
    assert tag.tag == 42
    return {"$link": _base32(tag.value[1:])}


def _base32(cid: bytes) -> str:
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return {"$bytes": base64.b64encode(value).decode().rstrip("=")} if isinstance(value, bytes) else value


def _varint(car: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = car[at]
        number, at, shift = number | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return number, at


def _car(car: bytes) -> dict[str, bytes]:
    length, at = _varint(car, 0)
    at += length
    blocks = {}
    while at < len(car):
        length, at = _varint(car, at)
        blocks[_base32(car[at : at + 36])] = car[at + 36 : at + length]
        at += length
    return blocks
