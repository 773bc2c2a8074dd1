"""A team takes a post out of its own mission's sight, and may take it back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from watchfloor.listening.language.read import read
from watchfloor.mentions import arrivals
from watchfloor.mentions.store.store import Scope
from watchfloor.mentions.tests.world import NOON, World


def aside(world: World, *post_ids: int) -> list[int]:
    with transaction.atomic(world.using):
        return world.store.set_aside(world.brand.pk, post_ids)


def back(world: World, *post_ids: int) -> list[int]:
    with transaction.atomic(world.using):
        return world.store.take_back(world.brand.pk, post_ids)


def shared(world: World, text: str = "coffee") -> int:
    """One post of both missions."""
    world.write(world.labelled(text, world.coffee, world.tea, world.fire, id="1"))
    return world.shown(world.fire)[0].id


def test_one_mission_does_not_see_it_and_the_other_does(world: World) -> None:
    post = shared(world)
    assert aside(world, post, post, 12) == [post]
    assert world.texts() == world.texts(world.coffee) == []
    assert world.store.count(Scope(world.brand.pk), read("coffee")) == 0
    assert world.store.post(Scope(world.brand.pk), post) is None
    assert (world.counted(world.coffee), world.counted(world.tea), world.counted_in(world.brand)) == (0, 0, 0)
    assert world.texts(world.fire) == ["coffee"]
    assert world.store.count(Scope(world.crisis.pk), read("coffee")) == world.counted_in(world.crisis) == 1
    assert world.store.recount() == []


def test_what_is_taken_back_is_as_it_was(world: World) -> None:
    post = shared(world)
    aside(world, post)
    assert aside(world, post) == [], "it is already"
    assert back(world, post) == [post]
    assert back(world, post) == []
    (stored,) = world.shown()
    assert stored.topics == [world.coffee.pk, world.tea.pk]
    assert (world.counted(world.coffee), world.counted_in(world.brand)) == (1, 1)
    assert world.store.recount() == []


def test_a_mission_sets_aside_its_own_posts_only(world: World) -> None:
    world.write(world.labelled("fire", world.fire))
    assert aside(world, world.shown(world.fire)[0].id) == []


def test_the_list_shows_the_newest_first_in_pages(world: World) -> None:
    world.write(*[world.labelled(str(n), created_at=NOON + timedelta(minutes=n)) for n in range(5)])
    aside(world, *[stored.id for stored in world.shown()[:4]])
    first = world.store.set_aside_posts(world.brand.pk, limit=3)
    assert [stored.post.text for stored in first] == ["4", "3", "2"]
    assert [stored.topics for stored in first] == [[world.coffee.pk]] * 3
    rest = world.store.set_aside_posts(world.brand.pk, before=first[-1].id, limit=3)
    assert [stored.post.text for stored in rest] == ["1"]
    assert world.store.set_aside_posts(world.crisis.pk) == []


def test_a_lone_mission_does_not_find_it_by_its_words(world: World) -> None:
    world.write(world.labelled("coffee one"), world.labelled("coffee two"))
    aside(world, world.shown()[0].id)
    assert world.store.count(Scope(world.brand.pk), read("coffee")) == 1


def test_it_stays_aside_through_edits_and_other_topics(world: World) -> None:
    post = shared(world)
    aside(world, post)
    wrote = world.write(world.labelled("fire tea", world.tea, world.fire, id="1", edited=True))
    assert (wrote.new, wrote.gone, wrote.changed) == ({}, {}, {world.fire.pk: [post]})
    assert world.texts() == []
    with transaction.atomic(world.using):
        applied = world.store.apply_topic(world.coffee.pk, read("fire"), 2)
    assert (applied.added, applied.removed) == ([], []), "nothing that anybody sees"
    assert world.texts() == []
    (listed,) = world.store.set_aside_posts(world.brand.pk)
    assert listed.topics == [world.coffee.pk, world.tea.pk]
    back(world, post)
    assert world.texts(world.coffee) == ["fire tea"]
    assert world.store.recount() == []


def test_it_stays_aside_while_its_author_is_hidden_and_back(world: World) -> None:
    post = shared(world)
    aside(world, post)
    world.account("hidden")
    assert world.store.set_aside_posts(world.brand.pk) == []
    assert world.account("back").new == {world.fire.pk: [post]}
    assert world.texts() == []
    assert [stored.id for stored in world.store.set_aside_posts(world.brand.pk)] == [post]
    assert world.store.recount() == []


def test_retention_and_erasure_take_it_along(world: World) -> None:
    post = shared(world)
    aside(world, post)
    with transaction.atomic(world.using):
        assert world.store.remove_before(world.brand.pk, NOON + timedelta(minutes=1)) == 1
    assert world.store.set_aside_posts(world.brand.pk) == []
    assert world.texts(world.fire) == ["coffee"]
    with transaction.atomic(world.using):
        world.store.set_aside(world.crisis.pk, [post])
        world.store.forget_author("bluesky", "did:ana")
    assert world.rows("mentions_setaside") == world.rows("mentions_post") == 0
    assert world.store.recount() == []


def test_desks_hear_of_it_for_the_missions_topics(world: World) -> None:
    post = shared(world)
    arrivals.register("inbox")
    try:
        aside(world, post)
        back(world, post)
        with transaction.atomic(world.using):
            told = [(one.kind, one.topic_ids) for one in arrivals.take("inbox", using=world.using)]
    finally:
        arrivals.unregister("inbox")
    topics = (world.coffee.pk, world.tea.pk)
    assert told == [("deleted", topics), ("new", topics)]
