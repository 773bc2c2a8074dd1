"""How much of what a mission listens to was heard: coverage, and the holes in it, by the minute.

The time is the one that charts show, the posts' own (`minutes.py`). A minute of a connection

- was *to be covered* while the connection was on: from the moment it was made (or the past that it brought), not while
  it was switched off or finished, not in the future. Of a live connection the last minutes, which are just being heard,
  do not count either, so that coverage does not waver with every second;
- is *covered* if the connection vouched for it and it lies in no gap, or in one that was filled afterwards. Minutes of
  an outage are covered as soon as they are fetched.

A recording that is played with its own dates is to be covered as far as it was played.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.sources.minutes import MINUTE, minute_of, moment_of, unpacked
from watchfloor.sources.models import Connection, ConnectionGap, HeardHour, Pause
from watchfloor.sources.source import installed_sources
from watchfloor.team.models import Mission

MOST_HOLES = 20
BEHIND = timedelta(minutes=2)  # lag from which a live connection is called behind


@dataclass(frozen=True)
class Hole:
    """Minutes [since, until) that a connection did not cover, and why, in a sentence."""

    since: datetime
    until: datetime
    connection_name: str
    why: str


@dataclass(frozen=True)
class Coverage:
    """`part` is 0…1 of the connection-minutes that were to be covered; None: nothing was to be covered. `missing` has
    the newest hole first, at most MOST_HOLES."""

    part: float | None
    missing: tuple[Hole, ...]


@dataclass(frozen=True)
class Minute:
    """`state`: covered; lost; coming (a live connection is at it); off (nothing was to be covered)."""

    at: datetime
    state: Literal["covered", "lost", "coming", "off"]
    received: int


def coverage(mission: Mission, since: datetime, until: datetime) -> Coverage:
    """Of all connections that `mission` hears (a rehearsal mission only its own) over [since, until). Four queries."""
    return coverage_of(heard_by(mission), since, until)


def heard_by(mission: Mission) -> QuerySet[Connection]:
    """The connections whose posts can reach `mission`, those that are switched off included."""
    if mission.is_rehearsal:
        return Connection.objects.filter(mission=mission)
    return Connection.objects.filter(Q(mission=None) | Q(mission=mission))


def coverage_of(connections: Iterable[Connection], since: datetime, until: datetime) -> Coverage:
    """The same over `connections`."""
    wanted = covered = 0
    holes: list[Hole] = []
    for told in told_by_minute(connections, since, until, timezone.now()):
        wanted += told.wanted.bit_count()
        covered += (told.wanted & told.covered).bit_count()
        holes += told.holes()
    holes.sort(key=lambda hole: (hole.until, hole.since), reverse=True)
    return Coverage(covered / wanted if wanted else None, tuple(holes[:MOST_HOLES]))


def minutes(connection: Connection, since: datetime, until: datetime) -> list[Minute]:
    """Every minute of [since, until), oldest first."""
    told = next(told_by_minute([connection], since, until, timezone.now(), every_kind=True))
    return [told.minute(n) for n in range(told.length)]


@dataclass(frozen=True)
class Told:
    """One connection over a stretch; bit n of each number is its minute n."""

    connection: Connection
    first: int
    length: int
    wanted: int
    covered: int
    coming: int
    received: dict[int, int]
    gaps: Sequence[ConnectionGap]
    is_standing: bool
    now: int

    def minute(self, n: int) -> Minute:
        bit = 1 << n
        state: Literal["covered", "lost", "coming", "off"] = "off"
        if self.wanted & bit:
            state = "covered" if self.covered & bit else "lost"
        elif self.coming & bit:
            state = "coming"
        return Minute(moment_of(self.first + n), state, self.received.get(self.first + n, 0))

    def holes(self) -> Iterator[Hole]:
        """The newest MOST_HOLES."""
        missing = format(self.wanted & ~self.covered, "b")  # the newest minute first
        newest = len(missing)
        for number, run in enumerate(re.finditer("1+", missing)):
            if number == MOST_HOLES:
                return
            begin, end = self.first + newest - run.end(), self.first + newest - run.start()
            yield Hole(moment_of(begin), moment_of(end), self.connection.name, self._why(begin, end))

    def _why(self, begin: int, end: int) -> str:
        since, until = moment_of(begin), moment_of(end)
        for gap in self.gaps:  # those that are lost come before outages
            if gap.since < until and gap.until > since:
                return gap.why
        if end >= self.now and self.connection.is_on and not self.is_standing:
            return self.connection.says or _("It is not being listened to now.")
        return _("Nothing was heard.")


def told_by_minute(
    connections: Iterable[Connection], since: datetime, until: datetime, now: datetime, *, every_kind: bool = False
) -> Iterator[Told]:
    known = installed_sources()
    those = [c for c in connections if every_kind or c.source not in known or known[c.source].facts.listens]
    first, last = minute_of(since), -(-(until - moment_of(0)) // MINUTE)
    of = [connection.pk for connection in those]
    hours, gaps, pauses = defaultdict(list), defaultdict(list), defaultdict(list)
    rows = HeardHour.objects.filter(connection__in=of, hour__gte=first // 60, hour__lte=last // 60)
    for row in rows:
        hours[row.connection_id].append(row)
    for gap in (
        ConnectionGap.objects.unfilled()
        .filter(connection__in=of, since__lt=until, until__gt=since)
        .order_by("is_outage", "-until")
    ):
        gaps[gap.connection_id].append(gap)
    for pause in Pause.objects.filter(Q(until=None) | Q(until__gt=since), connection__in=of, since__lt=until):
        pauses[pause.connection_id].append(pause)
    for connection in those:
        yield _of_one(
            connection, first, last, now, hours[connection.pk], gaps[connection.pk], pauses[connection.pk],
            every_kind=every_kind,
        )  # fmt: skip


def _of_one(
    connection: Connection,
    first: int,
    last: int,
    now: datetime,
    hours: Iterable[HeardHour],
    gaps: Sequence[ConnectionGap],
    pauses: Iterable[Pause],
    *,
    every_kind: bool,
) -> Told:
    begun = minute_of(now)
    end = last if every_kind or connection.has_own_clock else min(last, begun)
    is_standing = _is_standing(connection, now)
    covered = 0
    received: dict[int, int] = {}
    for row in hours:
        covered |= _shifted(row.covered, row.hour * 60 - first)
        received.update((row.hour * 60 + n, posts) for n, posts in enumerate(unpacked(row.received)) if posts)
    for gap in gaps:
        if not gap.is_outage:
            covered &= ~_bits(*_touched(gap.since, gap.until), first)
    since, until = _to_be_covered(connection, is_standing)
    wanted = _bits(max(since, first), min(until, end, begun if not connection.has_own_clock else end), first)
    coming = 0
    if is_standing and not connection.has_own_clock:
        coming = _bits(max(until, first), min(end, begun + 1), first)
    for pause in pauses:
        wanted &= ~_bits(*_touched(pause.since, pause.until or now + timedelta(days=1)), first)
    return Told(
        connection, first, max(0, end - first), wanted, covered, coming & ~wanted, received, gaps, is_standing, begun
    )


def _is_standing(connection: Connection, now: datetime) -> bool:
    """Live, with a sign of life lately, and not behind: what it has not vouched for yet is coming."""
    source = installed_sources().get(connection.source)
    if not connection.is_on or connection.state != Connection.State.LIVE or source is None:
        return False
    if connection.heard_at is None or connection.covered_until is None:
        return False
    quiet = now - connection.heard_at
    return quiet <= max(BEHIND, source.facts.signs_of_life) and (connection.lag_seconds or 0) <= BEHIND.total_seconds()


def _to_be_covered(connection: Connection, is_standing: bool) -> tuple[int, int]:
    """[from, to) in minutes, without regard to the clock."""
    since, until = connection.covered_since, connection.covered_until
    if connection.has_own_clock:
        return (minute_of(since), minute_of(until) + 1) if since is not None and until is not None else (0, 0)
    begin = -(-(connection.made_at - moment_of(0)) // MINUTE)
    if since is not None:
        begin = min(begin, minute_of(since))
    return begin, minute_of(until) if is_standing and until is not None else FOREVER


FOREVER = 2**40


def _touched(since: datetime, until: datetime) -> tuple[int, int]:
    """The minutes that [since, until) touches; none if it is empty."""
    if until <= since:
        return 0, 0
    return minute_of(since), -(-(until - moment_of(0)) // MINUTE)


def _bits(begin: int, end: int, first: int) -> int:
    """Minutes [begin, end) as bits counted from `first`."""
    begin, end = max(begin - first, 0), max(end - first, 0)
    return (1 << end) - (1 << begin) if end > begin else 0


def _shifted(bits: int, by: int) -> int:
    return bits << by if by >= 0 else bits >> -by
