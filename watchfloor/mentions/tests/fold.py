"""What the store must hold after a sequence of changes, folded in plain Python without looking at the store's code.

A post is known by its number; its author is `number % 3`. Times are whole minutes after NOON.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

MISSION_OF = {"coffee": "brand", "tea": "brand", "fire": "crisis"}


@dataclass(frozen=True)
class Version:
    """One appearance of a post in the stream."""

    number: int
    text: str
    minute: int
    topics: frozenset[str]
    language: str | None
    sentiment: str | None
    edited: bool
    language_stands: bool = False  # a person gave it
    sentiment_stands: bool = False

    @property
    def author(self) -> int:
        return self.number % 3


@dataclass
class Fold:
    posts: dict[int, Version] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    accounts: dict[int, str] = field(default_factory=dict)  # hidden, gone, erased; others are shown
    line: dict[str, int] = field(default_factory=dict)
    final: Counter[tuple[object, ...]] = field(default_factory=Counter)
    written: dict[int, int] = field(default_factory=dict)  # the minute that the version in force names
    aside: set[tuple[str, int]] = field(default_factory=set)  # mission, number

    def write(self, version: Version, asked: str | None) -> None:
        held = self.posts.get(version.number)
        minute = version.minute if held is None else held.minute
        topics = frozenset(t for t in version.topics if minute >= self.line.get(MISSION_OF[t], minute))
        if version.number in self.dead or self.accounts.get(version.author) in ("gone", "erased") or not topics:
            return
        if held is None:
            self.posts[version.number] = replace(version, topics=topics)
            self.written[version.number] = version.minute
        elif version.edited:
            others = {t for t in held.topics if asked is not None and MISSION_OF[t] != asked}
            after = replace(version, topics=topics | others, minute=held.minute)
            if held.language_stands:
                after = replace(after, language=held.language, language_stands=True)
            if held.sentiment_stands:
                after = replace(after, sentiment=held.sentiment, sentiment_stands=True)
            self.posts[version.number] = after
            self.written[version.number] = version.minute
        elif (version.text, version.minute) == (held.text, self.written[version.number]):
            self.posts[version.number] = replace(held, topics=held.topics | topics)

    def delete(self, number: int) -> None:
        self.dead.add(number)
        self.posts.pop(number, None)
        self._forget_aside()

    def edit_matches_nothing(self, number: int, asked: str | None) -> None:
        if held := self.posts.get(number):
            self._leave(held, {t for t in held.topics if asked is None or MISSION_OF[t] == asked})

    def account(self, author: int, state: str) -> None:
        before = self.accounts.get(author)
        if state == "gone":
            self._drop_posts_of(author)
        if before == "erased" or (before == "gone" and state == "hidden"):
            return
        if state == "back":
            self.accounts.pop(author, None)
        else:
            self.accounts[author] = state

    def erase(self, author: int) -> None:
        self._drop_posts_of(author)
        self.accounts[author] = "erased"

    def keep(self, mission: str, minute: int) -> None:
        self.line[mission] = minute = max(minute, self.line.get(mission, minute))
        before = self.counters()
        for held in list(self.posts.values()):
            if held.minute < minute:
                self._leave(held, {t for t in held.topics if MISSION_OF[t] == mission})
                self.aside.discard((mission, held.number))
        self.final += before - self.counters()

    def apply(self, topic: str, word: str | None) -> None:
        """The topic now looks for posts with the word; it looks at its own mission's posts."""
        mission = MISSION_OF[topic]
        for held in list(self.posts.values()):
            of_the_mission = any(MISSION_OF[t] == mission for t in held.topics)
            is_kept = held.minute >= self.line.get(mission, held.minute)
            if word is not None and word in held.text.split() and of_the_mission and is_kept:
                self.posts[held.number] = replace(held, topics=held.topics | {topic})
            else:
                self._leave(held, {topic})

    def relabel(self, number: int, labels: dict[str, str | None], *, is_person: bool) -> bool:
        held = self.posts.get(number)
        if held is None or not self._is_shown(held):
            return False
        if "language" in labels and (is_person or not held.language_stands):
            held = replace(held, language=labels["language"], language_stands=is_person)
        if "sentiment" in labels and (is_person or not held.sentiment_stands):
            held = replace(held, sentiment=labels["sentiment"], sentiment_stands=is_person)
        self.posts[number] = held
        return True

    def set_aside(self, mission: str, numbers: list[int]) -> set[int]:
        new = {
            number
            for number in numbers
            if (held := self.posts.get(number)) and any(MISSION_OF[topic] == mission for topic in held.topics)
        } - self.set_aside_by(mission)
        self.aside |= {(mission, number) for number in new}
        return new

    def take_back(self, mission: str, numbers: list[int]) -> set[int]:
        back = set(numbers) & self.set_aside_by(mission)
        self.aside -= {(mission, number) for number in back}
        return back

    def set_aside_by(self, mission: str) -> set[int]:
        return {number for name, number in self.aside if name == mission}

    def shown(self, topic: str) -> set[tuple[int, str]]:
        aside = self.set_aside_by(MISSION_OF[topic])
        return {
            (p.number, p.text)
            for p in self.posts.values()
            if topic in p.topics and self._is_shown(p) and p.number not in aside
        }

    def listed_aside(self, mission: str) -> set[tuple[int, frozenset[str]]]:
        """What the mission finds in its list of posts set aside, with its topics."""
        found = set()
        for number in self.set_aside_by(mission):
            topics = frozenset(t for t in self.posts[number].topics if MISSION_OF[t] == mission)
            if topics and self._is_shown(self.posts[number]):
                found.add((number, topics))
        return found

    def counters(self) -> Counter[tuple[object, ...]]:
        counted: Counter[tuple[object, ...]] = Counter(self.final)
        for post in self.posts.values():
            if self._is_shown(post):
                topics = {topic for topic in post.topics if (MISSION_OF[topic], post.number) not in self.aside}
                for name in topics | {MISSION_OF[topic] for topic in topics}:
                    counted[(name, post.minute, post.language, post.sentiment)] += 1
        return counted

    def _is_shown(self, post: Version) -> bool:
        return post.author not in self.accounts

    def _leave(self, held: Version, topics: set[str]) -> None:
        if left := held.topics - topics:
            self.posts[held.number] = replace(held, topics=left)
        else:
            del self.posts[held.number]
            self._forget_aside()

    def _drop_posts_of(self, author: int) -> None:
        self.posts = {number: post for number, post in self.posts.items() if post.author != author}
        self._forget_aside()

    def _forget_aside(self) -> None:
        self.aside = {(mission, number) for mission, number in self.aside if number in self.posts}
