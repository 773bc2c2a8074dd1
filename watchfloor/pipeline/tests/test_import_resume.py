"""An import that is stopped anywhere goes on where it stopped: nothing lost, nothing doubled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.pipeline import imports
from watchfloor.pipeline.commands import import_posts
from watchfloor.pipeline.line import Line
from watchfloor.pipeline.tests.shell import run
from watchfloor.sources.files import reading
from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db

POSTS = 10
BATCH = 3
WHOLE = {"read": POSTS, "stored": POSTS, "matched": POSTS, "duplicates": 0, "skipped": 1}


class Killed(BaseException):
    """As `kill -9` ends it: nothing that the program does after it counts."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reading, "BATCH_EVENTS", BATCH)
    lines = [
        json.dumps({"network": "forum", "id": str(n), "text": f"post {n}", "created_at": "2026-07-04T12:00:00Z"})
        for n in range(POSTS)
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join([*lines[:4], "nonsense", *lines[4:]]))
    return file


def stored() -> list[str]:
    mission = Mission.objects.get(slug="brand")
    return sorted(one.post.text for one in mention_store().matches(Scope(mission.pk), None))


def stop_before_batch(
    monkeypatch: pytest.MonkeyPatch, number: int, *, after_writing: bool, by: type[BaseException]
) -> None:
    take, seen = Line.take, 0

    def stopping(self: Line, *args: object) -> object:
        nonlocal seen
        seen += 1
        if seen == number and not after_writing:
            raise by
        taken = take(self, *args)  # type: ignore[arg-type]
        if seen == number:
            raise by
        return taken

    monkeypatch.setattr(Line, "take", stopping)


@pytest.mark.parametrize("after_writing", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_it_goes_on_where_it_was_killed(
    number: int, after_writing: bool, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_before_batch(patch, number, after_writing=after_writing, by=Killed)
        with pytest.raises(Killed):
            run(import_posts, "--mission", "Brand", file)
    done = (number - 1) * BATCH
    assert len(stored()) == min(done - (1 if done > 4 else 0), POSTS)
    ran = run(import_posts, "--mission", "Brand", file)
    assert ran.figures == WHOLE
    assert len(stored()) == POSTS
    assert ("Going on after" in ran.err) is (number > 1)
    assert mention_store().recount() == []


def test_ctrl_c_ends_with_a_sentence_on_how_to_go_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_before_batch(patch, 3, after_writing=True, by=KeyboardInterrupt)
        ran = run(import_posts, "--mission", "Brand", file)
    assert (ran.status, ran.out) == (130, "")
    assert "run the same command again" in ran.err
    assert run(import_posts, "--mission", "Brand", file).figures == WHOLE


def test_another_way_of_reading_starts_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_before_batch(patch, 2, after_writing=False, by=KeyboardInterrupt)
        run(import_posts, "--mission", "Brand", file)
    words = [
        "--mission",
        "Brand",
        "--format",
        "jsonl",
        "--network",
        "forum",
        "--map",
        "text=text,created_at=created_at,id=id",
    ]
    ran = run(import_posts, *words, file)
    assert "Going on" not in ran.err
    assert ran.figures["read"] == POSTS
    assert len(stored()) == POSTS


def test_a_file_under_another_name_goes_on_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_before_batch(patch, 2, after_writing=False, by=KeyboardInterrupt)
        run(import_posts, "--mission", "Brand", file)
    moved = file.rename(file.with_name("moved.jsonl"))
    ran = run(import_posts, "--mission", "Brand", moved)
    assert "Going on after 3 records" in ran.err
    assert ran.figures == WHOLE
    assert Connection.objects.get().name == "moved.jsonl"


def test_the_same_file_for_another_mission_begins_at_its_start(file: Path) -> None:
    run(import_posts, "--mission", "Brand", file)
    ran = run(import_posts, "--mission", "Other", file)
    assert "Going on" not in ran.err
    assert ran.figures["matched"] == POSTS


def test_every_batch_leaves_a_place_to_go_on_from(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = []
    take = imports.Import._take

    def noting(self: imports.Import, piece: reading.Piece, connection: Connection) -> None:
        take(self, piece, connection)
        connection.refresh_from_db()
        place = reading.place_of(connection.cursor)
        places.append((place.records, place.done, place.counted["stored"] + place.counted["skipped"]))

    monkeypatch.setattr(imports.Import, "_take", noting)
    run(import_posts, "--mission", "Brand", file)
    assert places == [(3, False, 3), (6, False, 6), (9, False, 9), (11, True, 11)]
