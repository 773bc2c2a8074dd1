"""A topic that is changed today finds what came before, though nothing asked for it then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from watchfloor.listening.actions import make_topic
from watchfloor.mentions.models import Post
from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.pipeline.line import Line
from watchfloor.pipeline.look_back import go_back
from watchfloor.sources.look_back import LookBack, can_look_back, look_back
from watchfloor.sources.models import Connection
from watchfloor.sources.rehearsal.source import RehearsalSettings, RehearsalSource
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mission():
    """The rehearsal's mission, after its history has been heard once."""
    mission = Mission.objects.create(name="Pivot", slug="pivot", kind="event", is_rehearsal=True)
    make_topic(mission, name="Pivot", role="own", query="pivot OR #pivot26", by=None, why="")
    settings = {"posts": 2_000, "speed": 60.0}
    hear(Connection.objects.create(name="Rehearsal", source="rehearsal", mission=mission, settings=settings))
    return mission


def hear(connection):
    """Listen to what is there up to now."""
    line = Line()

    async def story():
        settings = RehearsalSettings(**connection.settings)
        cursor = await asyncio.to_thread(line.begin, connection.pk)
        batches = RehearsalSource().listen(settings, cursor=cursor, secrets={})
        async for batch in batches:
            await asyncio.to_thread(line.take, batch, connection)
            if batch.lag is not None and batch.lag < timedelta(seconds=3):
                break
        await batches.aclose()

    asyncio.run(story())


def go(times=1):
    line = Line()

    async def story():
        async def write(work, *told):
            return await asyncio.to_thread(work, *told)

        return [await go_back(write, line) for _ in range(times)]

    return asyncio.run(story())


def of_topic(topic):
    return {stored.post.id for stored in mention_store().matches(Scope(topic.mission_id, (topic.pk,)))}


def a_topic(mission, query="#pivotfood"):
    return make_topic(mission, name="Food tag", role="issue", query=query, by=None, why="it rises")


def test_posts_that_nothing_asked_for_are_found_afterwards(mission):
    before = Post.objects.count()
    cursor = Connection.objects.get().cursor
    topic = a_topic(mission)
    asked = look_back(mission, since=timezone.now() - timedelta(hours=30), by=None)
    assert [row.connection.source for row in asked] == ["rehearsal"]
    assert go(2) == [True, False]
    row = LookBack.objects.get()
    assert (row.state, row.says) == ("done", "")
    assert row.found > 0
    assert Post.objects.count() == before + row.found
    assert of_topic(topic)
    assert Connection.objects.get().cursor == cursor  # live listening goes on where it was
    assert mention_store().recount() == []


def test_what_is_there_already_is_not_doubled(mission):
    look_back(mission, since=timezone.now() - timedelta(hours=30), by=None)
    before = mention_store().count(Scope(mission.pk))
    go()
    row = LookBack.objects.get()
    assert row.read > 0
    assert row.found == 0
    assert mention_store().count(Scope(mission.pk)) == before


def test_found_posts_have_the_times_that_they_had(mission):
    topic = a_topic(mission, "#pivot26")
    known = {post.id: post.at for post in mention_store().matches(Scope(mission.pk))}
    look_back(mission, since=timezone.now() - timedelta(hours=30), by=None)
    go()
    after = {post.id: post.at for post in mention_store().matches(Scope(mission.pk))}
    assert all(after[pk] == at for pk, at in known.items())
    assert all(post.at <= timezone.now() for post in mention_store().matches(Scope(mission.pk, (topic.pk,))))


def test_asking_twice_goes_back_once(mission):
    now = timezone.now()
    look_back(mission, since=now - timedelta(hours=2), by=None)
    look_back(mission, since=now - timedelta(hours=5), by=None)
    row = LookBack.objects.get()
    assert row.since == now - timedelta(hours=5)


def test_nothing_goes_farther_back_than_networks_keep(mission):
    look_back(mission, since=timezone.now() - timedelta(days=300), by=None)
    assert timezone.now() - LookBack.objects.get().since <= timedelta(hours=36, minutes=1)


def test_a_crash_goes_on_from_where_it_was(mission):
    a_topic(mission)
    look_back(mission, since=timezone.now() - timedelta(hours=30), by=None)
    LookBack.objects.update(state="running")  # as a killed process leaves it
    assert go(2) == [True, False]
    assert LookBack.objects.get().state == "done"


def test_a_source_that_can_not_go_on_says_why(mission):
    look_back(mission, since=timezone.now() - timedelta(hours=1), by=None)
    Connection.objects.update(settings={"posts": "many"})
    go()
    row = LookBack.objects.get()
    assert row.state == "failed"
    assert "posts" in row.says


def test_only_what_the_mission_hears_can_be_gone_back_over(mission):
    Connection.objects.create(name="Elsewhere", source="rehearsal", mission=None, cursor=None)
    assert [connection.name for connection in can_look_back(mission)] == ["Rehearsal"]
