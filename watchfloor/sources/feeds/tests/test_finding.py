"""A page's address leads to its feed: by what its head names, by its links, by where feeds commonly are."""

from __future__ import annotations

import asyncio

import pytest

from watchfloor.sources.feeds.page import feeds_named_in
from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.source import SOURCE
from watchfloor.sources.feeds.tests.site import answers, cursor_of, hear, item, posts, rss, site
from watchfloor.sources.source import NeedsHands, TryAgain

PAGE = "https://acme.example/blog/"


def link(href, kind="application/rss+xml", **more):
    told = " ".join(f'{name}="{value}"' for name, value in more.items())
    return f'<link rel="alternate" type="{kind}" href="{href}" {told}>'


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (link("/feed/"), ["https://acme.example/feed/"]),
        (link("feed", "application/atom+xml"), ["https://acme.example/blog/feed"]),
        ('<base href="https://other.example/x/">' + link("rss.xml"), ["https://other.example/x/rss.xml"]),
        ("<LINK REL='Alternate' TYPE='Application/RSS+XML' HREF='/a?x=1&amp;y=2'/>", ["https://acme.example/a?x=1&y=2"]),
        (link("/comments/feed/") + link("/feed/"), ["https://acme.example/feed/", "https://acme.example/comments/feed/"]),
        (link("/oembed.json", "application/json"), []),
        (link("/feed.json", "application/json"), ["https://acme.example/feed.json"]),
        (link("javascript:alert(1)") + link("file:///etc/passwd") + link("http://["), []),
        ('<link rel="stylesheet" type="application/rss+xml" href="/x">', []),
        ('<a href="/about">x</a><a class=b href=/rss.xml>RSS</a>', ["https://acme.example/rss.xml"]),
        (link("/feed/") + '<a href="/rss.xml">RSS</a>', ["https://acme.example/feed/"]),
        ("", []),
    ],
)  # fmt: skip
def test_what_a_page_names(head, found):
    assert [one.url for one in feeds_named_in(f"<html><head>{head}</head>", PAGE)] == found


def test_a_page_leads_to_its_feed_and_its_comments_once(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            head = link("/feed/", title="Acme") + link("/comments/feed/", title="Acme » Comments Feed")
            acme.put("/", f"<!doctype html><html><head>{head}</head>", Content_Type="text/html")
            acme.put("/feed/", rss(item(1)))
            comment = item(2).replace("tag:acme.example,2026:2", "tag:acme.example,2026:1#comment-2")
            acme.put("/comments/feed/", rss(comment))
            heard = await hear(FeedsSettings((acme.url,)), until=answers(2))
            assert acme.paths() == ["/", "/feed/", "/comments/feed/"]
            assert [one.post.reply_to for one in posts(heard)] == [None, "tag:acme.example,2026:1"]
            acme.asked.clear()
            await hear(FeedsSettings((acme.url,)), cursor=cursor_of(heard), until=answers(3))
            assert set(acme.paths()) == {"/feed/", "/comments/feed/"}

    asyncio.run(go())


def test_without_a_named_feed_the_common_places_are_tried(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/news", "<html><body>No word of a feed.</body></html>")
            acme.put("/rss.xml", "<html>no feed either</html>")
            acme.put("/atom.xml", rss(item(1)))
            heard = await hear(FeedsSettings((f"{acme.url}/news",)), until=answers(1))
            assert acme.paths() == ["/news", "/feed/", "/rss.xml", "/atom.xml"]
            assert len(posts(heard)) == 1

    asyncio.run(go())


def test_a_page_without_a_feed_says_what_to_do(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/news", "<html><body>No word of a feed.</body></html>")
            for attempt in (
                hear(FeedsSettings((f"{acme.url}/news",)), until=answers(1)),
                SOURCE.check(FeedsSettings((f"{acme.url}/news",)), secrets={}),
            ):
                with pytest.raises(NeedsHands, match="Look for a link “RSS”"):
                    await attempt
            acme.put("/news", "<html><form><input type=password></form></html>")
            with pytest.raises(NeedsHands, match="page to sign in"):
                await SOURCE.check(FeedsSettings((f"{acme.url}/news",)), secrets={})

    asyncio.run(go())


def test_a_feed_that_becomes_a_page_is_an_error_and_its_address_stays(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/feed", rss(item(1)))
            first = await hear(FeedsSettings((f"{acme.url}/feed",)), until=answers(1))
            acme.put("/feed", b"", 301, Location="/login")
            acme.put("/login", "<html>Welcome" + link("/other") + "</html>")
            acme.put("/other", rss(item(2)))
            with pytest.raises(TryAgain, match="page where a feed was"):
                await hear(FeedsSettings((f"{acme.url}/feed",)), cursor=cursor_of(first), until=answers(1))
            assert "/other" not in acme.paths()

    asyncio.run(go())


def test_the_test_button_tells_of_each_feed(allow):
    async def go():
        async with site() as acme:
            allow(acme)
            acme.put("/a", rss(item(1), "<item><title>no date</title></item>"))
            checked = await SOURCE.check(FeedsSettings((f"{acme.url}/a", f"{acme.url}/b")), secrets={})
            assert checked.says == "1 of 2 feeds answer."
            assert "2 items" in checked.facts["Acme Blog"]
            assert "1 without a date" in checked.facts["Acme Blog"]
            assert checked.facts[f"{acme.url}/b"] == "Nothing is at that address any more (404)."

    asyncio.run(go())
