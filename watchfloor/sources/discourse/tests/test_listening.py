"""What is new, changed, gone, and what an outage left out: against forums of our own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from watchfloor.sources.discourse.settings import DiscourseSettings
from watchfloor.sources.discourse.source import SOURCE
from watchfloor.sources.discourse.tests.forum import NOON, forums, hear, later, whole
from watchfloor.sources.source import Deleted, Gap, NeedsHands, TryAgain, Unreadable, Written


def run(story, count=1):
    async def whole_story():
        async with forums(count) as these:
            await story(*these)

    asyncio.run(whole_story())


def events(batches):
    return [event for batch in batches for event in batch.events]


def written(batches, *, edited=False):
    found = [e for e in events(batches) if isinstance(e, Written) and e.edited == edited]
    return [int(e.post.id.rpartition("/")[2]) for e in found]


def deleted(batches):
    return [int(e.id.rpartition("/")[2]) for e in events(batches) if isinstance(e, Deleted)]


def test_it_begins_with_what_comes_now():
    async def story(forum):
        forum.write()
        assert written(await hear(forum, looks=4, between=forum.write)) == [1002, 1003, 1004]

    run(story)


@pytest.mark.parametrize("windows", [False, True])
def test_after_an_outage_all_of_it_is_fetched_once_and_in_order(windows):
    async def story(forum):
        forum.windows = windows
        forum.write()
        first = await hear(forum)
        for n in range(230):
            forum.clock.time = NOON + timedelta(minutes=n)
            forum.write()
            if windows and n == 100:
                forum.last += 120  # ids that nobody may see: two windows with nothing in them
        batches = await hear(forum, cursor=first[-1].cursor)
        assert written(batches) == sorted(forum.posts)[1:]
        assert not [e for e in events(batches) if isinstance(e, Gap)]
        assert written(await hear(forum, cursor=batches[-1].cursor)) == []

    run(story)


def test_what_is_too_much_to_fetch_is_a_gap():
    async def story(forum):
        forum.write()
        first = await hear(forum)
        for n in range(300):
            forum.clock.time = NOON + timedelta(minutes=n)
            forum.write()
        batches = await hear(forum, cursor=first[-1].cursor, most_posts_back=100)
        assert written(batches) == list(range(1202, 1302))
        [gap] = [e for e in events(batches) if isinstance(e, Gap)]
        assert (gap.since, gap.until) == (NOON, NOON + timedelta(minutes=200))

    run(story)


def test_edits_and_likes_are_followed():
    async def story(forum):
        first = await hear(forum, looks=4, between=forum.write)
        forum.change(1001, cooked="<p>Hello again</p>", version=2)
        forum.change(1002, actions_summary=[{"id": 2, "count": 9}])
        forum.change(1003, reads=77)
        batches = await hear(forum, cursor=first[-1].cursor)
        assert written(batches, edited=True) == [1001, 1002]
        assert events(batches)[0].post.text == "Hello again"
        assert events(await hear(forum, cursor=batches[-1].cursor)) == []

    run(story)


def test_an_edit_further_back_is_seen_at_the_next_deep_look():
    async def story(forum):
        first = await hear(forum, looks=2, between=forum.write)
        for _ in range(120):
            forum.write()
        heard = await hear(forum, cursor=first[-1].cursor, looks=2)
        forum.change(1001, cooked="<p>Late edit</p>")
        assert written(await hear(forum, cursor=heard[-1].cursor, looks=2, between=lambda: None), edited=True) == [1001]

    run(story)


@pytest.mark.parametrize("how", ["removed", "hidden", "by its author", "marked"])
def test_deletions_are_followed(how):
    async def story(forum):
        first = await hear(forum, looks=4, between=forum.write)
        if how == "removed":
            del forum.posts[1002]
        else:
            forum.change(1002, **{"hidden": {"hidden": True}, "by its author": {"user_deleted": True},
                                  "marked": {"deleted_at": "2026-07-04T12:00:00Z"}}[how])  # fmt: skip
        batches = await hear(forum, cursor=first[-1].cursor)
        assert deleted(batches) == [1002]
        assert deleted(await hear(forum, cursor=batches[-1].cursor)) == []

    run(story)


def test_one_that_is_merely_unlisted_stays_and_is_asked_for_once():
    async def story(forum):
        first = await hear(forum, looks=4, between=forum.write)
        forum.unlisted.add(1002)
        batches = await hear(forum, cursor=first[-1].cursor, looks=5)
        assert events(batches) == []
        assert forum.asked.count("/posts/1002.json") == 1

    run(story)


def test_one_that_is_approved_late_is_heard():
    async def story(forum):
        first = await hear(forum)
        forum.write()
        forum.unlisted.add(forum.write())
        forum.write()
        batches = await hear(forum, cursor=first[-1].cursor)
        assert written(batches) == [1001, 1003]
        forum.unlisted.clear()
        assert written(await hear(forum, cursor=batches[-1].cursor)) == [1002]

    run(story)


def test_what_is_answered_is_looked_up_where_it_is_not_known():
    async def story(forum):
        old = forum.write()
        first = await hear(forum)
        forum.write(reply_to_post_number=1)
        forum.write(reply_to_post_number=2)
        forum.write(topic=8, reply_to_post_number=5)
        batches = await hear(forum, cursor=first[-1].cursor, looks=2)
        assert [e.post.reply_to for e in events(batches)] == [
            f"{forum.name}/p/{old}", f"{forum.name}/p/{old + 1}", None,
        ]  # fmt: skip
        assert len([path for path in forum.asked if path.startswith("/t/")]) <= 2

    run(story)


def test_forums_do_not_mix():
    async def story(one, two):
        def both():
            one.write("<p>one</p>")
            two.write("<p>two</p>")

        batches = await hear(one, two, looks=4, between=both)
        found = {e.post.id: e.post.text for e in events(batches)}
        assert found[f"{one.name}/p/1002"] == "one"
        assert found[f"{two.name}/p/1002"] == "two"

    run(story, count=2)


def test_one_forum_that_fails_holds_up_no_other_and_is_caught_up_with():
    async def story(good, bad):
        first = await hear(good, bad, looks=2)
        bad.broken["/posts.json"] = whole({}, 429, Retry_After="600")
        began = good.clock.now()
        batches = await hear(good, bad, cursor=first[-1].cursor, looks=6, between=lambda: [good.write(), bad.write()])
        assert "asked too often" in next(batch.trouble for batch in reversed(batches) if batch.trouble)
        assert len(written(batches)) >= 4
        assert bad.asked.count("/posts.json") == 2  # its wish to wait is kept
        assert batches[-1].lag >= good.clock.now() - began
        bad.broken.clear()
        later([good], minutes=11)
        healed = await hear(good, bad, cursor=batches[-1].cursor, looks=2)
        assert healed[-1].trouble == ""
        assert {e.post.id for e in events(batches + healed)} >= {f"{bad.name}/p/{n}" for n in bad.posts}
        assert healed[-1].lag < timedelta(minutes=1)

    run(story, count=2)


@pytest.mark.parametrize(
    ("answer", "error", "after"),
    [
        (whole({}, 401), NeedsHands, None),
        (whole({}, 403), NeedsHands, None),
        (whole(b"<html>", 404), NeedsHands, None),
        (whole({}, 429, Retry_After="33"), TryAgain, timedelta(seconds=33)),
        (whole({}, 429), TryAgain, timedelta(minutes=1)),
        (whole({}, 502), TryAgain, None),
        (whole(b"<html>"), TryAgain, None),
        (whole({"latest_posts": 7}), TryAgain, None),
        (b"", TryAgain, None),
    ],
)
def test_when_all_fail_it_says_whether_trying_again_helps(answer, error, after):
    async def story(forum):
        forum.broken["/posts.json"] = answer
        with pytest.raises(error) as failed:
            await hear(forum)
        assert getattr(failed.value, "after", None) == after

    run(story)


def test_a_post_that_can_not_be_read_does_not_stop_the_others():
    async def story(forum):
        first = await hear(forum)
        forum.write()
        forum.write(created_at="noon")
        forum.write(id="x", topic_id=9)
        forum.write()
        batches = await hear(forum, cursor=first[-1].cursor)
        assert written(batches) == [1001, 1004]
        assert len([e for e in events(batches) if isinstance(e, Unreadable)]) == 2

    run(story)


def test_a_crash_repeats_the_look_and_loses_nothing():
    async def story(forum):
        first = await hear(forum)
        forum.write()
        taken = await hear(forum, cursor=first[-1].cursor)
        again = await hear(forum, cursor=first[-1].cursor)
        assert written(taken) == written(again) == [1001]

    run(story)


def test_what_is_remembered_is_bounded():
    async def story(forum):
        first = await hear(forum)
        for _ in range(900):
            forum.write()
        batches = await hear(forum, cursor=first[-1].cursor)
        [place] = msgspec.json.decode(batches[-1].cursor)["sites"].values()
        assert len(place[2]) == 600
        assert len(batches[-1].cursor) < 30_000

    run(story)


def test_a_cursor_that_is_none_of_ours_needs_hands():
    async def story(forum):
        with pytest.raises(NeedsHands):
            await hear(forum, cursor="a word")

    run(story)


def test_the_test_button_says_what_it_read():
    async def story(forum):
        for _ in range(3):
            forum.write()
        checked = await SOURCE.check(DiscourseSettings(sites=(forum.url,)), secrets={})
        assert checked.says.startswith("3 posts read, the newest")
        assert checked.facts == {forum.name: "Coffee"}
        forum.posts.clear()
        assert "shows no posts" in (await SOURCE.check(DiscourseSettings(sites=(forum.url,)), secrets={})).says
        forum.broken["/posts.json"] = whole({}, 403)
        with pytest.raises(NeedsHands, match="nobody outside"):
            await SOURCE.check(DiscourseSettings(sites=(forum.url,)), secrets={})

    run(story)


@pytest.mark.parametrize(
    "sites", [(), ("",), ("a b",), ("ftp://x.example",), ("https://u:p@x.example",), ("x.example", "X.example/"),
              ("x.example?y",), tuple(f"s{n}.example" for n in range(21))],
)  # fmt: skip
def test_wrong_forums_are_refused(sites):
    with pytest.raises(ValueError, match=r"(?i)forum"):
        DiscourseSettings(sites=sites)


def test_the_cost_grows_with_the_forums():
    one, two = (SOURCE.cost(DiscourseSettings(sites=sites)) for sites in (("a.example",), ("a.example", "b.example")))
    assert 60 < one.requests_per_hour < two.requests_per_hour
