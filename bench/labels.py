"""Measure the labellers on real labelled posts. Prints figures, asserts nothing.

    python -m bench.labels --validation val_text.txt val_labels.txt --airline tweets.csv

The first two files are TweetEval's validation set (sentiment), the last one CrowdFlower's tweets to US airlines with
the columns `airline_sentiment`, `text` and `tweet_created` (DD-MM-YYYY HH:MM). The shipped model has seen neither.
"""

from __future__ import annotations

import argparse
import csv
import html
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from watchfloor.mentions.labels import label_language, label_sentiment
from watchfloor.mentions.labels.model import Model, load_model, save_model
from watchfloor.mentions.labels.sentiment import SHIPPED, shipped_model
from watchfloor.sources.post import Post

VALUES = ("negative", "neutral", "positive")
Labelled = list[tuple[Post, str]]


def main() -> None:
    asked = argparse.ArgumentParser(description="Measure language and sentiment labels.")
    asked.add_argument("--validation", nargs=2, type=Path, metavar=("TEXTS", "LABELS"))
    asked.add_argument("--airline", type=Path)
    asked.add_argument("--learn-from", nargs="*", type=int, default=[500, 1000], metavar="N")
    given = asked.parse_args()

    before = memory_kb()
    shipped_model().judge("Warm up.")
    validation = read_validation(*given.validation) if given.validation else []
    airline = read_airline(given.airline) if given.airline else []
    if posts := [post for post, _ in airline or validation]:
        measure_speed(posts, before)

    print(f"\n{'data':32} {'labels by':24} {'macro recall':>12} {'macro F1':>9} {'unknown':>8}")
    for name, labelled in (("TweetEval validation", validation), ("airline, all", airline)):
        if labelled:
            show(name, "VADER", labelled, vader())
            show(name, "shipped", labelled, by_model(shipped_model()))
    for count in given.learn_from if airline else []:
        rest = airline[count:]
        show(f"airline after the first {count}", "shipped", rest, by_model(shipped_model()))
        started = time.process_time()
        learnt = learn_from(airline[:count])
        took = time.process_time() - started
        show(f"airline after the first {count}", f"learnt from {count}", rest, by_model(learnt))
        print(f"{'':32} learning took {took:.1f} s of processor time")


def measure_speed(posts: Sequence[Post], before: int) -> None:
    fresh = load_model(SHIPPED)
    said = [Post("x", post.id, post.text, post.created_at, lang="en") for post in posts]
    for name, work in (
        ("language, declared", lambda: [label_language(post) for post in said]),
        ("language, detected", lambda: [label_language(post) for post in posts]),
        ("sentiment, first reading", lambda: [label_sentiment(post, "en", fresh) for post in said]),
        ("sentiment, words known", lambda: [label_sentiment(post, "en") for post in said]),
    ):
        runs = 1 if "first" in name else 3
        best = min(timed(work) for _ in range(runs))
        print(f"{name:32} {best / len(posts) * 1e6:8.1f} µs of processor time a post")
    print(f"{'memory':32} {before / 1024:8.1f} MB after import, {memory_kb() / 1024:.1f} MB after {len(posts)} posts")


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def memory_kb() -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def show(data: str, by: str, labelled: Labelled, judge: Callable[[Post], str | None]) -> None:
    got = [judge(post) for post, _ in labelled]
    wanted = [value for _, value in labelled]
    recalls, f1s = [], []
    for value in VALUES:
        hits = sum(w == g == value for w, g in zip(wanted, got, strict=True))
        recalls.append(hits / max(1, wanted.count(value)))
        f1s.append(2 * hits / max(1, wanted.count(value) + got.count(value)))
    print(f"{data:32} {by:24} {sum(recalls) / 3:12.3f} {sum(f1s) / 3:9.3f} {got.count(None):8}")


# --- Judges ---------------------------------------------------------------------------------------------------------


def by_model(model: Model) -> Callable[[Post], str | None]:
    return lambda post: label_sentiment(post, "en", model).value


def vader() -> Callable[[Post], str | None]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    rules = SentimentIntensityAnalyzer()

    def judge(post: Post) -> str:
        score = rules.polarity_scores(post.text)["compound"]
        return "positive" if score >= 0.05 else "negative" if score <= -0.05 else "neutral"

    return judge


def learn_from(labelled: Labelled) -> Model:
    from watchfloor.mentions.labels.learn import learn

    learnt = learn([(post.text, value) for post, value in labelled], start=shipped_model())  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "learnt.wfm"
        save_model(path, learnt.header, learnt.table)
        return load_model(path)


# --- The data -------------------------------------------------------------------------------------------------------


def read_validation(texts: Path, labels: Path) -> Labelled:
    now = datetime.now(UTC)
    lines = zip(texts.read_text("utf-8").splitlines(), labels.read_text().split(), strict=True)
    return [
        (Post("x", str(number), unescape(text), now), VALUES[int(label)]) for number, (text, label) in enumerate(lines)
    ]


def read_airline(path: Path) -> Labelled:
    """In the order of time, oldest first."""
    labelled = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            written = datetime.strptime(row["tweet_created"], "%d-%m-%Y %H:%M").replace(tzinfo=UTC)
            labelled.append((Post("x", str(number), row["text"], written), row["airline_sentiment"]))
    return sorted(labelled, key=lambda pair: pair[0].created_at)


def unescape(text: str) -> str:
    return html.unescape(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))


if __name__ == "__main__":
    main()
