"""`watchfloor search`: stored posts by a query, newest first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from watchfloor.pipeline.commands import import_posts, search
from watchfloor.pipeline.tests.shell import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def posts(tmp_path: Path) -> None:
    file = tmp_path / "f"
    days = [(n, f"coffee number {n}" + (" with #milk" if n % 2 else "")) for n in (3, 1, 5, 2, 4)]
    file.write_text(
        "\n".join(
            json.dumps({"network": "forum", "id": str(n), "text": text, "created_at": f"2026-07-0{n}T12:00:00Z",
                        "author": {"handle": "ana"}, "links": ["https://a.example/"]})
            for n, text in days
        )
    )  # fmt: skip
    run(import_posts, "--mission", "Brand", file)


def found(*words: str) -> list[str]:
    ran = run(search, "--mission", "Brand", *words)
    assert ran.status == 0, ran.err
    return [post["id"] for post in ran.lines]


def test_it_gives_matching_posts_newest_first() -> None:
    assert found("#milk") == ["5", "3", "1"]
    assert found("coffee", "--limit", "2") == ["5", "4"]
    assert found("tea") == []


def test_what_it_gives_is_a_post_of_the_formats() -> None:
    ran = run(search, "--mission", "brand", "coffee", "--limit", "1")
    assert ran.lines == [
        {
            "network": "forum",
            "id": "5",
            "text": "coffee number 5 with #milk",
            "created_at": "2026-07-05T12:00:00Z",
            "author": {"handle": "ana"},
            "links": ["https://a.example/"],
        }
    ]


def test_a_stretch_of_time_is_half_open() -> None:
    assert found("coffee", "--since", "2026-07-02T12:00Z", "--until", "2026-07-04T12:00:00Z") == ["3", "2"]
    assert found("coffee", "--since", "2026-07-05") == ["5"]
    assert found("coffee", "--until", "2026-07-01T14:00:01+02:00") == ["1"]


def test_a_stretch_may_be_told_by_how_long_ago() -> None:
    with time_machine.travel(datetime(2026, 7, 6, 12, tzinfo=UTC), tick=False):
        assert found("coffee", "--since", "24h") == ["5"]
        assert found("coffee", "--since", "3d", "--until", "2d") == ["3"]


@pytest.mark.parametrize(
    "words",
    [
        ["--since", "soon"],
        ["--until", "2026-02-30"],
        ["--since", "2026-07-04", "--until", "2026-07-03"],
        ["--since", "999999w"],
        ["--limit", "0"],
    ],
)
def test_a_stretch_that_is_none_is_refused(words: list[str]) -> None:
    ran = run(search, "--mission", "Brand", "coffee", *words)
    assert (ran.status, ran.out) == (2, "")


def test_a_query_that_can_not_be_read_is_refused_with_its_place() -> None:
    ran = run(search, "--mission", "Brand", "coffee AND (")
    assert (ran.status, ran.out) == (2, "")
    error = json.loads(ran.err)["error"]
    assert set(error) == {"offset", "message", "hint"}
    assert error["offset"] == 11


def test_a_mission_that_is_not_there_is_named_with_those_that_are() -> None:
    ran = run(search, "--mission", "Brnd", "coffee")
    assert ran.status == 2
    assert "There are: brand." in ran.err
