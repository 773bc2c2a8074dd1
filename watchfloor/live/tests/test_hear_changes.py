"""What a transaction announced is heard by every process once it commits."""

from __future__ import annotations

import asyncio

import pytest
from django.db import transaction

from watchfloor.live import reader
from watchfloor.live.announce import publish
from watchfloor.live.reader import Hub, Overflow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hub():
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()


def announce(channel, payload):
    with transaction.atomic():
        publish(channel, payload)


def test_it_hears_what_was_committed_in_order(hub):
    async def story():
        with hub.subscribe("mission:1") as heard:
            for number in range(5):
                await asyncio.to_thread(announce, "mission:1", {"n": number})
            return [(await heard.next(10)).payload["n"] for _ in range(5)]

    assert asyncio.run(story()) == [0, 1, 2, 3, 4]


def test_it_never_hears_what_was_rolled_back(hub):
    def roll_back():
        with pytest.raises(RuntimeError), transaction.atomic():
            publish("mission:1", {"n": "never"})
            raise RuntimeError

    async def story():
        with hub.subscribe("mission:1") as heard:
            await asyncio.to_thread(roll_back)
            await asyncio.to_thread(announce, "mission:1", {"n": "after"})
            return (await heard.next(10)).payload["n"]

    assert asyncio.run(story()) == "after"


def test_it_hears_only_the_channels_it_asked_for(hub):
    async def story():
        with hub.subscribe("mission:1", "sources") as heard:
            await asyncio.to_thread(announce, "mission:2", {"n": "another mission"})
            await asyncio.to_thread(announce, "sources", {"n": "sources"})
            return (await heard.next(10)).payload["n"]

    assert asyncio.run(story()) == "sources"


def test_a_screen_that_is_too_slow_is_told_to_load_afresh(hub, monkeypatch):
    monkeypatch.setattr(reader, "MOST_WAITING", 3)

    async def story():
        with hub.subscribe("mission:1") as slow, hub.subscribe("mission:1") as quick:
            for number in range(5):
                await asyncio.to_thread(announce, "mission:1", {"n": number})
                assert (await quick.next(10)).payload["n"] == number
            with pytest.raises(Overflow):
                await slow.next(10)
            await asyncio.to_thread(announce, "mission:1", {"n": "anew"})
            await quick.next(10)
            while (change := await slow.next(10)).payload["n"] != "anew":
                pass
            return change.payload["n"]

    assert asyncio.run(story()) == "anew"


def test_a_screen_that_went_away_is_forgotten(hub):
    async def story():
        with hub.subscribe("mission:1", "sources"):
            assert hub.watching() == 1
        assert hub.watching() == 0

    asyncio.run(story())


def test_the_payload_is_encoded_once_for_all_screens(hub):
    async def story():
        with hub.subscribe("mission:1") as one, hub.subscribe("mission:1") as other:
            await asyncio.to_thread(announce, "mission:1", {"n": 1})
            return await one.next(10), await other.next(10)

    one, other = asyncio.run(story())
    assert one is other
