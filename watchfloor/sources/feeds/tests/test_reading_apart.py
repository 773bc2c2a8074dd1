"""Documents that strangers wrote: whatever they are, they are answered within limits, and the next one is read."""

from __future__ import annotations

import asyncio
import tarfile
from collections import Counter

import pytest

from watchfloor.sources.feeds.document import Answer, Feed, Neither, Page
from watchfloor.sources.feeds.parse import parse
from watchfloor.sources.feeds.reader import CannotRead, Reader
from watchfloor.sources.feeds.tests.site import NOW, item, rss
from watchfloor.sources.feeds.tests.test_formats import CAPTURED

HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
MB = 1_000_000
HOSTILE = {
    "entity bomb": f'<!DOCTYPE r [<!ENTITY l0 "lol">{LAUGHS}]>{HEAD}<item><title>&l9;</title></item></channel></rss>',
    "quadratic entity": f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>{HEAD}<item><title>x</title>'
    f"<description>{'&a;' * 50_000}</description></item></channel></rss>",
    "file as entity": f'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>{HEAD}<item><title>x &a;</title></item>',
    "15 MB in one word": f"{HEAD}<item><title>x</title><description>{'a' * 15 * MB}</description></item>",
    "15 MB in one tag": HEAD + f"<{'a' * 15 * MB}>",
    "15 MB in one attribute": HEAD + f"<item a='{'a' * 15 * MB}'><title>x</title></item></channel></rss>",
    "nested XML": HEAD + "<a>" * 50_000,
    "nested HTML": HEAD + f"<item><title>x</title><description><![CDATA[{'<div>' * 60_000}]]></description></item>",
    "only <": HEAD + "<" * 300_000,
    "only &": HEAD + "&x " + "&" * 300_000,
    "nested JSON": '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 200_000,
    "5,000 items": HEAD + "<item><title>x</title></item>" * 5_000,
    "JSON of wrong types": '{"version":"https://jsonfeed.org/version/1","title":[],"authors":7,"items":[1,{},'
    '{"id":{},"url":5,"content_html":[],"date_published":1e300,"tags":"x","attachments":{},"image":true}]}',
    "half a surrogate": '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"\\ud800","content_text":"\\ud800b"}]}',
    "zeros": "\0" * 100_000,
    "a page of tags": "<html><head>" + '<link rel="alternate" ' * 100_000,
    "nothing": "",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(1_000),
    "an id of 1 MB": HEAD + f"<item><guid>{'g' * MB}</guid><title>x</title></item></channel></rss>",
    "addresses that are none": f"{HEAD}<item><title>x</title><link>http://[</link><guid>http://[::1</guid></item>",
}  # fmt: skip


def read(*bodies, content_type="", most_seconds=20.0):
    async def go():
        reader = Reader(most_seconds)
        told = []
        try:
            for body in bodies:
                body = body if isinstance(body, bytes) else body.encode()
                try:
                    told.append(await reader.read(Answer(body, "https://acme.example/feed", NOW, content_type)))
                except CannotRead as error:
                    told.append(error)
        finally:
            reader.close()
        return told

    return asyncio.run(go())


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_answered_and_the_next_one_is_read(name):
    told, after = read(HOSTILE[name], rss(item(1)))
    assert isinstance(told, Feed | Page | Neither | CannotRead)
    if isinstance(told, Feed):
        assert len(told.entries) <= 500
        for entry in told.entries:
            assert len(entry.raw) < 400_000
            assert b"root:" not in entry.raw
            if entry.post is not None:
                assert len(entry.post.id) <= 900
                assert len(entry.post.text) <= 100_000
                assert parse(entry.raw)[0].post == entry.post
    assert after.entries[0].post.title == "Post 1"


def test_what_takes_too_long_is_given_up_and_the_next_one_is_read():
    attributes = " ".join(f"a{n}='1'" for n in range(200_000))
    told, after = read(f"{HEAD}<item {attributes}>", rss(item(1)), most_seconds=0.9)
    assert str(told) == "It could not be read within 0.9 seconds."
    assert isinstance(after, Feed | CannotRead)


@pytest.mark.parametrize("label", ["text/plain", "image/png", "text/html", "application/octet-stream", "", "x" * 5_000])
def test_a_wrong_label_changes_nothing(label):
    assert read(rss(item(1)), content_type=label)[0].entries[0].post.title == "Post 1"


@pytest.mark.parametrize("charset", ["utf-16", "koi8-r", "zip", "idna", "unicode_escape", "rot13", "\u00e9", "utf-8\0"])
def test_a_wrong_encoding_in_the_label_ends_nothing(charset):
    told, after = read(rss(item(1, "Grüße")), rss(item(2)), content_type=f"text/xml; charset={charset}")
    assert isinstance(told, Feed | Neither)
    assert isinstance(after, Feed | Neither)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1251", "euc-jp", "big5"])
def test_the_encoding_that_the_document_names_is_read(encoding):
    text = {"windows-1251": "Привет", "euc-jp": "会場", "big5": "會場"}.get(encoding, "Grüße")
    body = rss(item(1, text)).replace('version="1.0"', f'version="1.0" encoding="{encoding.removesuffix("-sig")}"', 1)
    assert read(body.encode(encoding), content_type="application/rss+xml")[0].entries[0].post.text == text


def test_all_of_feedparsers_own_test_files_are_read():
    """Each is answered, and nearly all are feeds; whatever post they hold comes the same from its payload."""
    files = _feedparsers_files()
    assert len(files) == 2_248
    told = read(*files.values())
    kinds = Counter(type(one).__name__ for one in told)
    assert kinds["Feed"] >= 2_235, kinds
    assert kinds["CannotRead"] == 0
    posts = [entry for one in told if isinstance(one, Feed) for entry in one.entries if entry.post is not None]
    assert len(posts) >= 640
    assert all(parse(entry.raw)[0].post == entry.post for entry in posts)
    refused = {name for name, one in zip(files, told, strict=True) if isinstance(one, Neither)}
    assert all(name.startswith("tests/compression/") or "empty" in name or "no-location" in name for name in refused)


def _feedparsers_files() -> dict[str, bytes]:
    with tarfile.open(CAPTURED / "feedparser-6.0.14-tests.tar.xz") as archive:
        return {
            member.name: archive.extractfile(member).read()
            for member in archive
            if member.isfile() and member.name.startswith("tests/")
        }
