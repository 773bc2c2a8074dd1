"""P1, P2, P10: from a socket through matching 1,000 queries to the durable commit, with the whole product running.

    python -m bench.line [--seconds 60] [--queries 1000] [--database postgresql://…]

A Jetstream server on loopback sends made-up posts, 5 in 100 of which some query looks for, each with its own id. The
product (`web`, `stream`, `desk`) runs as `watchfloor run` starts it; live streams are open while posts flow. Nothing
lost is checked against the known number of matching posts.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from bench.made_up import MadeUp

MATCHING_SHARE = 0.05
WEB_PORT = 24_999


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=60, help="how long P1 runs")
    options.add_argument("--queries", type=int, default=1_000)
    options.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite unless given")
    options.add_argument("--only", choices=["P1", "P2", "P10"])
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        print(f"The line: from the socket to the commit, {asked.queries:,} queries, 5 % of posts match", flush=True)
        port = 24_000 + random.randrange(500)
        os.environ |= {
            "WATCHFLOOR_DATA": folder,
            "WATCHFLOOR_ALLOW_ADDRESSES": f"127.0.0.1:{port}",
            "WATCHFLOOR_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "watchfloor.settings",
            **({"DATABASE_URL": asked.database} if asked.database else {}),
        }
        lines = Path(folder) / "lines.jsonl"
        matching = write_lines(lines, 20_000, asked.queries)
        set_up(f"ws://127.0.0.1:{port}/subscribe", asked.queries)
        with product():
            if asked.only in (None, "P10"):
                print_memory("idle")
            if asked.only in (None, "P1"):
                flood(lines, port, asked.seconds, matching)
            if asked.only in (None, "P2"):
                burst(lines, port, matching)
            if asked.only in (None, "P10"):
                steady(lines, port)


def sought_word(number: int) -> str:
    """A word of query `number` alone, which no made-up post has by chance."""
    return f"zq{number:05}"


def queries(count: int) -> list[str]:
    """Brand queries as analysts write them: names, spellings, a phrase, a neighbourhood, and what they want none of."""
    world = MadeUp(seed=5, authors=1)
    chance = random.Random(3)
    made = []
    for number in range(count):
        word, rare = sought_word(number), chance.sample(world.words[5_000:], 4)
        none_of = " ".join(f"-{w}" for w in chance.sample(world.words[50:3_000], chance.randint(0, 12)))
        made.append(
            f'({word} OR #{word} OR "{word} {rare[0]}" OR ({rare[1]} NEAR/5 {word}) OR @{word}) {none_of} -is:repost'
        )
    return made


def write_lines(file: Path, count: int, number_of_queries: int) -> float:
    """Jetstream lines; says the exact share that a query looks for."""
    from watchfloor.listening.language.read import read
    from watchfloor.listening.matcher import Matcher
    from watchfloor.sources.bluesky import SOURCE
    from watchfloor.sources.source import Written

    chance, hits, now = random.Random(1), 0, datetime.now(UTC)
    world, matcher = MadeUp(seed=2, authors=5_000), Matcher()
    for number, query in enumerate(queries(number_of_queries)):
        matcher.put(str(number), read(query))
    with file.open("wb") as out:
        for _post, raw in world.posts(count, now - timedelta(minutes=1), now):
            told = msgspec.json.decode(raw)
            if chance.random() < MATCHING_SHARE:
                told["commit"]["record"]["text"] += f" {sought_word(chance.randrange(number_of_queries))}"
            line = msgspec.json.encode(told)
            (event,) = SOURCE.parse(line)
            assert isinstance(event, Written), event
            hits += bool(matcher.match(event.post))
            out.write(line + b"\n")
    return hits / count


def set_up(url: str, number_of_queries: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from watchfloor.listening.models import Topic
    from watchfloor.listening.revision import count_up
    from watchfloor.sources.models import Connection
    from watchfloor.team.models import Mission, Person

    call_command("migrate", verbosity=0)
    Person.objects.create_superuser("owner@watchfloor.localhost", name="Owner")
    mission = Mission.objects.create(name="Bench", slug="bench")
    for number, query in enumerate(queries(number_of_queries)):
        Topic.objects.create(mission=mission, name=f"Topic {number}", query=query, applied_version=1)
    count_up(0)
    Connection.objects.create(name="Jetstream", source="bluesky", settings={"hosts": [url], "profiles": "none"})


@contextmanager
def product():
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-m", "watchfloor", name], env=os.environ | {"WATCHFLOOR_PORT": str(WEB_PORT)}
        )
        for name in ("web", "stream", "desk")
    }
    product.pids = [p.pid for p in processes.values()]  # type: ignore[attr-defined]
    time.sleep(6)
    try:
        yield
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait()


def serve(lines: Path, port: int, *, repeat: int, rate: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.real.jetstream", "--lines", str(lines), "--port", str(port)]
    pace = ["--repeat", str(repeat), "--rate", str(rate), "--keep", "2000000"]  # as the network does, for 36 hours
    return subprocess.Popen([*command, *pace], stdout=subprocess.DEVNULL)


def flood(lines: Path, port: int, seconds: int, matching: float) -> None:
    before_received, before_stored = figures()
    server = serve(lines, port, repeat=10_000, rate=0)
    wait_for_first(before_received)
    screens = open_screens(20, seconds)
    first, _ = figures()
    began, marks = time.monotonic(), []
    last = first
    while time.monotonic() - began < seconds:
        time.sleep(5)
        now, _ = figures()
        marks.append((now - last) / 5)
        last = now
    elapsed, (received, _) = time.monotonic() - began, figures()
    screens.wait()
    server.terminate()
    server.wait()
    received_all, stored_all = settle()
    marks.sort()
    rate, least, median = (received - first) / elapsed, marks[0], marks[len(marks) // 2]
    print(f"P1  {rate:,.0f} posts/s over {elapsed:.0f} s (pieces of 5 s: least {least:,.0f}, median {median:,.0f})")
    print("      floor 10,000, goal 50,000")
    new, came = stored_all - before_stored, received_all - before_received
    print(f"      stored {new:,} of {came:,}: {new / came:.4%}; {matching:.4%} match")
    print_memory("after the flood")


def open_screens(count: int, seconds: int) -> subprocess.Popen[bytes]:
    from watchfloor.first_start import sign_in_address

    link = sign_in_address().replace(":8000/", f":{WEB_PORT}/")
    command = [sys.executable, "-m", "bench.screens", f"http://127.0.0.1:{WEB_PORT}", link, "bench"]
    return subprocess.Popen([*command, "--screens", str(count), "--seconds", str(seconds)])


def burst(lines: Path, port: int, matching: float) -> None:
    """25 × a base of 2,000/s for 30 s: how long until all of it is stored."""
    for factor in (5, 25):
        before, _ = figures()
        total = 2_000 * factor * 30
        server = serve(lines, port, repeat=total // 20_000, rate=2_000 * factor)
        wait_for_first(before)
        began = time.monotonic()
        while figures()[0] - before < total and time.monotonic() - began < 300:
            time.sleep(0.5)
        took = time.monotonic() - began
        got = figures()[0] - before
        late = f"drained {max(0, took - 30):.0f} s after its end (promised: 120)"
        print(f"P2  {factor:>2} × 2,000/s for 30 s: {got:,} of {total:,} in after {took:.0f} s, so {late}", flush=True)
        server.terminate()
        server.wait()
        time.sleep(3)


def steady(lines: Path, port: int) -> None:
    before, _ = figures()
    server = serve(lines, port, repeat=10, rate=4_000)
    wait_for_first(before)
    time.sleep(25)
    print_memory("at 200 matching posts/s")
    server.terminate()
    server.wait()


def wait_for_first(before: int) -> None:
    until = time.monotonic() + 60
    while figures()[0] <= before:
        if time.monotonic() > until:
            raise SystemExit("No post came in within a minute; the connection's state says why.")
        time.sleep(0.05)


def settle() -> tuple[int, int]:
    last = figures()
    while True:
        time.sleep(2)
        now = figures()
        if now == last:
            return now
        last = now


def figures() -> tuple[int, int]:
    """(posts received, posts stored), as committed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(received), 0) FROM sources_connection")
        received = int(cursor.fetchone()[0])
        cursor.execute("SELECT COUNT(*) FROM mentions_post")
        return received, int(cursor.fetchone()[0])


def print_memory(when: str) -> None:
    """Proportional set size: memory shared between the processes counts once."""
    total = 0.0
    parts = []
    for pid, name in zip(product.pids, ("web", "stream", "desk"), strict=True):  # type: ignore[attr-defined]
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                mb = int(line.split()[1]) / 1024
                total += mb
                parts.append(f"{name} {mb:.0f}")
    print(f"P10 {total:,.0f} MB {when} ({', '.join(parts)})", flush=True)
    print("      floor 1,000 idle and 2,000 at 200 matching posts/s, goal 350 and 1,000")


if __name__ == "__main__":
    main()
