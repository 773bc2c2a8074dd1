"""Whose handle is asked for, when, and which mentions change once it is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from watchfloor.mentions import unnamed
from watchfloor.mentions.models import Author as Account
from watchfloor.mentions.models import Word
from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author


def write(world: World, *authors: str, **fields: object) -> None:
    world.write(*[world.labelled(author=Author(author), **fields) for author in authors])


def asked_for(world: World, now: datetime = NOON, most: int = 100, network: str = "bluesky") -> list[str]:
    return [one.native_id for one in unnamed.to_ask_for(network, now, most, using=world.using)]


def note(world: World, now: datetime) -> None:
    rows = [one.row for one in unnamed.to_ask_for("bluesky", now, 100, using=world.using)]
    with transaction.atomic(world.using):
        unnamed.note_asked(rows, now, using=world.using)


def test_the_newest_accounts_without_a_handle_come_first(world: World) -> None:
    for author in ("did:ana", "did:ben", "did:cleo"):
        write(world, author)
    world.write(world.labelled(author=Author("did:dora", handle="dora.example")), world.labelled(author=Author()))
    assert asked_for(world) == ["did:cleo", "did:ben", "did:ana"]
    assert asked_for(world, most=2) == ["did:cleo", "did:ben"]
    assert asked_for(world, network="mastodon") == []


def test_an_account_that_stays_unknown_is_asked_for_ever_less_often_and_at_least_a_day_apart(world: World) -> None:
    write(world, "did:ana")
    now, waits = NOON, []
    for _ in range(6):
        note(world, now)
        assert asked_for(world, now) == []
        due = Account.objects.using(world.using).get().ask_at
        assert due is not None
        assert asked_for(world, due - timedelta(seconds=1)) == []
        assert asked_for(world, due) == ["did:ana"]
        waits.append(due - now)
        now = due
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert waits == [2 * minute, 15 * minute, 2 * hour, 24 * hour, 24 * hour, 24 * hour]


def test_those_never_asked_for_go_before_those_whose_turn_came_again(world: World) -> None:
    write(world, "did:ana")
    note(world, NOON)
    write(world, "did:ben")
    later = NOON + timedelta(hours=1)
    assert asked_for(world, later) == ["did:ben", "did:ana"]
    assert asked_for(world, later, most=1) == ["did:ben"]


def test_nobody_is_asked_about_erased_gone_or_hidden_accounts(world: World) -> None:
    write(world, "did:erased", "did:gone", "did:hidden")
    with transaction.atomic(world.using):
        world.store.forget_author("bluesky", "did:erased")
    world.account("gone", "did:gone")
    world.account("hidden", "did:hidden")
    write(world, "did:erased", "did:gone", "did:hidden")
    assert asked_for(world) == []
    world.account("back", "did:hidden")
    assert asked_for(world) == ["did:hidden"]


def test_nobody_is_asked_about_an_account_without_posts(world: World) -> None:
    write(world, "did:ana", id="1")
    world.delete("1")
    assert asked_for(world) == []


def test_a_told_handle_ends_the_asking(world: World) -> None:
    write(world, "did:ana")
    world.rename("did:ana", handle="ana.example")
    note(world, NOON)
    assert asked_for(world, NOON + timedelta(days=9)) == []


def test_the_newest_mentions_of_an_author_are_found_by_mission_and_topic(world: World) -> None:
    write(world, "did:ben")
    world.write(
        world.labelled("old", world.coffee, author=Author("did:ana"), created_at=NOON - timedelta(hours=1)),
        world.labelled("both", world.coffee, world.fire, author=Author("did:ana")),
    )
    both, old = (one.id for one in world.shown() if one.post.author.id == "did:ana")
    (row,) = (
        one.row for one in unnamed.to_ask_for("bluesky", NOON, 9, using=world.using) if one.native_id == "did:ana"
    )
    assert unnamed.mentions_of([row], 10, using=world.using) == {
        world.brand.pk: {world.coffee.pk: [both, old]},
        world.crisis.pk: {world.fire.pk: [both]},
    }
    assert (
        sum(
            len(posts)
            for topics in unnamed.mentions_of([row], 2, using=world.using).values()
            for posts in topics.values()
        )
        == 2
    )
    assert unnamed.mentions_of([], 10, using=world.using) == {}


@pytest.mark.django_db
def test_looking_for_them_reads_one_index() -> None:
    word = Word.objects.create(word="bluesky")
    waiting = Account.objects.filter(network=word, handle=None)
    for query in (waiting.filter(ask_at=None).order_by("-pk"), waiting.filter(ask_at__lte=NOON).order_by("ask_at")):
        plan = query.explain()
        assert "authors_to_ask_for" in plan
        assert "TEMP B-TREE" not in plan
