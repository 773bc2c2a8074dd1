"""Statuses in the shapes of the REST and streaming API."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from watchfloor.sources.mastodon.parse import read_mastodon
from watchfloor.sources.mastodon.words import words
from watchfloor.sources.post import Media, Post
from watchfloor.sources.source import Unreadable, Written

ANA = {
    "id": "7",
    "username": "ana",
    "acct": "ana",
    "display_name": "Ana :blobcat:",
    "url": "https://social.example/@ana",
    "uri": "https://social.example/users/ana",
    "followers_count": 12,
}
STATUS = {
    "id": "101",
    "created_at": "2026-07-04T12:00:00.250Z",
    "in_reply_to_id": None,
    "in_reply_to_account_id": None,
    "spoiler_text": "",
    "visibility": "public",
    "language": "en",
    "uri": "https://social.example/users/ana/statuses/101",
    "url": "https://social.example/@ana/101",
    "replies_count": 1,
    "reblogs_count": 2,
    "favourites_count": 3,
    "edited_at": None,
    "content": "<p>Good morning</p>",
    "reblog": None,
    "account": ANA,
    "media_attachments": [],
    "mentions": [],
    "tags": [],
    "emojis": [],
    "card": None,
    "poll": None,
}


def read(**changes: object) -> Post:
    (event,) = read_mastodon(json.dumps(STATUS | changes).encode())
    assert isinstance(event, Written), event
    return event.post


def refusal(**changes: object) -> str:
    (event,) = read_mastodon(json.dumps(STATUS | changes).encode())
    assert isinstance(event, Unreadable)
    return event.why


def test_a_status_becomes_a_post() -> None:
    post = read()
    assert (post.network, post.id, post.url) == ("mastodon", STATUS["uri"], STATUS["url"])
    assert (post.text, post.title, post.lang) == ("Good morning", None, "en")
    assert post.created_at == datetime(2026, 7, 4, 12, 0, 0, 250_000, tzinfo=UTC)
    assert (post.author.id, post.author.handle) == ("https://social.example/users/ana", "ana@social.example")
    assert (post.author.name, post.author.followers) == ("Ana :blobcat:", 12)
    assert (post.metrics.likes, post.metrics.reposts, post.metrics.replies, post.metrics.quotes) == (3, 2, 1, None)


def test_one_status_seen_on_two_servers_is_one_post_of_one_author() -> None:
    elsewhere = {**ANA, "id": "99", "acct": "ana@social.example"}
    here, there = read(), read(id="555", account=elsewhere)
    assert (here.id, here.author) == (there.id, there.author)


def test_an_account_without_uri_is_known_by_the_one_in_the_status() -> None:
    account = {key: value for key, value in ANA.items() if key != "uri"}
    assert read(account=account).author.id == ANA["uri"]


def test_a_content_warning_is_the_title() -> None:
    assert read(spoiler_text="Spiders").title == "Spiders"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three<br />Four</p>", "One\n\nTwo\nThree\nFour"),
        ("<p>5 &lt; 6 &amp;&amp; &quot;x&quot; &#39;y&#39;</p>", "5 < 6 && \"x\" 'y'"),
        ("<p>A  lot\n of \t space </p>", "A lot of space"),
        ("<ul><li>one</li><li>two</li></ul><p>end</p>", "one\ntwo\n\nend"),
        ("<pre><code>a\n  b</code></pre>", "a\n  b"),
        ("<p>Hi :wave: <img alt=':blob:' src='x'></p>", "Hi :wave: :blob:"),
        ("<blockquote><p>said</p></blockquote><p>so</p>", "said\n\nso"),
        ("<p>un<strong>believ</strong>able</p>", "unbelievable"),
        ("no tags at all", "no tags at all"),
        ("<p>x<script>alert(1)</script><style>p{}</style><!-- c -->y</p>", "xy"),
        ("", ""),
    ],
)
def test_html_becomes_the_text_that_people_read(html: str, text: str) -> None:
    assert read(content=html).text == text


def test_a_shortened_link_is_told_in_full() -> None:
    post = read(
        content='<p>See <a href="https://long.example/a/very/long/path?x=1&amp;y=2" rel="nofollow">'
        '<span class="invisible">https://</span><span class="ellipsis">long.example/a/very</span>'
        '<span class="invisible">/long/path?x=1&amp;y=2</span></a> now</p>'
    )
    assert post.text == "See https://long.example/a/very/long/path?x=1&y=2 now"
    assert post.links == ("https://long.example/a/very/long/path?x=1&y=2",)


def test_a_link_with_words_keeps_them_before_its_address() -> None:
    assert read(content='<a href="https://a.example/x">the report</a>').text == "the report https://a.example/x"


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "/relative", "ftp://a.example/"])
def test_other_schemes_are_no_links(href: str) -> None:
    post = read(content=f'<a href="{href}">click</a>')
    assert (post.text, post.links) == ("click", ())


def test_mentions_are_told_as_the_status_names_them() -> None:
    post = read(
        content='<p><span class="h-card"><a href="https://far.example/@ben" class="u-url mention">'
        "@<span>ben</span></a></span> "
        '<a href="https://social.example/@cleo" class="u-url mention">@<span>cleo</span></a> hello</p>',
        mentions=[
            {"url": "https://far.example/@ben", "acct": "ben@far.example"},
            {"url": "https://social.example/@cleo", "acct": "cleo"},
        ],
    )
    assert post.text == "@ben@far.example @cleo@social.example hello"
    assert post.links == ()


def test_hashtags_are_no_links() -> None:
    post = read(
        content='<p><a href="https://social.example/tags/Pivot" class="mention hashtag">#<span>Pivot</span></a></p>',
        tags=[{"name": "pivot", "url": "https://social.example/tags/pivot"}],
    )
    assert (post.text, post.links) == ("#Pivot", ())


def test_a_boost_carries_the_boosted_words_and_its_own_author() -> None:
    ben = {**ANA, "acct": "ben@far.example", "uri": "https://far.example/users/ben"}
    boosted = STATUS | {"uri": "https://far.example/users/ben/statuses/9", "content": "<p>Big news</p>", "account": ben}
    post = read(content="", uri=STATUS["uri"] + "/activity", reblog=boosted, language=None)
    assert (post.text, post.repost_of) == ("Big news", "https://far.example/users/ben/statuses/9")
    assert (post.author.handle, post.lang) == ("ana@social.example", "en")


def test_a_thread_on_its_own_server_is_linked_by_uri_and_others_by_number() -> None:
    own = read(in_reply_to_id="100", in_reply_to_account_id="7")
    assert own.reply_to == "https://social.example/users/ana/statuses/100"
    assert read(in_reply_to_id="100", in_reply_to_account_id="8").reply_to == "100"


def test_a_quote_names_the_quoted_status_and_drops_the_line_for_old_readers() -> None:
    quoted = {"state": "accepted", "quoted_status": {"uri": "https://far.example/users/ben/statuses/9"}}
    content = (
        '<p class="quote-inline">RE: <a href="https://far.example/@ben/9">far.example/@ben/9</a></p><p>So true</p>'
    )
    post = read(content=content, quote=quoted)
    assert (post.text, post.quote_of) == ("So true", "https://far.example/users/ben/statuses/9")


def test_media_carry_their_alt_texts() -> None:
    media = [
        {"type": "image", "url": "https://files.example/a.png", "description": "A cat"},
        {"type": "gifv", "url": None, "remote_url": "https://files.example/b.mp4", "description": None},
        {"type": "unknown", "url": "javascript:x"},
    ]
    assert read(media_attachments=media).media == (
        Media("photo", "https://files.example/a.png", "A cat"),
        Media("video", "https://files.example/b.mp4", None),
        Media("other", None, None),
    )


def test_a_polls_options_are_part_of_the_text() -> None:
    assert read(poll={"options": [{"title": "Tea"}, {"title": "Coffee"}]}).text == "Good morning\n\n- Tea\n- Coffee"


def test_a_card_is_a_link_only_where_the_text_has_none() -> None:
    card = {"url": "https://news.example/1"}
    assert read(card=card).links == ("https://news.example/1",)
    assert read(card=card, content='<a href="https://n.example/">n</a>').links == ("https://n.example/",)


def test_an_edited_status_is_an_edit() -> None:
    (event,) = read_mastodon(json.dumps(STATUS | {"edited_at": "2026-07-04T13:00:00Z"}).encode())
    assert isinstance(event, Written)
    assert event.edited


def test_streaming_events_carry_statuses() -> None:
    line = {"stream": ["public"], "event": "status.update", "payload": json.dumps(STATUS)}
    (event,) = read_mastodon(json.dumps(line).encode())
    assert isinstance(event, Written)
    assert (event.post.id, event.edited) == (STATUS["uri"], True)
    (deletion,) = read_mastodon(b'{"event": "delete", "payload": "101"}')
    assert isinstance(deletion, Unreadable)


@pytest.mark.parametrize("visibility", ["private", "direct", "local", None, 5])
def test_what_is_not_public_is_refused_with_the_reason(visibility: object) -> None:
    assert "not public" in refusal(visibility=visibility)
    assert "not public" in refusal(reblog=STATUS | {"visibility": visibility})


def test_unlisted_statuses_are_read() -> None:
    assert read(visibility="unlisted").text == "Good morning"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"uri": None}, "no uri"),
        ({"created_at": "yesterday"}, "no date"),
        ({"created_at": "2026-07-04T12:00:00"}, "time zone"),
        ({"created_at": "2026-02-30T12:00:00Z"}, "no date"),
        ({"content": None}, "no content"),
        ({"content": "x" * 1_000_001}, "longer than"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, object], why: str) -> None:
    assert why in refusal(**changes)


def test_wrong_types_in_a_part_do_not_lose_the_status() -> None:
    post = read(
        account=[], media_attachments="x", mentions={"a": 1}, tags=5, card="c", poll=[1], language=7, quote=3,
        favourites_count="many", replies_count=-1, reblogs_count=True, spoiler_text=None, url=9, in_reply_to_id={},
    )  # fmt: skip
    assert (post.text, post.lang, post.metrics.engagement, post.media) == ("Good morning", None, None, ())


@pytest.mark.parametrize(
    "hostile", ["<b>" * 50_000, '<a "' * 50_000, "<" * 200_000, "<p class='" * 50_000, "&" * 100_000]
)
def test_hostile_html_is_read_in_one_pass(hostile: str) -> None:
    assert isinstance(words(hostile, {}, set()).text, str)
