"""The contract of a mention store, and the records that go in and come out.

    store = mention_store()
    with transaction.atomic():
        wrote = store.write(changes)
        ...  # the cursor, in the same transaction
    store.search(Scope(mission.id), parse("coffee"), since=..., until=...)

Writing is idempotent: the same batch again changes nothing. What is hidden or deleted is in no answer.
Times are aware datetimes; ranges are half open, [since, until), over the posts' chart time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import msgspec
from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from watchfloor.listening.language.tree import Query
from watchfloor.mentions.store.ids import DateDoubt
from watchfloor.sources.post import Post, Sentiment
from watchfloor.sources.source import AuthorChanged, AuthorRenamed

Key = tuple[str, str]  # network, native id


class Labelled(msgspec.Struct):
    """One post that topics matched, labelled and ready to be stored. `topics` are (topic id, the topic's version).

    `language` and `sentiment` None is unknown. `…_by` is "name/version", "" if nobody was asked.
    `edited`: this is what an edit left; the store replaces what it holds.
    """

    post: Post
    raw: bytes
    topics: list[tuple[int, int]]
    seen_at: datetime
    language: str | None = None
    language_by: str = ""
    language_confidence: float | None = None
    sentiment: Sentiment | None = None
    sentiment_score: float | None = None
    sentiment_confidence: float | None = None
    sentiment_by: str = ""
    edited: bool = False


class Changes(msgspec.Struct):
    """One batch. Deletions win over posts, wherever they stood in the stream. Of an edit that matches nothing any more
    the key goes into `unmatched_edits`: its mentions go, and so does the post. A key stands in either, not in both.

    `mission_id`: the batch was matched against that mission's topics alone; edits then leave other missions' be.
    """

    posts: list[Labelled] = []
    deleted: list[Key] = []
    authors: list[AuthorChanged] = []
    renamed: list[AuthorRenamed] = []
    unmatched_edits: list[Key] = []
    mission_id: int | None = None


class Wrote(msgspec.Struct):
    """What a batch came to. `new`, `changed` and `gone` are post ids by topic, for announcing.

    `dead`: stayed out because of an earlier deletion or erasure. `too_old`: before what every mission it matched keeps.
    `refused`: what no engine can hold, with the reason.
    """

    stored: int = 0
    duplicates: int = 0
    edited: int = 0
    deleted: int = 0
    mentions: int = 0
    dead: int = 0
    too_old: int = 0
    refused: list[tuple[str, str, str]] = []
    new: dict[int, list[int]] = {}
    gone: dict[int, list[int]] = {}
    changed: dict[int, list[int]] = {}


class Scope(msgspec.Struct, frozen=True):
    """What may be seen: the posts of one mission, or of some of its topics. Topics of another mission show nothing.

    `marks` narrows further: groups of tags and categories, of each of which a post carries one or more.
    """

    mission_id: int
    topic_ids: tuple[int, ...] | None = None
    marks: tuple[tuple[int, ...], ...] = ()


class StoredPost(msgspec.Struct):
    """A post as it is stored. `at` is its chart time. `topics` are those of the mission that was asked for. Followers
    in `post` are those told with it; `followers_now` are the account's, as last told."""

    id: int
    at: datetime
    seen_at: datetime
    post: Post
    language: str | None
    language_by: str
    language_confidence: float | None
    sentiment: Sentiment | None
    sentiment_score: float | None
    sentiment_confidence: float | None
    sentiment_by: str
    topics: list[int]
    state: Literal["shown", "hidden"]
    date_doubt: DateDoubt | None
    edited_at: datetime | None
    author_row: int | None = None
    followers_now: int | None = None


class Slot(NamedTuple):
    """What posts are counted by. `bucket` counts from the start that was asked for; 0 if no bucket was."""

    bucket: int
    network: str
    language: str | None
    sentiment: Sentiment | None


class Labels(NamedTuple):
    """What a post is counted by, without the post. `topics` are those of the mission that was asked for."""

    id: int
    network: str
    language: str | None
    sentiment: Sentiment | None
    author_row: int | None
    topics: list[int]


class Applied(msgspec.Struct):
    """What one chunk of applying a topic came to. `before`: call again with it; None: done."""

    added: list[int]
    removed: list[int]
    before: int | None


class Difference(msgspec.Struct, frozen=True):
    """A counter that says something else than the posts."""

    of: Literal["topic", "mission"]
    id: int
    at: datetime
    network: str
    language: str | None
    sentiment: Sentiment | None
    counted: int
    posts: int


class MentionStore(Protocol):
    """Where mentions are kept. Writing methods work in the caller's transaction and need one."""

    def write(self, changes: Changes) -> Wrote:
        """Store, edit, delete, hide, rename. Idempotent. Posts need not be tidy; the store tidies them."""
        ...

    def known(self, keys: Iterable[Key]) -> set[Key]:
        """Those that are stored, hidden ones included."""
        ...

    def search(
        self,
        scope: Scope,
        query: Query | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[StoredPost]:
        """The newest posts that match, newest first. `before` is the id of the last one of the page before."""
        ...

    def matches(
        self, scope: Scope, query: Query | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[StoredPost]:
        """All that match, newest first, read in pieces: for exports and back-tests."""
        ...

    def count(
        self, scope: Scope, query: Query | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> int: ...

    def histogram(
        self, scope: Scope, query: Query | None = None, *, since: datetime, until: datetime, bucket: timedelta
    ) -> list[tuple[datetime, int]]:
        """Posts by bucket, oldest first, empty buckets left out. The first bucket starts at `since`."""
        ...

    def tally(
        self,
        scope: Scope,
        query: Query | None = None,
        *,
        since: datetime,
        until: datetime,
        bucket: timedelta | None = None,
    ) -> dict[Slot, int]:
        """Posts by bucket, network, language and sentiment. From the counters where they can say it: without a query,
        for a mission or one topic, with whole minutes as `since`, `until` and `bucket`."""
        ...

    def tallies(
        self, mission_id: int, *, since: datetime, until: datetime, bucket: timedelta | None = None
    ) -> dict[int | None, dict[Slot, int]]:
        """The same of each topic of a mission and, as None, of the mission as a whole: distinct posts, not their sum.
        From the counters, with whole minutes; else from the posts."""
        ...

    def count_topics(
        self, topic_ids: Collection[int], *, since: datetime, until: datetime, bucket: timedelta
    ) -> dict[tuple[int, int], int]:
        """(topic, bucket) → posts, from the counters: `since`, `until` and `bucket` are whole minutes."""
        ...

    def labels(
        self,
        scope: Scope,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[Labels]:
        """What the newest posts of a stretch are counted by, newest first: far less to read than the posts."""
        ...

    def first_and_last(self, mission_id: int) -> tuple[datetime, datetime] | None:
        """The minutes of the mission's earliest and latest counted posts; None without any."""
        ...

    def mentions_of(self, author_rows: Collection[int], most: int | None = None) -> list[tuple[int, int, int]]:
        """Where the newest posts of these accounts (`StoredPost.author_row`) are shown: (mission, topic, post)."""
        ...

    def authors(self, scope: Scope, query: Query | None = None, *, since: datetime, until: datetime) -> int:
        """How many accounts wrote the posts that match."""
        ...

    def post(self, scope: Scope, post_id: int) -> StoredPost | None:
        """One post, if the scope may see it."""
        ...

    def raw(self, post_id: int) -> bytes | None:
        """The payload that the post was read from."""
        ...

    def relabel(
        self,
        post_id: int,
        *,
        language: str | UnsetType | None = UNSET,
        sentiment: Sentiment | UnsetType | None = UNSET,
        by: str,
        language_confidence: float | None = None,
        sentiment_score: float | None = None,
        sentiment_confidence: float | None = None,
        over_people: bool = False,
    ) -> bool:
        """Put somebody's word in the place of the stored label of a shown post, for all missions; counts follow. UNSET
        leaves that label as it is. `by` is "person/12" or "name/version". A person's word has no confidence, and from
        then on only a person's replaces it: no edit, import or model, unless `over_people` says that the person took it
        back. False: no such post is shown."""
        ...

    def set_aside(self, mission_id: int, post_ids: Iterable[int]) -> list[int]:
        """Take posts out of one mission's sight: its lists, searches and figures. Says which of them are newly so.
        Other missions keep them; whatever happens to the post or the topics, it stays aside until it is taken back."""
        ...

    def take_back(self, mission_id: int, post_ids: Iterable[int]) -> list[int]:
        """Show posts to the mission again that were set aside. Says which of them were."""
        ...

    def set_aside_posts(self, mission_id: int, before: int | None = None, limit: int = 50) -> list[StoredPost]:
        """What the mission set aside, newest first, hidden posts left out. `before` as in `search`."""
        ...

    def apply_topic(
        self, topic_id: int, query: Query | None, version: int, *, before: int | None = None, chunk: int = 2_000
    ) -> Applied:
        """Bring the mentions of one topic in line with its changed query, over stored posts (hidden ones included),
        newest first, one chunk a call. `query` None takes all mentions away."""
        ...

    def remove_before(self, mission_id: int, instant: datetime, *, limit: int = 1_000) -> int:
        """Retention: from now on the mission keeps nothing written before `instant` (to the minute). Removes at most
        `limit` posts; call again until it says 0. Counts stay: figures outlive posts."""
        ...

    def forget_author(self, network: str, native_id: str) -> int:
        """Erase a person's account here: posts, payloads, index, arrivals, the author. Counts go down. A later post of
        the account stays out. Says how many posts went."""
        ...

    def prune_tombstones(self, now: datetime) -> int:
        """Drop tombstones that are older than any network repeats (72 hours). Those of erased people stay."""
        ...

    def purge_index(self, *, start: bool = True, pages: int = 500) -> bool:
        """Rewrite a piece of the text index, so that words of deleted posts leave the file. True: call again, with
        `start` false, in a transaction of its own. Worth doing after an erasure, and now and then."""
        ...

    def recount(self) -> list[Difference]:
        """Compare every counter with a recount from the posts. Empty: equal."""
        ...


def mention_store() -> MentionStore:
    """The store of the configured database."""
    from watchfloor.mentions.store.sql import SqlMentionStore

    return SqlMentionStore()


def by_topic(pairs: Iterable[tuple[int, Sequence[int]]]) -> dict[int, list[int]]:
    """(post id, its topics) … → post ids by topic."""
    found: dict[int, list[int]] = {}
    for post_id, topics in pairs:
        for topic in topics:
            found.setdefault(topic, []).append(post_id)
    return found
