"""Kill processes at random points while posts flow, then compare what is stored with an independent fold.

    python -m tests.kills --kills 200 [--seed 1] [--database postgresql://…]

A Jetstream server on loopback tells of accounts that write, edit and delete posts, deactivate, come back and go for
good. `stream` and `desk` are ended by SIGKILL again and again, also while they start, and a topic's query is changed
on the way. At the end everything must be there exactly once: posts, mentions by topic, counters, arrivals.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from tests.real.jetstream import JetstreamServer

WORDS = ["alpha", "beta", "gamma", "delta", "rain", "queue", "hall", "coffee", "train", "badge", "keynote", "river"]
FIRST_TOPIC = "alpha"
SECOND_TOPIC = ["alpha beta", "alpha gamma", "alpha (delta OR rain)", "alpha -beta"]


@dataclass
class World:
    """Makes events, and folds them by itself: plain words in plain sets, nothing of the product."""

    chance: random.Random
    texts: dict[str, str] = field(default_factory=dict)  # post → its newest text, whether or not anybody looks for it
    author_of: dict[str, str] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    count: int = 0

    def next_line(self) -> bytes:
        self.count += 1
        kind = self.chance.choices(["write", "edit", "delete", "hide", "back", "gone"], [80, 6, 9, 2, 2, 0.2])[0]
        # 150 accounts at a time; for each that is gone for good a new one comes.
        first = len(self.gone)
        living = [a for a in (f"did:plc:author{n:05}" for n in range(first + 150)) if a not in self.gone]
        author = self.chance.choice(living)
        mine = [p for p in list(self.texts)[-400:] if p not in self.dead and self.author_of[p] not in self.gone]
        if kind in ("edit", "delete") and not mine:
            kind = "write"
        if kind == "write":
            post = f"at://{author}/app.bsky.feed.post/k{self.count}"
            return self._say(author, post, "create")
        if kind == "edit":
            post = self.chance.choice(mine)
            return self._say(self.author_of[post], post, "update")
        if kind == "delete":
            post = self.chance.choice(mine)
            self.dead.add(post)
            return self._line(self.author_of[post], commit=self._commit("delete", post))
        state = {
            "hide": ("deactivated", self.hidden.add),
            "back": (None, self.hidden.discard),
            "gone": ("deleted", self.gone.add),
        }
        status, note = state[kind]
        note(author)
        return self._line(
            author, account={"active": status is None, "did": author, "seq": self.count, "status": status}
        )

    def _say(self, author: str, post: str, operation: str) -> bytes:
        text = " ".join(self.chance.choices(WORDS, k=self.chance.randint(3, 12)))
        self.texts[post], self.author_of[post] = text, author
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now(), "langs": ["en"]}
        return self._line(author, commit=self._commit(operation, post) | {"record": record, "cid": f"cid{self.count}"})

    def _commit(self, operation: str, post: str) -> dict[str, str]:
        return {
            "rev": f"r{self.count}",
            "operation": operation,
            "collection": "app.bsky.feed.post",
            "rkey": post.rsplit("/", 1)[1],
        }

    def _line(self, author: str, **what: object) -> bytes:
        kind = next(iter(what))
        return msgspec.json.encode({"did": author, "time_us": time.time_ns() // 1000, "kind": kind, **what})

    def expected(self, second_query: str) -> dict[str, tuple[str, bool]]:
        """Post → (text, whether the second topic has it), of what must be shown at the end."""
        wanted = {}
        for post, text in self.texts.items():
            words = set(text.split())
            author = self.author_of[post]
            if "alpha" in words and post not in self.dead and author not in self.gone | self.hidden:
                second = {
                    "alpha beta": "beta" in words,
                    "alpha gamma": "gamma" in words,
                    "alpha (delta OR rain)": bool(words & {"delta", "rain"}),
                    "alpha -beta": "beta" not in words,
                }[second_query]
                wanted[post] = (text, second)
        return wanted


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rate", type=int, default=400, help="events a second")
    options.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite unless given")
    asked = options.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="watchfloor-kills-") as folder:
        async with JetstreamServer() as server:
            os.environ |= {
                "WATCHFLOOR_DATA": folder,
                "WATCHFLOOR_ALLOW_ADDRESSES": f"127.0.0.1:{server.port}",
                "WATCHFLOOR_LOG_LEVEL": "ERROR",
                "DJANGO_SETTINGS_MODULE": "watchfloor.settings",
                **({"DATABASE_URL": asked.database} if asked.database else {}),
            }
            return await kill_and_compare(server, World(chance), chance, asked.kills, asked.rate)


async def kill_and_compare(server: JetstreamServer, world: World, chance: random.Random, kills: int, rate: int) -> int:
    topics = await asyncio.to_thread(_set_up, server.url)
    publishing = asyncio.create_task(_publish(server, world, rate))
    query = SECOND_TOPIC[0]
    running = {name: _start(name) for name in ("stream", "desk")}
    atexit.register(lambda: [process.kill() for process in running.values()])  # should this script itself break
    killed = {"stream": 0, "desk": 0}
    began = time.monotonic()
    for round_ in range(kills):
        # Also while it starts: half of the waits are shorter than a start takes.
        await asyncio.sleep(chance.choice([chance.uniform(0.02, 1.2), chance.uniform(1.2, 2.5)]))
        name = "stream" if chance.random() < 0.75 else "desk"
        running[name].send_signal(signal.SIGKILL)
        await asyncio.to_thread(running[name].wait)
        killed[name] += 1
        running[name] = _start(name)
        if round_ % 7 == 3:
            query = chance.choice(SECOND_TOPIC)
            await asyncio.to_thread(_change_topic, topics[1], query)
    publishing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await publishing
    last = server.kept[-1].time_us
    await asyncio.to_thread(_wait_until_all_is_done, last)
    for process in running.values():
        process.terminate()
        await asyncio.to_thread(process.wait)
    running.clear()
    wrong = await asyncio.to_thread(_compare, world, topics, query)
    print(
        f"{sum(killed.values())} kills ({killed['stream']} of stream, {killed['desk']} of desk) "
        f"in {time.monotonic() - began:.0f} s, "
        f"{world.count:,} events, {len(world.expected(query)):,} posts expected: "
        + ("nothing lost, nothing doubled" if not wrong else f"{len(wrong)} differences")
    )
    for line in wrong[:20]:
        print("  ", line)
    return 1 if wrong else 0


async def _publish(server: JetstreamServer, world: World, rate: int) -> None:
    began, sent = time.monotonic(), 0
    while True:
        for _ in range(int((time.monotonic() - began) * rate) - sent):
            server.publish(world.next_line())
            sent += 1
        await asyncio.sleep(0.01)


def _start(name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "watchfloor", name])


def _set_up(url: str) -> tuple[int, int]:
    import django

    django.setup()
    from django.core.management import call_command

    from watchfloor.listening.models import Topic
    from watchfloor.listening.revision import count_up
    from watchfloor.sources.models import Connection
    from watchfloor.team.models import Mission

    call_command("migrate", verbosity=0)
    mission = Mission.objects.create(name="Kills", slug="kills")
    made = []
    for name, query in (("first", FIRST_TOPIC), ("second", SECOND_TOPIC[0])):
        topic = Topic.objects.create(mission=mission, name=name, query=query, applied_version=1)
        count_up(topic.pk)
        made.append(topic.pk)
    # Without a cursor it would begin with what is new once it has connected; the fold begins with the first event.
    now_us = time.time_ns() // 1000
    cursor = msgspec.json.encode({"host": url, "time_us": now_us, "heard_us": now_us}).decode()
    Connection.objects.create(
        name="Jetstream", source="bluesky", settings={"hosts": [url], "profiles": "none"}, cursor=cursor
    )
    _close()
    return made[0], made[1]


def _change_topic(pk: int, query: str) -> None:
    from django.db import transaction
    from django.db.models import F

    from watchfloor.listening.models import Topic
    from watchfloor.listening.revision import count_up

    with transaction.atomic():
        Topic.objects.filter(pk=pk).update(query=query, version=F("version") + 1)
        count_up(pk)
    _close()


def _wait_until_all_is_done(last_us: int) -> None:
    from django.db.models import F

    from watchfloor.listening.models import Topic
    from watchfloor.sources.models import Connection

    until = time.monotonic() + 90
    while time.monotonic() < until:
        cursor = Connection.objects.get().cursor
        done = cursor is not None and str(last_us) in cursor
        if done and not Topic.objects.filter(applied_version__lt=F("version")).exists():
            break
        time.sleep(0.2)
    else:
        print(
            f"not done after 90 s: the cursor stands at {Connection.objects.get().cursor}, the last event at {last_us}"
        )
    _close()


def _compare(world: World, topics: tuple[int, int], query: str) -> list[str]:
    from watchfloor.mentions.store.store import Scope, mention_store
    from watchfloor.team.models import Mission

    store, mission = mention_store(), Mission.objects.get()
    wrong = []
    seen: dict[str, tuple[str, bool]] = {}
    for stored in store.matches(Scope(mission.pk)):
        if stored.post.id in seen:
            wrong.append(f"there twice: {stored.post.id}")
        if topics[0] not in stored.topics:
            wrong.append(f"not under the first topic: {stored.post.id}")
        seen[stored.post.id] = (stored.post.text, topics[1] in stored.topics)
    expected = world.expected(query)
    wrong += [f"lost: {post}" for post in expected.keys() - seen.keys()]
    wrong += [f"should not be there: {post}" for post in seen.keys() - expected.keys()]
    wrong += [
        f"differs: {post}: {seen[post]} {expected[post]}"
        for post in seen.keys() & expected.keys()
        if seen[post] != expected[post]
    ]
    wrong += [f"counter differs: {difference}" for difference in store.recount()]
    if not expected:
        wrong.append("nothing was expected: the test is empty")
    _close()
    return wrong


def _close() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
