"""What posts themselves have to be read for: authors, hashtags, links, photos, questions, engagements.

The posts of a question are read once for all metrics, panels and screens that ask it, and not again before something
changed. A window that holds more than `MOST_POSTS` is read from its newest on, and says so.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from time import monotonic
from typing import NamedTuple

from django.utils.translation import gettext as _

from watchfloor.lib.kept import Kept
from watchfloor.lib.links import plain_link, without_sentence
from watchfloor.listening.language.facts import asks
from watchfloor.listening.language.tokens import cut
from watchfloor.live.reads import newest_change
from watchfloor.mentions import reads
from watchfloor.mentions.metrics.figures import query_of, tally
from watchfloor.mentions.store.store import StoredPost
from watchfloor.metrics.question import Question, Window
from watchfloor.sources.post import Media

MOST_POSTS = 50_000
KEPT_DIGESTS = 12
HOUR = timedelta(hours=1)
KEPT_WORDS = 100_000
SHORT = 0.2  # seconds; a digest that takes longer
REST = 4  # rests for so many times as long before it is made again


class Words(NamedTuple):
    """What is found by cutting a post's text."""

    hashtags: tuple[str, ...]
    links: tuple[str, ...]
    asks: bool


class Seen(NamedTuple):
    """One post, as far as metrics need it. `author`: the account's row; None: not told."""

    id: int
    at: datetime
    network: str
    author: int | None
    name: str
    handle: str | None
    followers: int | None
    engagement: int | None
    words: Words
    photos: tuple[Media, ...]


@dataclass
class Account:
    """An author within a window."""

    row: int
    network: str
    name: str
    handle: str | None
    followers: int | None
    posts: int = 0
    engagements: int | None = None


class Digest:
    """The posts of one question, newest first. `is_whole`: nothing older was left out."""

    def __init__(self, posts: list[Seen], is_whole: bool) -> None:
        self.posts, self.is_whole = posts, is_whole

    @property
    def note(self) -> str:
        """Which posts were read, where it isn't all."""
        return "" if self.is_whole else _("of the newest %(n)s mentions") % {"n": f"{len(self.posts):,}"}

    @cached_property
    def accounts(self) -> dict[int, Account]:
        """The authors, those with the most posts first."""
        found: dict[int, Account] = {}
        for post in self.posts:
            if post.author is None:
                continue
            account = found.get(post.author)
            if account is None:
                account = Account(post.author, post.network, post.name, post.handle, post.followers)
                found[post.author] = account
            account.posts += 1
            if post.engagement is not None:
                account.engagements = (account.engagements or 0) + post.engagement
        order = sorted(found.values(), key=lambda one: (-one.posts, -(one.followers or 0), one.name, one.row))
        return {account.row: account for account in order}

    @cached_property
    def hashtags(self) -> Counter[str]:
        """In how many posts each stands."""
        return Counter(tag for post in self.posts for tag in post.words.hashtags)

    @cached_property
    def links(self) -> Counter[str]:
        return Counter(link for post in self.posts for link in post.words.links)

    def authors_by(self, of: Callable[[Seen], tuple[str, ...]]) -> dict[str, int]:
        """How many different authors used each hashtag or link. Not told: nobody."""
        found: dict[str, set[int]] = defaultdict(set)
        for post in self.posts:
            if post.author is not None:
                for word in of(post):
                    found[word].add(post.author)
        return {word: len(authors) for word, authors in found.items()}

    def by_stretch(self, stretches: list[Window]) -> Iterator[list[Seen] | None]:
        """The posts of each stretch (which follow on one another); None before the oldest that was read."""
        oldest = None if self.is_whole or not self.posts else self.posts[-1].at
        end = len(self.posts)
        for stretch in stretches:
            while end and self.posts[end - 1].at < stretch.since:
                end -= 1
            start = end
            while start and self.posts[start - 1].at < stretch.until:
                start -= 1
            yield None if oldest and stretch.since < oldest else self.posts[start:end]
            end = start


_words: Kept[Words] = Kept(KEPT_WORDS)


class _Held:
    """The digest of a question as it was last made, and until when it is good."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.digest: Digest | None = None
        self.change: Hashable = None
        self.rests_until = 0.0


_held: Kept[_Held] = Kept(KEPT_DIGESTS)


def digest(question: Question) -> Digest:
    """The question's posts, read now or as they were kept."""
    return question.once(("digest", question.window), lambda: _kept(question))


def _kept(question: Question) -> Digest:
    """Who asks while somebody reads the same waits for that."""
    window = question.window.whole_minutes()
    # A window that moves with the clock is the same question a minute later; so is the one before it.
    begins = (question.asked_at - window.since) // HOUR
    held = _held.get((question.mission.pk, question.topic_ids, question.query, window.length, begins), _Held)
    mission = question.mission
    change = (window, newest_change(f"mission:{mission.pk}"), frozenset(tally(Question(mission, window)).items()))
    with held.lock:
        if held.digest is None or (held.change != change and monotonic() >= held.rests_until):
            began = monotonic()
            held.digest = _read(question)
            took = monotonic() - began
            held.change = change
            held.rests_until = monotonic() + took * REST if took > SHORT else 0
        return held.digest


def _read(question: Question) -> Digest:
    found = reads.export(
        question.mission, question.topic_ids, query=query_of(question), window=question.window.whole_minutes()
    )
    posts = [_seen(post) for post in islice(found, MOST_POSTS + 1)]
    return Digest(posts[:MOST_POSTS], len(posts) <= MOST_POSTS)


def _seen(stored: StoredPost) -> Seen:
    post = stored.post
    author = post.author
    return Seen(
        stored.id,
        stored.at,
        post.network,
        stored.author_row,
        author.name or author.handle or author.id or "",
        author.handle,
        stored.followers_now if stored.followers_now is not None else author.followers,
        post.metrics.engagement,
        _words.get((stored.id, hash((post.title, post.text, post.links))), lambda: words_of(stored)),
        tuple(media for media in post.media if media.kind == "photo"),
    )


def words_of(stored: StoredPost) -> Words:
    """Each hashtag and each page once, in the order of the post."""
    post = stored.post
    tokens = cut(post.title, post.text)
    tags = dict.fromkeys(other.form for other in tokens.others if other.kind == "hashtag")
    written = (without_sentence(link) for link in tokens.links)
    links = dict.fromkeys(plain for link in (*post.links, *written) if (plain := plain_link(link)))
    return Words(tuple(tags), tuple(links), asks(post.title) or asks(post.text))
