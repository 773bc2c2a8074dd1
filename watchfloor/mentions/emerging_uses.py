"""Who uses which terms in one window, and which of those that rise are one wave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from watchfloor.listening.trends.score import Score
from watchfloor.listening.trends.terms import Said

SAME_POSTS = 0.7  # a phrase with this share of its posts in a better term's is the same wave


@dataclass
class Use:
    """A term in one window: who used it, in which posts, how they wrote it."""

    authors: set[str] = field(default_factory=set)
    posts: list[int] = field(default_factory=list)
    written: Counter[str] = field(default_factory=Counter)
    languages: Counter[str | None] = field(default_factory=Counter)


def count_terms(said: Sequence[tuple[int, Said]]) -> tuple[dict[str, Use], set[str]]:
    """Who used each term, and everybody who wrote. Reposts and copies of a text count for nobody, and an author
    counts once for a term."""
    uses: dict[str, Use] = {}
    authors: set[str] = set()
    copies: set[int] = set()
    for post_id, one in said:
        if one.is_repost or (one.copy_of is not None and one.copy_of in copies):
            continue
        if one.copy_of is not None:
            copies.add(one.copy_of)
        authors.add(one.author)
        for term, written in one.terms.items():
            use = uses.get(term)
            if use is None:
                use = uses[term] = Use()
            if one.author not in use.authors:
                use.authors.add(one.author)
                use.posts.append(post_id)
                use.written[written] += 1
                use.languages[one.language] += 1
    return uses, authors


Rise = tuple[str, Use, Score, list[int]]


def without_echoes(rising: Sequence[Rise]) -> list[Rise]:
    """Leave out phrases that mostly stand in the same posts as a hashtag or a better phrase, and hashtags that never
    stand without a better one: one wave is one offer."""
    ranked = sorted(rising, key=lambda one: (one[0][0] != "#", -one[2].score, -len(one[0])))
    kept: list[Rise] = []
    for rise in ranked:
        posts = set(rise[1].posts)
        shared = max((len(posts.intersection(other[1].posts)) for other in kept), default=0)
        if shared < (1.0 if rise[0][0] == "#" else SAME_POSTS) * len(posts):
            kept.append(rise)
    return kept
