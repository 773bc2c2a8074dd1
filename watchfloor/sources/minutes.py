"""Which minutes a connection covered, and how many posts each brought: written as batches come in.

A connection's frontier is the time up to which all is there: now, less the lag that its source tells. Each batch moves
it on and vouches for what lies between; what a source lost it names as a Gap, which stands beside the minutes. All of
it is in the time of the posts, as charts are: for a network that is the real time; a rehearsal dates its posts as they
come, so that it is the same; a recording that keeps its own dates has a clock of its own.

At most one write a second and connection, in the batch's own transaction. What is not written yet is at most a second,
and is vouched for again after a crash, because the frontier is written with the minutes.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from watchfloor.sources.models import Connection, ConnectionGap, HeardHour, Pause
from watchfloor.sources.source import Batch, Written, installed_sources

MINUTE = timedelta(minutes=1)
WRITE_EVERY = timedelta(seconds=1)
OUTAGE = timedelta(minutes=2)  # a shorter silence is not worth a line in a list
LOST = timedelta(seconds=10)  # less than this without a cursor is the time that connecting takes
MOST_PAST = timedelta(days=400)  # that a source may bring with it
SILENT = "The network was silent for longer than it is while all is well."
MOST_COUNTED = 2**32 - 1


class MinutesHeard:
    """Of one process. Not thread-safe. A connection whose transaction failed must be forgotten: it is read anew."""

    def __init__(self) -> None:
        self._of: dict[int, _Standing] = {}

    def forget(self, connection_id: int) -> None:
        self._of.pop(connection_id, None)

    def note(self, connection: Connection, batch: Batch, received: int, now: datetime) -> dict[str, object]:
        """Note what `batch` covers, in the caller's transaction. Returns what to change in the connection's row."""
        source = installed_sources().get(connection.source)
        if source is None or not source.facts.listens:
            return {}
        standing = self._of.get(connection.pk)
        if standing is None:
            standing = self._of[connection.pk] = _read_standing(connection.pk)
        frontier = batch.clock or now - (batch.lag or timedelta(0))
        since = standing.vouched_from(frontier)
        if batch.clock is not None:
            since = min(since, frontier)  # another recording may begin earlier
        if batch.clock is None:
            standing.note_silence(now, max(OUTAGE, source.facts.signs_of_life), since)
        if batch.since is not None:
            since = min(since, max(batch.since, frontier - MOST_PAST))
        frontier = max(since, frontier)
        standing.cover(since, frontier)
        standing.count(batch, received, since, frontier)
        standing.frontier, standing.heard_at, standing.is_new = frontier, now, False
        if standing.written_at is not None and now - standing.written_at < WRITE_EVERY:
            return {}
        standing.write(now)
        first = standing.covered_since if standing.covered_since is not None else since
        standing.covered_since = min(first, since)
        return {
            "covered_since": standing.covered_since,
            "covered_until": frontier,
            "has_own_clock": batch.clock is not None,
        }


def begin_pause(connection_id: int, at: datetime) -> None:
    """Nothing is to be covered from now on."""
    Pause.objects.get_or_create(connection_id=connection_id, until=None, defaults={"since": at})


def end_pause(connection_id: int, at: datetime) -> None:
    Pause.objects.filter(connection_id=connection_id, until=None).update(until=at)


@dataclass
class _Hour:
    covered: int = 0
    received: array[int] = field(default_factory=lambda: array("I", bytes(240)))


@dataclass
class _Standing:
    """Where a connection stands. `is_vouched`: its source goes on from a cursor, so that it fetches or names what came
    since `frontier`."""

    connection_id: int
    frontier: datetime | None
    covered_since: datetime | None
    is_vouched: bool
    heard_at: datetime | None
    trouble: str
    catches_up: bool
    is_new: bool = True
    written_at: datetime | None = None
    hours: dict[int, _Hour] = field(default_factory=dict)
    dirty: set[int] = field(default_factory=set)

    def vouched_from(self, frontier: datetime) -> datetime:
        if self.frontier is None:
            return frontier
        if self.is_new and not self.is_vouched and frontier - self.frontier >= LOST:
            why = self.trouble or "Nobody listened, and the network can't be asked for what was written meanwhile."
            self._note_gap(self.frontier, frontier, why, is_outage=False, now=frontier)
            return frontier
        return self.frontier

    def note_silence(self, now: datetime, longest: timedelta, since: datetime) -> None:
        """An outage that is being caught up with gets its line in the list of gaps."""
        if self.heard_at is None or self.frontier is None or now - self.heard_at <= longest or since > self.frontier:
            return
        unsaid = "Nobody listened: the stream was stopped, or the connection switched off." if self.is_new else SILENT
        why = self.trouble if self.is_new else ""
        self._note_gap(self.heard_at, now, why or unsaid, is_outage=True, now=now)
        self.catches_up = True

    def cover(self, since: datetime, until: datetime) -> None:
        first, last = minute_of(since), minute_of(until)
        self._load(range(first // 60, last // 60 + 1))
        for hour in range(first // 60, last // 60 + 1):
            begin, end = max(first - hour * 60, 0), min(last - hour * 60, 59)
            bits = ((1 << (end - begin + 1)) - 1) << begin
            of = self.hours[hour]
            if of.covered | bits != of.covered:
                of.covered |= bits
                self.dirty.add(hour)

    def count(self, batch: Batch, received: int, since: datetime, until: datetime) -> None:
        """Each post counts for its own minute where the batch spans several, else all for the last."""
        if not received:
            return
        first, last = minute_of(since), minute_of(until)
        by_minute: Counter[int] = Counter()
        if first < last:
            for event in batch.events:
                if isinstance(event, Written):
                    by_minute[min(max(minute_of(event.post.created_at), first), last)] += 1
        by_minute[last] += received - by_minute.total()
        for minute, posts in by_minute.items():
            hour, at = divmod(minute, 60)
            counts = self.hours[hour].received
            counts[at] = max(0, min(counts[at] + posts, MOST_COUNTED))
            self.dirty.add(hour)

    def write(self, now: datetime) -> None:
        if self.dirty:
            rows = [
                HeardHour(
                    connection_id=self.connection_id,
                    hour=hour,
                    covered=self.hours[hour].covered,
                    received=_packed(self.hours[hour].received),
                )
                for hour in sorted(self.dirty)
            ]
            HeardHour.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["connection", "hour"],
                update_fields=["covered", "received"],
            )
        if self.catches_up:
            outages = ConnectionGap.objects.filter(connection_id=self.connection_id, is_outage=True, filled_at=None)
            outages.filter(until__lte=self.frontier).update(filled_at=now)
            self.catches_up = outages.exists()
        self.written_at = now
        self.dirty.clear()
        newest = max(self.hours, default=0)
        self.hours = {hour: of for hour, of in self.hours.items() if hour >= newest - 1}

    def _load(self, hours: Iterable[int]) -> None:
        missing = [hour for hour in hours if hour not in self.hours]
        if not missing:
            return
        for row in HeardHour.objects.filter(
            connection_id=self.connection_id, hour__gte=missing[0], hour__lte=missing[-1]
        ):
            if row.hour not in self.hours:
                self.hours[row.hour] = _Hour(row.covered, unpacked(row.received))
        for hour in missing:
            self.hours.setdefault(hour, _Hour())

    def _note_gap(self, since: datetime, until: datetime, why: str, *, is_outage: bool, now: datetime) -> None:
        ConnectionGap.objects.get_or_create(
            connection_id=self.connection_id,
            since=since,
            until=max(since, until),
            defaults={"why": why[:500], "found_at": now, "is_outage": is_outage},
        )


def _read_standing(connection_id: int) -> _Standing:
    row = Connection.objects.only("cursor", "covered_until", "covered_since", "heard_at", "trouble", "troubled_at").get(
        pk=connection_id
    )
    is_recent = row.troubled_at is not None and (row.heard_at is None or row.troubled_at >= row.heard_at)
    return _Standing(
        connection_id=connection_id,
        frontier=row.covered_until,
        covered_since=row.covered_since,
        is_vouched=row.cursor is not None,
        heard_at=row.heard_at,
        trouble=row.trouble if is_recent else "",
        catches_up=row.gaps.filter(is_outage=True, filled_at=None).exists(),
    )


def minute_of(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return (moment - EPOCH) // MINUTE


def moment_of(minute: int) -> datetime:
    return EPOCH + minute * MINUTE


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unpacked(received: bytes | memoryview) -> array[int]:
    counts = array("I", bytes(received))
    if sys.byteorder == "big":
        counts.byteswap()
    return counts


def _packed(counts: array[int]) -> bytes:
    if sys.byteorder == "big":
        counts = array("I", counts)
        counts.byteswap()
    return counts.tobytes()
