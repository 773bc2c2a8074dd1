"""Jetstream lines for tests: the captured ones by name, and new ones by the dozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

ANA, BEN = "did:plc:ana22222222222222222222a", "did:plc:ben33333333333333333333b"
POSTS = "app.bsky.feed.post"
DAY_US = 24 * 3600 * 1_000_000


class _Captured(msgspec.Struct):
    name: str
    line: msgspec.Raw


_FILE = Path(__file__).parent.parent / "captured" / "lines.jsonl"
CAPTURED = {
    captured.name: bytes(captured.line)
    for captured in (msgspec.json.decode(row, type=_Captured) for row in _FILE.read_bytes().splitlines())
}


def post_line(time_us: int, text: str = "hello", *, key: str | None = None, did: str = ANA, **record: Any) -> bytes:
    commit = {
        "rev": "3mptbyplu2222",
        "operation": "create",
        "collection": POSTS,
        "rkey": key or f"3k{time_us}",
        "record": {"$type": POSTS, "createdAt": "2026-07-04T14:38:08.999Z", "text": text, "langs": ["en"], **record},
        "cid": "bafyreiabcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst",
    }
    return msgspec.json.encode({"did": did, "time_us": time_us, "kind": "commit", "commit": commit})


def identity_line(time_us: int, did: str = BEN) -> bytes:
    identity = {"did": did, "seq": 1, "time": "2026-07-04T14:38:07.877Z"}
    return msgspec.json.encode({"did": did, "time_us": time_us, "kind": "identity", "identity": identity})
