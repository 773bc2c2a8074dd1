"""The rehearsal as a connection, on a set clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.sources.clock import SetClock
from watchfloor.sources.rehearsal import RehearsalSettings, RehearsalSource, plan
from watchfloor.sources.rehearsal.parse import read_line, renumber
from watchfloor.sources.source import (
    AuthorChanged,
    Batch,
    CannotReply,
    Event,
    NeedsHands,
    Reply,
    Source,
    Unreadable,
    Written,
)

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SMALL = RehearsalSettings(seed=5, posts=400, days=2, speed=60, loop=False)


def listened(
    chosen: RehearsalSettings, *, clock: SetClock, cursor: str | None = None, batches: int | None = None
) -> list[Batch]:
    """All batches, or the first so many."""

    async def collect() -> list[Batch]:
        found = []
        async for batch in RehearsalSource(clock).listen(chosen, cursor=cursor, secrets={}):
            found.append(batch)
            if batches is not None and len(found) >= batches:
                break
        return found

    return asyncio.run(collect())


def events_of(batches: list[Batch]) -> list[Event]:
    return [event for batch in batches for event in batch.events]


WHOLE = listened(SMALL, clock=SetClock(NOON))


def test_it_keeps_the_contract() -> None:
    assert isinstance(RehearsalSource(), Source)


def test_it_plays_everything_once_and_ends() -> None:
    assert len(events_of(WHOLE)) == len(plan(5, 400, 2).items)
    written = [e.post.id for e in events_of(WHOLE) if isinstance(e, Written) and not e.edited]
    assert len(written) == len(set(written)) == 400


def test_the_past_comes_at_once_in_batches_of_500_and_has_a_length() -> None:
    clock = SetClock(NOON)
    first = listened(msgspec.structs.replace(SMALL, posts=6000), clock=clock, batches=2)
    assert clock.time == NOON
    assert [len(batch.events) for batch in first] == [500, 500]
    oldest = next(e.post.created_at for e in events_of(first) if isinstance(e, Written))
    assert timedelta(hours=20) < NOON - oldest < timedelta(hours=26)


def test_a_live_post_is_dated_now() -> None:
    async def watch() -> None:
        clock = SetClock(NOON)
        async for batch in RehearsalSource(clock).listen(SMALL, cursor=None, secrets={}):
            for event in batch.events:
                if isinstance(event, Written) and not event.edited:
                    assert event.post.created_at <= clock.time
                    if clock.time > NOON:
                        assert clock.time - event.post.created_at <= timedelta(milliseconds=60)

    asyncio.run(watch())


def test_it_plays_as_fast_as_it_is_told() -> None:
    def took(speed: float) -> timedelta:
        clock = SetClock(NOON)
        listened(msgspec.structs.replace(SMALL, speed=speed), clock=clock)
        return clock.time - NOON

    assert took(60) / took(600) == pytest.approx(10, rel=0.01)


def test_silence_is_broken_by_signs_of_life() -> None:
    clock = SetClock(NOON)
    batches = listened(msgspec.structs.replace(SMALL, speed=1.0), clock=clock, batches=200)
    assert max(clock.waits) <= timedelta(seconds=10)
    assert any(not batch.events and batch.cursor for batch in batches)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_going_on_from_any_cursor_gives_the_same_sequence(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    away = timedelta(seconds=data.draw(st.integers(0, 3600)))
    before = events_of(WHOLE[: at + 1])
    stopped = max((e.post.created_at for e in before if isinstance(e, Written)), default=NOON)
    after = listened(SMALL, clock=SetClock(max(NOON, stopped) + away), cursor=WHOLE[at].cursor)
    assert before + events_of(after) == events_of(WHOLE)


def test_after_a_long_absence_it_goes_on_now_with_nothing_lost() -> None:
    later = NOON + timedelta(days=3)
    at = len(WHOLE) // 2
    after = events_of(listened(SMALL, clock=SetClock(later), cursor=WHOLE[at].cursor))
    expected = events_of(WHOLE[at + 1 :])
    assert [e.post.id for e in after if isinstance(e, Written)] == [
        e.post.id for e in expected if isinstance(e, Written)
    ]
    fresh = [e.post.created_at for e in after if isinstance(e, Written) and not e.edited]
    assert min(fresh) >= later


def test_another_speed_goes_on_where_it_was() -> None:
    at = len(WHOLE) // 2
    faster = msgspec.structs.replace(SMALL, speed=600)
    after = events_of(listened(faster, clock=SetClock(NOON + timedelta(minutes=5)), cursor=WHOLE[at].cursor))
    assert len(after) == len(events_of(WHOLE[at + 1 :]))


def test_other_settings_begin_another_event() -> None:
    other = msgspec.structs.replace(SMALL, seed=6)
    after = events_of(listened(other, clock=SetClock(NOON), cursor=WHOLE[-1].cursor))
    assert len(after) == len(plan(6, 400, 2).items)


def test_it_starts_over_with_new_ids() -> None:
    async def two_rounds() -> list[Event]:
        found: list[Event] = []
        looping = msgspec.structs.replace(SMALL, loop=True)
        async for batch in RehearsalSource(SetClock(NOON)).listen(looping, cursor=None, secrets={}):
            found += batch.events
            if len(found) >= 2 * len(plan(5, 400, 2).items):
                break
        return found

    events = asyncio.run(two_rounds())
    ids = [e.post.id for e in events if isinstance(e, Written) and not e.edited]
    assert len(set(ids)) == 800
    gone = [e.author_id for e in events if isinstance(e, AuthorChanged)]
    assert len(set(gone)) == 2
    assert {renumber(id.replace(f"{gone[0]}.1/", f"{gone[0]}/"), 0) for id in ids[400:]} == set(ids[:400])
    second = [e.post for e in events if isinstance(e, Written)][400:]
    assert all(p.author.id != gone[0] for p in second if "/e1-" in p.id)
    times = [e.post.created_at for e in events if isinstance(e, Written) and not e.edited]
    assert times == sorted(times)


def test_a_given_start_is_kept() -> None:
    begins = NOON + timedelta(hours=2)
    clock = SetClock(NOON)
    batches = listened(msgspec.structs.replace(SMALL, starts=begins), clock=clock)
    posts = [e.post for e in events_of(batches) if isinstance(e, Written) and not e.edited]
    expected = plan(5, 400, 2)
    assert posts[0].created_at >= begins
    length = (expected.items[-1].at - expected.items[0].at) / 60
    assert abs((clock.time - posts[0].created_at) - length) < timedelta(seconds=1)


def test_its_raw_lines_are_read_back_as_the_same_events() -> None:
    for event in events_of(WHOLE):
        if isinstance(event, Written):
            assert RehearsalSource().parse(event.raw) == [event]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_without_a_crash(raw: bytes) -> None:
    events = read_line(raw)
    assert len(events) == 1


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"event":"exploded"}', b'{"event":3}', b'{"event":"deleted"}', b"\xff", b"[" * 100_000]
)
def test_a_strange_line_is_unreadable(raw: bytes) -> None:
    assert isinstance(read_line(raw)[0], Unreadable)


def test_rewinding_repeats_at_least_that_long() -> None:
    source = RehearsalSource()
    cursor = WHOLE[-1].cursor
    back = source.rewind(cursor, by=timedelta(minutes=5))
    after = events_of(listened(SMALL, clock=SetClock(NOON + timedelta(hours=1)), cursor=back))
    assert 0 < len(after) < len(events_of(WHOLE))
    assert after == events_of(WHOLE)[-len(after) :]
    assert source.rewind(None, by=timedelta(minutes=5)) is None


def test_a_strange_cursor_needs_hands() -> None:
    with pytest.raises(NeedsHands, match="cursor"):
        listened(SMALL, clock=SetClock(NOON), cursor="yesterday")


def test_nobody_can_be_answered() -> None:
    with pytest.raises(CannotReply, match="made up"):
        asyncio.run(RehearsalSource().reply(Reply("k", "at://x", "hi"), SMALL, secrets={}))


def test_the_check_says_how_big_it_is() -> None:
    checked = asyncio.run(RehearsalSource().check(SMALL, secrets={}))
    assert "400 posts" in checked.says
