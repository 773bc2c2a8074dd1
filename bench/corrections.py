"""Measure what learning from people's words is worth, along the product's own path: posts come down the line, people
answer the queue's question, a refit runs, and accuracy is told on the held fifth. Prints figures, asserts nothing.

    python -m bench.corrections tweets.csv --after 100 500 1000 2000

The file is CrowdFlower's tweets to US airlines (columns `airline_sentiment`, `text`, `tweet_created`), which the
shipped model has not seen. Corrections are made in the order of time; all posts of the held part are answered first.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tweets", type=Path)
    parser.add_argument("--after", type=int, nargs="+", default=[500, 1_000])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"WATCHFLOOR_DATA": folder, "DJANGO_SETTINGS_MODULE": "watchfloor.settings"}
        os.environ["WATCHFLOOR_LOG_LEVEL"] = "WARNING"
        import django

        django.setup()
        measure(read_tweets(given.tweets), sorted(given.after))


def read_tweets(path: Path) -> list[tuple[datetime, str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = [
            (
                datetime.strptime(row["tweet_created"], "%d-%m-%Y %H:%M").replace(tzinfo=UTC),
                row["text"],
                row["airline_sentiment"],
            )
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda row: row[0])


def measure(tweets: list[tuple[datetime, str, str]], steps: list[int]) -> None:
    from django.core.management import call_command

    from watchfloor.listening.actions import make_topic
    from watchfloor.mentions import reads
    from watchfloor.mentions.labels.accuracy import label_accuracy
    from watchfloor.mentions.labels.held import is_held
    from watchfloor.mentions.labels.queue import answer
    from watchfloor.mentions.labels.refit import ask_for_refit, refit
    from watchfloor.pipeline.line import Line
    from watchfloor.sources.post import Post
    from watchfloor.sources.source import Batch, Written
    from watchfloor.team.models import Mission, Person

    call_command("migrate", verbosity=0)
    mission = Mission.objects.create(name="Airlines", slug="airlines")
    make_topic(mission, name="All", role="own", query="network:tweets", by=None)
    ana = Person.objects.create_superuser("ana@example.org")
    line, meant = Line(), {}
    for start in range(0, len(tweets), 500):
        events = []
        for number, (at, text, value) in enumerate(tweets[start : start + 500], start):
            # Seconds of their own keep the order of the file within a minute.
            post = Post("tweets", str(number), text, at + timedelta(milliseconds=number % 1_000))
            meant[post.id] = value
            events.append(Written(post, b""))
        line.take(Batch(events), None)
    posts = sorted(reads.newest(mission, None, limit=100_000), key=lambda post: post.id)
    judged = [post for post in posts if post.sentiment is not None]
    say(f"{len(posts):,} posts stored, {len(judged):,} of them judged by {posts[0].sentiment_by}")
    held = [post for post in judged if is_held(post.post)]
    rest = [post for post in judged if not is_held(post.post)]
    for post in held:
        answer(mission, post.id, meant[post.post.id], by=ana)
    start_figures = label_accuracy(mission)
    say(f"held part: {start_figures.sample:,} posts")
    say(f"{'corrections':>12} {'accuracy':>9} {'macro F1':>9}  refit")
    say(f"{0:>12,} {start_figures.value or 0:>9.3f} {start_figures.f1 or 0:>9.3f}")
    made = 0
    for step in steps:
        for post in rest[made:step]:
            answer(mission, post.id, meant[post.post.id], by=ana)
        made = min(step, len(rest))
        ask_for_refit(by=ana)
        began = perf_counter()
        row = refit()
        assert row is not None
        took = perf_counter() - began
        figures = label_accuracy(mission)
        say(
            f"{made:>12,} {figures.value or 0:>9.3f} {figures.f1 or 0:>9.3f}  {took:.0f} s, learnt from "
            f"{row.learnt_from:,}: {row.accuracy_before} → {row.accuracy_after}, {row.get_state_display()}"
        )


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
