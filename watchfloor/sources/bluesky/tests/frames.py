"""Frames of subscribeRepos as a server makes them, for tests."""

from __future__ import annotations

import hashlib
from typing import Any

import cbor2

from watchfloor.sources.bluesky.tests.lines import ANA, POSTS


def cid_of(block: bytes) -> bytes:
    return b"\x01\x71\x12\x20" + hashlib.sha256(block).digest()


def link(cid: bytes) -> cbor2.CBORTag:
    return cbor2.CBORTag(42, b"\0" + cid)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes((*out, number))


def car(*blocks: bytes, head: bytes = b"\xa1\x67version\x01") -> bytes:
    parts = [varint(len(head)) + head]
    parts += [varint(36 + len(block)) + cid_of(block) + block for block in blocks]
    return b"".join(parts)


def frame(kind: str, body: dict[str, Any], op: int = 1) -> bytes:
    head = {"op": op, "t": kind} if kind else {"op": op}
    return cbor2.dumps(head) + cbor2.dumps(body)


def record(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"$type": POSTS, "text": text, "createdAt": "2026-07-04T14:38:08.999Z", **more}


def commit_frame(
    number: int, text: str = "hello", *, action: str = "create", key: str | None = None, **body: Any
) -> bytes:
    block = cbor2.dumps(record(text))
    op = {
        "action": action,
        "path": f"{POSTS}/{key or f'3k{number}'}",
        "cid": link(cid_of(block)) if action != "delete" else None,
    }
    return frame(
        "#commit",
        {
            "seq": number,
            "repo": ANA,
            "rev": "3mptbyplu2222",
            "time": f"2026-07-04T14:38:{number % 60:02}.000Z",
            "tooBig": False,
            "blocks": car(block),
            "ops": [op],
            **body,
        },
    )


def account_frame(number: int, did: str = ANA, **body: Any) -> bytes:
    return frame("#account", {"seq": number, "did": did, "time": "2026-07-04T14:39:00.000Z", "active": True, **body})
