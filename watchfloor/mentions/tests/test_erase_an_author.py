from __future__ import annotations

import pytest
from django.db import connections, transaction

from watchfloor.mentions import arrivals
from watchfloor.mentions.tests.world import World
from watchfloor.sources.post import Author


@pytest.fixture
def _desk() -> object:
    arrivals.register("archive")
    yield
    arrivals.unregister("archive")


def forget(world: World, author: str) -> int:
    with transaction.atomic(world.using):
        return world.store.forget_author("bluesky", author)


def purge(world: World) -> None:
    with transaction.atomic(world.using):
        more = world.store.purge_index()
    while more:
        with transaction.atomic(world.using):
            more = world.store.purge_index(start=False)


@pytest.mark.usefixtures("_desk")
def test_nothing_of_the_person_is_left_in_any_table(world: World) -> None:
    canary = Author("did:canary", "canary.example", "Canary Bird", 5)
    world.write(
        world.labelled("canary text", world.coffee, world.fire, author=canary, url="https://x/canary", raw=b"canary"),
        world.labelled("hello", world.coffee),
    )
    assert forget(world, "did:canary") == 1
    assert world.texts() == ["hello"]
    assert world.counted(world.coffee) == 1
    assert world.store.recount() == []
    purge(world)
    with connections[world.using].cursor() as cursor:
        tables = [t for t in connections[world.using].introspection.table_names(cursor) if t.startswith("mentions_")]
        for table in tables:
            if connections[world.using].vendor == "sqlite" and table == "mentions_textindex":
                continue  # can't be read row by row; its own tables follow in this list
            cursor.execute(f"SELECT * FROM {table}")
            assert "canary" not in repr(cursor.fetchall()).lower(), table


def test_later_posts_of_the_account_stay_out_for_good(world: World) -> None:
    from datetime import timedelta

    from django.utils import timezone

    world.write(world.labelled())
    forget(world, "did:ana")
    world.account("hidden")
    world.account("back")
    with transaction.atomic(world.using):
        world.store.prune_tombstones(timezone.now() + timedelta(days=3650))
    assert world.write(world.labelled("again")).dead == 1


def test_an_account_that_never_was_here_can_be_erased(world: World) -> None:
    assert forget(world, "did:nobody") == 0
    assert world.write(world.labelled(author=Author("did:nobody"))).dead == 1


@pytest.mark.usefixtures("_desk")
def test_desks_learn_that_the_posts_are_gone(world: World) -> None:
    world.write(world.labelled())
    post_id = world.shown()[0].id
    forget(world, "did:ana")
    with transaction.atomic(world.using):
        assert [(a.kind, a.post_id) for a in arrivals.take("archive", using=world.using)] == [("deleted", post_id)]
