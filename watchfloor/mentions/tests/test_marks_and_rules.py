"""Tags, categories, and rules that apply forward and backward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from watchfloor.listening.actions import make_topic
from watchfloor.mentions import arrivals, reads
from watchfloor.mentions.marking import Mark, Marking, MarkRule
from watchfloor.mentions.marks_actions import (
    MarkRefused,
    add_rule,
    make_mark,
    mark_posts,
    remove_mark,
    remove_rule,
    replace_rule,
    unmark_posts,
)
from watchfloor.mentions.marks_reads import kept_marks, marks_of, with_children
from watchfloor.mentions.rules import apply_rules_to_stored_posts, mark_arrivals
from watchfloor.mentions.tests.posts import deleted, stored
from watchfloor.mentions.tests.world import World
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def topic(cast):
    return make_topic(cast.mission, name="Wifi", role="own", query="wifi", by=None)


@pytest.fixture
def noise(cast):
    return make_mark(cast.mission, kind="tag", name="noise", by=cast.ana)


def store_post(topic, text, minutes=0, **fields):
    return stored([topic], NOON - timedelta(minutes=minutes), text, native_id=text, **fields)


def marked(mission, mark):
    return [post.post.text for post in reads.newest(mission, None, marks=((mark.pk,),))]


def ids(mission):
    return [post.id for post in reads.newest(mission, None)]


def do_all(work):
    for _ in range(100):
        if not work():
            return
    raise AssertionError("it never ends")


def test_a_hand_sets_and_takes_off(cast, topic, noise):
    store_post(topic, "wifi one")
    store_post(topic, "wifi two", 1)
    mark_posts(cast.mission, noise, ids(cast.mission)[:1], by=cast.ana)
    assert marked(cast.mission, noise) == ["wifi one"]
    (carried,) = marks_of(cast.mission, ids(cast.mission))[ids(cast.mission)[0]]
    assert (carried.name, carried.by) == ("noise", "Ana")
    unmark_posts(cast.mission, noise, ids(cast.mission)[:1], by=cast.ana)
    assert marked(cast.mission, noise) == []
    assert marks_of(cast.mission, ids(cast.mission)) == {}


def test_posts_of_another_mission_are_not_marked(cast, topic, noise):
    other = make_topic(cast.other, name="Wifi", role="own", query="wifi", by=None)
    stored([other], NOON, "wifi of others")
    assert mark_posts(cast.mission, noise, ids(cast.other), by=cast.ana) == 0
    assert not Marking.objects.exists()


def test_figures_and_lists_of_a_mark_agree(cast, topic, noise):
    for n in range(5):
        store_post(topic, f"wifi {n}", n)
    mark_posts(cast.mission, noise, ids(cast.mission)[:3], by=cast.ana)
    window = reads.Window(NOON - timedelta(hours=1), NOON + timedelta(minutes=1))
    marks = ((noise.pk,),)
    assert reads.overview(cast.mission, None, window, marks=marks).totals.posts == 3
    points = reads.volume(cast.mission, None, window, timedelta(minutes=1), marks=marks)
    assert sum(point.posts for point in points) == 3
    assert len(list(reads.export(cast.mission, None, marks=marks))) == 3


def test_a_rule_marks_stored_posts_in_the_background_and_says_how_far_it_is(cast, topic, noise, monkeypatch):
    monkeypatch.setattr("watchfloor.mentions.rules.STORED_AT_ONCE", 2)
    for n in range(5):
        store_post(topic, f"wifi giveaway {n}", n)
    store_post(topic, "wifi is down", 9)
    rule = add_rule(noise, query="giveaway", by=cast.ana)
    assert apply_rules_to_stored_posts()
    rule.refresh_from_db()
    assert (rule.done, rule.total, rule.percent, rule.state) == (2, 5, 40, "applying")
    do_all(apply_rules_to_stored_posts)
    rule.refresh_from_db()
    assert (rule.done, rule.state) == (5, "applied")
    assert len(marked(cast.mission, noise)) == 5


def test_a_rule_marks_new_posts_and_follows_edits(cast, topic, noise):
    add_rule(noise, query="giveaway", by=cast.ana)
    do_all(apply_rules_to_stored_posts)
    store_post(topic, "wifi giveaway")
    store_post(topic, "wifi is down", 1)
    mark_arrivals()
    assert marked(cast.mission, noise) == ["wifi giveaway"]
    with transaction.atomic():
        from watchfloor.mentions.store.store import Changes, mention_store

        (post,) = reads.newest(cast.mission, None, limit=1)
        from watchfloor.mentions.store.store import Labelled
        from watchfloor.sources.post import Post

        edited = Post("bluesky", post.post.id, "wifi, nothing for free", post.post.created_at, author=post.post.author)
        mention_store().write(Changes([Labelled(edited, b"", [(topic.pk, 1)], NOON, edited=True)]))
    mark_arrivals()
    assert marked(cast.mission, noise) == []


def test_without_rules_no_arrival_is_written(cast, topic):
    store_post(topic, "wifi")
    assert arrivals.waiting().get("marks", 0) == 0


def test_a_crash_between_taking_and_marking_repeats_the_work(cast, topic, noise, monkeypatch):
    add_rule(noise, query="giveaway", by=cast.ana)
    do_all(apply_rules_to_stored_posts)
    store_post(topic, "wifi giveaway")
    with monkeypatch.context() as broken:
        broken.setattr("watchfloor.mentions.rules.mark_by_rules", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mark_arrivals()
    mark_arrivals()
    assert marked(cast.mission, noise) == ["wifi giveaway"]


def test_by_hand_wins_over_rules_and_they_do_not_set_it_again(cast, topic, noise):
    store_post(topic, "wifi giveaway")
    rule = add_rule(noise, query="giveaway", by=cast.ana)
    do_all(apply_rules_to_stored_posts)
    unmark_posts(cast.mission, noise, ids(cast.mission), by=cast.ana)
    replace_rule(rule, query="giveaway OR wifi", by=cast.ana)
    do_all(apply_rules_to_stored_posts)
    assert marked(cast.mission, noise) == []
    mark_posts(cast.mission, noise, ids(cast.mission), by=cast.ben)
    assert marked(cast.mission, noise) == ["wifi giveaway"]


def test_removing_a_rule_removes_what_only_it_set(cast, topic, noise, monkeypatch):
    monkeypatch.setattr("watchfloor.mentions.rules.REMOVED_AT_ONCE", 2)
    for n, text in enumerate(
        ("by rule a", "by both rules b", "by hand too a", "by rule a again", "by rule a once more")
    ):
        store_post(topic, f"wifi {text}", n)
    of_a, of_b = (add_rule(noise, query=word, by=cast.ana) for word in ("a", "b"))
    do_all(apply_rules_to_stored_posts)
    add_rule(noise, query='"by both rules"', by=cast.ana)
    do_all(apply_rules_to_stored_posts)
    hand = [post.id for post in reads.newest(cast.mission, None) if "hand" in post.post.text]
    mark_posts(cast.mission, noise, hand, by=cast.ana)
    assert len(marked(cast.mission, noise)) == 5
    remove_rule(of_a)
    do_all(apply_rules_to_stored_posts)
    assert sorted(marked(cast.mission, noise)) == ["wifi by both rules b", "wifi by hand too a"]
    assert not MarkRule.objects.filter(pk=of_a.pk).exists()
    assert MarkRule.objects.filter(pk=of_b.pk).exists()


def test_a_category_means_its_sub_categories_too_and_stands_one_level_deep(cast, topic):
    food = make_mark(cast.mission, kind="category", name="Food", by=cast.ana)
    queue = make_mark(cast.mission, kind="category", name="Queue", parent=food, by=cast.ana)
    assert with_children(cast.mission, [food.pk]) == (food.pk, queue.pk)
    with pytest.raises(MarkRefused, match="only under a category"):
        make_mark(cast.mission, kind="category", name="North hall", parent=queue, by=cast.ana)
    tags, categories = kept_marks(cast.mission)
    assert (tags, [(one.mark.name, [under.mark.name for under in one.children]) for one in categories]) == (
        [],
        [("Food", ["Queue"])],
    )


@pytest.mark.parametrize(
    ("name", "why"), [("", "missing"), ("  \n ", "missing"), ("x" * 400, "at most 80"), ("NOISE", "there already")]
)
def test_names_that_cant_be_are_refused(cast, noise, name, why):
    with pytest.raises(MarkRefused, match=why):
        make_mark(cast.mission, kind="tag", name=name, by=cast.ana)


def test_a_rule_that_cant_be_read_is_refused_with_the_place(cast, noise):
    with pytest.raises(MarkRefused, match="Character 6"):
        add_rule(noise, query="wifi (", by=cast.ana)


def test_marks_go_with_their_post(cast, topic, noise):
    store_post(topic, "wifi one")
    mark_posts(cast.mission, noise, ids(cast.mission), by=cast.ana)
    deleted("bluesky", "wifi one")
    assert not Marking.objects.exists()


def test_marks_go_with_their_post_on_either_engine(world: World):
    world.write(world.labelled("coffee", id="1"))
    (post,) = world.shown()
    mark = Mark.objects.using(world.using).create(mission=world.brand, kind="tag", name="noise")
    Marking.objects.using(world.using).create(mark=mark, post_id=post.id, source=0, at=NOON)
    with transaction.atomic(world.using):
        assert [p.id for p in reads.newest(world.brand, None, marks=((mark.pk,),))] == [post.id]
        world.delete("1")
    assert not Marking.objects.using(world.using).exists()


def test_removing_a_mark_takes_all_of_it_away(cast, topic, noise):
    store_post(topic, "wifi giveaway")
    add_rule(noise, query="giveaway", by=cast.ana)
    do_all(apply_rules_to_stored_posts)
    remove_mark(noise)
    assert not Marking.objects.exists()
    assert not MarkRule.objects.exists()
