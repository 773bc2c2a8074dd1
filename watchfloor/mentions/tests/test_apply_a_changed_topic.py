from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from watchfloor.listening.language.read import read
from watchfloor.listening.models import Topic
from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author


def apply(world: World, topic: Topic, query: str | None, *, version: int = 2, chunk: int = 1_000) -> tuple[int, int]:
    """Apply in chunks to the end; say how many posts were added and removed."""
    added = removed = 0
    before = None
    while True:
        with transaction.atomic(world.using):
            applied = world.store.apply_topic(
                topic.pk, None if query is None else read(query), version, before=before, chunk=chunk
            )
        added, removed, before = added + len(applied.added), removed + len(applied.removed), applied.before
        if before is None:
            return added, removed


def test_mentions_follow_the_changed_query(world: World) -> None:
    world.write(world.labelled("coffee"), world.labelled("coffee with milk"), world.labelled("tea", world.tea))
    assert apply(world, world.coffee, "milk OR tea") == (1, 1)
    assert sorted(world.texts(world.coffee)) == ["coffee with milk", "tea"]
    assert sorted(world.texts()) == ["coffee with milk", "tea"], "what no topic holds any more is gone"
    assert (world.counted(world.coffee), world.counted_in(world.brand)) == (2, 2)
    assert world.store.recount() == []


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_it_works_in_chunks_and_again(world: World, chunk: int) -> None:
    posts = [world.labelled(f"tea {n}", world.tea, created_at=NOON - timedelta(minutes=n)) for n in range(7)]
    world.write(*posts)
    assert apply(world, world.coffee, "tea NOT 3", chunk=chunk) == (6, 0)
    assert apply(world, world.coffee, "tea NOT 3", chunk=chunk) == (0, 0)
    assert apply(world, world.coffee, None, chunk=chunk) == (0, 6)
    assert len(world.shown()) == 7
    assert world.store.recount() == []


def test_a_topic_looks_only_at_posts_of_its_own_mission(world: World) -> None:
    world.write(world.labelled("fire", world.fire), world.labelled("fire in the cafe", world.coffee))
    assert apply(world, world.tea, "fire") == (1, 0)
    assert world.texts(world.tea) == ["fire in the cafe"]


def test_hidden_posts_follow_unseen(world: World) -> None:
    world.write(world.labelled("coffee and tea", world.coffee, author=Author("did:x")))
    world.account("hidden", "did:x")
    assert apply(world, world.tea, "tea") == (0, 0)
    assert apply(world, world.coffee, "milk") == (0, 0)
    world.account("back", "did:x")
    assert world.texts(world.tea) == ["coffee and tea"]
    assert world.texts(world.coffee) == []


def test_what_a_mission_no_longer_keeps_is_not_taken_in(world: World) -> None:
    world.write(world.labelled("tea", world.tea))
    with transaction.atomic(world.using):
        world.store.remove_before(world.brand.pk, NOON + timedelta(minutes=1), limit=0)
    assert apply(world, world.coffee, "tea") == (0, 0)


def test_fields_are_asked_too(world: World) -> None:
    world.write(
        world.labelled("tea", world.tea, sentiment="negative", author=Author("1", "ana", followers=5)),
        world.labelled("tea", world.tea, sentiment="positive", author=Author("2", "ben", followers=50)),
    )
    assert apply(world, world.coffee, "tea followers:>10") == (1, 0)
    assert [stored.post.author.handle for stored in world.shown(world.coffee)] == ["ben"]


def test_a_topic_that_is_gone_is_done(world: World) -> None:
    with transaction.atomic(world.using):
        applied = world.store.apply_topic(999_999, read("tea"), 1)
    assert (applied.added, applied.removed, applied.before) == ([], [], None)
