"""A query as it is being written: what it says and changes, what it would have found, what is doubtful about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from watchfloor.listening.diff import Change, Means, differences, what_changes
from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import Query
from watchfloor.listening.library import Snippet, shuts_out, snippets
from watchfloor.listening.models import Topic
from watchfloor.listening.query_warnings import QueryWarning, warnings_of
from watchfloor.listening.typed import Typed, read_typed
from watchfloor.mentions.backtest import MOST_READ, BackTest, Probe, back_test
from watchfloor.mentions.backtest_warnings import warnings_from, words_to_count
from watchfloor.mentions.reads import totals
from watchfloor.team.models import Mission

MOST_READ_WHILE_TYPING = 4_000


@dataclass(frozen=True)
class Noise:
    """`removes`: how many of the posts that were read and that the draft finds it would take away."""

    snippet: Snippet
    removes: int
    is_out: bool


@dataclass(frozen=True)
class Draft:
    """`before` is None for a topic that is not there yet. Without a readable query only `typed` says anything."""

    typed: Typed
    before: Typed | None = None
    changes: list[Change] = field(default_factory=list)
    means: Means | None = None
    warnings: list[QueryWarning] = field(default_factory=list)
    tested: BackTest | None = None
    noise: list[Noise] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return self.before is not None and any(change.kind != "same" for change in self.changes)

    @property
    def side_by_side(self) -> tuple[list[Change], list[Change]]:
        """The old and the new, each with what is its own marked."""
        old = [change for change in self.changes if change.kind != "added"]
        return old, [change for change in self.changes if change.kind != "removed"]


def draft(
    mission: Mission, text: str, now: datetime, *, topic: Topic | None = None, most_read: int = MOST_READ
) -> Draft:
    """Look at `text` as the query that follows on the topic's (None: a new topic's). Of a query that did not change,
    fewer posts are read: what it finds stands in the topic's counters."""
    typed = read_typed(text)
    before = topic.query if topic else None
    if text == before:
        most_read = min(most_read, MOST_READ_WHILE_TYPING)
    old = None if before is None else read_typed(before)
    changes = differences(before, text) if before is not None else []
    if typed.query is None:
        return Draft(typed, old, changes)
    tested = back_test(
        mission,
        old.query if old else None,
        typed.query,
        now,
        probes=[Probe(one.key, _read(one)) for one in snippets()],
        terms=words_to_count(typed.query),
        most_read=most_read,
    )
    if topic and text == before and not topic.is_applying and tested.read_back_to:
        for overlap in (tested.day, tested.week):
            overlap.both = totals(mission, [topic.pk], overlap.window, with_authors=False).posts
        tested.is_counted = True
    return Draft(
        typed=typed,
        before=old,
        changes=changes,
        means=what_changes(old.query, typed.query) if old and old.query else None,
        warnings=[*warnings_of(typed.query), *warnings_from(tested, typed.query)],
        tested=tested,
        noise=_noise(text, tested),
    )


def _noise(text: str, tested: BackTest) -> list[Noise]:
    """What would take most away comes first; what is out already comes last."""
    rows = [Noise(one, tested.probes[one.key], shuts_out(text, one)) for one in snippets()]
    return sorted(rows, key=lambda row: (row.is_out, -row.removes))


def _read(one: Snippet) -> Query:
    return read(one.query)
