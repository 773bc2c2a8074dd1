"""P7 and P12 on SQLite and PostgreSQL, and how fast posts are written.

    python -m bench.store [--posts 1000000] [--engine sqlite|postgres] [--batch 500]

Fills a store in a temporary folder with made-up posts over 30 days (one mission of 20 topics; raw payloads kept), each
batch in a transaction of its own with durable commits, then asks Boolean queries over ranges of dates. Prints, and
judges nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

UNTIL = datetime(2026, 3, 31, tzinfo=UTC)
DAYS = 30
SINCE = UNTIL - timedelta(days=DAYS)
TOPICS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.engine is None:
        for engine in ("sqlite", "postgres"):  # a process each: Django takes its database at start
            subprocess.run([sys.executable, "-m", "bench.store", *sys.argv[1:], "--engine", engine], check=True)
        return
    folder = Path(tempfile.mkdtemp(prefix="watchfloor-bench-"))
    server = None
    try:
        os.environ["WATCHFLOOR_DATA"] = str(folder)
        os.environ["WATCHFLOOR_LOG_LEVEL"] = "WARNING"
        os.environ["DJANGO_SETTINGS_MODULE"] = "watchfloor.settings"
        if given.engine == "postgres":
            from tests.real.postgres import PostgresServer

            server = PostgresServer()
            os.environ["DATABASE_URL"] = server.url()
        else:
            os.environ.pop("DATABASE_URL", None)
        measure(given.engine, given.posts, given.batch, given.rounds)
    finally:
        from django.db import connections

        connections.close_all()
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(engine: str, posts: int, batch: int, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    from bench.made_up import MadeUp

    made_up = MadeUp(authors=max(100, posts // 20))
    mission = fill(engine, made_up, posts, batch)
    settle(engine)
    print_bytes(engine, posts)
    print_search(engine, mission, made_up, posts, rounds)
    print(f"  memory of this process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB\n")


# --- Filling --------------------------------------------------------------------------------------------------------


def fill(engine: str, made_up: Any, posts: int, batch: int) -> Any:
    from django.db import transaction

    from watchfloor.listening.models import Topic
    from watchfloor.mentions import arrivals
    from watchfloor.mentions.store.store import Changes, mention_store
    from watchfloor.team.models import Mission

    mission = Mission.objects.create(name="Bench", slug="bench")
    topics = [Topic.objects.create(mission=mission, name=f"topic {n}", query="x").pk for n in range(TOPICS)]
    store = mention_store()
    arrivals.register("bench")
    dice = random.Random(5)
    spent: list[float] = []
    cpu = 0.0
    written = 0
    began = time.perf_counter()
    for labelled in batches(made_up, posts, batch, topics, dice):
        start, cpu_start = time.perf_counter(), time.process_time()
        with transaction.atomic():
            written += store.write(Changes(posts=labelled)).stored
        spent.append(time.perf_counter() - start)
        cpu += time.process_time() - cpu_start
        with transaction.atomic():
            arrivals.take("bench", 10 * batch)
    took = sum(spent)
    tail = sorted(spent)
    arrivals.unregister("bench")
    assert written == posts, (written, posts)
    print(
        f"{engine}: {posts:,} posts, batches of {batch}, each a durable commit; "
        f"{time.perf_counter() - began:.0f} s in all, load of the machine {os.getloadavg()[0]:.1f}"
    )
    print(
        f"  written   {posts / took:>9,.0f} posts/s   {took / posts * 1e6:.0f} µs a post, "
        f"{cpu / posts * 1e6:.0f} µs of it our CPU; "
        f"batch p50 {tail[len(tail) // 2] * 1e3:.0f} ms, p99 {tail[int(len(tail) * 0.99)] * 1e3:.0f} ms; "
        f"last tenth {posts / 10 / sum(spent[-len(spent) // 10 :]):,.0f} posts/s"
    )
    return mission


def batches(made_up: Any, posts: int, size: int, topics: list[int], dice: random.Random) -> Iterator[list[Any]]:
    from bench.made_up import seen
    from watchfloor.mentions.store.store import Labelled

    batch = []
    for post, raw in made_up.posts(posts, SINCE, UNTIL):
        looked_for = {dice.choice(topics)} if dice.random() < 0.85 else set(dice.sample(topics, 2))
        batch.append(
            Labelled(
                post=post,
                raw=raw,
                topics=[(topic, 1) for topic in looked_for],
                seen_at=seen(post),
                language=post.lang,
                language_by="declared/1",
                sentiment=dice.choice(("negative", "neutral", "positive", None)),
                sentiment_score=dice.uniform(-1, 1),
                sentiment_confidence=dice.random(),
                sentiment_by="vader/1",
            )
        )
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def settle(engine: str) -> None:
    """What a running installation does by itself in time: PostgreSQL's autovacuum; SQLite's checkpoint."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if engine == "postgres" else "PRAGMA wal_checkpoint(TRUNCATE)")


# --- P12 ------------------------------------------------------------------------------------------------------------


