"""Payloads in the shapes that Mastodon 4.7.3 sends (`captured/`)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.sources.mastodon import SOURCE
from watchfloor.sources.mastodon.memory import Memory
from watchfloor.sources.mastodon.statuses import Statuses
from watchfloor.sources.post import Media, Metrics
from watchfloor.sources.source import Unreadable, Written

LINES = (Path(__file__).parent.parent / "captured" / "payloads.jsonl").read_bytes().splitlines()
PLAIN, FULL, BOOST, QUOTE, UNLISTED, PRIVATE, DIRECT, FRAME, DELETION = LINES


def post_of(raw: bytes):
    (event,) = SOURCE.parse(raw)
    assert isinstance(event, Written), event
    return event.post


def test_everything_that_a_status_tells_is_told():
    (event,) = SOURCE.parse(FULL)
    post = event.post
    assert event.edited
    assert post.title == "Wifi, again"
    assert post.text == (
        "@ana@social.example @cleo@third.example the wifi is down in hall 2\n\n"
        "more at https://status.example/incidents/2026-10-15-wifi-in-hall-2 #Pivot26\n\n"
        "- It works for me\n- It does not :blobcat:"
    )
    assert post.links == ("https://status.example/incidents/2026-10-15-wifi-in-hall-2",)
    assert post.media == (Media("video", "https://files.social.example/media/1.mp4", "a turning wheel"),)
    assert (post.author.handle, post.author.name, post.author.followers) == ("ben@far.example", "Ben :blobcat:", 120)
    assert post.metrics == Metrics(likes=4, reposts=3, replies=2, quotes=1)
    assert post.lang == "en"


def test_boosts_and_quotes_name_the_other_post():
    boost, quote = post_of(BOOST), post_of(QUOTE)
    assert boost.repost_of == post_of(FULL).id
    assert (boost.author.handle, boost.text) == ("ana@social.example", post_of(FULL).text)
    assert quote.quote_of == post_of(PLAIN).id
    assert quote.text == "Not here"


def test_only_public_and_unlisted_posts_are_read():
    assert post_of(UNLISTED).lang is None
    for raw in (PRIVATE, DIRECT):
        (event,) = SOURCE.parse(raw)
        assert isinstance(event, Unreadable)
        assert event.excerpt == b""
        assert "not public" in event.why


def test_a_frame_of_a_websocket_carries_the_same_post():
    assert post_of(FRAME) == post_of(FULL)


def test_a_deletion_by_number_says_nothing_by_itself():
    (event,) = SOURCE.parse(DELETION)
    assert isinstance(event, Unreadable)


def test_no_field_of_these_shapes_is_unknown():
    statuses = Statuses("social.example", Memory(), may_be_private=False)
    assert [name for raw in LINES[:7] for name in statuses.read(raw).unknown] == []


def test_fields_of_other_servers_are_counted_by_name():
    statuses = Statuses("social.example", Memory(), may_be_private=False)
    strange = msgspec.json.decode(PLAIN) | {"pleroma": {}, "local_only": True}
    assert statuses.read(msgspec.json.encode(strange)).unknown == ["status.pleroma", "status.local_only"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("line", [FULL, BOOST, QUOTE], ids=["full", "boost", "quote"])
@given(data=st.data())
@settings(max_examples=60)
def test_whatever_stands_in_a_field_is_read_without_a_failure(line, data):
    status = msgspec.json.decode(line)
    name = data.draw(st.sampled_from(sorted(status)))
    status[name] = data.draw(VALUES)
    (event,) = SOURCE.parse(msgspec.json.encode(status))
    assert isinstance(event, Written | Unreadable)


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(raw):
    (event,) = SOURCE.parse(raw)
    assert isinstance(event, Written | Unreadable)
