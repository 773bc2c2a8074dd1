from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.mentions.store.store import Scope
from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author, Media, Metrics


def test_a_post_comes_back_as_it_was_written(world: World) -> None:
    written = world.labelled(
        "flat white, please",
        world.coffee,
        world.tea,
        id="at://did:ana/app.bsky.feed.post/3kxyz",
        created_at=NOON + timedelta(microseconds=123_456),
        url="https://bsky.app/profile/did:ana/post/3kxyz",
        title="At the bar",
        lang="en-GB",
        author=Author("did:ana", "ana.example", "Ana Lee", 1_234),
        links=("https://example.com/offer",),
        media=(Media("photo", "https://example.com/1.jpg", "a cup"), Media("video")),
        reply_to="at://x/1",
        repost_of="at://x/2",
        quote_of="at://x/3",
        conversation="at://x/0",
        metrics=Metrics(likes=3, replies=0, views=90),
        raw=b'{"a": 1}',
        language="en-GB",
        language_by="declared/1",
        language_confidence=0.875,
        sentiment="positive",
        sentiment_score=-0.25,
        sentiment_confidence=0.5,
        sentiment_by="vader/1",
    )
    world.write(written)
    (stored,) = world.shown()
    assert stored.post == written.post
    assert stored.at == NOON + timedelta(milliseconds=123)
    assert stored.seen_at == written.seen_at
    assert (stored.language, stored.language_by, stored.language_confidence) == ("en-GB", "declared/1", 0.875)
    assert (stored.sentiment, stored.sentiment_score, stored.sentiment_confidence) == ("positive", -0.25, 0.5)
    assert stored.sentiment_by == "vader/1"
    assert stored.topics == sorted([world.coffee.pk, world.tea.pk])
    assert (stored.state, stored.date_doubt, stored.edited_at) == ("shown", None, None)
    assert world.store.raw(stored.id) == b'{"a": 1}'


def test_a_repeated_batch_changes_nothing(world: World) -> None:
    batch = [world.labelled("one"), world.labelled("two", world.coffee, world.tea)]
    first = world.write(*batch)
    assert (first.stored, first.mentions, first.duplicates) == (2, 3, 0)
    again = world.write(*batch)
    assert (again.stored, again.mentions, again.duplicates, again.new) == (0, 0, 2, {})
    assert world.texts() == ["two", "one"]
    assert world.counted(world.coffee) == 2


def test_a_post_in_two_topics_counts_once_in_the_mission(world: World) -> None:
    world.write(world.labelled("both", world.coffee, world.tea, world.fire))
    assert (world.counted(world.coffee), world.counted(world.tea), world.counted(world.fire)) == (1, 1, 1)
    assert (world.counted_in(world.brand), world.counted_in(world.crisis)) == (1, 1)
    assert world.store.count(Scope(world.brand.pk)) == 1
    assert world.store.count(Scope(world.brand.pk, (world.coffee.pk, world.tea.pk))) == 1


def test_a_topic_of_another_mission_shows_nothing(world: World) -> None:
    world.write(world.labelled("smoke", world.fire))
    assert world.store.search(Scope(world.brand.pk, (world.fire.pk,))) == []
    assert world.store.count(Scope(world.brand.pk, (world.fire.pk, world.coffee.pk))) == 0
    assert world.store.post(Scope(world.brand.pk), world.shown(world.fire)[0].id) is None


def test_pages_go_on_where_the_last_one_ended(world: World) -> None:
    world.write(*[world.labelled(str(n), created_at=NOON + timedelta(seconds=n)) for n in range(7)])
    scope = Scope(world.brand.pk)
    first = world.store.search(scope, limit=3)
    second = world.store.search(scope, limit=3, before=first[-1].id)
    third = world.store.search(scope, limit=3, before=second[-1].id)
    assert [stored.post.text for stored in first + second + third] == ["6", "5", "4", "3", "2", "1", "0"]


