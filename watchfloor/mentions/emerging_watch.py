"""Looking through new stored posts for terms that rise: the desk's duty.

Each mission goes by its own time, the chart time of its posts. The window that ends at its newest post is compared with
the 14 whole windows before it. Those are counted once, when they are over, and kept (`TrendCount`), so a restart goes
on where it stood; of the posts of the running window only the new ones are read. What comes late into a counted window
is not counted again.

The work is bounded: of a window with more than `MOST_POSTS` posts an even sample is read, a mission that was busy for
long waits for long, and one that fell behind by more than `CATCH_UP` windows skips to the newest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from django.db import transaction

from watchfloor.listening.models import EmergingTerm, Topic, TrendClock, TrendCount
from watchfloor.listening.trends import score as scoring
from watchfloor.listening.trends.covered import Listened
from watchfloor.listening.trends.score import PREVIOUS, Score, Thresholds
from watchfloor.listening.trends.terms import Said, said_in, term_hash
from watchfloor.listening.trends.windows import POSTS_OF_A_WINDOW, width_ms
from watchfloor.live.announce import publish
from watchfloor.mentions.emerging_uses import Use, count_terms, without_echoes
from watchfloor.mentions.store.ids import SLOTS, first_id, time_of
from watchfloor.mentions.store.pick import ids_of, newest_ids, posts_by_id
from watchfloor.mentions.store.store import Scope, StoredPost, mention_store
from watchfloor.team.levels import effects
from watchfloor.team.models import Mission

MOST_POSTS = 3_000  # of a window that are read
CATCH_UP = 200  # windows
STEPS_A_TURN = 10
STEPS_A_WINDOW = 5  # looks while catching up
REST = 20  # times as long as a look took, until the next one
FIRST_POSTS = 5
LONGEST_SHOWN = 200
ALL_AUTHORS = 0  # the "term" under which all authors of a window are counted
ROWS_AT_ONCE = 500


@dataclass
class _Known:
    """What is held in memory of a mission: what its newest posts say, and what it listens to."""

    said: dict[int, Said] = field(default_factory=dict)
    listened: Listened | None = None
    rests_until: float = 0.0


class Watch:
    """One for the desk process. `look_for_emerging_terms` is its duty."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def look_for_emerging_terms(self) -> bool:
        """Whether a mission has more to catch up with at once."""
        more = False
        for mission in Mission.objects.filter(closed_at=None):
            known = self._known.setdefault(mission.pk, _Known())
            began = monotonic()
            if began >= known.rests_until:
                behind = self.look(mission)
                more |= behind
                rest = max(REST * (monotonic() - began), effects(mission).emerging_every.total_seconds())
                known.rests_until = 0.0 if behind else began + rest
        return more

    def look(self, mission: Mission) -> bool:
        """Look at what came since the last time, in steps. Whether there are more steps to take."""
        newest = newest_ids(Scope(mission.pk), limit=1)
        if not newest:
            return False
        head = newest[0] // SLOTS + 1
        clock = self._clock(mission, head)
        if clock.looked_at_ms >= head:
            return False
        step = max(1, clock.width_ms // STEPS_A_WINDOW)
        for _ in range(STEPS_A_TURN):
            self._look_at(mission, clock, min(head, clock.looked_at_ms + step))
            if clock.looked_at_ms >= head:
                return False
        return True

    def _clock(self, mission: Mission, head: int) -> TrendClock:
        """Where the mission's watch stands. What is too far behind is skipped: at most `CATCH_UP` windows are looked
        through. When the windows' width changes, those of the new width are counted from the posts."""
        clock = TrendClock.objects.filter(mission=mission).first()
        width = _width(mission, head, clock.width_ms if clock else None)
        earliest = head - CATCH_UP * width
        if clock is not None and clock.width_ms == width and clock.looked_at_ms >= earliest:
            return clock
        began = clock.looked_at_ms if clock else _oldest(mission) // SLOTS
        looked_at = min(head - 1, max(began, earliest))
        with transaction.atomic():
            TrendCount.objects.filter(mission=mission).delete()
            fresh, _made = TrendClock.objects.update_or_create(
                mission=mission,
                defaults={
                    "width_ms": width,
                    "looked_at_ms": looked_at,
                    "closed_window": looked_at // width - PREVIOUS - 3,  # before all that the next look asks for
                },
            )
        return fresh

    def _look_at(self, mission: Mission, clock: TrendClock, at: int) -> None:
        """Close the windows that are over by then, and offer what rises in the one that ends at `at`."""
        width = clock.width_ms
        last_before = (at - width) // width - 1  # the newest whole window before the one that ends at `at`
        first_before = last_before - PREVIOUS + 1
        with transaction.atomic():
            for window in range(max(clock.closed_window + 1, first_before), last_before + 1):
                self._close(mission, window, width)
            clock.closed_window, clock.looked_at_ms = max(clock.closed_window, last_before), at
            clock.save(update_fields=["closed_window", "looked_at_ms"])
            TrendCount.objects.filter(mission=mission, window__lt=first_before).delete()
            self._offer(mission, at, width, range(first_before, last_before + 1))
        said = self._known.setdefault(mission.pk, _Known()).said
        for post_id in [post_id for post_id in said if post_id // SLOTS < at - 3 * width]:
            del said[post_id]

    def _close(self, mission: Mission, window: int, width: int) -> None:
        uses, authors = count_terms(self._said(mission, window * width, (window + 1) * width))
        if not authors:
            return
        counts = {ALL_AUTHORS: len(authors)} | {term_hash(term): len(use.authors) for term, use in uses.items()}
        rows = [TrendCount(mission=mission, window=window, term=term, posts=n) for term, n in counts.items()]
        TrendCount.objects.filter(mission=mission, window=window).delete()
        TrendCount.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)

    def _said(self, mission: Mission, since: int, until: int) -> list[tuple[int, Said]]:
        """What the posts of a stretch say, oldest first; those that are not in memory are read."""
        known = self._known.setdefault(mission.pk, _Known()).said
        ids = _sample(ids_of(Scope(mission.pk), since * SLOTS, until * SLOTS))
        missing = [post_id for post_id in ids if post_id not in known]
        for at in range(0, len(missing), ROWS_AT_ONCE):
            for stored in posts_by_id(Scope(mission.pk), missing[at : at + ROWS_AT_ONCE]):
                known[stored.id] = _said_by(stored)
        return [(post_id, known[post_id]) for post_id in ids if post_id in known]

    def _offer(self, mission: Mission, at: int, width: int, before: range) -> None:
        wrote_before = self._counts(mission, before, [ALL_AUTHORS]).get(ALL_AUTHORS, [0] * len(before))
        if not scoring.is_warm(wrote_before):
            return
        uses, authors = count_terms(self._said(mission, at - width, at))
        candidates = {term: use for term, use in uses.items() if len(use.authors) >= _thresholds(term).fewest_authors}
        listened = self._listened(mission)
        candidates = {term: use for term, use in candidates.items() if not listened.covers(term)}
        if not candidates:
            return
        used_before = self._counts(mission, before, [term_hash(term) for term in candidates])
        rising: list[tuple[str, Use, Score, list[int]]] = []
        for term, use in candidates.items():
            earlier = used_before.get(term_hash(term), [0] * len(before))
            scored = scoring.hype(len(use.authors), len(authors), earlier, wrote_before)
            if scored.score >= _thresholds(term).least_score:
                rising.append((term, use, scored, [*earlier, len(use.authors)]))
        for term, use, scored, by_window in without_echoes(rising):
            _note(mission, term, use, scored, by_window, at, width)

    def _counts(self, mission: Mission, before: range, terms: Sequence[int]) -> dict[int, list[int]]:
        """Of each term, how often it stood in each of the windows; those without any are left out."""
        found: dict[int, list[int]] = {}
        for at in range(0, len(terms), ROWS_AT_ONCE):
            rows = TrendCount.objects.filter(
                mission=mission,
                window__gte=before.start,
                window__lt=before.stop,
                term__in=terms[at : at + ROWS_AT_ONCE],
            )
            for window, term, posts in rows.values_list("window", "term", "posts"):
                found.setdefault(term, [0] * len(before))[window - before.start] = posts
        return found

    def _listened(self, mission: Mission) -> Listened:
        known = self._known.setdefault(mission.pk, _Known())
        topics = list(Topic.objects.listening().filter(mission=mission).order_by("pk"))
        if known.listened is None or known.listened.versions != {topic.pk: topic.version for topic in topics}:
            known.listened = Listened(topics)
        return known.listened


def _note(mission: Mission, term: str, use: Use, scored: Score, by_window: list[int], at: int, width: int) -> None:
    """Offer the term, or note that an offered one still rises. What somebody ignored stays ignored."""
    now, best = time_of(at * SLOTS), {
        "score": round(scored.score, 2),
        "formula": scoring.FORMULA,
        "posts": len(use.posts),
        "authors": len(use.authors),
        "volume": round(scored.volume, 3),
        "baseline": round(scored.baseline, 3),
        "by_window": by_window,
        "width_ms": width,
        "languages": use.languages.most_common(6),
    }  # fmt: skip
    held = EmergingTerm.objects.filter(mission=mission, term=term).first()
    if held is None:
        offer = EmergingTerm.objects.create(
            mission=mission,
            kind=EmergingTerm.Kind.HASHTAG if term.startswith("#") else EmergingTerm.Kind.PHRASE,
            term=term,
            shown=use.written.most_common(1)[0][0][:LONGEST_SHOWN],
            first_posts=use.posts[:FIRST_POSTS],
            first_seen_at=time_of(use.posts[0]),
            offered_at=now,
            last_rising_at=now,
            **best,
        )
    elif held.state == EmergingTerm.State.IGNORED:
        return
    else:
        is_new_wave = (now - held.last_rising_at).total_seconds() * 1000 > PREVIOUS * width
        better = best if is_new_wave or scored.score > held.score else {}
        # Added, and not covered any more: somebody changed the topic since.
        again = {"state": EmergingTerm.State.OFFERED, "topic": None} if is_new_wave else {}
        EmergingTerm.objects.filter(pk=held.pk).update(last_rising_at=now, **better, **again)
        if not is_new_wave:
            return
        offer = held
    publish(
        f"mission:{mission.pk}",
        {"event": "emerging", "offer": offer.pk, "term": offer.shown, "score": best["score"]},
    )


def _thresholds(term: str) -> Thresholds:
    return scoring.HASHTAG if term.startswith("#") else scoring.PHRASE


def _said_by(stored: StoredPost) -> Said:
    author = str(stored.author_row) if stored.author_row is not None else f"post {stored.id}"
    return said_in(stored.post, author=author, language=stored.language)


def _width(mission: Mission, head: int, now: int | None) -> int:
    """By how fast the newest posts came: as many as the windows that are compared should hold."""
    wanted = PREVIOUS * POSTS_OF_A_WINDOW
    posts = newest_ids(Scope(mission.pk), limit=wanted)
    first = posts[-1] if posts else 0
    return width_ms(mission, len(posts), head - first // SLOTS, now_ms=now)


def _oldest(mission: Mission) -> int:
    counted = mention_store().first_and_last(mission.pk)
    return first_id(counted[0]) if counted else 0


def _sample(ids: list[int]) -> list[int]:
    """An even sample of at most about `MOST_POSTS`; always the same of the same ids, so that what was read is kept."""
    level = 0
    while len(ids) >> level > MOST_POSTS:
        level += 1
    mask = (1 << level) - 1
    return [post_id for post_id in ids if not (post_id * 0x9E3779B97F4A7C15 >> 40) & mask] if level else ids
