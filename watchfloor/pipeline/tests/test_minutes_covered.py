"""Which minutes were covered: what batches vouch for, less what is lost, on the charts' time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.pipeline.line import Line
from watchfloor.sources import actions
from watchfloor.sources.minutes import begin_pause
from watchfloor.sources.models import Connection, ConnectionGap, HeardHour
from watchfloor.sources.post import Post
from watchfloor.sources.reads import coverage, minutes
from watchfloor.sources.source import Batch, Filled, Gap, Written
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)


def minute(n: float) -> datetime:
    return NOON + timedelta(minutes=n)


@pytest.fixture
def mission():
    return Mission.objects.create(name="Brand", slug="brand")


@pytest.fixture
def line(mission):
    return Line()


@pytest.fixture
def connection(mission):
    return Connection.objects.create(name="Bluesky", source="bluesky", made_at=NOON, state="live", cursor="0")


@pytest.fixture
def at():
    with time_machine.travel(NOON, tick=False) as clock:
        yield lambda n: clock.move_to(minute(n))


def heard(line, connection, at, first, last, *, posts=0, **batch):
    """Signs of life every half minute from minute `first` to minute `last`."""
    for half in range(int(first * 2), int(last * 2) + 1):
        at(half / 2)
        events = [Written(Post("bluesky", f"{half}.{n}", "x", minute(half / 2))) for n in range(posts)]
        line.take(Batch(events, cursor=str(half), **batch), connection)


def holes(mission, first=0, last=60):
    told = coverage(mission, minute(first), minute(last))
    return [((h.since - NOON) / timedelta(minutes=1), (h.until - NOON) / timedelta(minutes=1)) for h in told.missing]


def part(mission, first=0, last=60):
    return coverage(mission, minute(first), minute(last)).part


def test_what_is_heard_without_a_break_is_covered(line, mission, connection, at):
    heard(line, connection, at, 0, 30)
    assert (part(mission), holes(mission)) == (1.0, [])


def test_without_connections_nothing_was_to_be_covered(mission, at):
    assert coverage(mission, minute(-60), minute(0)).part is None


def test_the_future_and_the_minute_that_runs_do_not_count(line, mission, connection, at):
    heard(line, connection, at, 0, 10.5)
    assert part(mission, 0, 600) == 1.0
    assert part(mission, 10, 60) is None


def test_time_before_the_connection_was_made_does_not_count(line, mission, connection, at):
    heard(line, connection, at, 0, 10)
    assert part(mission, -600, 10) == 1.0


def test_a_gap_uncovers_its_minutes_until_it_is_filled(line, mission, connection, at):
    heard(line, connection, at, 0, 20)
    gap = Gap(minute(5), minute(7.5), "Too old for the server.")
    line.take(Batch([gap]), connection)
    told = coverage(mission, minute(0), minute(20))
    assert told.part == pytest.approx(17 / 20)
    assert [(h.since, h.until, h.connection_name, h.why) for h in told.missing] == [
        (minute(5), minute(8), "Bluesky", "Too old for the server.")
    ]
    line.take(Batch([Filled(minute(5), minute(8))]), connection)
    assert part(mission, 0, 20) == 1.0
    assert ConnectionGap.objects.get().filled_at is not None


def test_an_outage_is_covered_minute_by_minute_as_it_is_caught_up_with(line, mission, connection, at):
    heard(line, connection, at, 0, 10)
    at(30)
    line = Line()  # the process died
    line.begin(connection.pk)
    line.take(Batch(cursor="a", lag=timedelta(minutes=15)), connection)
    assert holes(mission) == [(16, 30)]
    outage = ConnectionGap.objects.get()
    assert "Nobody listened" in outage.why
    assert (outage.since, outage.until, outage.is_outage, outage.filled_at) == (minute(10), minute(30), True, None)
    at(31)
    line.take(Batch(cursor="b", lag=timedelta(0)), connection)
    assert (part(mission), holes(mission)) == (1.0, [])
    outage.refresh_from_db()
    assert outage.filled_at == minute(31)


def test_without_a_cursor_an_outage_is_lost_and_said(line, mission, connection, at):
    Connection.objects.update(cursor=None)
    for n in range(11):
        at(n)
        line.take(Batch(), connection)
    Connection.objects.update(trouble="The server closed the stream.", troubled_at=minute(10))
    at(30)
    line.begin(connection.pk)
    line.take(Batch(), connection)
    at(40)
    line.take(Batch(), connection)
    told = coverage(mission, minute(0), minute(40))
    assert [(h.since, h.until, h.why) for h in told.missing] == [
        (minute(10), minute(30), "The server closed the stream.")
    ]


def test_a_connection_that_is_down_now_says_why(line, mission, connection, at):
    heard(line, connection, at, 0, 10)
    Connection.objects.update(state="waiting", says="Bluesky could not be reached.")
    at(20)
    told = coverage(mission, minute(0), minute(60))
    assert told.part == pytest.approx(11 / 20)
    assert [(h.since, h.until, h.why) for h in told.missing] == [
        (minute(11), minute(20), "Bluesky could not be reached.")
    ]


def test_a_live_connection_without_a_sign_of_life_is_not_believed(line, mission, connection, at):
    heard(line, connection, at, 0, 10)
    at(11)
    assert holes(mission) == []
    at(20)
    assert holes(mission) == [(11, 20)]


def test_time_switched_off_does_not_count(line, mission, connection, at):
    heard(line, connection, at, 0, 10)
    actions.switch(connection, on=False)
    at(30)
    assert part(mission) == 1.0
    actions.switch(connection, on=True)
    Connection.objects.update(state="failed", says="No.")
    at(40)
    told = coverage(mission, minute(0), minute(60))
    assert told.part == pytest.approx(10 / 20)
    assert [(h.since, h.until) for h in told.missing] == [(minute(30), minute(40))]


def test_a_finished_source_has_nothing_more_to_cover(line, mission, connection, at):
    heard(line, connection, at, 0, 10)
    Connection.objects.update(state="done")
    begin_pause(connection.pk, minute(10))
    at(50)
    assert part(mission) == 1.0


def test_a_past_that_is_brought_along_is_covered_and_counted_in_its_minutes(line, mission, connection, at):
    events = [Written(Post("bluesky", str(n), "x", minute(-30 + n))) for n in range(0, 30, 10)]
    line.take(Batch(events, since=minute(-30)), connection)
    at(1)
    line.take(Batch(), connection)
    assert part(mission, -60, 1) == 1.0
    received = {m.at: m.received for m in minutes(connection, minute(-60), minute(1)) if m.received}
    assert received == {minute(-30): 1, minute(-20): 1, minute(-10): 1}


def test_a_recording_with_its_own_dates_is_covered_as_far_as_it_was_played(line, mission, connection, at):
    old = datetime(2018, 7, 10, 9, tzinfo=UTC)
    for n in range(4):
        at(n)
        line.take(Batch(clock=old + timedelta(minutes=10 * n)), connection)
    assert coverage(mission, old - timedelta(days=1), old + timedelta(days=1)).part == 1.0
    assert coverage(mission, minute(-60), minute(3)).part is None


def test_a_rehearsal_mission_hears_only_its_own(line, connection, at):
    heard(line, connection, at, 0, 10)
    rehearsal = Mission.objects.create(name="R", slug="r", is_rehearsal=True)
    other = Mission.objects.create(name="O", slug="o")
    assert part(rehearsal) is None
    assert part(other) == 1.0


def test_two_connections_count_by_connection_minutes(line, mission, connection, at):
    second = Connection.objects.create(name="Feeds", source="bluesky", mission=mission, made_at=NOON, state="waiting")
    heard(line, connection, at, 0, 10)
    assert part(mission, 0, 10) == pytest.approx(0.5)
    assert {h.connection_name for h in coverage(mission, minute(0), minute(10)).missing} == {second.name}


def test_it_shows_at_most_twenty_holes_the_newest_first(line, mission, connection, at):
    heard(line, connection, at, 0, 59)
    for n in range(0, 58, 2):
        ConnectionGap.objects.create(
            connection=connection, since=minute(n), until=minute(n + 1), why=str(n), found_at=NOON
        )
    told = coverage(mission, minute(0), minute(60))
    assert told.part == pytest.approx(30 / 59)
    assert [h.why for h in told.missing] == [str(n) for n in range(56, 16, -2)]


def test_asking_costs_four_questions(line, mission, connection, at, django_assert_num_queries):
    for n in range(9):
        Connection.objects.create(name=f"C{n}", source="bluesky", made_at=NOON)
    at(30)
    with django_assert_num_queries(4):
        coverage(mission, minute(-60 * 24 * 30), minute(60))


def test_minutes_are_written_at_most_once_a_second(line, connection, at):
    heard(line, connection, at, 0, 1)
    row = HeardHour.objects.get()
    for n in range(20):
        at(2 + n / 60 / 100)  # a hundred a second
        line.take(Batch([Written(Post("bluesky", f"b{n}", "x", minute(2)))]), connection)
    row.refresh_from_db()
    assert sum(m.received for m in minutes(connection, minute(0), minute(3))) == 1
    at(2.5)
    line.take(Batch(), connection)
    assert [m.received for m in minutes(connection, minute(0), minute(3))] == [0, 0, 20]


def test_a_batch_that_fails_counts_once(line, connection, at, monkeypatch):
    heard(line, connection, at, 0, 1)
    at(2)
    batch = Batch([Written(Post("bluesky", "b", "x", minute(2)))], cursor="b")
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(line, "_announce", lambda *_: (_ for _ in ()).throw(RuntimeError("power")))
        line.take(batch, connection)
    line.take(batch, connection)
    assert [m.received for m in minutes(connection, minute(0), minute(3))] == [0, 0, 1]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.tuples(st.integers(1, 20), st.integers(0, 30)), min_size=1, max_size=12),
    gaps=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 10)), max_size=4),
)
def test_it_is_what_a_plain_count_of_minutes_gives(mission, connection, batches, gaps):
    HeardHour.objects.all().delete()
    ConnectionGap.objects.all().delete()
    Connection.objects.update(covered_since=None, covered_until=None, heard_at=None, state="waiting")
    line, now, frontier, expected = Line(), 0, None, set()
    with time_machine.travel(NOON, tick=False) as clock:
        for wait, lag in batches:
            now += wait
            clock.move_to(minute(now + 0.25))
            line.take(Batch(cursor="c", lag=timedelta(minutes=lag)), connection)
            reached = now - lag if frontier is None else max(frontier, now - lag)
            expected |= set(range(reached if frontier is None else frontier, reached + 1))
            frontier = reached
            clock.shift(timedelta(seconds=2))
            line.take(Batch(cursor="c", lag=timedelta(days=1)), connection)
        for since, length in gaps:
            ConnectionGap.objects.get_or_create(
                connection=connection, since=minute(since), until=minute(since + length), found_at=NOON
            )
            expected -= set(range(since, since + length))
        begin = min(0, *expected) if expected else 0
        begin = min(0, batches[0][0] - batches[0][1])
        wanted = set(range(begin, now))
        told = coverage(mission, minute(-100), minute(400))
    assert told.part == (pytest.approx(len(wanted & expected) / len(wanted)) if wanted else None)
    missing = {
        n
        for hole in told.missing
        for n in range(int((hole.since - NOON).total_seconds() // 60), int((hole.until - NOON).total_seconds() // 60))
    }
    if len(told.missing) < 20:
        assert missing == wanted - expected
