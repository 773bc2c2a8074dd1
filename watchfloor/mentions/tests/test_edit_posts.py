from __future__ import annotations

from datetime import timedelta

from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author, Metrics


def test_an_edit_replaces_the_post_and_keeps_its_place(world: World) -> None:
    world.write(world.labelled("coffe", id="1", raw=b"1"))
    (before,) = world.shown()
    later = NOON + timedelta(hours=3)
    wrote = world.write(world.labelled("coffee", id="1", raw=b"2", edited=True, seen_at=later, sentiment="negative"))
    (after,) = world.shown()
    assert (wrote.edited, wrote.stored, wrote.changed) == (1, 0, {world.coffee.pk: [before.id]})
    assert (after.id, after.at, after.seen_at) == (before.id, before.at, before.seen_at)
    assert (after.post.text, after.edited_at, after.sentiment) == ("coffee", later, "negative")
    assert world.store.raw(after.id) == b"2"
    assert world.store.recount() == []


def test_a_repeated_edit_changes_nothing(world: World) -> None:
    first, edit = world.labelled("v1", id="1"), world.labelled("v2", id="1", edited=True)
    world.write(first)
    world.write(edit)
    edit.seen_at += timedelta(minutes=1)
    again = world.write(first, edit)
    assert (again.edited, again.stored, again.changed, again.new) == (0, 0, {}, {})
    assert world.shown()[0].edited_at == NOON + timedelta(seconds=1)


def test_an_edit_moves_mentions_between_topics(world: World) -> None:
    world.write(world.labelled("coffee", world.coffee, id="1"))
    wrote = world.write(world.labelled("tea", world.tea, id="1", edited=True))
    post_id = world.shown()[0].id
    assert (wrote.new, wrote.gone, wrote.changed) == ({world.tea.pk: [post_id]}, {world.coffee.pk: [post_id]}, {})
    assert (world.counted(world.coffee), world.counted(world.tea), world.counted_in(world.brand)) == (0, 1, 1)


def test_an_edit_that_matches_nothing_takes_the_post_away(world: World) -> None:
    world.write(world.labelled("coffee", id="1"))
    wrote = world.write(unmatched_edits=[("bluesky", "1")])
    assert (wrote.edited, len(wrote.gone[world.coffee.pk])) == (1, 1)
    assert world.rows("mentions_post") == world.counted(world.coffee) == 0
    assert world.write(world.labelled("coffee again", id="1", edited=True)).stored == 1


def test_an_edit_seen_for_one_mission_leaves_the_others_mentions_alone(world: World) -> None:
    world.write(world.labelled("v1", world.coffee, world.fire, id="1"))
    world.write(world.labelled("v2", world.tea, id="1", edited=True), mission_id=world.brand.pk)
    assert world.texts(world.coffee) == []
    assert world.texts(world.tea) == world.texts(world.fire) == ["v2"]
    world.write(unmatched_edits=[("bluesky", "1")], mission_id=world.brand.pk)
    assert world.texts(world.fire) == ["v2"]
    assert world.counted_in(world.brand) == 0
    assert world.store.recount() == []


def test_an_edit_that_comes_first_is_stored_and_its_create_ignored(world: World) -> None:
    world.write(world.labelled("v2", id="1", edited=True))
    assert world.write(world.labelled("v1", id="1")).duplicates == 1
    (stored,) = world.shown()
    assert (stored.post.text, stored.edited_at) == ("v2", NOON + timedelta(seconds=1))


def test_new_figures_alone_are_no_edit(world: World) -> None:
    world.write(world.labelled("same", id="1", metrics=Metrics(likes=1)))
    world.write(world.labelled("same", id="1", metrics=Metrics(likes=9), edited=True))
    (stored,) = world.shown()
    assert (stored.post.metrics.likes, stored.edited_at) == (9, None)


def test_of_several_versions_in_a_batch_the_last_edit_counts(world: World) -> None:
    versions = [world.labelled(f"v{n}", id="1", edited=n > 0) for n in range(3)]
    assert world.write(*versions).stored == 1
    assert world.texts() == ["v2"]


def test_a_new_name_is_told_on_older_posts_too(world: World) -> None:
    world.write(world.labelled("one", id="1"))
    world.rename(handle="ana.new", followers=5)
    (stored,) = world.shown()
    assert (stored.post.author.handle, stored.post.author.name) == ("ana.new", "Ana")
    assert stored.post.author.followers is None, "followers are those of the time of writing"


def test_an_older_post_does_not_bring_back_an_older_name(world: World) -> None:
    world.write(world.labelled("new", author=Author("did:ana", "new.name")))
    world.write(world.labelled("old", created_at=NOON - timedelta(days=9), author=Author("did:ana", "old.name")))
    assert {stored.post.author.handle for stored in world.shown()} == {"new.name"}


def test_an_edit_without_a_payload_leaves_none_of_the_text_before(world: World) -> None:
    world.write(world.labelled("coffee, cold", id="1", raw=b'{"text": "coffee, cold"}'))
    (stored,) = world.shown()
    assert world.store.raw(stored.id) == b'{"text": "coffee, cold"}'
    later = NOON + timedelta(hours=3)
    world.write(world.labelled("coffee, hot", id="1", raw=b"", edited=True, seen_at=later))
    assert world.store.raw(stored.id) is None
