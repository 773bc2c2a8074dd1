"""A web page → the feeds that it names, the best first."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import msgspec

from watchfloor.lib.html_text import web_address

FIRST_CHARACTERS = 500_000  # of a page; a head that is longer names nothing
MOST_TAGS = 2_000
TYPES = {
    "application/rss+xml": 0,
    "application/atom+xml": 0,
    "application/feed+json": 0,
    "application/json": 1,
    "application/rdf+xml": 1,
    "text/xml": 2,
    "application/xml": 2,
}
COMMON_PATHS = ("/feed/", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed.json")

_tag = re.compile(r"<(link|a|base)\s([^<>]{1,4000})>", re.IGNORECASE)
_attribute = re.compile(r"""([a-zA-Z-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_looks_like_feed = re.compile(
    r"(/feed/?|/rss/?|/atom/?|\.rss|\.atom|/feed\.(xml|json)|/(rss|atom|index)\.xml)$", re.I
).search
_is_comments = re.compile(r"/comments/|comments[-_.]?(feed|rss|atom)|kommentar|commentaires", re.IGNORECASE).search


class Candidate(msgspec.Struct, frozen=True):
    url: str
    title: str = ""
    is_comments: bool = False
    rank: int = 0


def feeds_named_in(page: str, url: str) -> list[Candidate]:
    """What the page's head names as its feeds; without any, what it links to that looks like one."""
    base = url
    found: dict[str, Candidate] = {}
    linked: dict[str, Candidate] = {}
    for tag, attributes in _tags(page[:FIRST_CHARACTERS]):
        href = attributes.get("href")
        if tag == "base":
            base = urljoin(url, href or "")
        elif not (whole := web_address(href, base)):
            continue
        elif tag == "link":
            if candidate := _named(whole, attributes):
                found.setdefault(whole, candidate)
        elif tag == "a" and _looks_like_feed(whole.partition("?")[0]):
            linked.setdefault(whole, Candidate(whole, "", bool(_is_comments(whole)), 5))
    return sorted((found or linked).values(), key=lambda one: (one.is_comments, one.rank))[:10]


def _named(url: str, attributes: dict[str, str]) -> Candidate | None:
    """The feed that a <link> names, if it names one."""
    kind = attributes.get("type", "").partition(";")[0].strip().lower()
    if "alternate" not in attributes.get("rel", "").lower().split() or kind not in TYPES:
        return None
    if TYPES[kind] and not _looks_like_feed(url.partition("?")[0]):
        return None  # XML or JSON for other programs: an oEmbed description, an interface
    title = " ".join(attributes.get("title", "").split())[:200]
    is_comments = bool(_is_comments(url) or _is_comments(title.replace(" ", "-")))
    return Candidate(url, title, is_comments, TYPES[kind])


def guesses(url: str) -> list[str]:
    """Where feeds commonly are on the site of `url`."""
    return [urljoin(url, path) for path in COMMON_PATHS]


def _tags(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    for number, found in enumerate(_tag.finditer(page)):
        if number >= MOST_TAGS:
            return
        attributes: dict[str, str] = {}
        for name, *values in _attribute.findall(found[2]):
            attributes.setdefault(name.lower(), html.unescape("".join(values)))
        yield found[1].lower(), attributes
