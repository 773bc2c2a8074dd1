"""Listening to subscribeRepos: order, cursor by number, what the server says of it, what goes wrong."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from websockets.asyncio.server import serve

from watchfloor.sources.bluesky import SOURCE, firehose
from watchfloor.sources.bluesky.position import Position, moment
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.bluesky.tests.frames import account_frame, commit_frame, frame
from watchfloor.sources.bluesky.tests.lines import ANA, BEN
from watchfloor.sources.bluesky.tests.listening import allow, enough, gaps, listen, texts, unreadable
from watchfloor.sources.source import AuthorChanged, NeedsHands, TryAgain

SEEN_US, HEARD_US = 1_783_175_880_000_000, 1_783_175_881_000_000


def heard_from(monkeypatch, *answers, cursor=None, until, stay=True, **settings):
    """What is heard from a server that answers its first, second … connection with these frames; and what it was
    asked."""

    async def go():
        asked = []

        async def answer(connection):
            asked.append(connection.request.path)
            for raw in answers[min(len(asked), len(answers)) - 1]:
                await connection.send(raw)
            if stay:
                await connection.wait_closed()

        async with serve(answer, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            allow(monkeypatch, url)
            place = cursor(url).cursor() if cursor else None
            heard = await listen(BlueskySettings(mode="firehose", service=url, **settings), until=until, cursor=place)
            return *heard, asked

    return asyncio.run(go())


def seen(url, seq=41):
    return Position(url, SEEN_US, HEARD_US, seq=seq)


def test_posts_come_in_order_and_the_place_is_the_number(monkeypatch):
    frames = [commit_frame(seq, str(seq)) for seq in range(1, 1_201)]
    events, cursor, asked = heard_from(monkeypatch, frames, until=enough(1_200))
    assert texts(events) == [str(seq) for seq in range(1, 1_201)]
    assert asked == ["/xrpc/com.atproto.sync.subscribeRepos"]
    assert msgspec.json.decode(cursor, type=Position).seq == 1_200


def test_from_a_cursor_it_asks_for_what_came_after(monkeypatch):
    events, _, asked = heard_from(monkeypatch, [commit_frame(42)], cursor=seen, until=enough(1))
    assert asked == ["/xrpc/com.atproto.sync.subscribeRepos?cursor=41"]
    assert gaps(events) == []


def test_an_outdated_cursor_leaves_a_gap(monkeypatch):
    frames = [frame("#info", {"name": "OutdatedCursor"}), commit_frame(70, "later")]
    events, _, _ = heard_from(monkeypatch, frames, cursor=seen, until=enough(2))
    [gap] = gaps(events)
    assert events[0] is gap
    assert (gap.since, gap.until) == (moment(SEEN_US), datetime(2026, 7, 4, 14, 38, 10, tzinfo=UTC))


def test_a_future_cursor_starts_over_and_leaves_a_gap(monkeypatch):
    error = [frame("", {"error": "FutureCursor", "message": "Cursor in the future."}, op=-1)]
    events, cursor, asked = heard_from(monkeypatch, error, [commit_frame(3, "new")], cursor=seen, until=enough(2))
    [gap] = gaps(events)
    assert (gap.since, gap.until) == (moment(HEARD_US), datetime(2026, 7, 4, 14, 38, 3, tzinfo=UTC))
    assert asked[1] == "/xrpc/com.atproto.sync.subscribeRepos"
    assert msgspec.json.decode(cursor, type=Position).seq == 3


def test_another_server_counts_differently_so_what_came_between_is_a_gap(monkeypatch):
    events, _, asked = heard_from(
        monkeypatch, [commit_frame(3, "new")], cursor=lambda _: seen("ws://elsewhere"), until=enough(2)
    )
    assert asked == ["/xrpc/com.atproto.sync.subscribeRepos"]
    assert [gap.since for gap in gaps(events)] == [moment(SEEN_US)]


def test_only_wanted_accounts_are_heard(monkeypatch):
    frames = [commit_frame(1, "ben's", repo=BEN), commit_frame(2, "ana's"), account_frame(3, BEN), account_frame(4)]
    events, _, _ = heard_from(monkeypatch, frames, until=enough(2), wanted_dids=(ANA,))
    assert texts(events) == ["ana's"]
    assert events[1] == AuthorChanged("bluesky", ANA, "back")


def test_a_bad_frame_is_told_and_the_stream_goes_on(monkeypatch):
    frames = [b"garbage", "text", commit_frame(1, "good"), frame("#commit", {"seq": 2})]
    events, _, _ = heard_from(monkeypatch, frames, until=lambda events: len(unreadable(events)) == 3)
    assert texts(events) == ["good"]


def test_a_stream_of_nothing_but_garbage_is_given_up(monkeypatch):
    with pytest.raises(TryAgain, match="none of 500 messages was a frame"):
        heard_from(monkeypatch, [b"garbage"] * 3_000, until=lambda events: False)


@pytest.mark.parametrize("name", ["ConsumerTooSlow", "SomethingElse"])
def test_an_error_frame_is_tried_again(monkeypatch, name):
    with pytest.raises(TryAgain, match=name):
        heard_from(monkeypatch, [frame("", {"error": name}, op=-1)], until=enough(1))


def test_a_server_that_knows_no_place_at_all_is_given_up(monkeypatch):
    """FutureCursor even without a cursor: no endless asking."""
    error = [frame("", {"error": "FutureCursor"}, op=-1)]
    with pytest.raises(TryAgain):
        heard_from(monkeypatch, error, cursor=seen, until=enough(1))


def test_a_server_that_hangs_up_is_tried_again(monkeypatch):
    with pytest.raises(TryAgain, match="broke off"):
        heard_from(monkeypatch, [commit_frame(1)], until=lambda events: False, stay=False)


def test_a_frame_beyond_the_limit_is_told(monkeypatch):
    monkeypatch.setattr(firehose, "MOST_FRAME_BYTES", 1_000)
    with pytest.raises(TryAgain, match="too big"):
        heard_from(monkeypatch, [commit_frame(1, "x" * 2_000)], until=enough(1))


def test_a_quiet_server_gives_signs_of_life(monkeypatch):
    monkeypatch.setattr(firehose, "SIGN_OF_LIFE_SECONDS", 0.01)

    async def go():
        async def silent(connection):
            await connection.wait_closed()

        async with serve(silent, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            allow(monkeypatch, url)
            batches = SOURCE.listen(BlueskySettings(mode="firehose", service=url), cursor=None, secrets={})
            try:
                return await anext(batches)
            finally:
                await batches.aclose()

    batch = asyncio.run(go())
    assert (batch.events, batch.cursor, batch.lag) == ([], None, None)


def test_loopback_needs_the_operators_list(monkeypatch):
    monkeypatch.delenv("WATCHFLOOR_ALLOW_ADDRESSES", raising=False)
    settings = BlueskySettings(mode="firehose", service="ws://127.0.0.1:2583")
    with pytest.raises(NeedsHands, match="WATCHFLOOR_ALLOW_ADDRESSES"):
        asyncio.run(listen(settings, until=enough(1)))


def test_rewinding_keeps_the_number(monkeypatch):
    cursor = seen("ws://x").cursor()
    assert msgspec.json.decode(SOURCE.rewind(cursor, by=timedelta(minutes=1)), type=Position).seq == 41
