"""`watchfloor export`: a mission's mentions as posts, which `import` reads back."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from watchfloor.pipeline.commands import export, import_posts
from watchfloor.pipeline.tests.shell import run
from watchfloor.sources.post import Author, Media, Metrics, Post
from watchfloor.sources.post_json import read_post

pytestmark = pytest.mark.django_db


def brought_in(mission: str, posts: list[Post], *words: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "f")
        file.write_bytes(b"\n".join(map(msgspec.json.encode, posts)))
        assert run(import_posts, "--mission", mission, *words, file).status == 0


def said(text: str, native_id: str = "1", at: datetime = datetime(2026, 7, 4, tzinfo=UTC)) -> Post:
    return Post(network="forum", id=native_id, text=text, created_at=at)


def test_it_tells_topics_and_labels() -> None:
    brought_in("Brand", [said("I love this wonderful coffee")], "--topic", "Love=love", "--topic", "Coffee=coffee")
    (line,) = run(export, "--mission", "Brand").lines
    assert line["topics"] == ["Coffee", "Love"]
    assert (line["language"], line["sentiment"]) == ("en", "positive")
    assert 0 < line["score"] <= 1
    assert line["labeller"]


def test_what_is_not_known_is_null() -> None:
    brought_in("Brand", [said("กาแฟ")])
    (line,) = run(export, "--mission", "Brand").lines
    assert (line["sentiment"], line["score"]) == (None, None)


def test_a_label_that_came_along_gives_way_to_the_one_in_force() -> None:
    brought_in("Brand", [msgspec.structs.replace(said("I love this wonderful coffee"), sentiment="negative")])
    out = run(export, "--mission", "Brand").out
    assert out.count('"sentiment"') == 1
    assert json.loads(out)["sentiment"] == "positive"


def test_it_gives_the_missions_own_mentions_of_a_stretch_newest_first() -> None:
    first = datetime(2026, 7, 1, tzinfo=UTC)
    brought_in("Brand", [said(f"coffee {n}", str(n), first + timedelta(days=n)) for n in range(5)])
    brought_in("Other", [said("tea", "tea")])
    assert [line["id"] for line in run(export, "--mission", "Brand").lines] == ["4", "3", "2", "1", "0"]
    some = run(export, "--mission", "Brand", "--since", "2026-07-02", "--until", "2026-07-04")
    assert [line["id"] for line in some.lines] == ["2", "1"]


def test_a_mission_that_is_not_there_is_refused() -> None:
    ran = run(export, "--mission", "Brand")
    assert (ran.status, ran.out) == (2, "")
    assert "There are: none." in ran.err


# --- There and back ------------------------------------------------------------------------------------------------

_text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)
_name = st.none() | st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(str.strip)
_link = st.builds("https://{}.example/{}".format, st.integers(0, 99), st.text("abcé/?=", max_size=10))
_media = st.builds(Media, kind=st.sampled_from(["photo", "other"]), url=_link, alt=_name)
_number = st.none() | st.integers(0, 2**40)
_posts = st.lists(
    st.builds(
        Post,
        network=st.sampled_from(["forum", "x", "my-site.example"]),
        id=st.text("abc:/é", min_size=1, max_size=12),
        text=_text,
        created_at=st.datetimes(datetime(1996, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        url=st.none() | _link,
        title=st.none() | _text.filter(bool),
        lang=st.none() | st.sampled_from(["en", "pt-BR", "xx"]),
        author=st.builds(Author, id=_name, handle=_name, name=_name, followers=_number),
        links=st.lists(_link, max_size=3).map(tuple),
        media=st.lists(_media, max_size=2).map(tuple),
        reply_to=_name,
        repost_of=_name,
        quote_of=_name,
        conversation=_name,
        metrics=st.builds(Metrics, _number, _number, _number, _number, _number),
    ),
    min_size=1,
    max_size=12,
    unique_by=(lambda post: (post.network, post.id), lambda post: (post.author.id or post.author.handle)),
)  # fmt: skip


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(_posts)
def test_what_is_exported_is_imported_as_the_same_posts(posts: list[Post]) -> None:
    with taken_back():
        brought_in("Brand", posts)
        first = run(export, "--mission", "Brand").out
    lines = first.split("\n")[:-1]
    back = [msgspec.structs.replace(read_post(line.encode()), sentiment=None) for line in lines]
    assert {(post.network, post.id): post for post in back} == {(post.network, post.id): post for post in posts}

    with taken_back(), tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "f")
        file.write_text(first)
        assert run(import_posts, "--mission", "Brand", file).figures["stored"] == len(posts)
        again = run(export, "--mission", "Brand").out
    assert sorted(again.split("\n")[:-1]) == sorted(lines)


@contextmanager
def taken_back() -> Iterator[None]:
    """What is done inside leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
