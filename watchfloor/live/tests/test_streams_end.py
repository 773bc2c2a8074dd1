"""A stream goes on while its person may watch, and ends at once when they may not any more."""

from __future__ import annotations

import asyncio

import pytest
from django.db import transaction
from django.test import AsyncClient

from watchfloor.live.announce import publish
from watchfloor.live.reader import Hub
from watchfloor.team import people
from watchfloor.team.models import Membership
from watchfloor.team.tests.cast import make_cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture(autouse=True)
def hub(monkeypatch):
    hub = Hub()
    hub.start()
    monkeypatch.setattr(Hub, "_mine", hub)
    yield hub
    hub.stop()


def announce(channel):
    with transaction.atomic():
        publish(channel, {"topics": {}})


async def _watch(person, slug, then):
    """What the stream said until it ended, after `then` was done once it had begun."""
    client = AsyncClient()
    await client.aforce_login(person)
    answer = await client.get(f"/live/{slug}/")
    assert answer.status_code == 200
    said = b""
    frames = answer.streaming_content
    said += await anext(frames)
    await asyncio.to_thread(then)
    async with asyncio.timeout(10):
        async for frame in frames:
            said += frame
    return said


def test_it_ends_when_the_person_leaves_the_mission(cast):
    held = Membership.objects.get(person=cast.ben)
    said = asyncio.run(_watch(cast.ben, "pivot", lambda: people.let_go(held)))
    assert said.endswith(b"event: ended\ndata: {}\n\n")


def test_it_ends_when_the_person_may_not_sign_in_any_more(cast):
    gone = lambda: people.let_in(cast.ben, may_sign_in=False, is_administrator=False)  # noqa: E731
    assert b"event: ended" in asyncio.run(_watch(cast.ben, "pivot", gone))


def test_it_goes_on_when_somebody_else_leaves(cast):
    other = Membership.objects.create(mission=cast.mission, person=cast.cleo)

    async def story():
        client = AsyncClient()
        await client.aforce_login(cast.ana)
        frames = (await client.get("/live/pivot/")).streaming_content
        await anext(frames)
        await asyncio.to_thread(people.let_go, other)
        await asyncio.to_thread(announce, f"mission:{cast.mission.pk}")
        async with asyncio.timeout(10):
            assert b"event: mentions" in await anext(frames)
        await frames.aclose()

    asyncio.run(story())