def print_bytes(engine: str, posts: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if engine == "sqlite":
            cursor.execute(
                "SELECT CASE WHEN m.type = 'index' THEN m.tbl_name || ': ' || d.name ELSE d.name END, sum(d.pgsize) "
                "FROM dbstat d LEFT JOIN sqlite_master m ON m.name = d.name GROUP BY 1"
            )
        else:
            cursor.execute(
                "SELECT t.relname, pg_table_size(t.oid) FROM pg_class t "
                "WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace UNION ALL "
                "SELECT t.relname || ': ' || i.relname, pg_relation_size(i.oid) "
                "FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid "
                "WHERE t.relnamespace = 'public'::regnamespace"
            )
        sizes: dict[str, int] = {}
        for table, size in cursor.fetchall():
            table = "mentions_textindex" if table.startswith("mentions_textindex") else table
            sizes[table] = sizes.get(table, 0) + int(size)
    mentions = {
        table: size
        for table, size in sizes.items()
        if table.startswith("mentions_") and not table.startswith("mentions_arrival")
    }
    raw = sum(size for table, size in mentions.items() if table.startswith("mentions_raw"))
    total = sum(mentions.values())
    print(
        f"  P12       {(total - raw) / posts:>9,.0f} bytes a post without raw payloads, {total / posts:,.0f} with them "
        "(floor 800, goal 350)"
    )
    for table, size in sorted(mentions.items(), key=lambda pair: -pair[1]):
        if size / posts >= 1:
            print(f"            {size / posts:>9,.1f} {table.replace('mentions_', '')}")


# --- P7 -------------------------------------------------------------------------------------------------------------


def questions(made_up: Any, dice: random.Random) -> list[str]:
    """Boolean queries over words from everywhere in the frequency list, from the most frequent one to rare ones."""

    def word(low: int, high: int) -> str:
        return str(made_up.words[dice.randrange(low, high)])

    asked = []
    for _ in range(6):
        asked += [
            word(100, 2_000),
            f"{word(20, 300)} AND {word(20, 300)}",
            f"({word(50, 500)} OR {word(50, 500)} OR {word(500, 5_000)}) AND {word(5, 50)}",
            f"{word(100, 1_000)} NOT {word(0, 20)}",
            f"({' OR '.join(word(300, 3_000) for _ in range(4))}) -({word(0, 40)} OR {word(0, 40)})",
            f'"{word(0, 30)} {word(0, 30)}"',
            f"{word(10, 100)} NEAR/5 {word(10, 100)}",
            f"{word(300, 3_000)[:4]}* {word(0, 60)}",
            f"#{word(0, 300)} OR {word(2_000, 9_000)}",
            f"{word(0, 3)}",
        ]
    return asked


def print_search(engine: str, mission: Any, made_up: Any, posts: int, rounds: int) -> None:
    from watchfloor.listening.language.read import read
    from watchfloor.mentions.store.store import Scope, mention_store

    store, scope = mention_store(), Scope(mission.pk)
    dice = random.Random(11)
    asked = questions(made_up, dice)
    took: dict[str, list[float]] = {"count": [], "hourly chart": [], "newest 50": [], "all three": []}
    slowest: list[tuple[float, str, int, int]] = []
    for _ in range(rounds):
        for text in asked:
            query = read(text)
            days = dice.choice((1, 7, 30))
            until = UNTIL - timedelta(hours=dice.randrange(0, max(1, (DAYS - days) * 24)))
            since = until - timedelta(days=days)
            within = {"since": since, "until": until}
            one = {
                "count": timed(store.count, scope, query, **within),
                "hourly chart": timed(store.histogram, scope, query, **within, bucket=timedelta(hours=1)),
                "newest 50": timed(store.search, scope, query, **within, limit=50),
            }
            found = one["count"][1]
            for name, (seconds, _) in one.items():
                took[name].append(seconds)
            took["all three"].append(sum(seconds for seconds, _ in one.values()))
            slowest.append((took["all three"][-1], text, days, found))
    print(
        f"  P7        {len(asked)} queries × {rounds} rounds over 1, 7 or 30 days of {posts:,} posts "
        "(floor p95 ≤ 1 s, goal ≤ 300 ms)"
    )
    for name, seconds in took.items():
        seconds.sort()
        p50, p95, p99 = (seconds[min(len(seconds) - 1, int(len(seconds) * part))] * 1e3 for part in (0.5, 0.95, 0.99))
        most = seconds[-1] * 1e3
        print(f"            {name:<13} p50 {p50:>7.1f}   p95 {p95:>7.1f}   p99 {p99:>7.1f}   most {most:>7.1f} ms")
    for seconds, text, days, found in sorted(slowest, reverse=True)[:5]:
        print(f"            slowest: {seconds * 1e3:.0f} ms for {found:,} posts of {days} days: {text}")


def timed(ask: Callable[..., Any], *asked: Any, **how: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = ask(*asked, **how)
    return time.perf_counter() - start, answer


if __name__ == "__main__":
    main()
