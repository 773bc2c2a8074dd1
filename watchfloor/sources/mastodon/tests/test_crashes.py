"""Whenever it is ended, from the stored cursor on everything is there once: a model of the pipeline's transaction."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing

import pytest

from tests.real.mastodon import MastodonServer
from watchfloor.sources.mastodon import SOURCE, budget
from watchfloor.sources.mastodon.tests.listening import allow, to, tokens
from watchfloor.sources.source import Gap, Written

POSTS = 300


@pytest.mark.parametrize("seed", range(2))
def test_ended_at_random_moments_it_loses_and_invents_nothing(monkeypatch, seed):
    monkeypatch.setattr(budget, "BURST", 10.0**9)
    chance = random.Random(seed)
    stored: dict[str, str] = {}
    found_gaps: list[Gap] = []

    async def live(servers, done):
        """People write, edit, and lines break, while the listener comes and goes."""
        posts = []
        for number in range(POSTS):
            server = chance.choice(servers)
            kind = chance.random()
            if kind < 0.1 and posts:
                of, post = chance.choice(posts[-20:])
                of.edit(post, f"edit {number}")
            elif kind < 0.12:
                server.hang_up()
            else:
                posts.append((server, server.post(f"post {number}", streamed=chance.random() < 0.9)))
            if chance.random() < 0.2:
                await asyncio.sleep(0.002)
        done.set()

    async def go():
        async with MastodonServer("one.example") as one, MastodonServer("two.example") as two:
            allow(monkeypatch, one, two)
            one.remaining = two.remaining = 10**9  # so many starts are more than a server bears
            settings, secrets = to(one, two), tokens(one, two)
            done, cursor, lives = asyncio.Event(), None, 0
            people = None
            while True:
                lives += 1
                left = chance.randint(0, 12)
                async with aclosing(SOURCE.listen(settings, cursor=cursor, secrets=secrets)) as batches:
                    async for batch in batches:
                        if left <= 0 and not done.is_set() and people is not None:
                            break  # ended before this batch was stored
                        left -= 1
                        stored.update({e.post.id: e.post.text for e in batch.events if isinstance(e, Written)})
                        found_gaps.extend(e for e in batch.events if isinstance(e, Gap))
                        cursor = batch.cursor or cursor
                        if people is None and len(cursor or "") > 0 and str(cursor).count("newest") == 2:
                            people = asyncio.create_task(live([one, two], done))
                        wanted = {s["uri"]: s["content"][3:-4] for x in (one, two) for s in x.statuses.values()}
                        if done.is_set() and stored == wanted:
                            return lives
                        if done.is_set() and left < -40:
                            one.hang_up()
                            two.hang_up()
                            left = 0
                if people is not None and people.done():
                    people.result()

    lives = asyncio.run(go())
    assert lives > 3
    assert found_gaps == []
