"""Fixed short keys for what networks name at any length.

96 bits of BLAKE2b: two of 100 million posts share one with a probability of 6 in 10^14, and a person can only make
their own posts collide.
"""

from __future__ import annotations

from hashlib import blake2b


def post_key(network: str, native_id: str) -> bytes:
    return _key(b"post", network, native_id)


def author_key(network: str, native_id: str | None, handle: str | None = None) -> bytes | None:
    """The key of an account: by its native id, else by its handle. None for an author of whom neither is known."""
    if native_id is not None:
        return _key(b"author", network, native_id)
    if handle is not None:
        return _key(b"handle", network, handle.casefold())
    return None


def tombstone_id(key: bytes) -> int:
    """64 bits of a key, as a signed row number. Among a million tombstones one post in 10^13 stays out by mistake."""
    return int.from_bytes(key[:8], "big", signed=True)


def _key(kind: bytes, network: str, name: str) -> bytes:
    return blake2b(f"{network}\0{name}".encode("utf-8", "replace"), digest_size=12, person=kind).digest()
