"""The held part: a fifth of all posts, fixed for ever by a hash, that no model ever learns from.

What people say of them measures the models, and two people are asked about each, which measures the people.
"""

from __future__ import annotations

from watchfloor.mentions.store.keys import post_key
from watchfloor.sources.post import Post

ONE_IN = 5


def is_held(post: Post) -> bool:
    return chance_of(post) % ONE_IN == 0


def chance_of(post: Post) -> int:
    """A number that has nothing to do with what the post says: the order in which held posts are drawn."""
    return int.from_bytes(post_key(post.network, post.id)[:6], "big")
