"""What rises around a mission's posts and is not listened to yet: figures and lists for pages, panels and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from watchfloor.listening.models import EmergingTerm, TrendClock, TrendCount
from watchfloor.listening.trends.score import FEWEST_WINDOWS, PREVIOUS, is_warm
from watchfloor.mentions.backtest import end_of
from watchfloor.mentions.reads import Window
from watchfloor.mentions.store.ids import EPOCH
from watchfloor.mentions.store.pick import posts_by_id
from watchfloor.mentions.store.store import Scope, StoredPost
from watchfloor.team.models import Mission

LATELY = timedelta(hours=24)
ALL_AUTHORS = 0


@dataclass(frozen=True)
class Rising:
    """One offered term. Figures are those of its best window: `authors` used it in it, `volume` of every 100 authors
    did, and in the 14 windows before, `baseline` of every 100 on average. `score` is by `formula`
    (listening/trends/score.py). `by_window` are authors by window, oldest first, the best one last. Times are chart
    time."""

    id: int
    term: str
    kind: str
    score: float
    formula: str
    posts: int
    authors: int
    volume: float
    baseline: float
    by_window: tuple[int, ...]
    width: timedelta
    languages: tuple[tuple[str | None, int], ...]
    first_posts: tuple[int, ...]
    first_seen: datetime
    offered_at: datetime
    last_rising_at: datetime
    state: str


def rising(mission: Mission, window: Window | None = None, limit: int = 10) -> list[Rising]:
    """Terms that were offered as rising at some time of the window, best score first. `window` None: the last 24 hours
    of the mission's own time. What somebody ignored is left out; what was added to a topic since did rise, and stays.
    One or two queries."""
    if window is None:
        until, _is_past = end_of(mission, timezone.now())
        window = Window(until - LATELY, until)
    found = EmergingTerm.objects.filter(
        mission=mission, last_rising_at__gte=window.since, offered_at__lt=window.until
    ).exclude(state=EmergingTerm.State.IGNORED)
    return [as_rising(one) for one in found.order_by("-score", "pk")[:limit]]


def as_rising(one: EmergingTerm) -> Rising:
    return Rising(
        id=one.pk,
        term=one.shown,
        kind=one.kind,
        score=one.score,
        formula=one.formula,
        posts=one.posts,
        authors=one.authors,
        volume=one.volume,
        baseline=one.baseline,
        by_window=tuple(one.by_window),
        width=timedelta(milliseconds=one.width_ms),
        languages=tuple((code, posts) for code, posts in one.languages),
        first_posts=tuple(one.first_posts),
        first_seen=one.first_seen_at,
        offered_at=one.offered_at,
        last_rising_at=one.last_rising_at,
        state=one.state,
    )


@dataclass(frozen=True)
class Offers:
    """What the page of emerging terms shows. `now` are those that rose in the last 24 hours of the mission's time."""

    now: list[EmergingTerm]
    earlier: list[EmergingTerm]
    ignored: int
    added: int


def offers(mission: Mission, at: datetime, *, show: str = "offered", limit: int = 100) -> Offers:
    """The newest offers of a state: "offered", "ignored" or "added"."""
    until, _is_past = end_of(mission, at)
    rows = EmergingTerm.objects.filter(mission=mission)
    shown = list(
        rows.filter(state=show).select_related("state_by", "topic").order_by("-last_rising_at", "-score")[:limit]
    )
    lately = [one for one in shown if one.last_rising_at >= until - LATELY]
    return Offers(
        now=sorted(lately, key=lambda one: -one.score) if show == "offered" else shown,
        earlier=shown[len(lately) :] if show == "offered" else [],
        ignored=rows.filter(state=EmergingTerm.State.IGNORED).count(),
        added=rows.filter(state=EmergingTerm.State.ADDED).count(),
    )


@dataclass(frozen=True)
class WatchState:
    """How the watch for a mission's terms stands. `looked_at` and `width` None: not begun. So many `windows` of those
    that it compares with hold posts; `is_warm`: enough to tell a rise."""

    width: timedelta | None
    looked_at: datetime | None
    windows: int
    is_warm: bool
    needs: int = FEWEST_WINDOWS


def watch_state(mission: Mission) -> WatchState:
    clock = TrendClock.objects.filter(mission=mission).first()
    if clock is None:
        return WatchState(None, None, 0, False)
    rows = TrendCount.objects.filter(mission=mission, term=ALL_AUTHORS, window__gt=clock.closed_window - PREVIOUS)
    authors = list(rows.values_list("posts", flat=True))
    looked_at = EPOCH + timedelta(milliseconds=clock.looked_at_ms)
    return WatchState(timedelta(milliseconds=clock.width_ms), looked_at, len(authors), is_warm(authors))


def first_posts_of(mission: Mission, terms: list[EmergingTerm], *, most: int = 2) -> dict[int, list[StoredPost]]:
    """The first posts of each term that are still there and shown. Two queries for all of them."""
    wanted = {post_id for one in terms for post_id in one.first_posts[:most]}
    by_id = {stored.id: stored for stored in posts_by_id(Scope(mission.pk), sorted(wanted)) if stored.topics}
    return {one.pk: [by_id[post_id] for post_id in one.first_posts[:most] if post_id in by_id] for one in terms}
