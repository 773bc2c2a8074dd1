"""Against a real WordPress: its feeds are found by its page, posts, edits and comments are heard."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from tests.real.wordpress import wordpress_for_tests
from watchfloor.sources.clock import SetClock
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.source import SOURCE
from watchfloor.sources.feeds.tests.site import NOW, answers, cursor_of, hear, posts

pytestmark = pytest.mark.slow
_times = itertools.count(1)


@pytest.fixture(scope="module")
def wordpress():
    yield from wordpress_for_tests()


@pytest.fixture
def blog(wordpress, allow):
    allow(wordpress)
    return wordpress


def later(blog, feed, change):
    """Change something until WordPress dates its feed anew: it does so by the second."""

    def etag():
        return blog.client.get(f"{blog.url}{feed}").headers["etag"]

    before = etag()
    while etag() == before:
        change()


def go_on(blog, heard, address, **settings):
    clock = SetClock(NOW)
    return asyncio.run(
        hear(FeedsSettings((address,), **settings), cursor=cursor_of(heard), clock=clock, until=answers(4))
    )


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_posts_edits_and_comments_of_a_real_blog(blog, form):
    post = blog.post(
        f"Doors open ({form})",
        '<p>At <b>nine</b>, see <a href="/map">the map</a>.</p><p><img src="/hall.png" alt="Hall B"></p>',
    )
    first = blog.comment(post, "ben", "Where is <b>hall B</b>?")
    blog.comment(post, "cleo", "Left of the stairs", to=first)
    suffix = "atom/" if form == "atom" else ""
    addresses = (f"{blog.url}/feed/{suffix}", f"{blog.url}/comments/feed/{suffix}")
    heard = asyncio.run(hear(FeedsSettings(addresses), until=answers(2)))
    by_text = {one.post.text: one.post for one in posts(heard)}
    told = by_text["At nine, see the map."]
    assert (told.network, told.title, told.lang, told.author.name) == ("blog", f"Doors open ({form})", "en-US", "ana")
    assert told.links == (f"{blog.url}/map",)
    assert [(media.kind, media.url, media.alt) for media in told.media] == [("photo", f"{blog.url}/hall.png", "Hall B")]
    assert told.metrics.replies == 2
    question, answer = by_text["Where is hall B?"], by_text["Left of the stairs"]
    assert (question.reply_to, question.conversation) == (told.id, told.id)
    assert (answer.reply_to, answer.conversation) == (question.id, told.id)
    assert (question.author.name, question.title, question.lang) == ("ben", None, None)
    assert question.network == told.network
    assert [SOURCE.parse(one.raw) for one in posts(heard)] == [[one] for one in posts(heard)]
    blog.delete(post)


def test_a_page_leads_to_its_feeds_and_what_happens_later_is_heard(blog):
    post = blog.post("Programme", "<p>Two days.</p>")
    heard = asyncio.run(hear(FeedsSettings((blog.url,)), until=answers(2)))
    assert "Two days." in [one.post.text for one in posts(heard)]
    address = blog.url
    nothing = go_on(blog, heard, address)
    assert posts(nothing) == []

    later(blog, "/feed/", lambda: blog.edit(post, content="<p>Three days.</p>"))
    edited = go_on(blog, nothing, address)
    assert [(one.post.text, one.edited) for one in posts(edited)] == [("Three days.", True)]
    own = posts(edited)[0].post

    later(blog, "/comments/feed/", lambda: blog.comment(post, "ben", f"Which days? I ask for the {next(_times)}. time"))
    commented = posts(go_on(blog, edited, address))
    assert commented
    assert all(one.post.text.startswith("Which days?") and one.post.reply_to == own.id for one in commented)
    assert not any(one.edited for one in commented)

    without = asyncio.run(hear(FeedsSettings((address,), comments=False), until=answers(3)))
    assert not any(one.post.reply_to for one in posts(without))
    blog.delete(post)


def test_an_unchanged_feed_costs_no_body(blog):
    blog.post("Quiet", "<p>Nothing more.</p>")
    heard = asyncio.run(hear(FeedsSettings((f"{blog.url}/feed/",)), until=answers(1)))
    etag = blog.client.get(f"{blog.url}/feed/").headers["etag"]
    told = blog.client.get(f"{blog.url}/feed/", headers={"If-None-Match": etag})
    assert (told.status_code, told.content) == (304, b"")
    assert posts(go_on(blog, heard, f"{blog.url}/feed/")) == []


def test_the_test_button_says_what_was_found(blog):
    blog.post("Here", "<p>Something.</p>")
    checked = asyncio.run(SOURCE.check(FeedsSettings((blog.url,)), secrets={}))
    assert checked.says == "The feed answers."
    said = checked.facts["Acme Blog"]
    assert f"{blog.url}/feed/ (rss20, network “blog”)" in said
    assert f"comments at {blog.url}/comments/feed/" in said
