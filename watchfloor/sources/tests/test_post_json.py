"""One line of JSON is read into a post, or refused in one sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.sources.post import NOBODY, UNCOUNTED, Author, Media, Metrics
from watchfloor.sources.post_json import UnreadablePost, read_post

LEAST = {"network": "bluesky", "id": "1", "text": "Coffee", "created_at": "2026-07-04T12:00:00Z"}


def read(**told):
    return read_post(json.dumps(LEAST | told).encode())


def test_the_required_fields_are_enough():
    post = read()
    assert (post.network, post.id, post.text) == ("bluesky", "1", "Coffee")
    assert post.created_at == datetime(2026, 7, 4, 12, tzinfo=UTC)
    assert post.author == NOBODY
    assert post.metrics == UNCOUNTED


@pytest.mark.parametrize(
    "field",
    ["url", "title", "lang", "author", "links", "media", "reply_to", "repost_of", "quote_of", "conversation", "metrics",
     "sentiment"],
)  # fmt: skip
def test_null_is_not_told(field):
    assert read(**{field: None}) == read()


def test_everything_that_is_told_is_read():
    post = read(
        author={"id": "did:x", "handle": "ana", "name": None, "followers": 5, "extra": 1},
        links=["https://example.com"],
        media=[{"kind": "photo", "alt": "a cup"}, {"kind": "hologram"}, {"kind": None}],
        metrics={"likes": 3, "views": None},
        lang="en",
        unknown={"a": []},
    )
    assert post.author == Author(id="did:x", handle="ana", followers=5)
    assert post.links == ("https://example.com",)
    assert post.media == (Media("photo", alt="a cup"), Media("other"), Media("other"))
    assert post.metrics == Metrics(likes=3)


def test_a_time_without_a_zone_is_utc_and_one_with_a_zone_keeps_it():
    assert read(created_at="2026-07-04T12:00:00").created_at == datetime(2026, 7, 4, 12, tzinfo=UTC)
    assert read(created_at="2026-07-04T12:00:00+02:00").created_at.utcoffset() == timedelta(hours=2)


def test_a_label_of_somebody_elses_making_is_ignored():
    assert read(sentiment=0.4).sentiment is None
    assert read(sentiment="negative").sentiment == "negative"


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"id": 5}, "“id” must be text, not a number"),
        ({"id": True}, "“id” must be text, not true or false"),
        ({"id": None}, "“id” is null"),
        ({"id": ""}, "“id” is empty"),
        ({"network": " "}, "“network” is empty"),
        ({"text": None}, "“text” is null"),
        ({"created_at": "yesterday"}, "“created_at” is no time like 2026-07-04T12:00:00Z: yesterday"),
        ({"created_at": 1783166400}, "“created_at” must be text, not a number"),
        ({"author": "ana"}, "“author” must be an object, not text"),
        ({"author": {"followers": "5"}}, "“followers” must be a whole number, not text"),
        ({"author": {"followers": True}}, "“followers” must be a whole number, not true or false"),
        ({"links": "https://example.com"}, "“links” must be a list, not text"),
        ({"links": [5]}, "a link must be text, not a number"),
        ({"media": [5]}, "an item of “media” must be an object, not a number"),
    ],
)
def test_a_wrong_type_is_refused(told, what):
    with pytest.raises(UnreadablePost) as refused:
        read(**told)
    assert refused.value.what == what


@pytest.mark.parametrize("field", LEAST)
def test_a_missing_field_is_named(field):
    with pytest.raises(UnreadablePost, match=f"“{field}” is missing"):
        read_post(json.dumps({name: value for name, value in LEAST.items() if name != field}).encode())


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"{", "it is no JSON"),
        (b"", "it is no JSON"),
        (b"\xff{}", "it is not UTF-8"),
        (b"[]", "a post is an object, not a list"),
        (b"null", "a post is an object, not null"),
        (b"[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_no_object_is_refused(line, what):
    with pytest.raises(UnreadablePost, match=what):
        read_post(line)
