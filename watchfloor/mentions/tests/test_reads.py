from __future__ import annotations

from datetime import timedelta

import pytest

from watchfloor.mentions import reads
from watchfloor.mentions.reads import Share, VolumePoint, Window
from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author

HOUR = Window(NOON, NOON + timedelta(hours=1))
TEN = timedelta(minutes=10)


@pytest.fixture
def day(world: World) -> World:
    world.write(
        world.labelled("a", world.coffee, sentiment="negative", language="en", network="bluesky"),
        world.labelled("b", world.coffee, world.tea, language="de", created_at=NOON + TEN, seen_at=NOON + TEN),
        world.labelled("c", world.tea, network="mastodon", language="en", author=Author("1"), created_at=NOON + TEN * 2,
                       seen_at=NOON + TEN * 2),
    )  # fmt: skip
    return world


def test_volume_has_a_point_for_every_bucket(day: World) -> None:
    points = reads.volume(day.brand, None, HOUR, TEN)
    assert [point.posts for point in points] == [1, 1, 1, 0, 0, 0]
    assert points[0] == VolumePoint(NOON, negative=1)
    assert points[2].unknown == 1


@pytest.mark.parametrize("topics", [None, ["coffee"], ["coffee", "tea"], ["fire"], []])
def test_counters_and_posts_tell_the_same(day: World, topics: list[str] | None) -> None:
    ids = None if topics is None else [getattr(day, name).pk for name in topics]
    points = reads.volume(day.brand, ids, HOUR, timedelta(minutes=1))
    found = reads.newest(day.brand, ids, window=HOUR)
    assert {point.at: point.posts for point in points if point.posts} == {stored.at: 1 for stored in found}
    assert reads.totals(day.brand, ids, HOUR).posts == len(found)


def test_shares_are_of_distinct_posts_largest_first(day: World) -> None:
    assert reads.shares(day.brand, None, HOUR, "network") == [Share("bluesky", 2, 2 / 3), Share("mastodon", 1, 1 / 3)]
    assert reads.shares(day.brand, None, HOUR, "language") == [Share("en", 2, 2 / 3), Share("de", 1, 1 / 3)]
    both = reads.shares(day.brand, [day.coffee.pk, day.tea.pk], HOUR, "sentiment")
    assert both == [Share(None, 2, 2 / 3), Share("negative", 1, 1 / 3)]
    assert reads.shares(day.brand, [day.fire.pk], HOUR, "network") == []


def test_totals_count_authors_once(day: World) -> None:
    totals = reads.totals(day.brand, None, HOUR)
    assert (totals.posts, totals.negative, totals.unknown, totals.authors) == (3, 1, 2, 2)
    assert reads.totals(day.brand, None, HOUR, with_authors=False).authors is None


def test_a_window_is_widened_to_whole_minutes(day: World) -> None:
    window = Window(NOON + timedelta(seconds=30), NOON + timedelta(seconds=31))
    assert reads.totals(day.brand, None, window).posts == 1


def test_a_bucket_that_counters_can_not_answer_is_refused(day: World) -> None:
    with pytest.raises(ValueError, match="whole minutes"):
        reads.volume(day.brand, None, HOUR, timedelta(seconds=90))
    with pytest.raises(ValueError, match="Take longer buckets"):
        reads.volume(day.brand, None, Window(NOON - timedelta(days=365), NOON), timedelta(minutes=1))


def test_export_reads_everything_newest_first(day: World) -> None:
    assert [stored.post.text for stored in reads.export(day.brand, None)] == ["c", "b", "a"]
