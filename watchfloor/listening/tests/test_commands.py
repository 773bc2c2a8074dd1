"""`watchfloor match` and `watchfloor query check`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watchfloor.listening.commands import match_command, query


def line(id: str | int, text: str, **told) -> str:
    return json.dumps({"network": "x", "id": id, "text": text, "created_at": "2026-07-04T12:00:00Z"} | told)


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    path = tmp_path / "topics.jsonl"
    path.write_text('{"id": "t2", "query": "coffee"}\n{"id": "t1", "query": "\\"flat white\\" OR coffee"}\n')
    return path


def match(*arguments: object, posts: str = "", **hooks) -> Result:
    return CliRunner().invoke(match_command(**hooks), ["--topics", *map(str, arguments)], input=posts)


def test_every_post_comes_in_order_with_its_topics_sorted(topics):
    result = match(topics, posts=line("b", "Coffee") + "\n\n" + line("a", "tea") + "\n")
    assert result.exit_code == 0
    assert [json.loads(told) for told in result.stdout.splitlines()] == [
        {"network": "x", "id": "b", "topics": ["t1", "t2"]},
        {"network": "x", "id": "a", "topics": []},
    ]


def test_it_explains(topics):
    result = match(topics, "--explain", posts=line("b", "a flat white"))
    assert json.loads(result.stdout)["topics"] == [
        {"id": "t1", "terms": [{"term": '"flat white"', "start": 2, "end": 12}]}
    ]


def test_a_line_that_can_not_be_read_is_reported_and_the_rest_is_done(topics, tmp_path):
    posts = tmp_path / "posts.jsonl"
    lines = [b"{", line("a", "coffee").encode(), b"\xff", b"[]", b'{"network": "x"}', line(5, "x").encode()]
    posts.write_bytes(b"\n".join(lines))
    result = match(topics, posts)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    reported = result.stderr.splitlines()
    assert [told.split(": ")[0] for told in reported] == [f"{posts}:{number}" for number in (1, 3, 4, 5, 6)]
    assert reported[-1] == f"{posts}:6: “id” must be text, not a number"


def test_a_query_that_can_not_be_read_ends_it(topics):
    topics.write_text('{"id": "t1", "query": "coffee AND"}\n{"id": "t2", "query": "lang:english"}\n')
    result = match(topics, posts=line("a", "coffee"))
    assert result.exit_code == 2
    assert result.stdout == ""
    first, second = map(json.loads, result.stderr.splitlines())
    assert first["id"] == "t1"
    assert first["error"]["offset"] == 7
    assert second["error"]["hint"] == "Did you mean lang:en?"


def test_the_posts_own_sentiment_comes_before_the_machines(topics):
    topics.write_text('{"id": "t1", "query": "coffee sentiment:negative"}\n')
    posts = line("a", "coffee") + "\n" + line("b", "coffee", sentiment="positive") + "\n"
    result = match(topics, posts=posts, sentiment_of=lambda: lambda post: "negative")
    assert [json.loads(told)["topics"] for told in result.stdout.splitlines()] == [["t1"], []]


def test_the_labeller_is_loaded_only_if_a_query_asks_for_it(topics):
    def load():
        raise AssertionError

    assert match(topics, posts=line("a", "coffee"), sentiment_of=load).exit_code == 0


def test_a_missing_file_is_named(tmp_path):
    result = match(tmp_path / "none.jsonl")
    assert result.exit_code == 2
    assert "none.jsonl can't be read: No such file" in result.stderr


def test_check_says_the_query_in_words():
    result = CliRunner().invoke(query, ["check", "coffee -tea"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"ok": True, "words": 'posts with the word "coffee", without the word "tea"'}


def test_check_says_what_is_wrong():
    result = CliRunner().invoke(query, ["check", "a NEAR b"])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert told["error"]["offset"] == 2
    assert told["error"]["hint"] == "Did you mean NEAR/5?"


@pytest.mark.parametrize("text", ["-spam coffee", "-(a b) coffee", "-h coffee", "-lang:en coffee"])
def test_a_query_may_begin_with_a_minus(text):
    result = CliRunner().invoke(query, ["check", text])
    assert json.loads(result.stdout)["ok"] is True


def test_no_database_code_is_loaded():
    code = "import sys, watchfloor.listening.commands; print([m for m in sys.modules if m.startswith('django')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
