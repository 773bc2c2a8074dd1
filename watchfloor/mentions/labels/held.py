"""The held part: a fifth of all posts, fixed for ever by a hash, that no model ever learns from.

What people say of them measures the models, and two people are asked about each, which measures the people.
"""

from __future__ import annotations

from hashlib import blake2b

from watchfloor.sources.post import Post

ONE_IN = 5


def is_held(post: Post) -> bool:
    return chance_of(post) % ONE_IN == 0


def chance_of(post: Post) -> int:
    """A number that has nothing to do with what the post says: the order in which held posts are drawn."""
    name = f"{post.network}\0{post.id}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(name, digest_size=6, person=b"held").digest(), "big")
