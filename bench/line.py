"""P1, P2, P10, P11: from a socket through matching 1,000 queries to the durable commit, with the whole product running.

    python -m bench.line [--seconds 60] [--queries 1000] [--database postgresql://…]

A Jetstream server on loopback sends made-up posts, 5 in 100 of which some query looks for, each with an id of its own. The
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
from pathlib import Path

import msgspec

from bench.world import QUERY_WORDS, queries, texts

MATCHING_SHARE = 0.05


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=60, help="how long P1 runs")
    options.add_argument("--queries", type=int, default=1_000)
    options.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite unless given")
    options.add_argument("--only", choices=["P1", "P2", "P10", "P11"])
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        print(f"P1  posts/s from the socket to the commit, {asked.queries:,} queries, 5 % match", flush=True)
        port = 24_000 + random.randrange(500)
        os.environ |= {
            "WATCHFLOOR_DATA": folder,
            "WATCHFLOOR_ALLOW_ADDRESSES": f"127.0.0.1:{port}",
            "WATCHFLOOR_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "watchfloor.settings",
            **({"DATABASE_URL": asked.database} if asked.database else {}),
        }
        lines = Path(folder) / "lines.jsonl"
        matching = write_lines(lines, 20_000)
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


def write_lines(file: Path, count: int) -> float:
    """Jetstream lines; says the exact share that a query looks for."""
    chance, hits = random.Random(1), 0
    with file.open("wb") as out:
        for number, text in enumerate(texts(count, seed=2)):
            if chance.random() < MATCHING_SHARE:
                text = f"{text} {chance.choice(QUERY_WORDS)}"
                hits += 1
            record = {"$type": "app.bsky.feed.post", "createdAt": "2026-07-04T12:00:00.000Z", "langs": ["en"], "text": text}
            commit = {
                "rev": "3mptbypluud2a", "operation": "create", "collection": "app.bsky.feed.post", "rkey": f"k{number}",
                "record": record, "cid": "bafyreiguce4jh7kcbmof3pmcvasifqtw24b6isakj5ve5ga2b4z4alpc4i",
            }  # fmt: skip
            line = {"did": f"did:plc:{number % 5_000:024}", "time_us": 1, "kind": "commit", "commit": commit}
            out.write(msgspec.json.encode(line) + b"\n")
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
    Connection.objects.create(name="Jetstream", source="bluesky", settings={"hosts": [url]})


@contextmanager
def product():
    processes = {
        name: subprocess.Popen([sys.executable, "-m", "watchfloor", name], env=os.environ | {"WATCHFLOOR_PORT": "24999"})
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
    return subprocess.Popen([*command, "--repeat", str(repeat), "--rate", str(rate)], stdout=subprocess.DEVNULL)


def flood(lines: Path, port: int, seconds: int, matching: float) -> None:
    before_received, before_stored = figures()
    server = serve(lines, port, repeat=10_000, rate=0)
    wait_for_first(before_received)
    first, _ = figures()
    began, marks = time.monotonic(), []
    last = first
    while time.monotonic() - began < seconds:
        time.sleep(5)
        now, _ = figures()
        marks.append((now - last) / 5)
        last = now
    elapsed, (received, _) = time.monotonic() - began, figures()
    server.terminate()
    server.wait()
    received_all, stored_all = settle()
    marks.sort()
    print(f"      {(received - first) / elapsed:>9,.0f} posts/s over {elapsed:.0f} s (5 s pieces: least {marks[0]:,.0f}, median {marks[len(marks) // 2]:,.0f}); floor 10,000, goal 50,000")
    share = (stored_all - before_stored) / (received_all - before_received)
    print(f"      stored {stored_all - before_stored:,} of {received_all - before_received:,}: {share:.4%}; made to match {matching:.4%}")
    print_memory("after the flood")


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
        print(f"P2  {factor:>2} × 2,000/s for 30 s: {got:,} of {total:,} in after {took:.0f} s, so drained {max(0, took - 30):.0f} s after its end (promised: 120)", flush=True)
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
    print(f"P10 {total:,.0f} MB {when} ({', '.join(parts)}); floor 1,000 idle and 2,000 at work, goal 350 and 1,000", flush=True)


if __name__ == "__main__":
    main()
