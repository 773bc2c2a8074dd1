from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from watchfloor.mentions.tests.world import World

TABLES = ("post", "raw", "author", "counter", "missioncounter")


def test_a_deleted_post_is_gone_from_every_table(world: World) -> None:
    world.write(world.labelled("oops", world.coffee, world.fire, id="1", raw=b"{}"))
    post_id = world.shown()[0].id
    wrote = world.delete("1")
    assert wrote.deleted == 1
    assert wrote.gone == {world.coffee.pk: [post_id], world.fire.pk: [post_id]}
    assert [world.rows(f"mentions_{table}") for table in TABLES] == [0] * len(TABLES)
    assert world.store.raw(post_id) is None


def test_deleting_twice_changes_nothing(world: World) -> None:
    world.write(world.labelled(id="1"), world.labelled("stays"))
    world.delete("1")
    again = world.delete("1")
    assert (again.deleted, again.gone) == (0, {})
    assert world.counted(world.coffee) == 1


def test_a_create_that_arrives_after_its_delete_stays_dead(world: World) -> None:
    assert world.delete("1").deleted == 0
    wrote = world.write(world.labelled(id="1"))
    assert (wrote.stored, wrote.dead) == (0, 1)
    assert world.shown() == []


def test_a_delete_in_the_batch_of_its_create_wins(world: World) -> None:
    wrote = world.write(world.labelled(id="1"), world.labelled("stays", id="2"), deleted=[("bluesky", "1")])
    assert (wrote.stored, wrote.dead) == (1, 1)
    assert world.texts() == ["stays"]


def test_an_edit_does_not_raise_the_dead(world: World) -> None:
    world.delete("1")
    assert world.write(world.labelled(id="1", edited=True)).dead == 1


def test_tombstones_are_pruned_after_72_hours_and_not_before(world: World) -> None:
    from django.db import transaction

    world.delete("1", "2")
    with transaction.atomic(world.using):
        assert world.store.prune_tombstones(timezone.now() + timedelta(hours=72)) == 0
        assert world.store.prune_tombstones(timezone.now() + timedelta(hours=74)) == 2
