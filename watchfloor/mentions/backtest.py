"""What an old and a new query would have found in a mission's stored posts: exactly, by the evaluator, post by post.

    tested = back_test(mission, read("coffee"), read("coffee OR tea"), now)
    tested.week.only_new, tested.week.both, tested.new_examples

The text index narrows down which posts either query may match, newest first; each of those is read and decided. The
work is bounded: at most `MOST_READ` posts are read, and `read_back_to` says how far that went. A post that no topic
matched when it came was never stored, so what only the new query finds is a lower bound of what it would have found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from watchfloor.listening.language.evaluate import Condition, condition
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.tree import Or, Query, join
from watchfloor.mentions.reads import Window, shares, totals
from watchfloor.mentions.store.ids import time_of
from watchfloor.mentions.store.pick import newest_ids, posts_by_id
from watchfloor.mentions.store.store import Scope, StoredPost
from watchfloor.team.models import Mission

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
MOST_READ = 10_000
PIECE = 2_000
EXAMPLES = 5


@dataclass(frozen=True)
class Probe:
    """Something else to ask of each post that the new query finds: how many of them would `query` find, too?"""

    key: str
    query: Query


@dataclass
class Overlap:
    """Posts of a stretch of time. `stored` counts all that the mission has in it."""

    window: Window
    stored: int = 0
    only_old: int = 0
    only_new: int = 0
    both: int = 0

    @property
    def old(self) -> int:
        return self.only_old + self.both

    @property
    def new(self) -> int:
        return self.only_new + self.both

    @property
    def change(self) -> float | None:
        """New against old, 0.5 is half more; None where the old finds nothing."""
        return (self.new - self.old) / self.old if self.old else None


@dataclass
class TermUse:
    """Posts that hold one of the new query's terms, whatever else they say. `languages` of those whose is known."""

    posts: int = 0
    languages: Counter[str] = field(default_factory=Counter)


@dataclass
class BackTest:
    """`until` ends both windows: now, or just after the newest stored post of an event that is long over
    (`is_past`). `read_back_to` is None if everything was read, else only posts since then were; `is_counted`: the
    figures of both windows are whole all the same, from the topic's counters."""

    until: datetime
    is_past: bool
    day: Overlap
    week: Overlap
    read: int = 0
    read_back_to: datetime | None = None
    is_counted: bool = False
    seconds: float = 0.0
    old_examples: list[StoredPost] = field(default_factory=list)
    new_examples: list[StoredPost] = field(default_factory=list)
    both_examples: list[StoredPost] = field(default_factory=list)
    probes: dict[str, int] = field(default_factory=dict)
    terms: dict[str, TermUse] = field(default_factory=dict)
    mission_languages: dict[str, float] = field(default_factory=dict)


def back_test(
    mission: Mission,
    old: Query | None,
    new: Query,
    now: datetime,
    *,
    probes: Sequence[Probe] = (),
    terms: Sequence[str] = (),
    most_read: int = MOST_READ,
    examples: int = EXAMPLES,
) -> BackTest:
    """Compare over the last 24 hours and 7 days. `old` None: there is nothing to compare with, all is new.

    `terms` are folded forms (a word, `#tag`, `@handle`) of which the posts that hold them are counted in the week.
    """
    began = monotonic()
    until, is_past = end_of(mission, now)
    day, week = Overlap(Window(until - DAY, until)), Overlap(Window(until - WEEK, until))
    tested = BackTest(until, is_past, day, week)
    for overlap in (day, week):
        overlap.stored = totals(mission, None, overlap.window, with_authors=False).posts
    for share in shares(mission, None, week.window, "language"):
        if share.name:
            language = share.name.split("-")[0]
            tested.mission_languages[language] = tested.mission_languages.get(language, 0.0) + share.part
    counting = _Counting(tested, old, new, probes, terms, examples)
    scope, either = Scope(mission.pk), _either(old, new)
    before: int | None = None
    while tested.read < most_read:
        piece = min(PIECE, most_read - tested.read)
        ids = newest_ids(scope, either, since=week.window.since, until=until, before=before, limit=piece)
        for post in posts_by_id(scope, ids):
            counting.take(post)
        tested.read += len(ids)
        if len(ids) < piece:
            break
        before = ids[-1]
    else:
        if before is not None and newest_ids(scope, either, since=week.window.since, before=before, limit=1):
            tested.read_back_to = time_of(before)
    tested.seconds = monotonic() - began
    return tested


def end_of(mission: Mission, now: datetime) -> tuple[datetime, bool]:
    """Where the mission's own time ends, and whether that is in the past: a recording of an event long over is looked
    at in its own days. One query."""
    newest = next(iter(newest_ids(Scope(mission.pk), limit=1)), None)
    minute = timedelta(minutes=1)
    if newest is not None and now - time_of(newest) > DAY:
        last = time_of(newest).replace(second=0, microsecond=0)
        return last + minute, True
    return now.replace(second=0, microsecond=0) + minute, False


class _Counting:
    def __init__(
        self,
        tested: BackTest,
        old: Query | None,
        new: Query,
        probes: Sequence[Probe],
        terms: Sequence[str],
        examples: int,
    ) -> None:
        self.tested, self.examples = tested, examples
        self.old: Condition | None = condition(old) if old else None
        self.new = condition(new)
        self.probes = [(probe.key, condition(probe.query)) for probe in probes]
        self.terms = terms
        tested.probes = dict.fromkeys((probe.key for probe in probes), 0)
        tested.terms = {term: TermUse() for term in terms}

    def take(self, stored: StoredPost) -> None:
        tested = self.tested
        reading = Reading(stored.post, lambda _: stored.sentiment)
        was, now = self.old is not None and self.old(reading), self.new(reading)
        for term in self.terms:
            if term in reading.places:
                use = tested.terms[term]
                use.posts += 1
                if stored.language:
                    use.languages[stored.language.split("-")[0]] += 1
        if not was and not now:
            return
        within = (tested.week, tested.day) if stored.at >= tested.day.window.since else (tested.week,)
        for overlap in within:
            if was and now:
                overlap.both += 1
            elif was:
                overlap.only_old += 1
            else:
                overlap.only_new += 1
        shown = tested.both_examples if was and now else tested.old_examples if was else tested.new_examples
        if len(shown) < self.examples:
            shown.append(stored)
        if now:
            for key, holds in self.probes:
                tested.probes[key] += holds(reading)


def _either(old: Query | None, new: Query) -> Query:
    """What one of them matches, for the index to narrow down by."""
    if old is None or old.root == new.root:
        return new
    return Query(f"({old.text}) OR ({new.text})", join(Or, [old.root, new.root]), old.terms + new.terms)
