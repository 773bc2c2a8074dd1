"""Gaps: every one that happened is found, and none is invented."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.real.jetstream import JetstreamServer
from watchfloor.sources.bluesky.position import MARGIN_US, Position, gap_before, moment
from watchfloor.sources.bluesky.tests.lines import post_line
from watchfloor.sources.bluesky.tests.listening import allow, enough, gaps, listen, texts
from watchfloor.sources.bluesky.tests.listening import jetstream as to

HOUR_US = 3_600_000_000


def now_us():
    return time.time_ns() // 1000


def position(server, time_us, **more):
    return Position(server.url, time_us, more.pop("heard_us", now_us()), **more).cursor()


def heard_from(monkeypatch, times_us, cursor_us, *, forget=0, count=1, **server_options):
    """What is heard from a server that has lines at these times, of which it forgot the oldest."""

    async def go():
        async with JetstreamServer(**server_options) as server:
            allow(monkeypatch, server.url)
            for time_us in times_us:
                server.publish(post_line(time_us, str(time_us)))
            server.forget(forget)
            return await listen(to(server.url), cursor=position(server, cursor_us), until=enough(count))

    return asyncio.run(go())[0]


def test_a_cursor_older_than_the_look_back_leaves_a_gap(monkeypatch):
    """The server clamps silently: it begins where its look-back begins."""
    now = now_us()
    seen, oldest = now - 40 * HOUR_US, now - 35 * HOUR_US
    events = heard_from(monkeypatch, [seen, seen + HOUR_US, oldest, now - HOUR_US], seen, count=3)
    [gap] = gaps(events)
    assert events[0] is gap
    assert (gap.since, gap.until) == (moment(seen), moment(oldest))
    assert texts(events) == [str(oldest), str(now - HOUR_US)]


def test_a_server_that_forgot_more_than_its_look_back_leaves_a_gap(monkeypatch):
    """A restart empties the buffer: the cursor is young, and yet the lines after it are gone."""
    now = now_us()
    times = [now - minutes * 60_000_000 for minutes in (10, 9, 8, 1)]
    [gap] = gaps(heard_from(monkeypatch, times, times[0], forget=3, count=2))
    assert (gap.since, gap.until) == (moment(times[0]), moment(times[3]))


def test_a_quiet_stream_is_no_gap(monkeypatch):
    """Ten hours without a post: the line we had is sent again, which proves that nothing was lost."""
    now = now_us()
    times = [now - 11 * HOUR_US, now - HOUR_US]
    events = heard_from(monkeypatch, times, times[0], count=2)
    assert gaps(events) == []
    assert texts(events) == [str(time_us) for time_us in times]


def test_a_cursor_in_the_future_leaves_a_gap_from_when_we_last_heard(monkeypatch):
    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            heard = now_us() - HOUR_US
            cursor = position(server, now_us() + 5 * HOUR_US, heard_us=heard)
            listening = asyncio.create_task(listen(to(server.url), cursor=cursor, until=enough(2)))
            await server.somebody.wait()
            new = now_us()
            server.publish(post_line(new, "new"))
            events, cursor = await listening
            return heard, new, events, msgspec.json.decode(cursor, type=Position)

    heard, new, events, after = asyncio.run(go())
    [gap] = gaps(events)
    assert (gap.since, gap.until) == (moment(heard), moment(new))
    assert after.time_us == new


def test_a_gap_is_told_once(monkeypatch):
    now = now_us()
    times = [now - 40 * HOUR_US, *(now - HOUR_US + number for number in range(1_200))]

    async def go():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url)
            for time_us in times:
                server.publish(post_line(time_us, "x"))
            first, cursor = await listen(to(server.url), cursor=position(server, times[0]), until=enough(1_000))
            second, _ = await listen(to(server.url), cursor=cursor, until=enough(100))
            return first, second

    first, second = asyncio.run(go())
    assert len(gaps(first)) == 1
    assert gaps(second) == []


def test_other_accounts_asked_for_prove_nothing(monkeypatch):
    """After a change of the accounts asked for, the line at our place may be none of theirs."""

    def found(ago_us):
        place = Position("h", now_us() - ago_us, now_us(), wanted="before")
        return gap_before(now_us(), place, asked_us=place.time_us, wanted="after")

    assert found(HOUR_US) is None
    assert found(40 * HOUR_US) is not None


@given(
    st.lists(st.integers(1, 60_000_000), min_size=1, max_size=40),
    st.integers(0, 39),
    st.integers(0, 40),
    st.sampled_from([0, 1_000_000, 90_000_000]),
    st.booleans(),
)
@settings(max_examples=500)
def test_a_gap_is_found_if_and_only_if_lines_were_lost(pauses, at, forgotten, rewound_us, other_host):
    """Against the definition: the server's lines, the one we had last, the ones it forgot since."""
    times, now = [], 1_783_175_888_000_000
    for pause in pauses:
        now += pause
        times.append(now)
    had = times[at % len(times)]
    kept = times[forgotten:]
    place = Position("first", had, had + 100_000, rewound_us=rewound_us)
    asked = place.ask_from("second" if other_host else "first")
    sent = [time_us for time_us in kept if time_us >= asked]
    if not sent:
        return
    gap = gap_before(sent[0], place, asked_us=asked, wanted="")
    lost = [time_us for time_us in times[:forgotten] if time_us > had]
    if gap is None:
        assert all(time_us <= had + MARGIN_US for time_us in lost)
    else:
        assert had not in kept
        assert (gap.since, gap.until) == (moment(had), moment(sent[0]))
        assert gap.since < gap.until


@pytest.mark.parametrize("first_us", [1, (1 << 53) - 1])
def test_absurd_times_make_no_error(first_us):
    place = Position("h", now_us(), now_us())
    assert gap_before(first_us, place, asked_us=place.time_us, wanted="") is not None
