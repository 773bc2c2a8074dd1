"""The stream process' work: connections are listened to, tried again, changed and stopped."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest
from django.db import transaction

from tests.real.jetstream import JetstreamServer
from watchfloor.listening.models import Topic
from watchfloor.listening.revision import count_up
from watchfloor.live.announce import publish
from watchfloor.live.reader import Hub
from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.pipeline.run import Stream
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Post
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def addresses(monkeypatch):
    """The operator allows loopback: here, every port of it that a test's server may get."""

    def allow(port):
        monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{port}")

    return allow


@pytest.fixture
def mission():
    mission = Mission.objects.create(name="Brand", slug="brand")
    topic = Topic.objects.create(mission=mission, name="Coffee", query="coffee", applied_version=1)
    count_up(topic.pk)
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


async def eventually(look, what):
    async with asyncio.timeout(30):
        while not (found := await asyncio.to_thread(look)):
            await asyncio.sleep(0.02)
    return found


def line(number, text):
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": datetime.now(UTC).isoformat()}
    commit = {
        "rev": "r",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": f"k{number}",
        "record": record,
        "cid": "c",
    }
    time_us = int(datetime.now(UTC).timestamp() * 1e6)
    return msgspec.json.encode({"did": "did:plc:ana", "time_us": time_us, "kind": "commit", "commit": commit})


def texts(mission):
    return [s.post.text for s in mention_store().search(Scope(mission.pk))]


def connection_in_state(pk, state):
    return lambda: Connection.objects.filter(pk=pk, state=state).first()


def test_posts_go_from_the_network_into_the_store(mission, addresses):
    async def story():
        async with JetstreamServer() as server:
            addresses(server.port)
            connection = await asyncio.to_thread(
                Connection.objects.create, name="Bluesky", source="bluesky", settings={"hosts": [server.url]}
            )
            async with streaming():
                await eventually(lambda: server.sent_to, "the connection")
                server.publish(line(1, "good coffee"))
                server.publish(line(2, "good tea"))
                await eventually(lambda: texts(mission) == ["good coffee"], "the post")
                state = await eventually(connection_in_state(connection.pk, "live"), "live")
                assert (state.received, state.cursor is not None) == (2, True)

    asyncio.run(story())


def test_a_new_topic_listens_at_once(mission, addresses):
    async def story():
        async with JetstreamServer() as server:
            addresses(server.port)
            await asyncio.to_thread(
                Connection.objects.create, name="B", source="bluesky", settings={"hosts": [server.url]}
            )
            async with streaming():
                await eventually(lambda: server.sent_to, "the connection")

                def add_topic():
                    with transaction.atomic():
                        count_up(Topic.objects.create(mission=mission, name="Tea", query="tea", applied_version=1).pk)

                await asyncio.to_thread(add_topic)
                server.publish(line(1, "good tea"))
                await eventually(lambda: texts(mission) == ["good tea"], "the post of the new topic")

    asyncio.run(story())


def test_a_network_that_is_down_is_tried_again_and_says_so(mission, addresses):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    addresses(port)
    settings = {"hosts": [f"ws://127.0.0.1:{port}/subscribe"]}
    connection = Connection.objects.create(name="Bluesky", source="bluesky", settings=settings)

    async def story():
        async with streaming():
            waiting = await eventually(connection_in_state(connection.pk, "waiting"), "waiting")
            assert str(port) in waiting.says
            assert waiting.next_try_at is not None
            async with JetstreamServer(port=port) as server:
                await eventually(lambda: server.sent_to, "another try")
                server.publish(line(1, "coffee after all"))
                await eventually(lambda: texts(mission) == ["coffee after all"], "the post")

    asyncio.run(story())


def test_an_address_that_nobody_allowed_needs_hands(mission, monkeypatch):
    monkeypatch.delenv("WATCHFLOOR_ALLOW_ADDRESSES", raising=False)
    connection = Connection.objects.create(
        name="Bluesky", source="bluesky", settings={"hosts": ["ws://127.0.0.1:9/subscribe"]}
    )

    async def story():
        async with streaming():
            failed = await eventually(
                lambda: Connection.objects.filter(pk=connection.pk).exclude(says="").first(), "a word about it"
            )
            assert "WATCHFLOOR_ALLOW_ADDRESSES" in failed.says

    asyncio.run(story())


@pytest.mark.parametrize(
    ("source", "settings", "says"),
    [
        ("bluesky", {"hosts": "not a list"}, "hosts"),
        ("bluesky", {"mode": "telepathy"}, "telepathy"),
        ("smoke-signals", {}, "no source"),
    ],
)
def test_a_wrong_setting_needs_hands_and_says_which(mission, source, settings, says):
    connection = Connection.objects.create(name="C", source=source, settings=settings)

    async def story():
        async with streaming():
            assert says in (await eventually(connection_in_state(connection.pk, "failed"), "failed")).says

    asyncio.run(story())


def test_switching_a_connection_off_stops_it(mission, addresses):
    async def story():
        async with JetstreamServer() as server:
            addresses(server.port)
            connection = await asyncio.to_thread(
                Connection.objects.create, name="B", source="bluesky", settings={"hosts": [server.url]}
            )
            async with streaming():
                await eventually(lambda: server.sent_to, "the connection")

                def switch_off():
                    with transaction.atomic():
                        Connection.objects.filter(pk=connection.pk).update(is_on=False)
                        publish("sources", {"connection": connection.pk})

                await asyncio.to_thread(switch_off)
                await eventually(lambda: not server.sent_to, "the end of it")

    asyncio.run(story())


def test_a_stored_period_is_played_again(mission):
    from watchfloor.pipeline.line import Line
    from watchfloor.sources.source import Batch, Written

    at = datetime(2026, 7, 4, 12, tzinfo=UTC)
    Line().take(Batch([Written(Post("x", str(n), f"coffee {n}", at.replace(second=n))) for n in range(3)]), None)
    other = Mission.objects.create(name="Again", slug="again")
    count_up(Topic.objects.create(mission=other, name="Coffee", query="coffee", applied_version=1).pk)
    connection = Connection.objects.create(
        name="Replay", source="replay", mission=other, settings={"mission": "brand", "speed": 1000}
    )

    async def story():
        async with streaming():
            await eventually(connection_in_state(connection.pk, "done"), "the end of the replay")

    asyncio.run(story())
    assert sorted(texts(other)) == ["coffee 0", "coffee 1", "coffee 2"]
    assert sorted(texts(mission)) == ["coffee 0", "coffee 1", "coffee 2"]
