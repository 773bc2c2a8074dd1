"""`watchfloor import`: what it stores, counts, makes on the way, and says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchfloor.listening.models import Topic
from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.pipeline.commands import import_posts
from watchfloor.pipeline.imports import EVERYTHING
from watchfloor.pipeline.tests.shell import run
from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db


def post(native_id: str, text: str, network: str = "forum", **fields: object) -> dict[str, object]:
    return {"network": network, "id": native_id, "text": text, "created_at": "2026-07-04T12:00:00Z", **fields}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "posts.jsonl", post("1", "good coffee"), post("2", "good tea"), post("3", "more coffee"))


def write(file: Path, *objects: object) -> Path:
    file.write_text("\n".join(o if isinstance(o, str) else json.dumps(o) for o in objects) + "\n")
    return file


def stored(mission: str) -> list[str]:
    scope = Scope(Mission.objects.get(slug=mission).pk)
    return sorted(one.post.text for one in mention_store().matches(scope, None))


def figures(read: int, stored: int, matched: int, duplicates: int = 0, skipped: int = 0) -> dict[str, int]:
    return {"read": read, "stored": stored, "matched": matched, "duplicates": duplicates, "skipped": skipped}


def test_it_stores_what_the_missions_topics_look_for_and_says_what_was_left(file: Path) -> None:
    ran = run(import_posts, "--mission", "Brand", "--topic", "Coffee=coffee", file)
    assert (ran.status, ran.figures) == (0, figures(3, 2, 2))
    assert stored("brand") == ["good coffee", "more coffee"]
    assert "looked for by no topic of “Brand”, and so not stored: 1." in ran.err
    assert "--topic" in ran.err


def test_importing_twice_stores_once(file: Path) -> None:
    run(import_posts, "--mission", "Brand", file)
    ran = run(import_posts, "--mission", "brand", file)
    assert (ran.status, ran.figures) == (0, figures(3, 0, 3, duplicates=3))
    assert len(stored("brand")) == 3
    assert Connection.objects.count() == 1


def test_the_same_post_in_two_files_is_stored_once(file: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.jsonl", post("3", "more coffee"), post("4", "latest coffee"))
    ran = run(import_posts, "--mission", "Brand", file, other)
    assert ran.figures == figures(5, 4, 5, duplicates=1)


def test_a_mission_that_is_not_there_is_made_and_said(file: Path) -> None:
    ran = run(import_posts, "--mission", "Käse & Co", file)
    mission = Mission.objects.get()
    assert (mission.name, mission.slug, mission.kind) == ("Käse & Co", "kase-co", Mission.Kind.EVENT)
    assert "made it" in ran.err
    assert run(import_posts, "--mission", "KASE-CO", file).figures["duplicates"] == 3


def test_a_mission_without_topics_gets_one_that_finds_the_files_networks(tmp_path: Path) -> None:
    file = write(tmp_path / "f", post("1", "a"), post("1", "b", "x"), post("1", "c", "my-forum.example"))
    ran = run(import_posts, "--mission", "Brand", file)
    topic = Topic.objects.get()
    assert (topic.name, topic.query) == (EVERYTHING, "network:forum OR network:x OR network:my-forum.example")
    assert "has no topics yet" in ran.err
    assert ran.figures == figures(3, 3, 3)
    more = write(tmp_path / "g", post("1", "d", "bluesky"))
    assert run(import_posts, "--mission", "Brand", more).figures == figures(1, 1, 1)
    topic.refresh_from_db()
    assert topic.query.endswith("OR network:bluesky")
    assert (topic.version, topic.applied_version) == (2, 2)


def test_topics_that_somebody_wrote_stay_as_they_are(file: Path) -> None:
    run(import_posts, "--mission", "Brand", "--topic", "Tea=tea", file)
    run(import_posts, "--mission", "Brand", file)
    assert list(Topic.objects.values_list("name", "query")) == [("Tea", "tea")]
    assert stored("brand") == ["good tea"]


def test_a_new_topic_finds_more_of_a_file_that_is_imported_again(file: Path) -> None:
    run(import_posts, "--mission", "Brand", "--topic", "Tea=tea", file)
    ran = run(import_posts, "--mission", "Brand", "--topic", "Coffee=coffee", file)
    assert ran.figures == figures(3, 2, 3, duplicates=1)


def test_only_the_missions_own_topics_are_asked(file: Path) -> None:
    run(import_posts, "--mission", "Tea", "--topic", "Tea=tea", file)
    run(import_posts, "--mission", "Coffee", "--topic", "Coffee=coffee", file)
    assert (stored("tea"), stored("coffee")) == (["good tea"], ["good coffee", "more coffee"])


def test_without_a_mission_all_topics_are_asked(file: Path, tmp_path: Path) -> None:
    ran = run(import_posts, file)
    assert ran.figures == figures(3, 0, 0)
    assert "no topics yet" in ran.err
    run(import_posts, "--mission", "Tea", "--topic", "Tea=tea", write(tmp_path / "none"))
    run(import_posts, "--mission", "Coffee", "--topic", "Coffee=coffee", write(tmp_path / "none"))
    assert run(import_posts, file).figures == figures(3, 3, 3)


def test_a_line_that_can_not_be_read_is_named_and_the_rest_is_done(tmp_path: Path) -> None:
    file = write(tmp_path / "f", post("1", "a"), "nonsense", post("2", "b", id=None), post("3", "c"))
    ran = run(import_posts, "--mission", "Brand", file)
    assert (ran.status, ran.figures) == (1, figures(2, 2, 2, skipped=2))
    named = [line for line in ran.err.splitlines() if line.startswith(str(file))]
    assert [line.startswith(f"{file}:{number}: ") for line, number in zip(named, (2, 3), strict=True)] == [True, True]


def test_standard_input_is_a_file_like_any_other(file: Path) -> None:
    ran = run(import_posts, "--mission", "Brand", "-", stdin=file.read_bytes() + b"{\n")
    assert (ran.status, ran.figures) == (1, figures(3, 3, 3, skipped=1))
    assert "-:4: " in ran.err
    assert run(import_posts, "--mission", "Brand", "-", stdin=file.read_bytes()).figures == figures(
        3, 0, 3, duplicates=3
    )


def test_a_file_that_can_not_be_opened_is_named_and_the_others_are_read(file: Path, tmp_path: Path) -> None:
    ran = run(import_posts, "--mission", "Brand", tmp_path / "none", tmp_path, file)
    assert (ran.status, ran.figures) == (1, figures(3, 3, 3))
    assert f"{tmp_path / 'none'}: There is no such file." in ran.err
    assert f"{tmp_path}: It is a folder." in ran.err


def test_rows_of_any_shape_are_read_by_a_map(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("when;who;what\n20-02-2015 23:00;ana;Hello\n01-03-2015 08:00;ben;=1+1\n31-02-2015;ben;no date\n")
    ran = run(
        import_posts, "--mission", "Brand", "--format", "csv", "--network", "Forum",
        "--map", "text=what,created_at=when", "--map", "author.handle=who", file,
    )  # fmt: skip
    assert (ran.status, ran.figures) == (1, figures(2, 2, 2, skipped=1))
    assert f"{file}:4: " in ran.err
    found = list(mention_store().matches(Scope(Mission.objects.get().pk), None))
    assert [(s.post.network, s.post.author.handle, s.post.text) for s in found] == [
        ("forum", "ben", "=1+1"),
        ("forum", "ana", "Hello"),
    ]


def test_deletions_in_a_file_take_posts_away(tmp_path: Path) -> None:
    def line(rkey: str, operation: str, **record: object) -> dict[str, object]:
        commit = {"rev": "1", "operation": operation, "collection": "app.bsky.feed.post", "rkey": rkey, **record}
        return {"did": "did:plc:abc", "time_us": 1751630286000000, "kind": "commit", "commit": commit}

    record = {"$type": "app.bsky.feed.post", "text": "Hello", "createdAt": "2026-07-04T12:00:00Z"}
    run(
        import_posts,
        "--mission",
        "B",
        "--format",
        "jetstream",
        write(tmp_path / "f", line("3k", "create", record=record)),
    )
    assert stored("b") == ["Hello"]
    ran = run(import_posts, "--mission", "B", "--format", "jetstream", write(tmp_path / "g", line("3k", "delete")))
    assert stored("b") == []
    assert "taken away: 1" in ran.err


def test_an_edited_status_replaces_what_is_stored(tmp_path: Path) -> None:
    status = {"uri": "https://a.example/1", "content": "<p>Helo</p>", "created_at": "2026-07-04T12:00:00Z"}
    run(import_posts, "--mission", "B", "--format", "mastodon", write(tmp_path / "f", status))
    edited = status | {"content": "<p>Hello</p>", "edited_at": "2026-07-04T13:00:00Z"}
    for _ in range(2):
        run(import_posts, "--mission", "B", "--format", "mastodon", write(tmp_path / "g", edited))
        assert stored("b") == ["Hello"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--map", "colour=red", "--format", "csv"], "colour"),
        (["--map", "text=a"], "--format csv"),
        (["--network", "a b", "--format", "csv"], "a b"),
        (["--zone", "Mars/Base"], "Mars/Base"),
        (["--topic", "Coffee"], "NAME=QUERY"),
        (["--topic", "Coffee=coffee"], "--mission"),
        (["--mission", " "], "no name"),
        (["--format", "xml"], "xml"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_done(words: list[str], why: str, file: Path) -> None:
    ran = run(import_posts, *words, file)
    assert ran.status == 2
    assert why in ran.err
    assert not Mission.objects.exists()


def test_a_topics_query_that_can_not_be_read_is_refused_with_its_place(file: Path) -> None:
    ran = run(import_posts, "--mission", "Brand", "--topic", "Coffee=coffee AND", file)
    assert ran.status == 2
    assert set(json.loads(ran.err)["error"]) == {"offset", "message", "hint"}
    assert not Mission.objects.exists()


def test_a_topic_that_looks_for_something_else_is_not_overwritten(file: Path) -> None:
    run(import_posts, "--mission", "Brand", "--topic", "Drink=tea", file)
    ran = run(import_posts, "--mission", "Brand", "--topic", "Drink=coffee", file)
    assert ran.status == 2
    assert "another name" in ran.err
    assert Topic.objects.get().query == "tea"


def test_columns_that_nobody_can_guess_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("a,b\n1,2\n")
    ran = run(import_posts, "--mission", "Brand", "--format", "csv", file)
    assert ran.status == 2
    assert "--map text=COLUMN" in ran.err


def test_its_connection_is_off_and_done_so_that_the_stream_leaves_it_alone(file: Path) -> None:
    run(import_posts, "--mission", "Brand", file)
    connection = Connection.objects.get()
    assert (connection.source, connection.name) == ("file", "posts.jsonl")
    assert (connection.is_on, connection.state) == (False, Connection.State.DONE)
    assert connection.received == 3
