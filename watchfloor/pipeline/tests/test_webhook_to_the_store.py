"""A signed message becomes posts by the same line as everything else, once, whatever is killed in between."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.test import Client
from django.utils import timezone

from watchfloor.listening.models import Topic
from watchfloor.listening.revision import count_up
from watchfloor.live.reader import Hub
from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.pipeline.line import Line
from watchfloor.pipeline.run import Stream
from watchfloor.sources.models import Connection, Delivery
from watchfloor.sources.webhook import inbox
from watchfloor.sources.webhook.source import SOURCE, WebhookSettings
from watchfloor.sources.webhook.tests.sending import connect, post, send
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mission():
    mission = Mission.objects.create(name="Brand", slug="brand")
    count_up(Topic.objects.create(mission=mission, name="Coffee", query="coffee", applied_version=1).pk)
    return mission


@asynccontextmanager
async def streaming():
    stopping = asyncio.Event()
    task = asyncio.create_task(Stream().run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task
        Hub._mine = None


async def eventually(look):
    async with asyncio.timeout(30):
        while not (found := await asyncio.to_thread(look)):
            await asyncio.sleep(0.02)
    return found


def texts(mission):
    return [s.post.text for s in mention_store().search(Scope(mission.pk))]


def test_posts_edits_and_deletions_arrive(mission):
    forum, client = connect(), Client()

    async def story():
        async with streaming():
            await asyncio.to_thread(send, client, forum, [post("1"), post("2", "bad coffee"), post("3", "tea")])
            await eventually(lambda: sorted(texts(mission)) == ["bad coffee", "good coffee"])
            await asyncio.to_thread(send, client, forum, {"type": "post.updated", "data": post("1", "coffee again")})
            await asyncio.to_thread(
                send, client, forum, {"type": "post.deleted", "data": {"network": "forum", "id": "2"}}
            )
            await eventually(lambda: texts(mission) == ["coffee again"])
            await eventually(lambda: Connection.objects.filter(cursor="3", state="live", received=4).exists())

    asyncio.run(story())


def test_what_came_while_nobody_listened_is_taken_afterwards(mission):
    forum = connect()
    for n in range(3):
        send(Client(), forum, post(str(n), f"coffee {n}"))

    async def story():
        async with streaming():
            await eventually(lambda: len(texts(mission)) == 3)

    asyncio.run(story())


async def first_batch(forum):
    forum = await Connection.objects.aget(pk=forum.pk)
    heard = SOURCE.listen(WebhookSettings(token=forum.settings["token"]), cursor=forum.cursor, secrets=forum.secrets)
    try:
        return await anext(heard)
    finally:
        await heard.aclose()
        Hub.of_this_process().stop()
        Hub._mine = None


def test_a_crash_between_taking_and_writing_repeats_and_never_doubles(mission):
    forum = connect()
    send(Client(), forum, post())
    taken = asyncio.run(first_batch(forum))
    assert len(taken.events) == 1  # and the process dies here
    again = asyncio.run(first_batch(forum))
    line = Line()
    line.take(again, forum)
    line.take(again, forum)
    assert texts(mission) == ["good coffee"]
    assert asyncio.run(first_batch(forum)).events == []


def test_bodies_go_when_they_are_taken_and_ids_when_nobody_repeats_them(mission):
    forum = connect()
    send(Client(), forum, post(), message_id="old")
    inbox.clear(forum.settings["token"], timezone.now())
    assert Delivery.objects.get().body is not None
    Line().take(asyncio.run(first_batch(forum)), forum)
    inbox.clear(forum.settings["token"], timezone.now())
    assert Delivery.objects.get().body is None
    assert send(Client(), forum, post(), message_id="old").status_code == 200
    inbox.clear(forum.settings["token"], timezone.now() + inbox.KEPT + timedelta(hours=1))
    assert not Delivery.objects.exists()


def test_a_body_without_a_length_is_bounded_as_well(mission):
    forum = connect()

    async def pieces():
        for _ in range(11):
            yield b"x" * 100_000

    async def send_pieces():
        transport = httpx.ASGITransport(get_asgi_application())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            headers = {"Content-Type": "application/json"}
            return await client.post(f"/hooks/{forum.settings['token']}/", content=pieces(), headers=headers)

    answer = asyncio.run(send_pieces())
    assert answer.status_code == 413
    assert answer.json()["title"] == "Too large"


def test_a_network_that_it_may_name_no_more_is_unreadable_not_lost(mission):
    forum = connect()
    send(Client(), forum, post())
    forum = Connection.objects.get()
    settings = WebhookSettings(token=forum.settings["token"], networks=("shop",))

    async def one():
        heard = SOURCE.listen(settings, cursor=None, secrets=forum.secrets)
        try:
            return await anext(heard)
        finally:
            await heard.aclose()
            Hub.of_this_process().stop()
            Hub._mine = None

    [event] = asyncio.run(one()).events
    assert "none of the networks" in event.why
