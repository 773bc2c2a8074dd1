"""Fixed short keys for what networks name at any length.

64 bits of BLAKE2b: among ten million posts two share one with a probability of 3 in a million (the later one would be
taken for the earlier), and a person can only make their own posts collide.
"""

from __future__ import annotations

from hashlib import blake2b


def post_key(network: str, native_id: str) -> int:
    return _key(b"post", network, native_id)


def author_key(network: str, native_id: str | None, handle: str | None = None) -> int | None:
    """The key of an account: by its native id, else by its handle. None for an author of whom neither is known."""
    if native_id is not None:
        return _key(b"author", network, native_id)
    if handle is not None:
        return _key(b"handle", network, handle.casefold())
    return None


def _key(kind: bytes, network: str, name: str) -> int:
    """A signed whole number, as databases have them."""
    digest = blake2b(f"{network}\0{name}".encode("utf-8", "replace"), digest_size=8, person=kind).digest()
    return int.from_bytes(digest, "big", signed=True)
