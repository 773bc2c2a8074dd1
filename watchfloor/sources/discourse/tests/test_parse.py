"""A post's shape → a post of ours."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.discourse.parse import read_post
from watchfloor.sources.discourse.source import SOURCE
from watchfloor.sources.post import Author, Media, Metrics
from watchfloor.sources.source import Unreadable, Written
from watchfloor.sources.told import NotRead

SITE = "https://forum.example"
POST = {
    "id": 1234, "name": "Ana Lee", "username": "ana", "user_id": 3, "created_at": "2026-07-04T12:00:00.123Z",
    "cooked": "<p>Hello</p>", "post_number": 3, "post_type": 1, "reply_count": 2, "reply_to_post_number": 2,
    "quote_count": 1, "reads": 40, "topic_id": 7, "topic_title": "Coffee", "post_url": "/t/coffee/7/3", "version": 1,
    "actions_summary": [{"id": 2, "count": 4}, {"id": 3, "can_act": True}],
}  # fmt: skip


def post(**change):
    return read_post({**POST, **change}, SITE, {(7, 2): 1200, (8, 1): 900}).post


def test_what_the_forum_tells_is_told():
    told = post()
    assert (told.network, told.id, told.text) == ("discourse", "forum.example/p/1234", "Hello")
    assert told.created_at == datetime(2026, 7, 4, 12, 0, 0, 123000, tzinfo=UTC)
    assert told.url == "https://forum.example/t/coffee/7/3"
    assert told.author == Author(id="forum.example/u/3", handle="ana@forum.example", name="Ana Lee")
    assert (told.reply_to, told.conversation) == ("forum.example/p/1200", "forum.example/t/7")
    assert told.metrics == Metrics(likes=4, replies=2, quotes=1, views=40)
    assert told.title is None


def test_the_title_stands_on_the_first_post():
    assert post(post_number=1).title == "Coffee"


def test_an_answer_to_what_is_not_known_is_unknown():
    assert post(reply_to_post_number=99).reply_to is None
    assert post(reply_to_post_number="2").reply_to == "forum.example/p/1200"


def test_what_is_quoted_or_previewed_is_not_the_authors():
    quote = (
        '<aside class="quote" data-username="bob" data-post="1" data-topic="8">'
        "<blockquote><p>secret words</p></blockquote></aside>"
    )
    preview = '<aside class="onebox"><a href="https://acme.example/x">Acme</a><p>their words</p></aside>'
    told = post(cooked=f"{quote}<p>I agree</p>{preview}")
    assert told.text == "I agree"
    assert told.links == ("https://acme.example/x",)
    assert told.quote_of == "forum.example/p/900"
    assert "their words" in post(cooked=preview).text


def test_links_people_emoji_and_pictures():
    told = post(
        cooked='<p><a class="mention" href="/u/bob">@bob</a> see <a href="https://acme.example/a">this</a> '
        '<img src="https://forum.example/images/emoji/twitter/heart.png?v=12" class="emoji" alt=":heart:"> '
        '<img src="/uploads/default/1.jpeg" alt="a cup"></p>'
    )
    assert told.text == "@bob see this :heart:"
    assert told.links == ("https://acme.example/a",)
    assert told.media == (Media("photo", "https://forum.example/uploads/default/1.jpeg", "a cup"),)


@pytest.mark.parametrize(("summary", "likes"), [([], 0), ([{"id": 2, "can_act": True}], 0), (None, None), ("x", None)])
def test_likes(summary, likes):
    assert post(actions_summary=summary).metrics.likes == likes


@pytest.mark.parametrize("down", [{"hidden": True}, {"user_deleted": True}, {"deleted_at": "2026-07-04T12:00:00Z"}])
def test_what_is_taken_down_has_no_post(down):
    assert post(**down) is None


def test_what_no_person_wrote_is_no_post():
    for kind in (2, 3, 4):
        assert read_post({**POST, "post_type": kind}, SITE) is None


def test_another_mark_for_other_words_likes_or_versions():
    marks = {
        read_post({**POST, **change}, SITE).mark
        for change in ({}, {"cooked": "<p>Hi</p>"}, {"version": 2}, {"actions_summary": []}, {"reply_count": 9})
    }
    assert len(marks) == 5
    assert read_post({**POST, "reads": 99, "score": 7}, SITE).mark == read_post(POST, SITE).mark


@pytest.mark.parametrize("change", [{"id": None}, {"id": "x"}, {"created_at": "noon"}, {"cooked": None}])
def test_what_can_not_be_read_is_said(change):
    with pytest.raises(NotRead):
        read_post({**POST, **change}, SITE)
    assert isinstance(SOURCE.parse(msgspec.json.encode({**POST, **change}))[0], Unreadable)


def test_a_kept_payload_can_be_read_again():
    [event] = SOURCE.parse(msgspec.json.encode(POST))
    assert isinstance(event, Written)


@given(st.dictionaries(st.sampled_from(list(POST)), st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**70), st.text(max_size=50), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)))  # fmt: skip
def test_nothing_makes_it_stumble(change):
    with contextlib.suppress(NotRead):
        read_post({**POST, **change}, SITE)


def test_html_that_never_ends_is_read_in_time():
    for nasty in ("<aside " * 50_000, '<img alt=":a' * 30_000, "<p>" * 100_000, '<aside data-post="1" ' * 20_000):
        assert post(cooked=nasty) is not None
