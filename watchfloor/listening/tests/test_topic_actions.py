from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from watchfloor.listening.actions import change_topic, make_topic, remove_topic, restore_version, switch_topic
from watchfloor.listening.models import Revision, Topic, TopicVersion
from watchfloor.live.models import Announcement
from watchfloor.team.models import StrategyEntry
from watchfloor.team.tests.cast import make_cast

WIFI = {"name": "Wifi", "role": "issue"}


@pytest.fixture
def cast(db):
    return make_cast()


def test_a_changed_query_makes_a_version_with_who_and_why(cast):
    topic = make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana)
    change_topic(topic, **WIFI, query="wifi OR wlan", by=cast.ben, why="German guests")
    topic.refresh_from_db()
    assert topic.version == 2
    assert topic.is_applying
    newest = topic.versions.first()
    assert (newest.number, newest.query, newest.made_by, newest.why) == (2, "wifi OR wlan", cast.ben, "German guests")


def test_a_new_name_alone_makes_none(cast):
    topic = make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana)
    change_topic(topic, name="The wifi", role="issue", query="wifi", by=cast.ana)
    topic.refresh_from_db()
    assert (topic.name, topic.version, topic.versions.count()) == ("The wifi", 1, 1)


def test_every_change_is_announced_and_counted(cast):
    topic = make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana)
    change_topic(topic, **WIFI, query="wlan", by=cast.ana)
    switch_topic(topic, on=False)
    switch_topic(topic, on=False)  # changes nothing
    assert Announcement.objects.filter(channel="topics", payload={"topic": topic.pk}).count() == 3
    assert Revision.objects.get().number == 3


def test_what_is_rolled_back_is_announced_to_nobody(cast):
    make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_topic(cast.mission, **WIFI, query="wlan", by=cast.ana)
    assert Announcement.objects.filter(channel="topics").count() == 1


def test_an_earlier_version_comes_back_as_a_new_one(cast):
    topic = make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana)
    change_topic(topic, **WIFI, query="wifi OR lan", by=cast.ana)
    back = restore_version(topic, 1, by=cast.ben, why="lan found Milan")
    assert (back.query, back.version) == ("wifi", 3)
    newest = back.versions.first()
    assert (newest.number, newest.restores, newest.made_by, newest.why) == (3, 1, cast.ben, "lan found Milan")
    with pytest.raises(TopicVersion.DoesNotExist):
        restore_version(topic, 9, by=cast.ben)


def test_bringing_back_what_is_in_force_changes_nothing(cast):
    topic = make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana)
    assert restore_version(topic, 1, by=cast.ana).version == 1


def test_a_removed_topic_listens_no_more_and_frees_its_name(cast):
    topic = make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana)
    remove_topic(topic, by=cast.ana, why="Done")
    remove_topic(topic, by=cast.ana)  # changes nothing
    assert not Topic.objects.kept().exists()
    assert not Topic.objects.listening().exists()
    make_topic(cast.mission, **WIFI, query="wlan", by=cast.ana)


def test_every_change_stands_in_the_strategy_log(cast):
    topic = make_topic(cast.mission, **WIFI, query="wifi", by=cast.ana, why="Guests complain")
    topic = change_topic(topic, name="The wifi", role="product", query="wlan", by=cast.ben, why="Germans")
    topic = restore_version(topic, 1, by=cast.ana)
    switch_topic(topic, on=False, by=cast.ben, why="Over")
    remove_topic(topic, by=cast.ana)
    entries = list(StrategyEntry.objects.order_by("pk").values_list("kind", "person__name", "text", "why"))
    assert entries == [
        ("topic.made", "Ana", "Made the topic “Wifi”: wifi", "Guests complain"),
        (
            "topic.changed",
            "Ben",
            "The topic “Wifi” is now called “The wifi”; is now product; has version 2: wlan",
            "Germans",
        ),
        ("topic.changed", "Ana", "The topic “The wifi” has version 3, which brings back version 1: wifi", ""),
        ("topic.switched", "Ben", "Switched the topic “The wifi” off", "Over"),
        ("topic.removed", "Ana", "Removed the topic “The wifi”: wifi", ""),
    ]
