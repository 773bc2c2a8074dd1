"""Counters say the same as the posts, for any window and bucket, whether hours are read whole or by their minutes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.mentions.store import seen
from watchfloor.mentions.store.counters import pack, unpack
from watchfloor.mentions.store.ids import LARGEST
from watchfloor.mentions.store.pick import count_ids, ids_of, newest_ids, posts_by_id
from watchfloor.mentions.store.store import Scope, Slot
from watchfloor.mentions.tests.world import NOON, World

MINUTE = timedelta(minutes=1)

minutes = st.integers(0, 400)
cells = st.dictionaries(
    st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(-1, 2)),
    st.dictionaries(st.integers(0, 59), st.integers(1, 10**6), min_size=1),
)


@given(cells)
def test_an_hour_comes_back_as_it_was_packed(hour: dict[tuple[int, int, int], dict[int, int]]) -> None:
    posts, totals, by_minute = pack(hour)
    assert posts == sum(sum(of_kind.values()) for of_kind in hour.values())
    assert unpack(totals, by_minute) == hour


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(st.tuples(minutes, st.sampled_from([None, "negative"]), st.booleans()), max_size=15),
    st.lists(st.tuples(minutes, minutes, st.sampled_from([None, 1, 7, 60, 90, 120, 1440])), min_size=1, max_size=6),
)
def test_counters_agree_with_the_posts(
    world: World, posts: list[tuple[int, str | None, bool]], asked: list[tuple[int, int, int | None]]
) -> None:
    start = NOON - timedelta(minutes=17)  # hours do not begin where windows do
    with transaction.atomic(world.using):
        world.write(
            *[
                world.labelled(
                    "coffee",
                    *((world.coffee, world.tea) if both else (world.tea,)),
                    created_at=start + minute * MINUTE,
                    seen_at=start + timedelta(hours=9),
                    sentiment=sentiment,
                )
                for minute, sentiment, both in posts
            ]
        )
        for first, long, width in asked:
            since, until = start + first * MINUTE, start + (first + long) * MINUTE
            bucket = None if width is None else width * MINUTE
            inside = [post for post in posts if first <= post[0] < first + long]
            expected = {
                topic: Counter(
                    Slot(0 if width is None else (minute - first) // width, "bluesky", None, sentiment)
                    for minute, sentiment, both in inside
                    if both or topic != world.coffee.pk
                )
                for topic in (None, world.coffee.pk, world.tea.pk)
            }
            tallies = world.store.tallies(world.brand.pk, since=since, until=until, bucket=bucket)
            assert {topic: slots for topic, slots in tallies.items() if slots} == {
                topic: slots for topic, slots in expected.items() if slots
            }
            for topic, slots in expected.items():
                scope = Scope(world.brand.pk, None if topic is None else (topic,))
                assert world.store.tally(scope, since=since, until=until, bucket=bucket) == slots
                labels = world.store.labels(scope, since=since, until=until)
                assert Counter(post.sentiment for post in labels) == Counter(
                    {name: sum(n for slot, n in slots.items() if slot.sentiment == name) for name in (None, "negative")}
                )
            by_seconds = world.store.tallies(world.brand.pk, since=since, until=until, bucket=timedelta(seconds=30))
            assert sum(by_seconds[None].values()) == len(inside), "read from the posts"
            if bucket is not None:
                by_topic: Counter[tuple[int, int]] = Counter()
                for topic, slots in expected.items():
                    if topic is not None:
                        by_topic.update({(topic, slot.bucket): 0 for slot in slots})
                        for slot, n in slots.items():
                            by_topic[topic, slot.bucket] += n
                topics = [world.coffee.pk, world.tea.pk]
                counted = world.store.count_topics(topics, since=since, until=until, bucket=bucket)
                assert counted == by_topic
        transaction.set_rollback(True, using=world.using)


@pytest.mark.parametrize("hours_at_once", [1, 2, 500])
def test_pages_go_through_years_of_scattered_posts(
    world: World, monkeypatch: pytest.MonkeyPatch, hours_at_once: int
) -> None:
    monkeypatch.setattr(seen, "HOURS_AT_ONCE", hours_at_once)
    at = [NOON - timedelta(days=700), NOON - timedelta(days=699), *[NOON - timedelta(hours=n) for n in (49, 3, 3, 1)]]
    world.write(*[world.labelled(f"coffee {n}", created_at=moment) for n, moment in enumerate(at)])
    world.write(world.labelled("fire", world.fire, created_at=NOON - timedelta(days=300)))
    scope, pages = Scope(world.brand.pk), []
    before = None
    while page := world.store.search(scope, before=before, limit=2):
        pages.append([stored.post.text for stored in page])
        before = page[-1].id
    assert [text for page in pages for text in page] == [
        f"coffee {n}" for n in (5, *sorted((3, 4), reverse=True), 2, 1, 0)
    ]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert [stored.post.text for stored in world.store.matches(scope)] == [text for page in pages for text in page]


def test_ids_are_picked_without_reading_posts(world: World) -> None:
    world.write(*[world.labelled(str(n), created_at=NOON + n * MINUTE) for n in range(4)])
    world.write(world.labelled("fire", world.fire))
    brand, using = Scope(world.brand.pk), world.using
    ids = [stored.id for stored in reversed(world.shown())]
    assert ids_of(brand, 0, LARGEST, using=using) == ids
    assert ids_of(brand, ids[1], ids[3], using=using) == ids[1:3]
    assert newest_ids(brand, limit=1, using=using) == ids[-1:]
    assert (count_ids(brand, using=using), count_ids(brand, ids[1], ids[3], using=using)) == (4, 2)
    assert world.store.first_and_last(world.brand.pk) == (NOON, NOON + 3 * MINUTE)
    with transaction.atomic(using):
        world.store.set_aside(world.brand.pk, ids[:1])
    assert [post.topics for post in posts_by_id(brand, ids[:2], using=using)] == [[], [world.coffee.pk]]
    assert world.store.first_and_last(world.brand.pk) == (NOON + MINUTE, NOON + 3 * MINUTE)


def test_a_mission_without_posts_has_no_first_one(world: World) -> None:
    assert world.store.first_and_last(world.brand.pk) is None
    assert ids_of(Scope(world.brand.pk), 0, LARGEST, using=world.using) == []


def test_posts_of_accounts_are_told_where_they_are_shown(world: World) -> None:
    world.write(world.labelled("one", world.coffee, world.fire), world.labelled("two", created_at=NOON + MINUTE))
    two, one = world.shown()
    assert one.author_row is not None
    both = [(world.brand.pk, world.coffee.pk, one.id), (world.crisis.pk, world.fire.pk, one.id)]
    newest = (world.brand.pk, world.coffee.pk, two.id)
    assert world.store.mentions_of([one.author_row]) == [newest, *both]
    assert world.store.mentions_of([one.author_row], 1) == [newest]
    with transaction.atomic(world.using):
        world.store.set_aside(world.brand.pk, [one.id])
    assert world.store.mentions_of([one.author_row]) == [newest, both[1]]
    world.account("hidden")
    assert world.store.mentions_of([one.author_row]) == []


def test_times_before_the_first_possible_one_are_empty(world: World) -> None:
    world.write(world.labelled())
    long_ago = datetime(1970, 1, 1, tzinfo=NOON.tzinfo)
    assert world.store.tallies(world.brand.pk, since=long_ago, until=NOON + MINUTE)[None] == {
        Slot(0, "bluesky", None, None): 1
    }
