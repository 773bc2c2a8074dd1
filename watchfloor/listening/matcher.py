"""All queries against one post at a time: which match?

A query that needs certain words can only match a post that has them. So each query is filed under the rarest thing it
needs; a post calls up the queries filed under what is in it, those are checked against the other things they need, and
only what is left is evaluated. What is in a post is first guessed cheaply (`inkling`): the guess may hold too much,
never too little. Adding or taking out a query touches that query alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from watchfloor.listening.language.evaluate import Condition, condition
from watchfloor.listening.language.explain import Found, found_terms
from watchfloor.listening.language.facts import language
from watchfloor.listening.language.inkling import inkling
from watchfloor.listening.language.needs import Clause, needs
from watchfloor.listening.language.reading import Reading, SentimentOf, own_sentiment
from watchfloor.listening.language.tree import Query
from watchfloor.sources.post import Post

# How often keys occur is learnt from every n-th post; queries are filed anew after so many posts.
_SAMPLE_EVERY = 16
_REFILE_AFTER = frozenset({1_000, 10_000, 100_000, 1_000_000})
_GUESS_WEIGHT = 50  # a guess counts like so many sampled posts
_MAX_LEARNT_WORDS = 200_000

Id = TypeVar("Id", int, str)


class _Need:
    """A clause: one of these words, or a word with one of these beginnings."""

    __slots__ = ("keys", "prefixes", "words")

    def __init__(self, keys: Clause) -> None:
        self.keys = keys
        self.prefixes = tuple(key[:-1] for key in keys if _is_prefix(key))
        self.words = frozenset(key for key in keys if not _is_prefix(key))

    def is_met(self, words: set[str]) -> bool:
        if not self.words.isdisjoint(words):
            return True
        prefixes = self.prefixes
        return bool(prefixes) and any(word.startswith(prefixes) for word in words)


class _Filed(Generic[Id]):
    """One query: filed under one of its needs, `rest` are the others."""

    __slots__ = ("condition", "filed_under", "id", "needs", "query", "rest")

    def __init__(self, id: Id, query: Query) -> None:
        self.id: Id = id
        self.query = query
        self.condition: Condition = condition(query)
        self.needs = [_Need(clause) for clause in needs(query)]
        self.filed_under: _Need | None = None
        self.rest: tuple[_Need, ...] = ()


class Matcher(Generic[Id]):
    """Holds queries by id: a text or a number.

    matcher = Matcher()
    matcher.put("t1", read("coffee"))
    matcher.match(post)        → ["t1"]
    matcher.explain(post, "t1") → [Found("coffee", 12, 18)]
    """

    def __init__(self) -> None:
        self._queries: dict[Id, _Filed[Id]] = {}
        self._files: dict[str, dict[Id, _Filed[Id]]] = {}
        """Key → the queries filed under it."""
        self._always: dict[Id, _Filed[Id]] = {}
        """Queries that need no key."""
        self._declared = 0
        """How many keys of a network or a language are needed by queries."""
        self._prefixes: dict[int, dict[str, int]] = {}
        """Length → beginning of a word → how many queries are filed under it."""
        self._begin_nothing: set[str] = set()
        """Words met that begin with none of the prefixes; learnt, so that most words cost nothing."""
        self._seen: dict[str, int] = {}
        """Word → in how many of the sampled posts it was."""
        self._posts = 0
        self._sampled = 0

    def __len__(self) -> int:
        return len(self._queries)

    def __contains__(self, id: object) -> bool:
        return id in self._queries

    def put(self, id: Id, query: Query) -> None:
        """Add a query, or replace the one of that id."""
        self.drop(id)
        filed = self._queries[id] = _Filed(id, query)
        self._declared += _declared_keys(filed)
        self._file(filed)

    def drop(self, id: Id) -> None:
        """Take out a query; it is no error if there is none."""
        filed = self._queries.pop(id, None)
        if filed is not None:
            self._declared -= _declared_keys(filed)
            self._unfile(filed)

    def match(self, post: Post, sentiment_of: SentimentOf = own_sentiment) -> list[Id]:
        """Return the ids of the queries that match, sorted."""
        words = inkling(post)
        self._learn_from(words)
        if self._declared:
            words |= _declared(post)
        keys: set[str] = self._files.keys() & words
        if self._prefixes:
            keys |= self._prefix_keys(words)
        if not keys and not self._always:
            return []
        reading = Reading(post, sentiment_of)
        matched = [filed.id for filed in self._candidates(keys, words) if filed.condition(reading)]
        matched.sort()
        return matched

    def match_many(
        self, posts: Iterable[Post], sentiment_of: SentimentOf = own_sentiment
    ) -> Iterator[tuple[Post, list[Id]]]:
        """Yield every post with the ids of the queries that match it."""
        for post in posts:
            yield post, self.match(post, sentiment_of)

    def explain(self, post: Post, id: Id, sentiment_of: SentimentOf = own_sentiment) -> list[Found]:
        """Return the terms of the query that the post was found by, with their places; [] if it does not match.

        Raises KeyError if there is no such query.
        """
        return found_terms(self._queries[id].query, Reading(post, sentiment_of))

    # --- Which queries could match ---

    def _candidates(self, keys: set[str], words: set[str]) -> list[_Filed[Id]]:
        candidates = list(self._always.values())
        several: set[Id] = set()
        for key in keys:
            for filed in self._files[key].values():
                if len(keys) > 1:
                    if filed.id in several:
                        continue
                    several.add(filed.id)
                for need in filed.rest:
                    if not need.is_met(words):
                        break
                else:
                    candidates.append(filed)
        return candidates

    def _prefix_keys(self, words: set[str]) -> set[str]:
        """Return the keys of the filed prefixes that some of the words begin with."""
        keys: set[str] = set()
        for word in words - self._begin_nothing:
            found = [
                f"{word[:length]}*"
                for length, prefixes in self._prefixes.items()
                if length <= len(word) and word[:length] in prefixes
            ]
            if found:
                keys.update(found)
            elif len(word) <= 40:
                if len(self._begin_nothing) >= _MAX_LEARNT_WORDS:
                    self._begin_nothing.clear()
                self._begin_nothing.add(word)
        return keys

    # --- Filing ---

    def _file(self, filed: _Filed[Id]) -> None:
        if not filed.needs:
            self._always[filed.id] = filed
            return
        by_cost = sorted(filed.needs, key=self._cost)
        filed.filed_under, filed.rest = by_cost[0], tuple(by_cost[1:])
        for key in by_cost[0].keys:
            self._files.setdefault(key, {})[filed.id] = filed
        for prefix in by_cost[0].prefixes:
            of_length = self._prefixes.setdefault(len(prefix), {})
            of_length[prefix] = of_length.get(prefix, 0) + 1
            if of_length[prefix] == 1:
                self._begin_nothing.clear()

    def _unfile(self, filed: _Filed[Id]) -> None:
        self._always.pop(filed.id, None)
        if filed.filed_under is None:
            return
        for key in filed.filed_under.keys:
            del self._files[key][filed.id]
            if not self._files[key]:
                del self._files[key]
        for prefix in filed.filed_under.prefixes:
            of_length = self._prefixes[len(prefix)]
            of_length[prefix] -= 1
            if not of_length[prefix]:
                del of_length[prefix]
                if not of_length:
                    del self._prefixes[len(prefix)]
        filed.filed_under = None

    def _learn_from(self, words: set[str]) -> None:
        """Count the words of a post now and then; file all queries anew once much was learnt."""
        self._posts += 1
        if self._posts % _SAMPLE_EVERY == 0:
            self._sampled += 1
            seen = self._seen
            if len(seen) > _MAX_LEARNT_WORDS:
                self._seen = seen = {word: count for word, count in seen.items() if count > 1}
                if len(seen) > _MAX_LEARNT_WORDS:
                    seen.clear()
                    self._sampled = 1
            for word in words:
                if len(word) <= 40:
                    seen[word] = seen.get(word, 0) + 1
        if self._posts in _REFILE_AFTER:
            for filed in self._queries.values():
                self._unfile(filed)
                self._file(filed)

    def _cost(self, need: _Need) -> float:
        """Estimate in which share of posts the need is met: from what was seen, and its look while that is little."""
        share = sum(
            (self._seen.get(word, 0) + _guess(word) * _GUESS_WEIGHT) / (self._sampled + _GUESS_WEIGHT)
            for word in need.words
        )
        return share + sum(0.1 / len(prefix) for prefix in need.prefixes)


def _is_prefix(key: str) -> bool:
    return key.endswith("*")


def _guess(key: str) -> float:
    """Short words are frequent; a network or a language is in no sample."""
    if key.startswith(("network:", "lang:")):
        return 100.0
    return (0.02 if key.isascii() else 0.002) / len(key)


def _declared_keys(filed: _Filed[Id]) -> int:
    return sum(key.startswith(("network:", "lang:")) for need in filed.needs for key in need.keys)


def _declared(post: Post) -> set[str]:
    """Return the keys of a post's network and language: for en-GB also that of en."""
    keys = {f"network:{post.network.lower()}"}
    tag = language(post)
    while tag:
        keys.add(f"lang:{tag}")
        tag = tag.rpartition("-")[0]
    return keys
