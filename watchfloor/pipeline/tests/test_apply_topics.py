"""A changed topic is applied to stored posts with progress; a removed one takes its mentions along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.listening.actions import change_topic, make_topic, remove_topic, switch_topic
from watchfloor.listening.models import Topic, TopicVersion
from watchfloor.live.models import Announcement
from watchfloor.mentions.store.pick import count_ids
from watchfloor.mentions.store.store import Scope
from watchfloor.mentions.tests.posts import stored
from watchfloor.pipeline.apply import Applying
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def food(cast):
    topic = make_topic(cast.mission, name="Food", role="issue", query="coffee OR tea", by=None)
    for n in range(10):
        stored([topic], NOON - timedelta(minutes=n), f"coffee and tea {n}" if n % 2 else f"tea {n}", native_id=str(n))
    Topic.objects.update(applied_version=1)
    return topic


def told():
    return [
        (a.payload["applying"]["done"], a.payload["applying"]["of"])
        for a in Announcement.objects.order_by("pk")
        if "applying" in a.payload
    ]


def test_progress_is_told_and_kept(cast, food):
    change_topic(food, name="Food", role="issue", query="coffee", by=cast.ana)
    assert Topic.objects.get().applied_percent is None
    assert Applying(chunk=4).apply_changed_topics() is False
    assert told() == [(4, 10), (8, 10), (10, 10)]
    topic = Topic.objects.get()
    assert (topic.is_applying, topic.applied_percent) == (False, 100)
    assert count_ids(Scope(cast.mission.pk, (food.pk,))) == 5
    last = Announcement.objects.order_by("pk").last()
    assert last is not None
    assert last.payload["applied"] == food.pk


def test_a_change_in_the_middle_begins_anew(cast, food, monkeypatch):
    monkeypatch.setattr("watchfloor.pipeline.apply.A_TURN_SECONDS", 0.0)
    applying = Applying(chunk=4)
    food = change_topic(food, name="Food", role="issue", query="coffee", by=cast.ana)
    applying._next_chunk(food)
    newer = change_topic(food, name="Food", role="issue", query="coffee OR 0", by=cast.ana)
    applying._next_chunk(food)  # of a version that is no longer in force
    assert told() == [(4, 10)]
    applying._next_chunk(newer)
    assert told()[-1] == (4, 8)  # two of the first four are gone


def test_a_switched_off_topic_waits(cast, food):
    food = change_topic(food, name="Food", role="issue", query="coffee", by=cast.ana)
    switch_topic(food, on=False)
    assert Applying().apply_changed_topics() is False
    assert Topic.objects.get().is_applying


def test_a_query_that_cant_be_read_any_more_finds_nothing(cast, food):
    Topic.objects.update(query="(", version=2)
    Applying().apply_changed_topics()
    assert count_ids(Scope(cast.mission.pk)) == 0


def test_a_removed_topic_goes_with_its_mentions_and_keeps_others(cast, food):
    other = make_topic(cast.mission, name="Tea", role="issue", query="tea", by=None)
    Applying().apply_changed_topics()
    remove_topic(food, by=cast.ana)
    Applying(chunk=3).apply_changed_topics()
    assert list(Topic.objects.all()) == [other]
    assert not TopicVersion.objects.filter(topic_id=food.pk).exists()
    assert count_ids(Scope(cast.mission.pk, (other.pk,))) == count_ids(Scope(cast.mission.pk)) == 10
    remove_topic(other, by=cast.ana)
    Applying().apply_changed_topics()
    assert count_ids(Scope(cast.mission.pk)) == 0
