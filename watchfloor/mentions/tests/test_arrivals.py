from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from watchfloor.mentions import arrivals
from watchfloor.mentions.tests.world import World


@pytest.fixture(autouse=True)
def _desks() -> Iterator[None]:
    arrivals.register("inbox")
    arrivals.register("alarm")
    arrivals.register("inbox")
    yield
    arrivals.unregister("inbox")
    arrivals.unregister("alarm")


def take(world: World, desk: str, limit: int = 100) -> list[tuple[str, int, tuple[int, ...]]]:
    with transaction.atomic(world.using):
        return [(a.kind, a.post_id, a.topic_ids) for a in arrivals.take(desk, limit, using=world.using)]


def test_each_desk_gets_each_change_once_in_order(world: World) -> None:
    world.write(world.labelled("v1", world.coffee, world.tea, id="1"))
    post_id = world.shown()[0].id
    both = tuple(sorted([world.coffee.pk, world.tea.pk]))
    world.write(world.labelled("v2", world.coffee, world.tea, id="1", edited=True))
    world.delete("1")
    expected = [("new", post_id, both), ("edited", post_id, both), ("deleted", post_id, both)]
    assert take(world, "inbox", 2) == expected[:2]
    assert take(world, "inbox") == expected[2:]
    assert take(world, "inbox") == []
    assert take(world, "alarm") == expected


def test_a_repeated_batch_writes_none(world: World) -> None:
    post = world.labelled()
    world.write(post)
    world.write(post)
    assert len(take(world, "inbox")) == 1


def test_what_is_taken_comes_again_when_the_work_is_rolled_back(world: World) -> None:
    world.write(world.labelled())

    def work_that_fails() -> None:
        with transaction.atomic(world.using):
            assert arrivals.take("inbox", using=world.using)
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        work_that_fails()
    assert len(take(world, "inbox")) == 1


def test_hidden_posts_arrive_as_deleted_and_come_back_as_new(world: World) -> None:
    world.write(world.labelled())
    world.account("hidden")
    world.account("back")
    assert [kind for kind, _, _ in take(world, "inbox")] == ["new", "deleted", "new"]


def test_waiting_is_counted_by_desk(world: World) -> None:
    world.write(world.labelled(), world.labelled())
    take(world, "alarm")
    assert arrivals.waiting(using=world.using) == {"inbox": 2}


@pytest.mark.django_db(transaction=True)
def test_arrivals_are_taken_in_a_transaction() -> None:
    with pytest.raises(TransactionManagementError):
        arrivals.take("inbox")
