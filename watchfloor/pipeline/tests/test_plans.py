"""A source that plans its next try has it stored before it tries; a part that fails is said while the rest is heard."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from django.utils import timezone

from watchfloor.listening.models import Topic
from watchfloor.listening.revision import count_up
from watchfloor.pipeline.line import Line
from watchfloor.pipeline.tests.test_stream import eventually, streaming, texts
from watchfloor.sources.feeds.tests.site import item, rss, site
from watchfloor.sources.models import Connection
from watchfloor.sources.reads import health
from watchfloor.sources.source import Batch
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mission():
    mission = Mission.objects.create(name="Brand", slug="brand")
    count_up(Topic.objects.create(mission=mission, name="Coffee", query="coffee", applied_version=1).pk)
    return mission


def connection_to(*addresses):
    return Connection.objects.create(name="Feeds", source="feeds", settings={"addresses": list(addresses)})


def test_the_next_try_stands_when_the_request_arrives(mission, monkeypatch):
    async def story():
        async with site() as acme:
            monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{acme.port}")
            acme.put("/feed", rss(item(1, "good coffee"), item(2, "good tea")))
            connection = await asyncio.to_thread(connection_to, f"{acme.url}/feed")
            stood = []

            async def look():
                kept = await Connection.objects.aget(pk=connection.pk)
                stood.append((kept.cursor, kept.heard_at))

            acme.when_asked = look
            async with streaming():
                await eventually(lambda: texts(mission) == ["good coffee"], "the post")
            cursor, heard_at = stood[0]
            assert json.loads(cursor)["feeds"][0]["next_at"] > time.time() + 100
            assert heard_at is None

    asyncio.run(story())


def test_one_feed_of_two_that_fails_is_said_while_the_other_is_heard(mission, monkeypatch):
    async def story():
        async with site() as acme, site() as other:
            monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{acme.port},127.0.0.1:{other.port}")
            acme.put("/feed", rss(item(1, "good coffee")))
            connection = await asyncio.to_thread(connection_to, f"{other.url}/none", f"{acme.url}/feed")

            def look():
                kept = Connection.objects.get(pk=connection.pk)
                return kept if kept.state == "live" and kept.says else None

            async with streaming():
                kept = await eventually(look, "a word about it")
            assert "1 of 2 feeds can't be read" in kept.says
            assert "404" in kept.says
            assert health(kept, timezone.now()).word == "live, with trouble"
            assert kept.received == 1

    asyncio.run(story())


def test_a_plan_moves_the_cursor_and_is_no_sign_of_life(mission):
    connection = connection_to("https://acme.example")
    line = Line()
    line.take(Batch(cursor="plan", is_plan=True, trouble="One fails."), connection)
    kept = Connection.objects.get(pk=connection.pk)
    assert (kept.cursor, kept.heard_at, kept.covered_until, kept.says) == ("plan", None, None, "One fails.")
    line.take(Batch(cursor="done", trouble=""), connection)
    kept.refresh_from_db()
    assert (kept.cursor, kept.says) == ("done", "")
    assert kept.heard_at is not None
