"""What is new, what changed, what an outage left out: against a Hacker News of our own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from watchfloor.sources.hackernews.source import SOURCE, HackerNewsSettings
from watchfloor.sources.hackernews.tests.news import NOON, hear, news, whole
from watchfloor.sources.source import Deleted, Gap, NeedsHands, TryAgain, Unreadable, Written


def run(story):
    async def whole_story():
        async with news() as hn:
            return await story(hn)

    return asyncio.run(whole_story())


def events(batches):
    return [event for batch in batches for event in batch.events]


def written(batches, *, edited=False):
    return [int(e.post.id) for e in events(batches) if isinstance(e, Written) and e.edited == edited]


def test_it_begins_with_what_comes_now():
    async def story(hn):
        hn.write()
        batches = await hear(hn, looks=3, between=hn.write)
        assert written(batches) == [102, 103]

    run(story)


def test_each_item_is_asked_for_once():
    async def story(hn):
        await hear(hn, looks=4, between=lambda: [hn.write() for _ in range(3)])
        items = [path for path in hn.asked if "/item/" in path]
        assert len(items) == len(set(items)) == 9

    run(story)


def test_after_an_outage_every_item_of_it_is_fetched_in_order():
    async def story(hn):
        first = await hear(hn)
        for n in range(450):
            hn.clock.time = NOON + timedelta(seconds=10 * n)
            hn.write("comment" if n % 2 else "story")
        hn.clock.time += timedelta(minutes=1)
        batches = await hear(hn, first[-1].cursor)
        assert written(batches) == list(range(101, 551))
        assert not [e for e in events(batches) if isinstance(e, Gap)]
        lags = [batch.lag for batch in batches if batch.events]
        assert lags == sorted(lags, reverse=True)
        assert lags[0] > timedelta(minutes=30)
        assert lags[-1] == timedelta(0)
        assert hn.most_at_once <= 10

    run(story)


def test_a_crash_in_the_middle_goes_on_from_the_last_batch_that_was_written():
    async def story(hn):
        first = await hear(hn)
        for _ in range(450):
            hn.write()
        batches = await hear(hn, first[-1].cursor)
        stored = next(batch for batch in batches if batch.events)
        again = await hear(hn, stored.cursor)
        assert written([stored]) + written(again) == list(range(101, 551))

    run(story)


def test_what_is_too_much_to_fetch_is_a_gap_with_its_number():
    async def story(hn):
        first = await hear(hn)
        for n in range(300):
            hn.clock.time = NOON + timedelta(minutes=n)
            hn.write()
        batches = await hear(hn, first[-1].cursor, most_items_back=100)
        assert written(batches) == list(range(301, 401))
        [gap] = [e for e in events(batches) if isinstance(e, Gap)]
        assert (gap.since, gap.until) == (NOON, NOON + timedelta(minutes=200))
        assert "200 items" in gap.why

    run(story)


def test_a_number_whose_item_appears_later_is_not_forgotten():
    async def story(hn):
        first = await hear(hn)
        hn.newest += 1  # 101: no item yet
        hn.write()
        batches = await hear(hn, first[-1].cursor)
        assert written(batches) == [102]
        hn.items[101] = {
            "id": 101,
            "type": "comment",
            "by": "pg",
            "time": int(NOON.timestamp()),
            "text": "late",
            "parent": 100,
        }
        assert written(await hear(hn, batches[-1].cursor)) == [101]

    run(story)


def test_a_number_that_never_gets_an_item_is_given_up():
    async def story(hn):
        first = await hear(hn)
        hn.newest += 1
        batches = await hear(hn, first[-1].cursor, looks=60)
        asked = [path for path in hn.asked if path.endswith("/101.json")]
        assert 25 <= len(asked) <= 35  # every 30 s for a quarter of an hour
        assert msgspec.json.decode(batches[-1].cursor)[3] == {}

    run(story)


def test_edits_figures_and_deletions_of_what_was_heard_are_followed():
    async def story(hn):
        old = hn.write()
        heard = await hear(hn, looks=2, between=lambda: [hn.write(), hn.write("comment"), hn.write("comment")])
        hn.change(102, title="Corrected", score=40)
        hn.change(103, deleted=True)
        hn.change(104, dead=True)
        hn.change(old, title="Not ours")
        hn.updates += ["x", None, True, -1, 10**12]
        batches = await hear(hn, heard[-1].cursor)
        assert written(batches, edited=True) == [102]
        [edit] = [e for e in events(batches) if isinstance(e, Written)]
        assert (edit.post.title, edit.post.metrics.likes) == ("Corrected", 40)
        assert [e.id for e in events(batches) if isinstance(e, Deleted)] == ["103", "104"]

    run(story)


def test_one_that_was_down_before_it_was_seen_can_still_come_back():
    async def story(hn):
        first = await hear(hn)
        hn.write("comment", dead=True)
        batches = await hear(hn, first[-1].cursor)
        assert events(batches) == []
        hn.change(101, dead=False)
        assert written(await hear(hn, batches[-1].cursor), edited=True) == [101]

    run(story)


def test_comments_know_their_story_if_it_was_heard():
    async def story(hn):
        first = await hear(hn)
        hn.write()
        hn.write("comment", parent=101)
        hn.write("comment", parent=102)
        hn.write("comment", parent=7)
        posts = {e.post.id: e.post.conversation for e in events(await hear(hn, first[-1].cursor))}
        assert posts == {"101": "101", "102": "101", "103": "101", "104": None}

    run(story)


@pytest.mark.parametrize(("take", "wanted"), [("all", [101, 102, 103]), ("stories", [101, 103]), ("comments", [102])])
def test_stories_comments_or_both(take, wanted):
    async def story(hn):
        first = await hear(hn)
        hn.write()
        hn.write("comment")
        hn.write("job")
        assert written(await hear(hn, first[-1].cursor, take=take)) == wanted

    run(story)


def test_an_item_that_can_not_be_read_does_not_stop_the_others():
    async def story(hn):
        first = await hear(hn)
        hn.write()
        hn.write(type="video")
        hn.items[hn.write()] = b"[1, 2"
        hn.write(mystery={"a": 1})
        batches = await hear(hn, first[-1].cursor)
        assert written(batches) == [101, 104]
        assert len([e for e in events(batches) if isinstance(e, Unreadable)]) == 2
        assert {name for batch in batches for name in batch.unknown_fields} == {"mystery"}

    run(story)


def test_every_look_is_a_sign_of_life():
    async def story(hn):
        batches = await hear(hn, looks=3)
        assert len(batches) == 3
        assert all(batch.lag == timedelta(0) and batch.cursor for batch in batches)

    run(story)


@pytest.mark.parametrize(
    ("path", "answer", "error", "after"),
    [
        ("/v0/maxitem.json", whole(b"null", 401), NeedsHands, None),
        ("/v0/maxitem.json", whole(b"nothing", 404), NeedsHands, None),
        ("/v0/maxitem.json", whole(b"", 429, Retry_After="90"), TryAgain, timedelta(seconds=90)),
        ("/v0/maxitem.json", whole(b"", 503), TryAgain, None),
        ("/v0/maxitem.json", whole(b"<html>"), TryAgain, None),
        ("/v0/maxitem.json", whole(b'"x"'), TryAgain, None),
        ("/v0/maxitem.json", b"HTTP/1.1 200 So\r\nContent-Length: 10\r\n\r\n1", TryAgain, None),
        ("/v0/updates.json", whole(b"[]"), TryAgain, None),
        ("/v0/item/101.json", whole(b"", 503), TryAgain, None),
    ],
)
def test_what_fails_says_whether_trying_again_helps(path, answer, error, after):
    async def story(hn):
        first = await hear(hn)
        hn.write()
        hn.broken[path] = answer
        with pytest.raises(error) as failed:
            await hear(hn, first[-1].cursor)
        assert getattr(failed.value, "after", None) == after

    run(story)


def test_a_line_that_breaks_once_is_tried_again_at_once():
    async def story(hn):
        first = await hear(hn)
        hn.write()
        real, left = hn.answer, [2]

        def broken_twice(path):
            if "/item/" in path and left[0]:
                left[0] -= 1
                return b""
            return real(path)

        hn.answer = broken_twice
        assert written(await hear(hn, first[-1].cursor)) == [101]

    run(story)


def test_a_cursor_that_is_none_of_ours_needs_hands():
    async def story(hn):
        with pytest.raises(NeedsHands):
            await hear(hn, "a word")

    run(story)


def test_the_test_button_reads_the_newest_items():
    async def story(hn):
        for n in range(3):
            hn.clock.time = NOON + timedelta(minutes=n)
            hn.write()
        checked = await SOURCE.check(HackerNewsSettings(service=hn.url), secrets={})
        assert checked.says.startswith("3 posts read, the newest")
        assert checked.facts == {"Newest item": "103"}
        hn.items.clear()
        assert "no posts yet" in (await SOURCE.check(HackerNewsSettings(service=hn.url), secrets={})).says

    run(story)


def test_the_cost_says_how_many_requests():
    assert 800 < SOURCE.cost(HackerNewsSettings()).requests_per_hour < 3_000


@pytest.mark.parametrize(
    "service", ["hn", "ftp://a.example", "https://u:p@a.example", "https://a.example/?x", "https://a b"]
)
def test_an_address_that_is_none_is_refused(service):
    with pytest.raises(ValueError, match="address"):
        HackerNewsSettings(service=service)
