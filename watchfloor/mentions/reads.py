"""Figures and lists for pages: how much, shared out how, since when, the newest.

Without a free query, figures of a mission or of one topic come from counters, whose grain is the minute: a window is
widened to whole minutes. With a query, or over some topics of several (whose posts overlap), they come from the posts.
Either way every figure is of distinct posts, and what is hidden or deleted is in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from watchfloor.mentions.store.ids import SLOTS, first_id, time_of
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import Scope, Slot, StoredPost
from watchfloor.metrics.question import MINUTE
from watchfloor.metrics.question import Window as Window
from watchfloor.sources.post import Sentiment
from watchfloor.team.models import Mission

if TYPE_CHECKING:
    from watchfloor.listening.language.tree import Query

MOST_POINTS = 20_000
LAST_ID = first_id(datetime(2200, 1, 1, tzinfo=UTC))  # no post is dated later; beyond, ids are no times
Marks = tuple[tuple[int, ...], ...]  # as in Scope


@dataclass(frozen=True)
class VolumePoint:
    """Posts of one bucket, which begins at `at`."""

    at: datetime
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unknown: int = 0

    @property
    def posts(self) -> int:
        return self.negative + self.neutral + self.positive + self.unknown


@dataclass(frozen=True)
class Share:
    """`name` None: not known. `part` is 0 … 1 of all posts asked about."""

    name: str | None
    posts: int
    part: float


@dataclass(frozen=True)
class Totals:
    """`authors` None: not asked for. Posts whose author is not known count as no author."""

    posts: int
    negative: int
    neutral: int
    positive: int
    unknown: int
    authors: int | None


@dataclass(frozen=True)
class Overview:
    """What a page of mentions says above them, from one count."""

    totals: Totals
    networks: list[Share]
    sentiments: list[Share]


def tally(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    window: Window,
    query: Query | None = None,
    bucket: timedelta | None = None,
    *,
    marks: Marks = (),
) -> dict[Slot, int]:
    """Posts of the window, widened to whole minutes, by bucket, network, language and sentiment."""
    return _tally(mission, topic_ids, window.whole_minutes(), query, bucket, marks)


def volume(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    window: Window,
    bucket: timedelta,
    query: Query | None = None,
    *,
    marks: Marks = (),
) -> list[VolumePoint]:
    """One point a bucket, empty ones included, oldest first. `bucket` is whole minutes; the first begins the window."""
    if bucket < MINUTE or bucket % MINUTE:
        raise ValueError(f"A bucket of the volume chart is whole minutes, not {bucket}.")
    window = window.whole_minutes()
    points = -(-(window.until - window.since) // bucket)
    if points > MOST_POINTS:
        raise ValueError(
            f"{points} points are more than a chart can show; at most {MOST_POINTS} are. Take longer buckets."
        )
    counted: list[Counter[Sentiment | None]] = [Counter() for _ in range(points)]
    for slot, posts in _tally(mission, topic_ids, window, query, bucket, marks).items():
        counted[slot.bucket][slot.sentiment] += posts
    return [
        VolumePoint(
            at=window.since + number * bucket,
            negative=by_sentiment["negative"],
            neutral=by_sentiment["neutral"],
            positive=by_sentiment["positive"],
            unknown=by_sentiment[None],
        )
        for number, by_sentiment in enumerate(counted)
    ]


def shares(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    window: Window,
    by: Literal["network", "sentiment", "language"],
    query: Query | None = None,
) -> list[Share]:
    """Posts by network, sentiment or language, the largest first."""
    counted: Counter[str | None] = Counter()
    for slot, posts in _tally(mission, topic_ids, window.whole_minutes(), query, None).items():
        counted[{"network": slot.network, "sentiment": slot.sentiment, "language": slot.language}[by]] += posts
    return _shares(counted)


def _shares(counted: Counter[str | None]) -> list[Share]:
    total = counted.total()
    return [
        Share(name, posts, posts / total)
        for name, posts in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or ""))
    ]


def totals(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    window: Window,
    query: Query | None = None,
    *,
    with_authors: bool = True,
) -> Totals:
    """Counting authors reads every post of the window; figures that move often leave it out."""
    window = window.whole_minutes()
    counted: Counter[Sentiment | None] = Counter()
    for slot, posts in _tally(mission, topic_ids, window, query, None).items():
        counted[slot.sentiment] += posts
    authors = None
    if with_authors:
        scope = _scope(mission, topic_ids)
        authors = _store(mission).authors(scope, query, since=window.since, until=window.until)
    return Totals(
        posts=counted.total(),
        negative=counted["negative"],
        neutral=counted["neutral"],
        positive=counted["positive"],
        unknown=counted[None],
        authors=authors,
    )


def authors(mission: Mission, topic_ids: Sequence[int] | None, window: Window, query: Query | None = None) -> int:
    """How many accounts wrote the posts of the window, widened to whole minutes."""
    window = window.whole_minutes()
    return _store(mission).authors(_scope(mission, topic_ids), query, since=window.since, until=window.until)


def overview(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    window: Window,
    query: Query | None = None,
    *,
    authors_up_to: int = 20_000,
    marks: Marks = (),
) -> Overview:
    """Totals and shares by one count. Authors are counted among at most `authors_up_to` posts, else None."""
    window = window.whole_minutes()
    by_network: Counter[str | None] = Counter()
    by_sentiment: Counter[str | None] = Counter()
    for slot, posts in _tally(mission, topic_ids, window, query, None, marks).items():
        by_network[slot.network] += posts
        by_sentiment[slot.sentiment] += posts
    authors = None
    if by_sentiment.total() <= authors_up_to:
        scope = _scope(mission, topic_ids, marks)
        authors = _store(mission).authors(scope, query, since=window.since, until=window.until)
    found = Totals(
        posts=by_sentiment.total(),
        negative=by_sentiment["negative"],
        neutral=by_sentiment["neutral"],
        positive=by_sentiment["positive"],
        unknown=by_sentiment[None],
        authors=authors,
    )
    return Overview(found, _shares(by_network), _shares(+by_sentiment))


def newest(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    *,
    query: Query | None = None,
    window: Window | None = None,
    before: int | None = None,
    limit: int = 50,
    marks: Marks = (),
) -> list[StoredPost]:
    """The newest posts, newest first; `before` is the id of the last one of the page before."""
    since, until = (window.since, window.until) if window else (None, None)
    return _store(mission).search(
        _scope(mission, topic_ids, marks), query, since=since, until=until, before=before, limit=limit
    )


def export(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    *,
    query: Query | None = None,
    window: Window | None = None,
    marks: Marks = (),
) -> Iterator[StoredPost]:
    """All posts, newest first, read in pieces: one that is deleted before its piece is read does not come along."""
    since, until = (window.since, window.until) if window else (None, None)
    return _store(mission).matches(_scope(mission, topic_ids, marks), query, since=since, until=until)


def post(mission: Mission, post_id: int) -> StoredPost | None:
    """One post, if the mission has it and it is shown."""
    return _store(mission).post(Scope(mission.pk), post_id)


def _tally(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    window: Window,
    query: Query | None,
    bucket: timedelta | None,
    marks: Marks = (),
) -> dict[Slot, int]:
    scope = _scope(mission, topic_ids, marks)
    return _store(mission).tally(scope, query, since=window.since, until=window.until, bucket=bucket)


def _scope(mission: Mission, topic_ids: Sequence[int] | None, marks: Marks = ()) -> Scope:
    return Scope(mission.pk, None if topic_ids is None else tuple(topic_ids), marks)


def _store(mission: Mission) -> SqlMentionStore:
    return SqlMentionStore(mission._state.db or "default")


def among(
    mission: Mission,
    topic_ids: Sequence[int] | None,
    post_ids: Sequence[int],
    *,
    query: Query | None = None,
    window: Window | None = None,
    marks: Marks = (),
) -> list[StoredPost]:
    """Those of `post_ids` that are shown, match and lie in the window, newest first."""
    store, scope, found = _store(mission), _scope(mission, topic_ids, marks), []
    for post_id in sorted({pk for pk in post_ids if 0 <= pk < LAST_ID}, reverse=True):
        # A millisecond each: ids may lie years apart, and what lies between them is none of our business.
        at = time_of(post_id)
        if window and not window.since <= at < window.until:
            continue
        same_moment = store.search(scope, query, since=at, until=at + timedelta(milliseconds=1), limit=SLOTS)
        found += [stored for stored in same_moment if stored.id == post_id]
    return found
