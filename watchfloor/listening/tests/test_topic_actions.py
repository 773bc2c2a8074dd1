from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from watchfloor.listening.actions import change_topic, make_topic, switch_topic
from watchfloor.listening.models import Revision
from watchfloor.live.models import Announcement
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
