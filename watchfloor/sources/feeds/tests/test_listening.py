"""Feeds are asked by their own rhythm, politely, and what is new or changed comes once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from watchfloor.sources.clock import SetClock
from watchfloor.sources.feeds import listen
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.source import SOURCE
from watchfloor.sources.feeds.tests.site import NOW, answers, cursor_of, events, hear, item, posts, rss, site
from watchfloor.sources.source import Gap, NeedsHands, TryAgain, Unreadable


def to(*addresses, **settings):
    return FeedsSettings(tuple(addresses), **settings)


def test_items_come_oldest_first_and_once(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(3), item(2), item(1)))
            first = await hear(to(f"{acme.url}/feed"), until=answers(1))
            assert [one.post.title for one in posts(first)] == ["Post 1", "Post 2", "Post 3"]
            acme.put("/feed", rss(item(4), item(3), item(2)))
            second = await hear(to(f"{acme.url}/feed"), cursor=cursor_of(first), until=answers(1))
            assert [(one.post.title, one.edited) for one in posts(second)] == [("Post 4", False)]
            assert SOURCE.parse(posts(second)[0].raw) == [posts(second)[0]]

    asyncio.run(go())


def test_a_changed_item_is_an_edit_and_a_vanished_one_is_nothing(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(3), item(2), item(1)))
            first = await hear(to(f"{acme.url}/feed"), until=answers(1))
            acme.put("/feed", rss(item(3, "Now with another text"), item(2, more="<slash:comments>9</slash:comments>")))
            second = await hear(to(f"{acme.url}/feed"), cursor=cursor_of(first), until=answers(1))
            assert [(one.post.text, one.edited) for one in events(second)] == [("Now with another text", True)]
            acme.put("/feed", rss(item(3, "Now with another text"), item(2), item(1)))
            third = await hear(to(f"{acme.url}/feed"), cursor=cursor_of(second), until=answers(1))
            assert events(third) == []

    asyncio.run(go())


def test_an_item_that_changed_only_its_id_does_not_come_again(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(2), item(1)))
            first = await hear(to(f"{acme.url}/feed"), until=answers(1))
            acme.put("/feed", rss(item(3), item(2), item(1)).replace("tag:acme.example", "tag:new.example"))
            second = await hear(to(f"{acme.url}/feed"), cursor=cursor_of(first), until=answers(1))
            assert [one.post.title for one in events(second)] == ["Post 3"]

    asyncio.run(go())


def test_what_did_not_change_is_asked_for_with_conditions(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            date = "Sun, 22 Nov 2026 09:00:00 GMT"
            acme.put("/feed", rss(item(1)), ETag='W/"abc"', Last_Modified=date)
            await hear(to(f"{acme.url}/feed"), until=answers(3))
            assert [("if-none-match" in one.headers) for one in acme.asked] == [False, True, True]
            assert acme.asked[1].headers["if-none-match"] == 'W/"abc"'
            assert acme.asked[1].headers["if-modified-since"] == date
            assert acme.asked[0].headers["user-agent"].startswith("Watchfloor")

    asyncio.run(go())


def test_the_next_try_is_stored_before_trying(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(1)))
            plan = (await hear(to(f"{acme.url}/feed"), until=lambda batches: True))[0]
            assert plan.is_plan
            assert acme.asked == []
            feed = msgspec.json.decode(plan.cursor)["feeds"][0]
            assert feed["tries"] == 1
            assert feed["next_at"] > NOW.timestamp() + 100
            # A crash in the middle of it: who goes on from the plan waits.
            clock = SetClock(NOW)
            await hear(to(f"{acme.url}/feed"), cursor=plan.cursor, clock=clock, until=answers(1))
            assert clock.now() >= datetime.fromtimestamp(feed["next_at"], UTC)

    asyncio.run(go())


def test_one_host_is_never_asked_twice_at_once(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            for number in range(5):
                acme.put(f"/{number}", rss(item(number)))
            clock = SetClock(NOW)
            await hear(to(*(f"{acme.url}/{number}" for number in range(5))), clock=clock, until=answers(5))
            assert acme.most_at_once == 1
            assert sorted(acme.paths()) == ["/0", "/1", "/2", "/3", "/4"]
            assert clock.now() - NOW >= timedelta(seconds=8)

    asyncio.run(go())


@pytest.mark.parametrize("value", ["7200", "Sun, 22 Nov 2026 14:00:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_for_the_whole_host(allow, value, status):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/a", "later", status, Retry_After=value)
            acme.put("/b", rss(item(1)))
            clock = SetClock(NOW)
            heard = await hear(to(f"{acme.url}/a", f"{acme.url}/b"), clock=clock, until=answers(1))
            assert acme.paths()[:2] == ["/a", "/b"]
            assert clock.now() >= NOW + timedelta(hours=2)
            assert "1 of 2 feeds can't be read" in heard[-1].trouble

    asyncio.run(go())


def test_tries_without_an_answer_grow_apart(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", "broken", 500)
            acme.put("/well", rss(item(1)))
            clock = SetClock(NOW)
            tried = []

            def until(batches):
                if acme.paths()[-1:] == ["/feed"] and len(tried) < acme.paths().count("/feed"):
                    tried.append(clock.now())
                return len(tried) == 6

            await hear(to(f"{acme.url}/feed", f"{acme.url}/well"), clock=clock, until=until)
            waits = [later - earlier for earlier, later in pairwise(tried)]
            assert timedelta(minutes=2) < waits[0] <= timedelta(minutes=6)
            assert waits[4] >= timedelta(minutes=40)

    asyncio.run(go())


def test_a_permanent_move_is_kept_and_a_temporary_one_is_not(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/old", b"", 301, Location="/new")
            acme.put("/new", b"", 308, Location="/newer")
            acme.put("/newer", b"", 302, Location="/today")
            acme.put("/today", rss(item(1)))
            heard = await hear(to(f"{acme.url}/old"), until=answers(2))
            assert acme.paths() == ["/old", "/new", "/newer", "/today", "/newer", "/today"]
            assert [one.post.title for one in posts(heard)] == ["Post 1"]

    asyncio.run(go())


def test_a_feed_that_is_gone_is_not_asked_again_and_the_others_go_on(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/gone", "gone", 410)
            acme.put("/well", rss(item(1)))
            heard = await hear(to(f"{acme.url}/gone", f"{acme.url}/well"), until=answers(4))
            assert acme.paths().count("/gone") == 1
            assert any("It is gone for good (410)" in (batch.trouble or "") for batch in heard)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (410, NeedsHands, "gone for good"),
        (404, NeedsHands, "Nothing is at that address"),
        (401, NeedsHands, "asks for a sign-in"),
        (500, TryAgain, "status 500"),
        (204, TryAgain, "status 204"),
    ],
)
def test_a_connection_whose_only_feed_fails_says_why(allow, status, error, says):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", b"", status)
            with pytest.raises(error, match=says) as told:
                await hear(to(f"{acme.url}/feed"), until=answers(9))
            assert f"{acme.url}/feed" in str(told.value)
            if error is TryAgain:
                assert told.value.after > timedelta(minutes=2)

    asyncio.run(go())


def test_a_feed_that_answered_before_is_waited_for(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(1)))
            first = await hear(to(f"{acme.url}/feed"), until=answers(1))
            acme.pages.clear()
            with pytest.raises(TryAgain, match="Nothing is at that address"):
                await hear(to(f"{acme.url}/feed"), cursor=cursor_of(first), until=answers(9))

    asyncio.run(go())


def test_what_may_be_lost_between_two_tries_is_a_gap(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(1), item(2)))
            first = await hear(to(f"{acme.url}/feed"), until=answers(1))
            later = SetClock(NOW + timedelta(hours=9))
            acme.put("/feed", rss(item(30, hour=20), item(31, hour=19)))
            second = await hear(to(f"{acme.url}/feed"), cursor=cursor_of(first), clock=later, until=answers(1))
            gaps = [event for event in events(second) if isinstance(event, Gap)]
            assert [(gap.since, gap.until) for gap in gaps] == [(NOW, datetime(2026, 11, 22, 19, tzinfo=UTC))]
            third = await hear(to(f"{acme.url}/feed"), cursor=cursor_of(second), clock=later, until=answers(1))
            assert events(third) == []

    asyncio.run(go())


def test_an_item_that_says_nothing_is_counted_once(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(1), "<item><guid>empty</guid></item>"))
            heard = await hear(to(f"{acme.url}/feed"), until=answers(3))
            assert [event.why for event in events(heard) if isinstance(event, Unreadable)] == [
                "An item could not be read: It has neither title, text nor file."
            ]

    asyncio.run(go())


def test_addresses_can_be_added_and_taken_out_without_losing_the_others(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/a", rss(item(1)))
            acme.put("/b", rss(item(2)))
            first = await hear(to(f"{acme.url}/a"), until=answers(1))
            both = await hear(to(f"{acme.url}/b", f"{acme.url}/a"), cursor=cursor_of(first), until=answers(2))
            assert [one.post.title for one in posts(both)] == ["Post 2"]
            one = await hear(to(f"{acme.url}/b"), cursor=cursor_of(both), until=answers(1))
            assert "/a" not in str(cursor_of(one))

    asyncio.run(go())


def test_many_large_feeds_keep_the_cursor_small(allow, monkeypatch):
    monkeypatch.setattr(listen, "MOST_KNOWN", 600)

    async def go():
        async with site() as acme:
            allow(acme)
            for feed in range(6):
                items = [item(feed * 1_000 + number, hour=number % 12) for number in range(600)]
                acme.put(f"/{feed}", rss(*items), ETag='"' + "e" * 5_000 + '"')
            addresses = [f"{acme.url}/{feed}" for feed in range(6)]
            heard = await hear(to(*addresses), until=answers(6))
            assert len(posts(heard)) == 6 * 500
            assert len(cursor_of(heard)) < 6 * (100 * 15 + 500)
            again = await hear(to(*addresses), cursor=cursor_of(heard), until=answers(6))
            assert posts(again) == []

    asyncio.run(go())
