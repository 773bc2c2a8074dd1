"""The made-up event, whole: every post, edit and deletion in order, and beside them what each was meant to be.

    event = plan(seed=7, posts=25_000, days=2)
    event.items                 what happens, in order: Item(at, event)
    event.truth[post_id]        what a post is about, its mood and language, whether it was planted, what it copies
    event.happenings            what was planted: the hashtag nobody planned, the wifi, the rumour, …

The same arguments give the same event, byte for byte. Nothing here reads a clock.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from zlib import crc32

from watchfloor.sources.rehearsal.cast import Cast
from watchfloor.sources.rehearsal.grammar import Bank
from watchfloor.sources.rehearsal.made import Plan
from watchfloor.sources.rehearsal.programme import draw_up
from watchfloor.sources.rehearsal.writing import Writing

DEFAULT_SEED = 7
DEFAULT_POSTS = 25_000
DEFAULT_DAYS = 2
FEWEST_POSTS, MOST_POSTS, MOST_DAYS = 100, 200_000, 14


@lru_cache(maxsize=2)
def plan(seed: int = DEFAULT_SEED, posts: int = DEFAULT_POSTS, days: int = DEFAULT_DAYS) -> Plan:
    """Make up the event. Raises ValueError for sizes out of bounds. Takes about 0.1 ms a post."""
    if not FEWEST_POSTS <= posts <= MOST_POSTS:
        raise ValueError(f"posts must be from {FEWEST_POSTS} to {MOST_POSTS:,}, not {posts}")
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"days must be from 1 to {MOST_DAYS}, not {days}")
    random = Random(f"{seed}/{posts}/{days}")  # noqa: S311  a made-up event, not a secret
    names, programme_bank = Bank("names.txt"), Bank("en-programme.txt")
    programme = draw_up(days, programme_bank, names, random)
    tag = f"{crc32(f'{seed}/{posts}/{days}'.encode()):08x}"
    made = Plan(seed, tag, programme)
    cast = Cast(programme, posts=posts, tag=tag, names=names, random=random)
    Writing(made, cast, names, random).write(posts)
    made.people = cast.people
    return made
