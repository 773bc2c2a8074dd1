"""When emerging terms are offered, on the rehearsal and on recorded events.

    python -m bench.trends [--file FILE QUERY] [--all]

Plays the rehearsal's posts (topics as the rehearsal has them), then each FILE (one topic, QUERY), into a mission of its
own in a temporary SQLite database, minute by minute of their own time, and lets the watch look after each minute as
the desk process does every few seconds. Then it says, of each hashtag that reached 20 posts within two hours: when it
had its first 5, 20 and 50 posts, and when it was offered. An offer is false if its term has fewer than N posts from
the start of the window it was offered by to two hours after. Prints, and judges nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

NEXT = timedelta(hours=2)
RISING = 20  # posts within `NEXT` make a hashtag a rising one
STEP = timedelta(minutes=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", nargs=2, action="append", default=[], metavar=("FILE", "QUERY"))
    parser.add_argument("--no-rehearsal", action="store_true")
    parser.add_argument("--all", action="store_true", help="list every offer")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="watchfloor-bench-"))
    try:
        os.environ["WATCHFLOOR_DATA"] = str(folder)
        os.environ["WATCHFLOOR_LOG_LEVEL"] = "WARNING"
        os.environ["DJANGO_SETTINGS_MODULE"] = "watchfloor.settings"
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        from watchfloor.first_start import REHEARSAL_TOPICS

        if not given.no_rehearsal:
            measure("rehearsal", rehearsal_posts(), [query for _n, _r, query in REHEARSAL_TOPICS], given.all)
        for path, query in given.file:
            measure(Path(path).name, file_posts(path), [query], given.all)
    finally:
        from django.db import connections

        connections.close_all()
        shutil.rmtree(folder, ignore_errors=True)


def rehearsal_posts() -> list[Any]:
    from watchfloor.sources.rehearsal.plan import DEFAULT_DAYS, DEFAULT_POSTS, DEFAULT_SEED, plan
    from watchfloor.sources.source import Written

    items = plan(DEFAULT_SEED, DEFAULT_POSTS, DEFAULT_DAYS).items
    return [item.event for item in items if isinstance(item.event, Written) and not item.event.edited]


def file_posts(path: str) -> list[Any]:
    from watchfloor.sources.files.reading import FileSettings, read_file
    from watchfloor.sources.source import Written

    settings = FileSettings(path=path, format="jsonl", network="x")
    events = [event for piece in read_file(settings) for event in piece.batch.events]
    return sorted((event for event in events if isinstance(event, Written)), key=lambda event: event.post.created_at)


def in_the_past(posts: Sequence[Any]) -> list[Any]:
    """By whole days, so that no post is dated in the future: that would be no honest date."""
    import msgspec

    from watchfloor.sources.source import Written

    last, now = max(event.post.created_at for event in posts), datetime.now(UTC)
    by = timedelta(days=max(0, (last - now) // timedelta(days=1) + 1))
    return [
        Written(msgspec.structs.replace(event.post, created_at=event.post.created_at - by), event.raw)
        for event in posts
    ]  # fmt: skip


def measure(name: str, posts: Sequence[Any], queries: Sequence[str], list_all: bool) -> None:
    from watchfloor.listening.actions import make_topic
    from watchfloor.listening.models import EmergingTerm
    from watchfloor.mentions.emerging_watch import Watch
    from watchfloor.pipeline.line import Line
    from watchfloor.sources.models import Connection
    from watchfloor.sources.source import Batch
    from watchfloor.team.models import Mission

    slug = f"m{Mission.objects.count()}"
    mission = Mission.objects.create(name=name, slug=slug, kind=Mission.Kind.EVENT)
    for number, query in enumerate(queries):
        make_topic(mission, name=str(number), role="own", query=query, by=None)
    connection = Connection.objects.create(name=name, source="file", mission=mission, settings={})
    line, watch = Line(), Watch()
    looks, looked = 0, 0.0
    for minute in minutes(in_the_past(posts)):
        for at in range(0, len(minute), 500):
            line.take(Batch(events=list(minute[at : at + 500])), connection)
        began = perf_counter()
        while watch.look(mission):
            pass
        looked += perf_counter() - began
        looks += 1
    told(name, mission, list(EmergingTerm.objects.filter(mission=mission).order_by("offered_at")), list_all)
    print(f"  {looks:,} looks, {1000 * looked / max(1, looks):.1f} ms each\n")


def minutes(posts: Sequence[Any]) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for event in posts:
        if piece and event.post.created_at.replace(second=0, microsecond=0) != piece[0].post.created_at.replace(
            second=0, microsecond=0
        ):
            yield piece
            piece = []
        piece.append(event)
    if piece:
        yield piece


def told(name: str, mission: Any, offers: Sequence[Any], list_all: bool) -> None:
    from watchfloor.listening.models import Topic
    from watchfloor.listening.trends.covered import Listened
    from watchfloor.listening.trends.terms import said_in
    from watchfloor.mentions import reads

    times: dict[str, list[datetime]] = {}
    hours: set[datetime] = set()
    total = 0
    for stored in reads.export(mission, None):
        total += 1
        hours.add(stored.at.replace(minute=0, second=0, microsecond=0))
        for term in said_in(stored.post, author="", language=None).terms:
            times.setdefault(term, []).append(stored.at)
    for of_term in times.values():
        of_term.sort()
    listened = Listened(list(Topic.objects.filter(mission=mission)))
    by_term = {offer.term: offer for offer in offers}
    rising = {t: at for t, at in times.items() if t[0] == "#" and peak(at) >= RISING and not listened.covers(t)}
    print(f"── {name}: {total:,} stored posts in {len(hours)} hours with posts")
    print(f"  hashtags that reached {RISING} posts within 2 h, and are not listened to: {len(rising)}")
    head = ("hashtag", "posts", "1st", "5th", "20th", "50th", "offered", "against 20th")
    print("  {:26} {:>6} {:>15} {:>15} {:>15} {:>15} {:>15} {:>13}".format(*head))
    for term, at in sorted(rising.items(), key=lambda pair: pair[1][0]):
        offer = by_term.get(term)
        lead = offer and (offer.offered_at - at[19]).total_seconds() / 60
        row = [when(at[n - 1]) if len(at) >= n else "–" for n in (1, 5, 20, 50)]
        offered, against = (when(offer.offered_at), f"{lead:+.0f} min") if offer else ("never", "missed")
        print(
            "  {:26} {:>6} {:>15} {:>15} {:>15} {:>15} {:>15} {:>13}".format(term[:26], len(at), *row, offered, against)
        )
    for kind in ("hashtag", "phrase"):
        those = [offer for offer in offers if offer.kind == kind]
        false = {n: [offer for offer in those if reached(offer, times) < n] for n in (5, 10, 20)}
        rates = ", ".join(
            f"N = {n}: {len(found)} ({len(found) / max(1, len(hours)):.2f} an hour)" for n, found in false.items()
        )
        print(f"  {kind}s offered: {len(those)}; false by {rates}")
        if list_all:
            for offer in those:
                figures = f"score {offer.score:8.1f} authors {offer.authors:4} reached {reached(offer, times)}"
                print(f"    {when(offer.offered_at)} {offer.shown[:40]:40} {figures}")


def peak(at: Sequence[datetime]) -> int:
    """The most posts within two hours."""
    return max((bisect_left(at, first + NEXT) - n for n, first in enumerate(at)), default=0)


def reached(offer: Any, times: dict[str, list[datetime]]) -> int:
    at = times.get(offer.term, [])
    since = offer.offered_at - timedelta(milliseconds=offer.width_ms)
    return bisect_left(at, offer.offered_at + NEXT) - bisect_left(at, since)


def when(at: datetime) -> str:
    return f"{at:%d %b %H:%M:%S}"


if __name__ == "__main__":
    main()
