"""Screens hear what changes, all the same, and go dark when their link is revoked."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from django.test import AsyncClient
from django.utils import timezone

from watchfloor.live.reader import Hub
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall import actions
from watchfloor.wall.models import Share
from watchfloor.wall.studio import Studio

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
    assert Studio.watched() == 0


@pytest.fixture
def wall(cast):
    return actions.make_wall(cast.mission, "Lobby", scenes=[["network-share"], ["volume"]], rotate_seconds=3600)


async def open_screen(path):
    answer = await AsyncClient().get(path)
    assert answer.status_code == 200
    return answer.streaming_content


async def until(frames, wanted):
    """What the first frame that `wanted` accepts says."""
    async with asyncio.timeout(20):
        async for frame in frames:
            for event in frame.decode().split("\n\n"):
                name, _, told = event.partition("\ndata: ")
                if told and wanted(name.removeprefix("event: "), json.loads(told)):
                    return json.loads(told)
    raise AssertionError("the stream ended first")


def test_many_screens_see_one_announcement_and_are_drawn_for_once(cast, wall, monkeypatch):
    token = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1)).token
    drawn = []
    real = Studio._draw
    monkeypatch.setattr(Studio, "_draw", lambda self, afresh, **how: drawn.append(1) or real(self, afresh, **how))

    async def story():
        screens = [await open_screen(f"/w/{token}/live/") for _ in range(10)]
        for frames in screens:
            whole = await until(frames, lambda name, told: name == "shown")
            assert whole["whole"]
            assert whole["panels"]
        before = len(drawn)
        say = lambda: actions.steer(wall, "announce", by=cast.ana, words="Doors open", now=timezone.now())  # noqa: E731
        await asyncio.to_thread(say)
        told = [await until(frames, lambda _name, told: told.get("announcement") == "Doors open") for frames in screens]
        assert len(drawn) - before <= 4
        for frames in screens:
            await frames.aclose()
        return told

    assert len(asyncio.run(story())) == 10


def test_a_revoked_link_goes_dark_at_once_and_others_stay(cast, wall):
    one = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1))
    two = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1))

    async def story():
        dark, lit = await open_screen(f"/w/{one.token}/live/"), await open_screen(f"/w/{two.token}/live/")
        for frames in (dark, lit):
            await until(frames, lambda name, _told: name == "shown")
        await asyncio.to_thread(actions.revoke_share, one.share)
        async with asyncio.timeout(5):
            await until(dark, lambda name, _told: name == "ended")
            assert [frame async for frame in dark] == []
        await until(lit, lambda name, _told: name == "shown")
        await lit.aclose()

    asyncio.run(story())


def test_a_link_that_ends_by_itself_goes_dark(cast, wall):
    shared = actions.share_wall(wall, by=cast.ana, lasts=timedelta(days=1))

    async def story():
        frames = await open_screen(f"/w/{shared.token}/live/")
        await until(frames, lambda name, _told: name == "shown")
        past = timezone.now() - timedelta(seconds=1)
        change = Share.objects.filter(pk=shared.share.pk).update
        await asyncio.to_thread(change, made_at=past - timedelta(days=1), expires_at=past)
        await until(frames, lambda name, _told: name == "ended")

    asyncio.run(story())
