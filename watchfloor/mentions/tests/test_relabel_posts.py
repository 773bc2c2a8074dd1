"""A person's label takes the place of the stored one, and stands."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from watchfloor.mentions import reads
from watchfloor.mentions.store.store import StoredPost
from watchfloor.mentions.tests.world import NOON, World


def relabel(world: World, post_id: int, **labels: Any) -> bool:
    with transaction.atomic(world.using):
        return world.store.relabel(post_id, **labels)


def labelled(world: World, **fields: Any) -> StoredPost:
    """Store one post that a model labelled."""
    fields = {"sentiment": "negative", "sentiment_by": "vader/1", "sentiment_confidence": 0.7, "sentiment_score": -0.5,
              "language": "de", "language_by": "declared/1", "id": "1"} | fields  # fmt: skip
    world.write(world.labelled("coffee", world.coffee, world.fire, **fields))
    (stored,) = world.shown()
    return stored


def sentiments(world: World) -> dict[str | None, int]:
    window = reads.Window(NOON, NOON.replace(hour=13))
    return {share.name: share.posts for share in reads.shares(world.brand, [world.coffee.pk], window, "sentiment")}


def test_a_persons_word_replaces_the_label_and_its_doubts(world: World) -> None:
    post = labelled(world)
    assert relabel(world, post.id, sentiment="positive", by="person/12")
    (after,) = world.shown()
    assert (after.sentiment, after.sentiment_by) == ("positive", "person/12")
    assert (after.sentiment_score, after.sentiment_confidence) == (None, None)
    assert (after.language, after.language_by, after.edited_at) == ("de", "declared/1", None)
    assert after.post == post.post


def test_every_figure_moves_along(world: World) -> None:
    post = labelled(world)
    relabel(world, post.id, sentiment=None, language="en", by="person/12")
    assert sentiments(world) == {None: 1}
    window = reads.Window(NOON, NOON.replace(hour=13))
    for mission in (world.brand, world.crisis):
        assert [share.name for share in reads.shares(mission, None, window, "language")] == ["en"]
    assert world.store.recount() == []


def test_the_same_word_again_changes_nothing(world: World) -> None:
    post = labelled(world)
    for _ in range(2):
        assert relabel(world, post.id, sentiment="positive", by="person/12")
        assert sentiments(world) == {"positive": 1}


def test_another_person_may_say_otherwise_and_a_model_may_not(world: World) -> None:
    post = labelled(world)
    relabel(world, post.id, sentiment="positive", by="person/12")
    relabel(world, post.id, sentiment="neutral", by="person/3")
    assert relabel(world, post.id, sentiment="negative", language="fr", by="english/2")
    (after,) = world.shown()
    assert (after.sentiment, after.sentiment_by) == ("neutral", "person/3")
    assert (after.language, after.language_by) == ("fr", "english/2"), "nobody spoke about the language"


def test_a_newer_model_says_how_sure_it_is(world: World) -> None:
    post = labelled(world)
    relabel(world, post.id, sentiment="neutral", by="english/2", sentiment_score=0.125, sentiment_confidence=0.5)
    (after,) = world.shown()
    assert (after.sentiment_score, after.sentiment_confidence) == (0.125, 0.5)


def test_an_edit_keeps_a_persons_label_and_replaces_a_models(world: World) -> None:
    post = labelled(world)
    relabel(world, post.id, sentiment="positive", by="person/12")
    labelled(world, edited=True, language="en")
    (after,) = world.shown()
    assert (after.sentiment, after.sentiment_by, after.language) == ("positive", "person/12", "en")
    assert sentiments(world) == {"positive": 1}
    assert world.store.recount() == []


def test_a_hidden_post_keeps_it_until_it_is_back(world: World) -> None:
    post = labelled(world)
    relabel(world, post.id, sentiment="positive", by="person/12")
    world.account("hidden")
    assert not relabel(world, post.id, sentiment="neutral", by="person/12"), "nobody sees it now"
    world.account("back")
    assert world.shown()[0].sentiment == "positive"
    assert sentiments(world) == {"positive": 1}


def test_what_is_not_there_has_no_label(world: World) -> None:
    assert not relabel(world, 12, sentiment="positive", by="person/12")
