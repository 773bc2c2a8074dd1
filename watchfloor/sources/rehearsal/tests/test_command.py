"""`watchfloor rehearse`."""

from pathlib import Path

import msgspec
from click.testing import CliRunner

from watchfloor.sources.post import Post
from watchfloor.sources.rehearsal import plan
from watchfloor.sources.rehearsal.commands import rehearse

SMALL = ["--posts", "300", "--seed", "9", "--days", "1"]


def test_it_writes_posts_as_lines() -> None:
    done = CliRunner().invoke(rehearse, [*SMALL, "--to", "jsonl"])
    assert done.exit_code == 0
    posts = [msgspec.json.decode(line, type=Post) for line in done.stdout_bytes.splitlines()]
    assert posts == plan(9, 300, 1).posts


def test_it_writes_the_other_events_when_asked() -> None:
    done = CliRunner().invoke(rehearse, [*SMALL, "--events"])
    assert len(done.stdout_bytes.splitlines()) == len(plan(9, 300, 1).items)


def test_at_high_speed_it_plays_to_the_end() -> None:
    done = CliRunner().invoke(rehearse, [*SMALL, "--speed", "10000000"])
    assert done.exit_code == 0
    assert len(done.stdout_bytes.splitlines()) == 300


def test_it_writes_what_was_meant(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    CliRunner().invoke(rehearse, [*SMALL, "--truth", str(file)])
    lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    assert sum("truth" in line for line in lines) == 300
    assert {"pivotfood", "wifi", "rumour"} <= {line["happening"]["name"] for line in lines if "happening" in line}


def test_it_refuses_a_size_out_of_bounds() -> None:
    done = CliRunner().invoke(rehearse, ["--posts", "5"])
    assert done.exit_code == 2
    assert "--posts" in done.stderr