def test_a_range_takes_its_start_and_not_its_end(world: World) -> None:
    world.write(*[world.labelled(str(n), created_at=NOON + timedelta(seconds=n)) for n in range(4)])
    since, until = NOON + timedelta(seconds=1), NOON + timedelta(seconds=3)
    assert world.store.count(Scope(world.brand.pk), since=since, until=until) == 2
    assert world.store.histogram(Scope(world.brand.pk), since=since, until=until, bucket=timedelta(seconds=1)) == [
        (since, 1),
        (since + timedelta(seconds=1), 1),
    ]


def test_more_posts_of_one_millisecond_than_it_has_slots_are_all_kept(world: World) -> None:
    for _ in range(3):
        world.write(*[world.labelled("same instant") for _ in range(50)])
    found = world.shown()
    assert len(found) == len({stored.id for stored in found}) == 150
    assert max(stored.at for stored in found) < NOON + timedelta(milliseconds=100)
    assert {stored.post.created_at for stored in found} == {NOON}


@pytest.mark.parametrize(
    ("written_at", "doubt"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), "ancient"),
        (datetime(1, 1, 1, tzinfo=UTC), "ancient"),
        (datetime(2099, 1, 1, tzinfo=UTC), "future"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "future"),
        (NOON + timedelta(minutes=5), None),
    ],
)
def test_an_implausible_date_bends_no_chart_and_is_kept(world: World, written_at: datetime, doubt: str | None) -> None:
    world.write(world.labelled("when?", created_at=written_at))
    (stored,) = world.shown()
    assert stored.date_doubt == doubt
    assert stored.post.created_at == written_at
    assert stored.at == (written_at if doubt is None else stored.seen_at)


def test_a_topic_that_is_gone_meanwhile_is_left_out(world: World) -> None:
    late = world.labelled("late", world.coffee, world.tea)
    world.tea.delete(using=world.using)
    assert world.write(late).mentions == 1
    assert world.texts() == ["late"]


def test_another_connection_may_add_its_missions_topics(world: World) -> None:
    world.write(world.labelled("seen twice", world.coffee, id="1"), mission_id=world.brand.pk)
    wrote = world.write(world.labelled("seen twice", world.fire, id="1"), mission_id=world.crisis.pk)
    assert (wrote.stored, wrote.duplicates, wrote.mentions) == (0, 1, 1)
    assert world.texts(world.coffee) == world.texts(world.fire) == ["seen twice"]


def test_what_no_engine_can_hold_is_refused_with_the_reason(world: World) -> None:
    wrote = world.write(
        world.labelled("long id", id="x" * 5_000),
        world.labelled("no zone", created_at=datetime(2026, 1, 1)),  # noqa: DTZ001 - that is the point
        world.labelled("fine"),
    )
    assert [why for _, _, why in wrote.refused] == [
        "Its id has 5000 characters; 1 to 1000 are possible.",
        "Its date has no time zone.",
    ]
    assert world.texts() == ["fine"]


def test_hostile_texts_and_numbers_are_stored_alike_on_every_engine(world: World) -> None:
    world.write(
        world.labelled(
            "a\0b \ud800 \U0001f525 end",
            id="nul\0id",
            title="\0",
            author=Author("did:\0", "h\udfff", "\ud83d\udd25", 10**30),
            metrics=Metrics(likes=-(10**30)),
            links=("https://example.com/\0",),
            media=(Media("photo", alt="\ud800"),),
            language_by="x\0",
        ),
        world.labelled("word " * 200_000),
    )
    huge, odd = world.shown()
    assert len(huge.post.text) == 1_000_000
    assert odd.post.text == "a�b � \U0001f525 end"
    assert odd.post.author == Author("did:�", "h�", "\U0001f525", 2**63 - 1)
    assert odd.post.metrics.likes == -(2**63) + 1
    assert world.delete("nul\0id").deleted == 1


@pytest.mark.parametrize("native_id", ["\2", "\3x", "at://did:ana/\2", "did:ana/did:ana", "\1"])
def test_ids_that_look_like_our_abbreviations_come_back_whole(world: World, native_id: str) -> None:
    world.write(world.labelled("x", id=native_id, url="https://x/\\1/did:ana/" + native_id.strip("\1\2\3")))
    (stored,) = world.shown()
    assert stored.post.id == native_id
    world.write(world.labelled("y", id=native_id, author=Author("did:other"), edited=True))
    assert world.shown()[0].post.id == native_id
