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

# Frequencies are learnt from every n-th post; queries are filed anew after so many posts.
_SAMPLE_EVERY = 8
_REFILE_AFTER = frozenset({500, 5_000, 50_000, 500_000})
_MAX_KNOWN_WORDS = 200_000


Id = TypeVar("Id", int, str)


class _Filed(Generic[Id]):
    """One query: `rest` holds the clauses beside the one it is filed under."""

    __slots__ = ("clauses", "condition", "filed_under", "id", "query", "rest")

    def __init__(self, id: Id, query: Query) -> None:
        self.id = id
        self.query = query
        self.condition: Condition = condition(query)
        self.clauses: list[Clause] = needs(query)
        self.filed_under: Clause = frozenset()
        self.rest: tuple[Clause, ...] = ()


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
        """Key → the queries filed under it, by id."""
        self._always: dict[Id, _Filed[Id]] = {}
        self._uses: dict[str, int] = {}
        """Key → how many clauses name it."""
        self._prefixes: dict[int, dict[str, int]] = {}
        """Length → prefix → how many clauses name it."""
        self._keys_of: dict[str, tuple[str, ...]] = {}
        """Word → the keys that clauses name and that it satisfies; learnt as words are met."""
        self._seen: dict[str, int] = {}
        """Key → in how many of the sampled posts it was."""
        self._posts = 0
        self._sampled = 0

    def __len__(self) -> int:
        return len(self._queries)

    def __contains__(self, id: Id) -> bool:
        return id in self._queries

    def put(self, id: Id, query: Query) -> None:
        """Add a query, or replace the one of that id."""
        self.drop(id)
        filed = self._queries[id] = _Filed(id, query)
        for clause in filed.clauses:
            for key in clause:
                self._name(key)
        self._file(filed)

    def drop(self, id: Id) -> None:
        """Take out a query; it is no error if there is none."""
        filed = self._queries.pop(id, None)
        if filed is None:
            return
        self._unfile(filed)
        for clause in filed.clauses:
            for key in clause:
                self._unname(key)

    def match(self, post: Post, sentiment_of: SentimentOf = own_sentiment) -> list[Id]:
        """Return the ids of the queries that match, sorted."""
        self._posts += 1
        keys = self._keys(post)
        if self._posts % _SAMPLE_EVERY == 0:
            self._sample(keys)
        if self._posts in _REFILE_AFTER:
            self._refile()
        candidates = self._candidates(keys)
        if not candidates:
            return []
        reading = Reading(post, sentiment_of)
        matched: list[Id] = [filed.id for filed in candidates if filed.condition(reading)]
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

    def _keys(self, post: Post) -> set[str]:
        """Return the keys that clauses name and the post satisfies, or seems to."""
        keys: set[str] = set()
        known = self._keys_of
        for word in inkling(post):
            found = known.get(word)
            if found is None:
                found = self._learn(word)
            if found:
                keys.update(found)
        uses = self._uses
        key = f"network:{post.network.lower()}"
        if key in uses:
            keys.add(key)
        declared = language(post)
        if declared:
            for length in _tag_lengths(declared):
                key = f"lang:{declared[:length]}"
                if key in uses:
                    keys.add(key)
        return keys

    def _candidates(self, keys: set[str]) -> list[_Filed[Id]]:
        candidates = list(self._always.values())
        files = self._files
        more_than_once: set[Id] = set()
        for key in keys:
            filed_here = files.get(key)
            if not filed_here:
                continue
            for filed in filed_here.values():
                for clause in filed.rest:
                    if clause.isdisjoint(keys):
                        break
                else:
                    if len(filed.filed_under) > 1:
                        if filed.id in more_than_once:
                            continue
                        more_than_once.add(filed.id)
                    candidates.append(filed)
        return candidates

    # --- Keys ---

    def _name(self, key: str) -> None:
        uses = self._uses.get(key, 0)
        self._uses[key] = uses + 1
        if uses:
            return
        if key.endswith("*") and len(key) > 1:
            prefix = key[:-1]
            self._prefixes.setdefault(len(prefix), {})[prefix] = 1
            self._forget(prefix, prefix=True)
        else:
            self._forget(key, prefix=False)

    def _unname(self, key: str) -> None:
        self._uses[key] -= 1
        if self._uses[key]:
            return
        del self._uses[key]
        self._seen.pop(key, None)
        if key.endswith("*") and len(key) > 1:
            prefix = key[:-1]
            of_length = self._prefixes[len(prefix)]
            del of_length[prefix]
            if not of_length:
                del self._prefixes[len(prefix)]

    def _forget(self, key: str, *, prefix: bool) -> None:
        """What was learnt of words that satisfy a new key is out of date."""
        if not self._keys_of:
            return
        if prefix:
            self._keys_of.clear()
        else:
            self._keys_of.pop(key, None)

    def _learn(self, word: str) -> tuple[str, ...]:
        """Work out the keys that a word satisfies."""
        if len(self._keys_of) >= _MAX_KNOWN_WORDS:
            self._keys_of.clear()
        found = [word] if word in self._uses else []
        for length, prefixes in self._prefixes.items():
            if length <= len(word) and word[:length] in prefixes:
                found.append(f"{word[:length]}*")
        keys = tuple(found)
        if len(word) <= 40:
            self._keys_of[word] = keys
        return keys

    # --- Filing ---

    def _file(self, filed: _Filed[Id]) -> None:
        if not filed.clauses:
            self._always[filed.id] = filed
            return
        rarest = min(filed.clauses, key=self._cost)
        filed.filed_under = rarest
        filed.rest = tuple(
            sorted((clause for clause in filed.clauses if clause is not rarest), key=self._cost),
        )
        for key in rarest:
            self._files.setdefault(key, {})[filed.id] = filed

    def _unfile(self, filed: _Filed[Id]) -> None:
        self._always.pop(filed.id, None)
        for key in filed.filed_under:
            of_key = self._files.get(key)
            if of_key:
                of_key.pop(filed.id, None)
                if not of_key:
                    del self._files[key]
        filed.filed_under = frozenset()

    def _refile(self) -> None:
        for filed in self._queries.values():
            self._unfile(filed)
            self._file(filed)

    def _cost(self, clause: Clause) -> float:
        return sum(map(self._frequency, clause))

    def _frequency(self, key: str) -> float:
        """Estimate in which share of posts a key is: from what was seen, and from its look while that is little."""
        guess = _guess(key)
        weight = 50
        return (self._seen.get(key, 0) + guess * weight) / (self._sampled + weight)

    def _sample(self, keys: set[str]) -> None:
        self._sampled += 1
        seen = self._seen
        for key in keys:
            seen[key] = seen.get(key, 0) + 1


def _guess(key: str) -> float:
    if key.startswith(("network:", "lang:")):
        return 0.5
    if key.endswith("*"):
        return 0.1 / len(key)
    if not key.isascii():
        return 0.02 / len(key)
    return 0.2 / len(key) ** 2


def _tag_lengths(tag: str) -> list[int]:
    """Return the lengths of a language tag and of what it is a variant of: en-GB, en."""
    lengths = [len(tag)]
    at = tag.rfind("-")
    while at > 0:
        lengths.append(at)
        at = tag.rfind("-", 0, at)
    return lengths
