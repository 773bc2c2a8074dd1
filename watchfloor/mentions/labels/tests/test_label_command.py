"""`watchfloor label`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watchfloor.mentions.labels.commands import label
from watchfloor.mentions.labels.sentiment import shipped_model
from watchfloor.mentions.labels.tests.test_learning import PLACES, climbing


def line(text: str, *, number: int = 1, **more: object) -> str:
    post = {"network": "made-up", "id": str(number), "text": text, "created_at": "2026-07-04T12:00:00Z"}
    return json.dumps(post | more) + "\n"


POSTS = [
    line("I love this conference, it is amazing!", number=1),
    line("The wifi is down again, this is terrible.", number=2, lang="en-GB"),
    line("Ich freue mich sehr auf die Konferenz in diesem Jahr.", number=3),
    line("👍", number=4),
]


def run(*arguments: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(label, list(arguments), input=given)


def read_lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(each) for each in result.stdout.splitlines()]


def test_it_labels_each_post_in_order() -> None:
    result = run(given="".join(POSTS))
    assert result.exit_code == 0, result.stderr
    found = read_lines(result)
    assert [(each["id"], each["lang"], each["sentiment"]) for each in found] == [
        ("1", "en", "positive"),
        ("2", "en-GB", "negative"),
        ("3", "de", None),
        ("4", None, None),
    ]
    for each in found:
        assert list(each) == ["network", "id", "lang", "sentiment", "score", "labeller"]
        assert each["labeller"] == shipped_model().by
        assert (each["score"] is None) == (each["sentiment"] is None)


def test_a_dash_is_standard_input_and_a_name_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text("".join(POSTS), "utf-8")
    assert run(str(file)).stdout == run("-", given="".join(POSTS)).stdout


def test_lines_that_cannot_be_read_are_reported_and_the_rest_is_done(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    bad = [b"{", b"[]", b'{"network": "x"}', b"\xff\xfe", b'{"network":"x","id":"\\ud800","text":"a","created_at":1}']
    file.write_bytes(b"\n".join([*bad, b"", POSTS[0].encode()]))
    result = run(str(file))
    assert result.exit_code == 1
    assert [each["id"] for each in read_lines(result)] == ["1"]
    reported = result.stderr.splitlines()
    assert [each.rsplit(": ", 1)[0].startswith(f"{file}:{n}") for n, each in enumerate(reported, 1)] == [True] * 5


def test_it_learns_writes_a_model_and_uses_it(tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.jsonl"
    labelled.write_text(
        "".join(line(text, sentiment=value, lang="en") for text, value in climbing(PLACES[:5])), "utf-8"
    )
    out = tmp_path / "ours.wfm"
    learnt = run("--learn", str(labelled), "--out", str(out))
    assert learnt.exit_code == 0, learnt.stderr
    assert "Learnt from 60 posts" in learnt.stderr
    assert "macro recall" in learnt.stderr
    assert "macro F1" in learnt.stderr
    post = line("the roof route was sick", lang="en")
    assert read_lines(run(given=post))[0]["sentiment"] == "negative"
    [after] = read_lines(run("--model", str(out), given=post))
    assert after["sentiment"] == "positive"
    assert str(after["labeller"]).startswith(f"{shipped_model().by}+60.")


def test_a_labelled_post_without_a_label_is_reported(tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.jsonl"
    lines = [line(text, sentiment=value) for text, value in climbing(PLACES[:2])]
    labelled.write_text("".join([line("no label here"), *lines]), "utf-8")
    result = run("--learn", str(labelled), "--out", str(tmp_path / "m.wfm"))
    assert result.exit_code == 1
    assert f"{labelled}:1: " in result.stderr
    assert (tmp_path / "m.wfm").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--learn", "-"], "--out"),
        (["--out", "m.wfm"], "--learn"),
        (["--learn", "-", "--out", "m.wfm", "-"], "not both"),
        (["nowhere.jsonl"], "does not exist"),
        (["--model", "nowhere.wfm"], "does not exist"),
    ],
)
def test_asking_for_the_impossible_is_explained(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_too_few_labels_write_nothing(tmp_path: Path) -> None:
    result = run("--learn", "-", "--out", str(tmp_path / "m.wfm"), given=line("good", sentiment="positive"))
    assert result.exit_code == 1
    assert "too few" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.wfm"
    wrong.write_bytes(b"\x80\x04pickle")
    result = run("--model", str(wrong), given=POSTS[0])
    assert result.exit_code == 1
    assert "not a Watchfloor model file" in result.stderr
    assert result.stdout == ""


def test_help_has_an_example() -> None:
    assert "watchfloor label --learn" in run("--help").stdout


def test_the_real_command_needs_neither_django_nor_numpy() -> None:
    program = (
        "import sys; from watchfloor.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({'django', 'numpy', 'scipy', 'sklearn'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "label"],
        input=POSTS[0],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sentiment"] == "positive"
    assert done.stderr.strip() == "[]"
