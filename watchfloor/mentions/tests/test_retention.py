from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author


def keep(world: World, since_minutes: int, limit: int = 1_000) -> int:
    with transaction.atomic(world.using):
        return world.store.remove_before(world.brand.pk, NOON + timedelta(minutes=since_minutes), limit=limit)


def test_posts_go_and_their_counts_stay(world: World) -> None:
    world.write(*[world.labelled(str(n), created_at=NOON + timedelta(minutes=n), raw=b"x") for n in range(5)])
    assert keep(world, 3) == 3
    assert world.texts() == ["4", "3"]
    assert world.rows("mentions_raw") == world.rows("mentions_post") == 2
    assert (world.counted(world.coffee), world.counted_in(world.brand)) == (5, 5)
    assert world.store.recount() == []


def test_it_works_in_pieces(world: World) -> None:
    world.write(*[world.labelled(str(n), created_at=NOON + timedelta(minutes=n)) for n in range(5)])
    assert [keep(world, 4, limit=3) for _ in range(3)] == [3, 1, 0]


def test_a_post_that_another_mission_keeps_stays_there(world: World) -> None:
    world.write(world.labelled("shared", world.coffee, world.fire))
    assert keep(world, 1) == 1
    assert world.texts() == []
    assert world.texts(world.fire) == ["shared"]


def test_nothing_older_comes_in_again(world: World) -> None:
    old = world.labelled("old", world.coffee, world.fire, id="1")
    world.write(world.labelled("old", world.coffee, id="1"))
    keep(world, 1)
    assert world.write(world.labelled("old", world.coffee, id="1")).too_old == 1
    assert world.write(old).mentions == 1, "the other mission keeps it"
    assert world.counted(world.coffee) == 1


def test_a_line_once_drawn_does_not_move_back(world: World) -> None:
    keep(world, 5)
    keep(world, 1)
    assert world.write(world.labelled(created_at=NOON + timedelta(minutes=3))).too_old == 1


def test_hidden_posts_go_too(world: World) -> None:
    world.write(world.labelled("hidden", author=Author("did:x")))
    world.account("hidden", "did:x")
    assert keep(world, 1) == 1
    assert world.rows("mentions_post") == 0
