"""Every form of feed → posts: ids, texts, dates, people, files, what a comment answers to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchfloor.sources.feeds.document import Answer, Feed, read_document
from watchfloor.sources.feeds.parse import parse
from watchfloor.sources.feeds.tests.site import NOW, item, rss
from watchfloor.sources.post import Author, Media, Post

CAPTURED = Path(__file__).resolve().parent.parent / "captured"


def read(body, **known):
    body = body if isinstance(body, bytes) else body.encode()
    return read_document(Answer(body, "https://acme.example/feed", NOW, **known))


def posts_in(body, **known) -> list[Post]:
    feed = read(body, **known)
    assert isinstance(feed, Feed), feed
    told = [entry.post for entry in feed.entries]
    assert [parse(entry.raw)[0].post for entry in feed.entries if entry.post] == [post for post in told if post]
    return told


def captured(name):
    return posts_in((CAPTURED / name).read_bytes())


def test_comments_of_a_wordpress_in_another_language():
    answer, question = captured("wordpress-comments.rss")
    assert question == Post(
        network="blog",
        id="https://acme.example/?p=7#comment-2",
        text="Wo ist Halle B?",
        created_at=datetime(2026, 11, 22, 10, 30, 28, tzinfo=UTC),
        url="https://acme.example/einlass/#comment-2",
        author=Author(id="acme.example/ben", name="ben"),
        reply_to="https://acme.example/?p=7",
        conversation="https://acme.example/?p=7",
    )
    assert (answer.text, answer.reply_to, answer.conversation) == ("Left of the stairs", question.id, question.reply_to)


def test_a_video_brings_its_description_as_text():
    (video,) = captured("youtube.atom")
    assert video.title == "The keynote in 90 seconds"
    assert video.text == "Small rooms, big ideas. #smallrooms\nMore at https://acme.example/keynote"
    assert video.media == (Media("video", "https://www.youtube.example/v/abc"),)
    assert video.author == Author(id="https://www.youtube.example/channel/UC1", name="Acme")
    assert video.created_at == datetime(2026, 11, 21, 15, 0, 6, tzinfo=UTC)


def test_an_episode_with_its_sound():
    (episode,) = captured("podcast.rss")
    assert (episode.title, episode.text, episode.lang) == ("Episode 7 & a half", "With Ben.", "en-gb")
    assert episode.id == "acme.example#7"
    assert episode.media == (Media("audio", "https://cdn.acme.example/7.mp3?x=1"),)
    assert episode.links == ("https://acme.example/ben",)
    assert episode.author.name == "Ana Lee"
    assert episode.created_at == datetime(2026, 11, 21, 16, tzinfo=UTC)


def test_a_paper_in_an_old_encoding_with_a_described_picture():
    (article,) = captured("paper.rss")
    assert article.text == "La salle B est hors ligne."
    assert article.media == (Media("photo", "https://img.courier.example/1.jpg", "La salle B, vide"),)
    assert article.author == Author(id="acme.example/Zoé Petit", name="Zoé Petit")
    assert "press@" not in repr(article)
    assert article.created_at == datetime(2026, 11, 22, 12, 34, tzinfo=UTC)


def test_json_feed_1_0():
    plain, linked = captured("one.json")
    assert plain == Post(
        network="web",
        id="acme.example#12",
        text="Plain < text & more\nsecond line",
        created_at=datetime(2026, 11, 22, 13, 30, tzinfo=UTC),
        url="https://notes.example/12",
        author=Author(id="https://notes.example/ana", name="Ana"),
    )
    assert (linked.text, linked.url) == ("Seen there", "https://elsewhere.example/x")
    assert linked.created_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_json_feed_1_1():
    (post,) = captured("one-one.json")
    assert (post.title, post.text, post.lang, post.author.name) == ("Türen auf", "Um neun.", "en", "Ben")
    assert post.media == (
        Media("photo", "https://acme.example/1.jpg"),
        Media("audio", "https://acme.example/1.mp3", "Listen"),
        Media("photo", "https://acme.example/a.png", "Ein Plan"),
    )
    feed = read((CAPTURED / "one-one.json").read_bytes())
    assert (feed.form, feed.unknown) == ("JSON Feed 1.1", ["banner"])


def test_rdf_and_atom_0_3():
    (old,) = captured("rdf.xml")
    assert (old.title, old.text, old.lang, old.author.name) == ("会場", "一枚の写真", "ja", "花子")
    assert old.created_at == datetime(2026, 11, 20, 1, tzinfo=UTC)
    (elder,) = captured("atom03.xml")
    assert (elder.title, elder.text) == ("A <b>bold</b> title", "one\ntwo")
    assert elder.created_at == datetime(2003, 12, 13, 12, 29, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Sun, 22 Nov 2026 10:00:00 GMT", "2026-11-22T10:00"),
        ("Sun, 22 Nov 2026 10:00:00 +0200", "2026-11-22T08:00"),
        ("22 Nov 2026", "2026-11-22T00:00"),
        ("2026-11-22", "2026-11-22T00:00"),
        ("2026-11-22T10:00:00+05:30", "2026-11-22T04:30"),
        ("2026-11-22 10:00:00", "2026-11-22T10:00"),
        ("22.11.2026 10:00", "2026-11-22T10:00"),
        ("Sun, 22 Nov 26 10:00:00 EST", "2026-11-22T15:00"),
        ("1795341600", "2026-11-22T10:00"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00"),
        ("Fri, 01 Jan 2099 00:00:00 GMT", "2099-01-01T00:00"),
    ],
)
def test_dates_in_many_spellings_are_kept_as_written(written, read_as):
    body = rss(f"<item><title>x</title><pubDate>{written}</pubDate></item>")
    assert posts_in(body)[0].created_at.isoformat()[:16] == read_as


@pytest.mark.parametrize(
    "written", ["", "yesterday", "0000-00-00", "99/99/9999", "Sun, 32 Foo 99999", "\u0661", "9" * 50]
)
def test_an_item_without_a_date_is_dated_when_it_was_first_seen(written):
    feed = read(rss(f"<item><title>x</title><pubDate>{written}</pubDate></item>"))
    assert (feed.entries[0].post.created_at, feed.entries[0].is_dated) == (NOW, False)
    assert parse(feed.entries[0].raw)[0].post.created_at == NOW


@pytest.mark.parametrize(
    ("guid", "link", "post_id"),
    [
        ("tag:acme.example,2026:1", "https://acme.example/1", "tag:acme.example,2026:1"),
        ("https://acme.example/?p=1", "https://acme.example/1", "https://acme.example/?p=1"),
        ("550e8400-e29b-41d4-a716-446655440000", None, "550e8400-e29b-41d4-a716-446655440000"),
        ("42", "https://acme.example/1", "first.example#42"),
        (None, "https://acme.example/1", "https://acme.example/1"),
    ],
)
def test_ids_are_the_items_own_within_the_site_it_was_found_on(guid, link, post_id):
    parts = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    parts += f"<link>{link}</link>" if link else ""
    assert posts_in(rss(f"<item><title>x</title>{parts}</item>"), scope="first.example")[0].id == post_id


def test_an_item_without_id_or_link_has_one_made_of_what_it_says():
    one, other = posts_in(rss("<item><title>x</title></item>", "<item><title>y</title></item>"))
    again = posts_in(rss("<item><title>x</title></item>"))[0]
    assert one.id == again.id != other.id
    assert one.id.startswith("acme.example#")


@pytest.mark.parametrize(
    ("generator", "network"),
    [("https://wordpress.org/?v=6", "blog"), ("Discourse 3", "forum"), ("Ghost 5.2", "blog"), ("", "web")],
)
def test_the_network_is_told_by_the_program_that_wrote_the_feed(generator, network):
    body = rss(item(1), head=f"<generator>{generator}</generator>")
    assert posts_in(body)[0].network == network
    assert posts_in(body, kind="news")[0].network == "news"


def test_hostile_markup_is_only_words():
    html = (
        "<p>Hi<script>alert(1)</script> <a href='javascript:alert(1)'>there</a> "
        "<a href='https://ok.example/?a=1&amp;b=2'>ok</a><img src=x onerror=alert(1)><style>p{}</style>"
        "<iframe src='https://evil.example'></iframe></p><!-- no --><p>&lt;b&gt;</p>"
    )
    (post,) = posts_in(rss(f"<item><title>&lt;script&gt;x</title><description><![CDATA[{html}]]></description></item>"))
    assert post.text == "Hi there ok\n\n<b>"
    assert post.links == ("https://ok.example/?a=1&b=2",)
    assert all(media.url.startswith("https://") for media in post.media)


@pytest.mark.parametrize(
    "broken", ["<item><title>x & y</title>", "<item><title>x</wrong></item>", "<item><title>x\x01"]
)
def test_what_is_not_well_formed_is_read_as_far_as_it_goes(broken):
    assert posts_in(rss(item(1)).replace("</channel>", broken))[0].title == "Post 1"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[" * 100_000, b'{"feed":1}', b"\xff", b'{"feed":{"scope":"x"},"item":{}}']
)
def test_a_payload_that_is_none_of_ours_is_said_to_be_unreadable(raw):
    (event,) = parse(raw)
    assert "can't be read" in event.why
