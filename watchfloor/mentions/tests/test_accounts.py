"""Accounts that are deactivated, come back, or are gone for good."""

from __future__ import annotations

from watchfloor.mentions.store.store import Scope
from watchfloor.mentions.tests.world import World
from watchfloor.sources.post import Author


def test_posts_of_a_hidden_account_are_in_no_count_search_or_page(world: World) -> None:
    world.write(world.labelled("hidden", world.coffee, world.fire), world.labelled("ben's", author=Author("did:ben")))
    wrote = world.account("hidden")
    assert {topic: len(posts) for topic, posts in wrote.gone.items()} == {world.coffee.pk: 1, world.fire.pk: 1}
    assert world.texts() == ["ben's"]
    assert world.store.count(Scope(world.crisis.pk)) == 0
    assert (world.counted(world.coffee), world.counted(world.fire), world.counted_in(world.brand)) == (1, 0, 1)
    assert world.store.recount() == []


def test_they_come_back_with_the_account(world: World) -> None:
    world.write(world.labelled("here again", world.coffee, world.fire))
    before = world.shown()
    world.account("hidden")
    wrote = world.account("back")
    assert sorted(wrote.new) == sorted([world.coffee.pk, world.fire.pk])
    assert world.shown() == before
    assert (world.counted(world.coffee), world.counted_in(world.crisis)) == (1, 1)


def test_hiding_twice_changes_nothing(world: World) -> None:
    world.write(world.labelled())
    world.account("hidden")
    assert world.account("hidden").gone == {}
    world.account("back")
    assert world.account("back").new == {}
    assert world.counted(world.coffee) == 1


def test_a_post_of_a_hidden_account_is_stored_hidden(world: World) -> None:
    world.write(world.labelled("first"))
    world.account("hidden")
    assert world.write(world.labelled("second")).new == {}
    world.account("hidden", "did:unseen")
    world.write(world.labelled("third", author=Author("did:unseen")))
    assert world.shown() == []
    world.account("back")
    world.account("back", "did:unseen")
    assert sorted(world.texts()) == ["first", "second", "third"]


def test_a_hidden_post_follows_edits_unseen(world: World) -> None:
    world.write(world.labelled("coffee", world.coffee, id="1"))
    world.account("hidden")
    wrote = world.write(world.labelled("tea", world.tea, id="1", edited=True))
    assert (wrote.edited, wrote.new, wrote.changed, wrote.gone) == (1, {}, {}, {})
    world.account("back")
    assert world.texts(world.coffee) == []
    assert world.texts(world.tea) == ["tea"]


def test_an_account_that_is_gone_takes_its_posts_along(world: World) -> None:
    world.write(world.labelled("one"), world.labelled("two"), world.labelled("ben's", author=Author("did:ben")))
    wrote = world.account("gone")
    assert (wrote.deleted, len(wrote.gone[world.coffee.pk])) == (2, 2)
    assert world.texts() == ["ben's"]
    assert world.write(world.labelled("late")).dead == 1
    assert world.rows("mentions_author") == 1


def test_a_hidden_account_that_is_gone_leaves_nothing(world: World) -> None:
    world.write(world.labelled("one"))
    world.account("hidden")
    world.account("gone")
    assert [world.rows(f"mentions_{name}") for name in ("post", "author", "raw")] == [0, 0, 0]
