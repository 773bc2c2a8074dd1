"""P3: matching alone, on one core: 100, 1,000 and 10,000 queries, about 5 % of the posts match; ratio to the naive way.

    python -m bench.match [--quick]

Posts and queries are made up from one vocabulary in which few words are frequent and most are rare (Zipf), the same
for every run. Two posts in five hold characters beyond ASCII. The naive way evaluates every query on every post, with
the same evaluator; its answers are compared with the matcher's.
"""

from __future__ import annotations

import argparse
import random
from bisect import bisect_left
from datetime import UTC, datetime
from itertools import accumulate
from statistics import median
from time import process_time

from watchfloor.listening.language.evaluate import condition
from watchfloor.listening.language.read import read
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.tree import Query
from watchfloor.listening.matcher import Matcher
from watchfloor.sources.post import Author, Post

NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)
MATCHING = 0.05
_CONSONANTS, _VOWELS = "bcdfghklmnprstvwz", "aeiou"
_ACCENTED = str.maketrans("aeou", "äéöü")
_DECORATION = ["🔥", "👍🏽", "❤️", "…", "— ", "“so”", "😂😂", "don’t", "it’s"]


class World:
    """Makes posts and queries. `brands` are words that only queries and matching posts know."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = self._made_words(50_000)
        self.weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))
        self.brands = [f"{word}x{number}" for number, word in enumerate(self._made_words(20_000))]

    def _made_words(self, count: int) -> list[str]:
        made: dict[str, None] = {}
        while len(made) < count:
            syllables = 1 + min(3, len(made) // 300)
            made[
                "".join(
                    self.random.choice(_CONSONANTS) + self.random.choice(_VOWELS)
                    for _ in range(syllables + self.random.randint(0, 2))
                )
            ] = None
        return list(made)

    def word(self) -> str:
        return self.words[bisect_left(self.weights, self.random.random() * self.weights[-1])]

    def rarer_word(self) -> str:
        return self.words[self.random.randint(500, len(self.words) - 1)]

    def query(self, brand: str) -> str:
        """One of the shapes that teams write: a brand with or without a context, a hashtag, a phrase, a NEAR."""
        rare, other, common = self.rarer_word(), self.rarer_word(), self.word()
        shapes = [
            f"{brand}",
            f"#{brand} OR @{brand}",
            f"{brand} ({rare} OR {other} OR {common}) -is:repost",
            f'"{brand} {rare}" OR {brand} {common}',
            f"{brand} NEAR/5 ({rare} OR {other}) lang:en",
            f'({brand} OR {brand}s OR "{common} {brand}") ({common} OR {self.word()}*) -{other}',
            f"{{{brand.capitalize()}}} {common} -is:repost",
            f"({rare} AND {other}) OR {brand}*",
            f'({brand} OR "{rare} {other}") (has:link OR has:photo OR {common}) followers:>10',
        ]
        return self.random.choice(shapes)

    def post(self, number: int, brand: str | None) -> Post:
        words = [self.word() for _ in range(self.random.randint(6, 34))]
        if brand:
            words[self.random.randrange(len(words))] = brand
        kind = self.random.random()
        if kind < 0.25:
            words.insert(self.random.randrange(len(words)), self.random.choice(_DECORATION))
        elif kind < 0.4:
            words = [word.translate(_ACCENTED) if self.random.random() < 0.2 else word for word in words]
        if self.random.random() < 0.2:
            words.append(f"https://example.com/{number}")
        if self.random.random() < 0.2:
            words.append(f"#{self.word()}")
        words[0] = words[0].capitalize()
        return Post(
            network="bluesky",
            id=str(number),
            text=" ".join(words) + self.random.choice([".", "!", "", "?"]),
            created_at=NOON,
            lang=self.random.choice(["en", "en", "en", "de", None]),
            author=Author(handle=f"ana{number}.example", followers=self.random.randint(0, 5_000)),
            repost_of="1" if self.random.random() < 0.1 else None,
        )


def made_up(queries: int, posts: int) -> tuple[list[Query], list[Post]]:
    world = World(seed=7)
    brands = world.brands[:queries]
    read_queries = [read(world.query(brand)) for brand in brands]
    # Some that name a query's brand do not match in the end, so a few more are made than should match.
    share = MATCHING * 3.2
    made = [world.post(n, world.random.choice(brands) if world.random.random() < share else None) for n in range(posts)]
    return read_queries, made


def matcher_of(queries: list[Query]) -> Matcher[int]:
    matcher: Matcher[int] = Matcher()
    for number, query in enumerate(queries):
        matcher.put(number, query)
    return matcher


def rate_of_matcher(queries: list[Query], posts: list[Post], runs: int) -> tuple[float, list[list[int]]]:
    """Return posts a second (the median of several runs over them all) and what matched."""
    matcher = matcher_of(queries)
    rates: list[float] = []
    found: list[list[int]] = []
    for _ in range(runs):
        began = process_time()
        found = [matcher.match(post) for post in posts]
        rates.append(len(posts) / (process_time() - began))
    return median(rates), found


def rate_of_naive(queries: list[Query], posts: list[Post]) -> tuple[float, list[list[int]]]:
    conditions = [condition(query) for query in queries]
    began = process_time()
    found: list[list[int]] = []
    for post in posts:
        reading = Reading(post)
        found.append([number for number, holds in enumerate(conditions) if holds(reading)])
    return len(posts) / (process_time() - began), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer posts and runs")
    quick = parser.parse_args().quick
    print("P3  posts/s on one core, matching alone (floor 2,000 and goal 25,000 at 10,000 queries)", flush=True)
    for count in (100, 1_000, 10_000):
        queries, posts = made_up(count, 5_000 if quick else 20_000)
        rate, found = rate_of_matcher(queries, posts, 3 if quick else 7)
        some = posts[: max(20, (100_000 if quick else 400_000) // count)]
        naive_rate, naive_found = rate_of_naive(queries, some)
        same = "answers identical" if naive_found == found[: len(some)] else "ANSWERS DIFFER"
        share = sum(map(bool, found)) / len(found)
        print(
            f"    {count:6,} queries  {rate:9,.0f}   {share:5.1%} match   {rate / naive_rate:6,.0f} × naive "
            f"({naive_rate:,.0f}); {same} on {len(some):,}",
            flush=True,
        )


if __name__ == "__main__":
    main()
