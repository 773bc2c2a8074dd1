"""Rows of any shape, by --map and by guessing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from watchfloor.sources.files.dates import Dates
from watchfloor.sources.files.guesses import guess_map, plain_name
from watchfloor.sources.files.mapping import BadMap, RowReader, clean_network, look_up, parse_map
from watchfloor.sources.post import Media, Post
from watchfloor.sources.source import Unreadable, Written

MAP = {"text": "body", "created_at": "date", "author.handle": "user"}


def read(row: dict[str, object], mapping: dict[str, str] | None = None) -> Post:
    (event,) = RowReader(mapping or MAP, network="forum", dates=Dates())(row, json.dumps(row).encode())
    assert isinstance(event, Written), event
    return event.post


def test_the_map_says_which_column_is_which() -> None:
    post = read({"body": "Hello", "date": "2026-07-04", "user": "@ana"})
    assert (post.network, post.text, post.author.handle) == ("forum", "Hello", "ana")
    assert post.created_at == datetime(2026, 7, 4, tzinfo=UTC)


def test_a_map_may_be_written_in_one_or_several_options() -> None:
    assert parse_map(["text=body,created_at=date", "author.handle=user"]) == MAP
    assert parse_map(["text=Body, main,created_at=date"]) == {"text": "Body, main", "created_at": "date"}
    assert parse_map(["likes=n,handle=u,author=x"][:1][0].split(",")[:2]) == {
        "metrics.likes": "n",
        "author.handle": "u",
    }
    assert parse_map(["text=a=b"]) == {"text": "a=b"}


@pytest.mark.parametrize("written", ["text", "=x", "text=", "colour=red", "text=a,text=b", "likes=a,metrics.likes=b"])
def test_a_map_that_makes_no_sense_is_refused(written: str) -> None:
    with pytest.raises(BadMap):
        parse_map([written])


def test_paths_lead_into_nested_objects() -> None:
    row = {"user": {"names": [{"short": "ana"}]}, "a.b": 1, "a": {"b": 2}}
    assert look_up(row, "user.names.0.short") == "ana"
    assert look_up(row, "a.b") == 1
    assert look_up(row, "user.names.9.short") is None
    assert look_up(row, "user.names.x") is None


def test_a_row_without_id_gets_one_that_is_the_same_the_next_time() -> None:
    row = {"body": "Hello", "date": "2026-07-04", "user": "ana"}
    assert read(row).id == read(dict(row)).id
    assert read(row).id != read({**row, "user": "ben"}).id
    assert read(row).id != read({**row, "body": "Hello!"}).id
    assert read({**row, "n": "5"}, {**MAP, "id": "n"}).id == "5"


@pytest.mark.parametrize("lost", ["5.69029E+17", "1e18", 5.69029e17, "", None, "NA", "nan"])
def test_ids_that_lost_their_digits_are_made_anew(lost: object) -> None:
    first = read({"body": "a", "date": "2026-07-04", "n": lost}, {"text": "body", "created_at": "date", "id": "n"})
    second = read({"body": "b", "date": "2026-07-04", "n": lost}, {"text": "body", "created_at": "date", "id": "n"})
    assert first.id.startswith("sha256:")
    assert first.id != second.id


def test_every_field_can_be_mapped() -> None:
    row = {
        "n": "X", "i": 5, "u": "https://a.example/5", "h": "Title", "t": "Text", "l": "pt_BR", "d": 1531180800,
        "ai": 77, "ah": "ana", "an": "Ana Lee", "af": "1,234", "k": "see https://b.example/x, https://c.example/",
        "m": ["https://d.example/p.jpg", {"url": "https://d.example/v", "type": "video", "alt": "A film"}],
        "r": "3.0", "p": 4, "q": None, "c": "NA", "ml": "12", "mr": 3.0, "mp": "", "mq": -1, "mv": "1.000.000",
        "s": "Negative",
    }  # fmt: skip
    mapping = dict(
        zip(
            ["network", "id", "url", "title", "text", "lang", "created_at", "author.id", "author.handle", "author.name",
             "author.followers", "links", "media", "reply_to", "repost_of", "quote_of", "conversation", "metrics.likes",
             "metrics.reposts", "metrics.replies", "metrics.quotes", "metrics.views", "sentiment"],
            row,
            strict=True,
        )
    )  # fmt: skip
    post = read(row, mapping)
    assert (post.network, post.id, post.url, post.title, post.text) == (
        "x",
        "5",
        "https://a.example/5",
        "Title",
        "Text",
    )
    assert (post.lang, post.author.id, post.author.name, post.author.followers) == ("pt-BR", "77", "Ana Lee", 1234)
    assert post.links == ("https://b.example/x", "https://c.example/")
    assert post.media == (Media("photo", "https://d.example/p.jpg"), Media("video", "https://d.example/v", "A film"))
    assert (post.reply_to, post.repost_of, post.quote_of, post.conversation) == ("3", "4", None, None)
    metrics = post.metrics
    assert (metrics.likes, metrics.reposts, metrics.replies, metrics.quotes, metrics.views) == (
        12,
        3,
        None,
        None,
        1_000_000,
    )
    assert post.sentiment == "negative"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"date": "2026-07-04"}, "no text"),
        ({"body": "", "date": "2026-07-04"}, "no text"),
        ({"body": "x"}, "no date"),
        ({"body": "x", "date": "31-02-2015"}, "no date"),
        ({"body": "x", "date": {"y": 2015}}, "object"),
        ({"body": ["x"], "date": "2026-07-04"}, "list"),
        ({"body": "x" * 500_001, "date": "2026-07-04"}, "longer than"),
    ],
)
def test_a_row_that_is_no_post_says_why(row: dict[str, object], why: str) -> None:
    (event,) = RowReader(MAP, network="forum", dates=Dates())(row, b"{}")
    assert isinstance(event, Unreadable)
    assert why in event.why


def test_a_cell_with_a_formula_is_text_like_any_other() -> None:
    assert read({"body": '=HYPERLINK("http://x")', "date": "2026-07-04"}).text == '=HYPERLINK("http://x")'


def test_names_are_guessed_whatever_their_spelling() -> None:
    assert {plain_name(name) for name in ("createdAt", "Created At", "created_at", " CREATED-AT ")} == {"created_at"}
    rows = [
        {"Tweet Text": "a", "createdAt": "2026-07-04", "userName": "ana", "Likes": "3", "URL": "https://a.example/"}
    ]
    assert guess_map(rows) == {
        "text": "Tweet Text",
        "created_at": "createdAt",
        "author.handle": "userName",
        "metrics.likes": "Likes",
        "url": "URL",
    }


def test_nested_columns_are_guessed_too() -> None:
    row = {"id_str": "5", "full_text": "a", "created_at": "Wed Oct 10 20:19:24 +0000 2018",
           "user": {"id_str": "9", "screen_name": "ana", "name": "Ana", "followers_count": 3}}  # fmt: skip
    assert guess_map([row]) == {
        "text": "full_text",
        "created_at": "created_at",
        "id": "id_str",
        "author.id": "user.id_str",
        "author.handle": "user.screen_name",
        "author.name": "user.name",
        "author.followers": "user.followers_count",
    }


def test_a_column_that_holds_something_else_is_not_taken_for_its_name() -> None:
    row = {"text": {"a": 1}, "message": "Hello", "date": "tomorrow", "timestamp": 1531180800}
    assert guess_map([row]) == {"text": "message", "created_at": "timestamp"}


def test_a_networks_name_is_written_in_small_letters() -> None:
    assert clean_network(" Forum ") == "forum"
    for bad in ("", "a b", "x" * 41, "é", "a:b"):
        with pytest.raises(BadMap):
            clean_network(bad)
