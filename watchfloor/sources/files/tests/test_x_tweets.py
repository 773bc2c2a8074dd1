"""Tweets in the shapes of the API v2."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from watchfloor.sources.files.x import read_x
from watchfloor.sources.post import Media, Post
from watchfloor.sources.source import Unreadable, Written

TWEET = {
    "id": "1212092628029698048",
    "text": "We believe the best future version of our API &amp; more… https://t.co/8wrhJ2",
    "created_at": "2019-12-31T19:26:16.000Z",
    "author_id": "2244994945",
    "conversation_id": "1212092628029698048",
    "lang": "en",
    "edit_history_tweet_ids": ["1212092628029698048"],
    "public_metrics": {
        "retweet_count": 8, "reply_count": 2, "like_count": 40, "quote_count": 1, "bookmark_count": 3,
        "impression_count": 900,
    },
    "entities": {
        "urls": [
            {"url": "https://t.co/8wrhJ2", "expanded_url": "https://api.example/future", "display_url": "api.exam…"},
            {"url": "https://t.co/pic", "expanded_url": "https://x.com/d/status/1/photo/1", "media_key": "3_1"},
        ]
    },
    "attachments": {"media_keys": ["3_1", "7_2", "gone"]},
}  # fmt: skip
INCLUDES = {
    "users": [
        {"id": "2244994945", "username": "TwitterDev", "name": "Dev", "public_metrics": {"followers_count": 513868}},
        {"id": "99", "username": "other", "name": "Other"},
    ],
    "media": [
        {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/a.jpg", "alt_text": "A chart"},
        {
            "media_key": "7_2",
            "type": "video",
            "preview_image_url": "https://pbs.example/p.jpg",
            "variants": [
                {"content_type": "application/x-mpegURL", "url": "https://video.example/b.m3u8"},
                {"content_type": "video/mp4", "bit_rate": 256000, "url": "https://video.example/small.mp4"},
                {"content_type": "video/mp4", "bit_rate": 832000, "url": "https://video.example/large.mp4"},
            ],
        },
    ],
}


def read(data: object = TWEET, includes: object = None, **changes: object) -> Post:
    payload = {"data": data | changes if isinstance(data, dict) else data, "includes": includes or INCLUDES}
    (event,) = read_x(json.dumps(payload).encode())
    assert isinstance(event, Written), event
    return event.post


def test_an_answer_with_includes_becomes_a_post() -> None:
    post = read()
    assert (post.network, post.id) == ("x", "1212092628029698048")
    assert post.text == "We believe the best future version of our API & more… https://t.co/8wrhJ2"
    assert post.created_at == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)
    assert post.url == "https://x.com/TwitterDev/status/1212092628029698048"
    assert (post.author.id, post.author.handle, post.author.name) == ("2244994945", "TwitterDev", "Dev")
    assert post.author.followers == 513868
    assert post.links == ("https://api.example/future",)
    assert post.media == (
        Media("photo", "https://pbs.example/a.jpg", "A chart"),
        Media("video", "https://video.example/large.mp4", None),
    )
    assert (post.metrics.likes, post.metrics.reposts, post.metrics.replies) == (40, 8, 2)
    assert (post.metrics.quotes, post.metrics.views) == (1, 900)
    assert (post.conversation, post.lang) == ("1212092628029698048", "en")


def test_a_bare_tweet_tells_what_it_can() -> None:
    (event,) = read_x(json.dumps(TWEET).encode())
    assert isinstance(event, Written)
    assert (event.post.author.id, event.post.author.handle) == ("2244994945", None)
    assert event.post.url == "https://x.com/i/status/1212092628029698048"
    assert event.post.media == ()


def test_a_page_gives_all_its_tweets_each_with_its_own_payload() -> None:
    other = {"id": "1212092628029698049", "text": "Second", "author_id": "99", "created_at": "2020-01-01T00:00:00Z"}
    events = read_x(json.dumps({"data": [TWEET, other, 5, {"id": "x"}], "includes": INCLUDES, "meta": {}}).encode())
    assert [type(event).__name__ for event in events] == ["Written", "Written", "Unreadable", "Unreadable"]
    for event in events[:2]:
        assert isinstance(event, Written)
        assert read_x(event.raw) == [Written(event.post, event.raw)]
    assert isinstance(events[1], Written)
    assert [user["id"] for user in json.loads(events[1].raw)["includes"]["users"]] == ["99"]


def test_a_long_tweet_is_read_whole() -> None:
    note = {"text": "Long " * 100, "entities": {"urls": [{"expanded_url": "https://note.example/"}]}}
    post = read(note_tweet=note)
    assert post.text == "Long " * 100
    assert "https://note.example/" in post.links


def test_references_say_what_kind_of_post_it_is() -> None:
    refers = [{"type": "replied_to", "id": "5"}, {"type": "quoted", "id": "6"}]
    post = read(referenced_tweets=refers)
    assert (post.reply_to, post.quote_of, post.repost_of) == ("5", "6", None)


def test_a_retweet_has_the_words_of_the_original_whole() -> None:
    original = {"id": "77", "text": "x" * 280, "author_id": "99", "entities": {"urls": []}}
    retweet = {"text": "RT @other: " + "x" * 100 + "…", "referenced_tweets": [{"type": "retweeted", "id": "77"}]}
    with_original = read(includes={**INCLUDES, "tweets": [original]}, **retweet)
    assert (with_original.text, with_original.repost_of) == ("x" * 280, "77")
    assert with_original.author.handle == "TwitterDev"
    assert read(**retweet).text == retweet["text"]


@pytest.mark.parametrize(
    ("told", "language"),
    [("und", None), ("zxx", None), ("qme", None), ("qht", None), ("in", "id"), ("iw", "he"), ("pt", "pt"), ("", None)],
)
def test_languages_that_are_none_are_unknown(told: str, language: str | None) -> None:
    assert read(lang=told).lang == language


def test_without_created_at_the_id_tells_the_time() -> None:
    tweet = {key: value for key, value in TWEET.items() if key != "created_at"}
    assert read(tweet).created_at.replace(microsecond=0) == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)


def test_ids_written_as_numbers_are_the_same() -> None:
    assert read(id=1212092628029698048).id == TWEET["id"]


def test_an_empty_page_is_nothing_and_no_error() -> None:
    assert read_x(b'{"meta": {"result_count": 0}}') == []


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"errors": [{"title": "Forbidden", "detail": "Not yours"}]}, "Not yours"),
        ({"id_str": "5", "full_text": "old"}, "v1.1"),
        ({"hello": 1}, "neither a tweet"),
        ({"data": {"id": "abc", "text": "x"}}, "no id of digits"),
        ({"data": {"id": "5", "created_at": "2020-01-01T00:00:00Z"}}, "no text"),
        ({"data": {"id": "5", "text": "x"}}, "no created_at"),
        ({"data": TWEET | {"created_at": "Tuesday"}}, "no date"),
        ([1, 2], "list"),
    ],
)
def test_what_can_not_be_read_is_named(payload: object, why: str) -> None:
    (event,) = read_x(json.dumps(payload).encode())
    assert isinstance(event, Unreadable)
    assert why in event.why


def test_wrong_types_in_a_part_do_not_lose_the_tweet() -> None:
    post = read(
        includes={"users": 5, "media": [1], "tweets": {}}, public_metrics=[], entities="x",
        attachments={"media_keys": 3},
        referenced_tweets={"type": 1}, note_tweet=[], lang=4, author_id=[], conversation_id=None,
    )  # fmt: skip
    assert (post.id, post.links, post.media, post.metrics.engagement) == (TWEET["id"], (), (), None)
    assert msgspec.json.decode(msgspec.json.encode(post), type=Post) == post
