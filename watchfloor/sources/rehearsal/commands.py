"""`watchfloor rehearse`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from watchfloor.sources.clock import Pace, WallClock, play
from watchfloor.sources.rehearsal.made import Plan
from watchfloor.sources.rehearsal.parse import write_line
from watchfloor.sources.rehearsal.plan import (
    DEFAULT_DAYS,
    DEFAULT_POSTS,
    DEFAULT_SEED,
    FEWEST_POSTS,
    MOST_DAYS,
    MOST_POSTS,
    plan,
)
from watchfloor.sources.source import Written


@click.command()
@click.option(
    "--speed",
    type=click.FloatRange(min=0.1),
    help="Play on the event's clock, this many times as fast, dated now. Without it all posts come at once.",
)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="The same seed gives the same event.")
@click.option("--posts", type=click.IntRange(FEWEST_POSTS, MOST_POSTS), default=DEFAULT_POSTS, show_default=True)
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=DEFAULT_DAYS, show_default=True)
@click.option("--to", type=click.Choice(["jsonl"]), default="jsonl", show_default=True, help="One post a line.")
@click.option("--events", is_flag=True, help="Also write edits, deletions and account changes, as lines with “event”.")
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what each post was meant to be to this file.",
)
def rehearse(speed: float | None, seed: int, posts: int, days: int, to: str, events: bool, truth: Path | None) -> None:
    """Make up an event: posts about a conference that never was, the same for the same seed.

    Example: watchfloor rehearse --posts 1000 --to jsonl | watchfloor match --topics topics.jsonl
    """
    event = plan(seed, posts, days)
    if truth:
        _write_truth(event, truth)
    out = sys.stdout.buffer
    if speed:
        asyncio.run(_play(event, speed, events, out))
        return
    for item in event.items:
        if events or (isinstance(item.event, Written) and not item.event.edited):
            out.write(write_line(item.event) + b"\n")
    out.flush()


async def _play(event: Plan, speed: float, events: bool, out: BinaryIO) -> None:
    clock = WallClock()
    pace = Pace(event.programme.begins.astimezone(UTC), clock.now(), speed)
    timed = (
        (pace.at(i.at), i.event) for i in event.items if events or (isinstance(i.event, Written) and not i.event.edited)
    )
    async for due in play(timed, clock):
        for happening in due:
            if isinstance(happening, Written):
                post = msgspec.structs.replace(happening.post, created_at=pace.at(happening.post.created_at))
                happening = Written(post, edited=happening.edited)
            out.write(write_line(happening) + b"\n")
        out.flush()


def _write_truth(event: Plan, path: Path) -> None:
    """First the happenings, then a line for every post."""
    with path.open("wb") as file:
        for happening in event.happenings:
            file.write(msgspec.json.encode({"happening": happening}) + b"\n")
        for id, meant in event.truth.items():
            file.write(msgspec.json.encode({"id": id, "truth": meant}) + b"\n")
