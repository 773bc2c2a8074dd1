"""Every metric beside a recount from the exported posts: does the product say what the posts say?

    python -m bench.metrics                            the whole rehearsal, 25,000 posts
    python -m bench.metrics FILE --format jsonl --map … a recording of your own, as `watchfloor import` takes it

Makes a database of its own and takes it away again. Prints metric, value, recount, equal; ends with 1 if any differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.recount import FIGURES, PARTS, Raw

MOST = 20  # parts of a list that are compared
PROGRAM = (sys.executable, "-m", "watchfloor")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", nargs="?", help="posts; without it the rehearsal")
    options.add_argument("--format", default="post")
    options.add_argument("--map", default="", help="csv, jsonl: which column says what")
    options.add_argument("--network", default="")
    options.add_argument("--topic", action="append", default=[], metavar="ROLE:NAME=QUERY")
    options.add_argument("--posts", type=int, default=25_000, help="of the rehearsal")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WATCHFLOOR_")}
        environment |= {"WATCHFLOOR_DATA": folder, "WATCHFLOOR_LOG_LEVEL": "WARNING"}
        file = asked.file or _rehearsal(Path(folder), asked.posts, environment)
        topics = asked.topic or REHEARSAL
        command = [*PROGRAM, "import", file, "--mission", "Recount", "--format", asked.format]
        command += ["--map", asked.map] if asked.map else []
        command += ["--network", asked.network] if asked.network else []
        for topic in topics:
            command += ["--topic", topic.split(":", 1)[1]]
        subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
        os.environ.update(environment)
        roles = {topic.split(":", 1)[1].split("=", 1)[0]: topic.split(":", 1)[0] for topic in topics}
        sys.exit(0 if _compare(roles) else 1)


REHEARSAL = [
    "own:Pivot=pivot OR pivot26 OR @pivot OR #pivot26 OR #pivotconf",
    "issue:Wifi=(wifi OR wi-fi OR wlan OR internet) NEAR/12 (pivot* OR hall* OR down OR slow OR dead OR broken)",
    "issue:Food=(coffee OR lunch OR food OR queue*)",
    "competitor:Northbound=northbound",
]


def _rehearsal(folder: Path, posts: int, environment: dict[str, str]) -> str:
    path = folder / "rehearsal.jsonl"
    with path.open("wb") as file:
        subprocess.run([*PROGRAM, "rehearse", "--posts", str(posts)], stdout=file, env=environment, check=True)
    return str(path)


def _compare(roles: dict[str, str]) -> bool:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
    django.setup()
    from watchfloor.listening.models import Topic
    from watchfloor.team.models import Mission

    mission = Mission.objects.get(name="Recount")
    for topic in Topic.objects.filter(mission=mission):
        Topic.objects.filter(pk=topic.pk).update(role=roles[topic.name])
    rows = list(compare(mission))
    width = max(len(name) for name, *_rest in rows)
    for name, value, recounted, equal, seconds in rows:
        print(
            f"{name:<{width}}  {_short(value):>22}  {_short(recounted):>22}  {'=' if equal else '≠'}  {seconds:6.2f} s"
        )
    print(f"{sum(1 for row in rows if row[3])} of {len(rows)} equal")
    return all(row[3] for row in rows)


def compare(mission: Any) -> Iterator[tuple[str, Any, Any, bool, float]]:
    """(name, the product's figure, the recount, are they equal, seconds the product took) of each figure and list, over
    the whole of what the mission holds and over its busiest day."""
    from watchfloor.metrics.question import Question, Window
    from watchfloor.metrics.registry import metric

    raw = exported(mission)
    for label, window, now in windows(raw):
        recount = Raw(raw.posts, raw.own, raw.competitors, window[0], window[1], now)
        question = Question(mission, Window(*window), now=now)
        for name, count in FIGURES.items():
            plain, _comma, version = name.partition(", version ")
            of = metric(plain).figure
            assert of is not None
            began = perf_counter()
            figure = of(question.by_version(int(version) if version else None))
            took = perf_counter() - began
            yield f"{label}: {name}", figure.value, (again := count(recount)), same(figure.value, again), took
        for name, count_parts in PARTS.items():
            began = perf_counter()
            parts = metric(name).parts
            assert parts is not None
            found = [(named(name, part), part.value) for part in parts(question, MOST)]
            took = perf_counter() - began
            again_parts = count_parts(recount)
            yield f"{label}: {name}, parts", found[:1], again_parts[:1], same_parts(found, again_parts), took


def exported(mission: Any) -> Raw:
    from watchfloor.listening.models import Topic
    from watchfloor.mentions.exports import export_rows, jsonl_lines
    from watchfloor.mentions.reads import export

    names = dict(Topic.objects.filter(mission=mission).values_list("pk", "name"))
    posts = [json.loads(line) for line in jsonl_lines(export_rows(mission, export(mission, None), names))]
    roles = dict(Topic.objects.filter(mission=mission).values_list("name", "role"))
    from bench.recount import moment

    first, last = min(map(moment, posts)), max(map(moment, posts))
    own = {name for name, role in roles.items() if role == "own"}
    competitors = {name for name, role in roles.items() if role == "competitor"}
    return Raw(posts, own, competitors, first, last, last)


def windows(raw: Raw) -> Iterator[tuple[str, tuple[Any, Any], Any]]:
    """All of it, asked long after; and a day that still runs, asked in its middle."""
    minute = timedelta(minutes=1)
    first, last = raw.since.replace(second=0, microsecond=0), raw.until.replace(second=0, microsecond=0) + minute
    yield "whole", (first, last), last + timedelta(days=30)
    middle = first + (last - first) * 0.6
    middle = middle.replace(second=30, microsecond=0)
    yield "running", (middle.replace(second=0) - (last - first) / 4 // minute * minute, middle + 3 * minute), middle


def named(metric: str, part: Any) -> Any:
    if metric == "share-of-voice":
        return None if part.detail["is_own"] else part.name
    return part.name


def same(value: Any, recounted: Any) -> bool:
    if value is None or recounted is None:
        return value is recounted
    return abs(value - recounted) <= 1e-9 * max(1, abs(recounted))


def same_parts(found: list[tuple[Any, float]], again: list[tuple[Any, float]]) -> bool:
    """Names and numbers alike; of authors and posts, which the export names otherwise, the numbers."""
    known = dict(again)
    if [value for _name, value in found] != [value for _name, value in again[:MOST]]:
        return False
    comparable = all(isinstance(name, str) or name is None for name, _value in again)
    return not comparable or all(known.get(name) == value for name, value in found)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, list) and value:
        return f"{str(value[0][0])[:12]}… {value[0][1]:,}"
    return str(value)[:22]


if __name__ == "__main__":
    main()
