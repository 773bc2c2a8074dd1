"""What happens while nobody listens is fetched over REST, exactly; what can't be had any more is a gap."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from tests.real.mastodon import MastodonServer
from watchfloor.sources.mastodon import SOURCE, feed
from watchfloor.sources.mastodon.place import Place, before, now_ms, read_cursor, write_cursor
from watchfloor.sources.mastodon.tests.listening import allow, deleted, gaps, listen, texts, to
from watchfloor.sources.source import NeedsHands

HOUR_MS = 3_600_000


def has(text):
    return lambda events: text in texts(events)


async def until_begun(server):
    """Listening to one stream, from the newest post that there is now."""
    await server.until_listened()
    await server.until_asked("/api/v1/timelines/", 1)


async def first_cursor(server, settings, text="first"):
    listening = asyncio.create_task(listen(settings, until=has(text), needs_cursor=True))
    await until_begun(server)
    server.post(f"{text} #pivot" if settings.hashtags else text)
    _, cursor = await listening
    await server.until_left()
    return cursor


def asked_timelines(server):
    return [path for path in server.asked if path.startswith("/api/v1/timelines/")]


def test_what_came_between_two_runs_is_fetched_page_by_page(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            cursor = await first_cursor(server, to(server))
            for number in range(130):
                server.post(f"n{number}")
            events, cursor = await listen(to(server), cursor=cursor, until=has("n129"), needs_cursor=True)
            again, _ = await listen(to(server), cursor=cursor, until=lambda _: server.listeners > 0)
            return events, again, server

    events, again, server = asyncio.run(go())
    assert texts(events) == ["first"] + [f"n{number}" for number in range(130)]  # a little earlier than our place
    assert gaps(events) == []
    assert len([path for path in asked_timelines(server) if "min_id" in path]) <= 12
    assert set(texts(again)) <= set(texts(events))


def test_streaming_goes_on_while_a_gap_is_filled(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            cursor = await first_cursor(server, to(server))
            for number in range(60):
                server.post(f"n{number}")
            server.instead["/api/v1/timelines/public"] = [(503, {}, b"")] * 3
            listening = asyncio.create_task(listen(to(server), cursor=cursor, until=has("n59")))
            await server.until_listened()
            server.post("live")
            return (await listening)[0]

    events = asyncio.run(go())
    assert texts(events)[0] == "live"
    assert texts(events)[1:] == ["first"] + [f"n{number}" for number in range(60)]
    assert gaps(events) == []


def test_the_place_does_not_move_past_a_gap_before_it_is_filled(monkeypatch):
    """A crash while the gap is open: the next run fills it."""

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            cursor = await first_cursor(server, to(server))
            for number in range(50):
                server.post(f"n{number}")
            server.instead["/api/v1/timelines/public"] = [(503, {}, b"")] * 10_000
            listening = asyncio.create_task(listen(to(server), cursor=cursor, until=has("live")))
            await server.until_listened()
            server.post("live")
            _, cursor = await listening
            await server.until_left()
            server.instead.clear()
            return (await listen(to(server), cursor=cursor, until=has("live")))[0]

    events = asyncio.run(go())
    assert [text for text in texts(events) if text != "first"] == [f"n{number}" for number in range(50)] + ["live"]


def test_a_line_that_breaks_again_and_again_loses_and_doubles_nothing(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            everything = {f"n{number}" for number in range(200)}
            listening = asyncio.create_task(listen(to(server), until=lambda events: everything <= set(texts(events))))
            await until_begun(server)
            for number in range(200):
                server.post(f"n{number}", streamed=number % 3 != 0)
                if number % 37 == 0:
                    server.hang_up()
                    await asyncio.sleep(0.01)
            server.hang_up()
            return (await listening)[0]

    events = asyncio.run(go())
    assert sorted(texts(events)) == sorted(f"n{number}" for number in range(200))


def test_a_post_that_came_late_from_elsewhere_is_found_before_our_place(monkeypatch):
    """It is filed under the time it was written: `min_id` from our place alone would never find it."""

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            listening = asyncio.create_task(listen(to(server), until=has("second"), needs_cursor=True))
            await until_begun(server)
            server.post("first", at_ms=now_ms() - 60_000)
            server.post("second")
            _, cursor = await listening
            server.post("late", by="ben@far.example", at_ms=now_ms() - 30_000)
            server.post("new")
            return (await listen(to(server), cursor=cursor, until=has("new")))[0]

    events = asyncio.run(go())
    assert "late" in texts(events)
    assert gaps(events) == []


def test_edits_made_meanwhile_to_posts_that_are_fetched_again_are_told(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            listening = asyncio.create_task(listen(to(server), until=has("second"), needs_cursor=True))
            await until_begun(server)
            server.post("zero")
            first = server.post("first")
            server.post("second")
            _, cursor = await listening
            server.edit(first, "first, mended", streamed=False)
            return (await listen(to(server), cursor=cursor, until=has("first, mended")))[0]

    assert "first, mended" in texts(asyncio.run(go()))


def test_a_deletion_after_a_restart_still_names_its_post(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            listening = asyncio.create_task(listen(to(server), until=has("first"), needs_cursor=True))
            await until_begun(server)
            first = server.post("first")
            _, cursor = await listening
            await server.until_left()
            listening = asyncio.create_task(
                listen(to(server), cursor=cursor, until=lambda events: bool(deleted(events)))
            )
            await server.until_listened()
            server.delete(first)
            return first, (await listening)[0]

    first, events = asyncio.run(go())
    assert deleted(events) == [first["uri"]]


def test_a_timeline_that_no_longer_reaches_back_leaves_a_gap(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            cursor = await first_cursor(server, to(server))
            for number in range(100):
                server.post(f"n{number}")
            server.keeps = 50
            return (await listen(to(server), cursor=cursor, until=has("n99")))[0], cursor, server

    events, cursor, server = asyncio.run(go())
    assert texts(events) == [f"n{number}" for number in range(50, 100)]
    (gap,) = gaps(events)
    assert "keeps only the newest" in gap.why
    (place,) = read_cursor(cursor).places.values()
    assert abs(gap.since.timestamp() * 1000 - place.at_ms) < 1
    oldest = min(status["created_at"] for status in server._timeline("public", {"limit": "40", "min_id": "0"}))
    assert gap.until.isoformat(timespec="milliseconds").replace("+00:00", "Z") == oldest


def test_a_server_that_does_not_know_min_id_leaves_a_gap_and_no_loop(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            cursor = await first_cursor(server, to(server))
            for number in range(100):
                server.post(f"n{number}")
            server.knows_min_id = False
            return (await listen(to(server), cursor=cursor, until=has("n99")))[0], asked_timelines(server)

    events, asked = asyncio.run(go())
    assert texts(events) == [f"n{number}" for number in range(60, 100)]
    assert len(gaps(events)) == 1
    assert len(asked) < 8


def test_more_than_is_to_be_fetched_is_a_gap(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            old_ms = now_ms() - 30 * HOUR_MS
            place = Place(str(old_ms << 16), str(old_ms << 16), old_ms)
            server.post("at our place", at_ms=old_ms - 1_000)
            server.post("too long ago", at_ms=now_ms() - 26 * HOUR_MS)
            server.post("yesterday", at_ms=now_ms() - 23 * HOUR_MS)
            cursor = write_cursor({f"{server.url} public": place}, "")
            return (await listen(to(server), cursor=cursor, until=has("yesterday")))[0]

    events = asyncio.run(go())
    assert texts(events) == ["yesterday"]
    (gap,) = gaps(events)
    assert gap.until - gap.since == pytest.approx(timedelta(hours=6), abs=timedelta(seconds=30))
    assert "24 hours" in gap.why


def test_a_gap_that_the_server_refuses_to_fill_is_told(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            cursor = await first_cursor(server, to(server))
            server.post("lost", streamed=False)
            server.timelines_need_token = True
            server.instead["/api/v1/timelines/public"] = [(403, {}, b'{"error":"This method is off"}')] * 5
            listening = asyncio.create_task(
                listen(to(server), cursor=cursor, until=lambda events: bool(gaps(events)) and "live" in texts(events))
            )
            await server.until_asked("/api/v1/timelines/public", 2)
            server.post("live")
            return (await listening)[0]

    events = asyncio.run(go())
    assert texts(events) == ["live"]
    (gap,) = gaps(events)
    assert "This method is off" in gap.why


def test_a_stream_that_only_thumps_is_found_stuck_and_its_posts_are_fetched(monkeypatch):
    monkeypatch.setattr(feed, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(feed, "STUCK_MS", 10)

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            server.is_stuck = True
            listening = asyncio.create_task(listen(to(server), until=has("never streamed")))
            await until_begun(server)
            await asyncio.sleep(0.02)
            server.post("never streamed")
            events, _ = await listening
            return events, server

    events, _ = asyncio.run(go())
    assert texts(events) == ["never streamed"]


def test_an_empty_hashtag_is_followed_from_its_first_post_on(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            settings = to(server, streams=(), hashtags=("pivot",))
            cursors = []
            await listen(
                settings,
                until=lambda _: bool(cursors),
                each=lambda batch: batch.cursor and cursors.append(batch.cursor),
            )
            server.post("the first of its kind #pivot")
            return (await listen(settings, cursor=cursors[-1], until=has("the first of its kind #pivot")))[0]

    events = asyncio.run(go())
    assert texts(events) == ["the first of its kind #pivot"]
    assert gaps(events) == []


def test_while_a_gap_is_open_the_lag_says_so(monkeypatch):
    lags = []

    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            old_ms = now_ms() - 2 * HOUR_MS
            cursor = write_cursor({f"{server.url} public": Place(str(old_ms << 16), str(old_ms << 16), old_ms)}, "")
            server.instead["/api/v1/timelines/public"] = [(503, {}, b"")] * 3
            server.post("x", at_ms=old_ms - 1_000)
            await listen(
                to(server),
                cursor=cursor,
                until=lambda _: len(lags) > 3 and lags[-1] < timedelta(seconds=5),
                each=lambda batch: lags.append(batch.lag),
            )

    asyncio.run(go())
    assert lags[0] >= timedelta(hours=2)


def test_rewound_cursors_ask_earlier():
    number = str(now_ms() << 16)
    cursor = write_cursor({"https://a.example public": Place(number, number, now_ms())}, "")
    rewound = read_cursor(SOURCE.rewind(cursor, by=timedelta(minutes=1))).places["https://a.example public"]
    assert int(number) - int(rewound.ask) == 60_000 << 16
    assert rewound.newest == number
    assert SOURCE.rewind(None, by=timedelta(minutes=1)) is None
    assert before("01HXYZ4ULIDULIDULIDULIDULI", timedelta(1)) is None


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "17", '{"places": {"a": 1}}', "x" * 10_000])
def test_a_cursor_that_is_not_ours_needs_hands(cursor):
    async def go():
        settings = to(MastodonServer(port=1))
        await listen(settings, cursor=cursor, until=lambda _: True)

    with pytest.raises(NeedsHands, match="place in the Mastodon timelines"):
        asyncio.run(go())


def test_a_cursor_from_the_future_does_no_harm(monkeypatch):
    async def go():
        async with MastodonServer() as server:
            allow(monkeypatch, server)
            later = (int(time.time() * 1000) + HOUR_MS) << 16
            place = Place(str(later), str(later), now_ms() + HOUR_MS)
            cursor = write_cursor({f"{server.url} public": place}, "rubbish")
            listening = asyncio.create_task(listen(to(server), cursor=cursor, until=has("live")))
            await server.until_asked("/api/v1/timelines/public")
            server.post("live")
            return (await listening)[0]

    assert texts(asyncio.run(go())) == ["live"]
