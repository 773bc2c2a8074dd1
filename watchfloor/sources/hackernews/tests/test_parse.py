"""Items in their documented shapes, and in shapes that nobody documented."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.hackernews.parse import parse
from watchfloor.sources.post import Author, Metrics
from watchfloor.sources.source import Deleted, Unreadable, Written

STORY = {
    "by": "dhouston", "descendants": 71, "id": 8863, "kids": [8952, 9224], "score": 111, "time": 1175714200,
    "title": "My YC app: Dropbox", "type": "story", "url": "http://www.getdropbox.com/u/2/screencast.html",
}  # fmt: skip
COMMENT = {
    "by": "norvig", "id": 2921983, "kids": [2922097, 2922429], "parent": 2921506, "time": 1314211127, "type": "comment",
    "text": "Aw shucks &#x2F; guys <i>really</i><p>See <a href=\"https:&#x2F;&#x2F;acme.example&#x2F;a?b=1&amp;c=2\" "
    "rel=\"nofollow\">https:&#x2F;&#x2F;acme.example&#x2F;a?b=1</a>",
}  # fmt: skip


def one(item):
    [event] = parse(msgspec.json.encode(item))
    return event


def test_a_story_is_a_post_with_title_link_and_score():
    post = one(STORY).post
    assert (post.network, post.id, post.title, post.text) == ("hackernews", "8863", "My YC app: Dropbox", "")
    assert post.url == "https://news.ycombinator.com/item?id=8863"
    assert post.links == ("http://www.getdropbox.com/u/2/screencast.html",)
    assert post.author == Author(id="dhouston", handle="dhouston")
    assert post.created_at == datetime(2007, 4, 4, 19, 16, 40, tzinfo=UTC)
    assert post.metrics == Metrics(likes=111, replies=71)
    assert (post.reply_to, post.conversation) == (None, "8863")


def test_a_comment_is_a_reply_and_its_html_is_text():
    post = one(COMMENT).post
    assert post.text == "Aw shucks / guys really\n\nSee https://acme.example/a?b=1"
    assert post.links == ("https://acme.example/a?b=1&c=2",)
    assert (post.reply_to, post.conversation, post.title) == ("2921506", None, None)
    assert post.metrics == Metrics(replies=2)


def test_asks_jobs_and_polls_are_posts():
    ask = {**STORY, "text": "<i>or</i> HN: the Next<p>What do you think?", "url": ""}
    assert one(ask).post.text == "or HN: the Next\n\nWhat do you think?"
    assert one(ask).post.links == ()
    for kind in ("job", "poll"):
        assert isinstance(one({**STORY, "type": kind}), Written)


def test_the_options_of_a_poll_are_no_posts():
    assert parse(msgspec.json.encode({**STORY, "type": "pollopt", "poll": 1})) == []


@pytest.mark.parametrize("gone", [{"deleted": True}, {"dead": True}])
def test_what_is_deleted_or_killed_is_gone(gone):
    assert one({**COMMENT, **gone}) == Deleted("hackernews", "2921983")
    assert one({"id": 7, "type": "comment", "time": 1, **gone}) == Deleted("hackernews", "7")


def test_what_is_not_told_is_unknown():
    post = one({"id": 5, "type": "story", "time": 1175714200}).post
    assert (post.title, post.author.handle, post.metrics, post.lang) == (None, None, Metrics(), None)


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"id": 0}, {"id": "x"}, {"id": -1}, {"type": None}, {"type": 7}, {"type": "video"}, {"time": None},
     {"time": 0}, {"time": 10**18}, {"time": "noon"}],
)  # fmt: skip
def test_what_can_not_be_read_is_said(change):
    assert isinstance(one({**COMMENT, **change}), Unreadable)


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"7", b"\xff", b"{", b"[" * 5_000])
def test_no_item_at_all_is_said(raw):
    assert isinstance(parse(raw)[0], Unreadable)


@given(st.dictionaries(st.sampled_from([*STORY, *COMMENT, "dead"]), st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers(), max_size=3), st.floats(allow_nan=False),
)))  # fmt: skip
def test_nothing_makes_it_stumble(change):
    try:
        raw = msgspec.json.encode({**COMMENT, **change})
    except (UnicodeEncodeError, OverflowError):
        return
    for event in parse(raw):
        assert isinstance(event, Written | Deleted | Unreadable)
