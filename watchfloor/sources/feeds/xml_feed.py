"""RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, CDF: feedparser's entries → items.

feedparser's own cleaning of HTML and of addresses in it is switched off: everything goes through nh3 later, which is
quicker. What it reads into one field from several (`media:description` into the summary) is kept apart here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import feedparser
import msgspec
from feedparser.namespaces.mediarss import Namespace as MediaRss

from watchfloor.lib.html_text import web_address
from watchfloor.sources.feeds.dates import iso_date
from watchfloor.sources.feeds.records import File, Item

_PLAIN = ("text/plain",)


def _begin_description_of_media(self: Any, attributes: Any) -> None:
    self.push("media_text", 1)


def _end_description_of_media(self: Any) -> None:
    text = self.pop("media_text")
    media = self._get_context().get("media_content")
    if text and media:
        media[-1].setdefault("alt", text)


# feedparser takes the description of a picture for another summary of the item, so that one or the other is lost.
MediaRss._start_media_description = _begin_description_of_media
MediaRss._end_media_description = _end_description_of_media

KNOWN = {
    "id", "guidislink", "link", "links", "title", "title_detail", "summary", "summary_detail", "content", "language",
    "published", "published_parsed", "updated", "updated_parsed", "created", "created_parsed", "expired",
    "expired_parsed", "author", "authors", "author_detail", "href", "contributors", "publisher", "publisher_detail",
    "tags", "comments", "slash_comments", "slash_section", "slash_department", "slash_hit_parade", "wfw_comment",
    "wfw_commentrss", "thr_in-reply-to", "thr_total", "media_content", "media_thumbnail", "media_credit", "credit",
    "media_player", "media_rating", "rating", "media_text", "source", "rights", "rights_detail", "license", "image",
    "where", "geo_lat", "geo_long", "itunes_explicit", "itunes_duration", "itunes_episode", "itunes_season", "subtitle",
    "subtitle_detail", "gd_image", "feedburner_origlink", "media_alt",
}  # fmt: skip


class XmlFeed(msgspec.Struct):
    """`asks_seconds`: for how long not to ask again (ttl). `usual_seconds`: how often it says it changes (sy)."""

    version: str
    title: str | None
    lang: str | None
    generator: str
    asks_seconds: int | None
    usual_seconds: int | None
    items: list[Item]
    unknown: list[str]
    problem: str | None


def read_xml_feed(body: bytes, url: str, content_type: str, language: str | None) -> XmlFeed:
    """Read with feedparser, which bears what is not well formed: `problem` then says what is wrong."""
    # It is not told the address: relative ids stay as they are written, also when the feed moves.
    headers = {"content-type": content_type}
    if language:
        headers["content-language"] = language
    read = feedparser.parse(
        io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False, response_headers=headers
    )
    feed, entries = read["feed"], read["entries"]
    unknown = sorted({str(name) for entry in entries for name in entry if name not in KNOWN})
    problem = read.get("bozo_exception")
    if isinstance(problem, feedparser.exceptions.NonXMLContentType):
        problem = None  # a wrong label alone says nothing
    return XmlFeed(
        version=read.get("version") or "",
        title=_said(feed, "title"),
        lang=_said(feed, "language"),
        generator=" ".join(filter(None, (_said(feed, "generator"), str(feed.get("generator_detail", ""))))),
        asks_seconds=_minutes(feed.get("ttl")),
        usual_seconds=_period(feed),
        items=[_item(entry, url) for entry in entries],
        unknown=unknown,
        problem=str(problem)[:200] if problem is not None else None,
    )


def _item(entry: Mapping[str, Any], url: str) -> Item:
    body = _body(entry)
    text = body.get("value") or ""
    only_media_text = not text.strip() and isinstance(entry.get("media_text"), str)  # as YouTube does
    title = entry.get("title_detail") or {}
    published, updated = _dated(entry, "published") or _dated(entry, "created"), _dated(entry, "updated")
    author = entry.get("author_detail") or {}
    link = web_address(_said(entry, "feedburner_origlink")) or web_address(entry.get("link"), url)
    return Item(
        id=_said(entry, "id"),
        link=link,
        title=_said(entry, "title"),
        title_is_plain=title.get("type") in _PLAIN,
        html=entry["media_text"] if only_media_text else text,
        is_plain=only_media_text or body.get("type") in _PLAIN,
        base=_base(body.get("base"), url) or link or url,
        lang=body.get("language") or title.get("language"),
        published=published,
        updated=updated,
        dated=_said(entry, "published") or _said(entry, "updated"),
        author=_author(entry),
        author_url=web_address(author.get("href")),
        links=tuple(_links(entry, url)),
        files=tuple(_files(entry, url, with_alt=not only_media_text)),
        reply_to=_parent(entry),
        replies=_count(entry.get("slash_comments")) if "slash_comments" in entry else _count(entry.get("thr_total")),
        tags=tuple(tag["term"] for tag in entry.get("tags", []) if isinstance(tag.get("term"), str))[:50],
    )


def _body(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole text where the feed gives it, else the summary. Text before other kinds of content (XML, pictures)."""
    contents = [part for part in entry.get("content", []) if isinstance(part.get("value"), str) and part["value"]]
    readable = [part for part in contents if part.get("type") in ("text/html", "application/xhtml+xml", *_PLAIN)]
    if readable:
        return max(readable, key=lambda part: len(part["value"]))
    return entry.get("summary_detail") or {"value": _said(entry, "summary") or ""}


def _dated(entry: Mapping[str, Any], name: str) -> str | None:
    # Not entry["updated"]: feedparser then answers with another date, and warns.
    return iso_date(dict.get(entry, f"{name}_parsed"), dict.get(entry, name))  # type: ignore[call-overload]


def _links(entry: Mapping[str, Any], url: str) -> Iterator[str]:
    for link in entry.get("links", [])[:200]:
        if link.get("rel") in ("related", "via") and (href := web_address(link.get("href"), url)):
            yield href


def _files(entry: Mapping[str, Any], url: str, *, with_alt: bool) -> Iterator[File]:
    for link in entry.get("links", [])[:200]:
        if link.get("rel") == "enclosure" and (href := web_address(link.get("href"), url)):
            yield File(href, str(link.get("type") or ""))
    told = entry.get("media_content", [])[:200]
    for part in told:
        if href := web_address(part.get("url"), url):
            alt = part.get("alt") if with_alt else None
            yield File(href, str(part.get("medium") or part.get("type") or ""), str(alt)[:2_000] if alt else None)
    if not told:
        for part in entry.get("media_thumbnail", [])[:1]:
            if href := web_address(part.get("url"), url):
                yield File(href, "image")


def _base(told: object, url: str) -> str | None:
    return web_address(told, url) if told else None


_mail_first = re.compile(r"\s*[^\s@()<>]{1,200}@[^\s@()<>]{1,200}\s*\((.{1,300})\)\s*").fullmatch


def _author(entry: Mapping[str, Any]) -> str | None:
    """The name; never a mail address. RSS writes "mail (name)", of which feedparser cuts some names in the middle."""
    written, detail = _said(entry, "author"), entry.get("author_detail") or {}
    if written and (found := _mail_first(written)):
        return str(found[1])
    return _said(detail, "name") or (None if "email" in detail else written)


def _parent(entry: Mapping[str, Any]) -> str | None:
    told = entry.get("thr_in-reply-to")
    return _said(told, "ref") if isinstance(told, Mapping) else None


def _said(told: Mapping[str, Any], name: str) -> str | None:
    value = dict.get(told, name) if isinstance(told, dict) else told.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


_digits = re.compile(r"\d{1,9}", re.ASCII).fullmatch


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, str) and _digits(value.strip()) else None


def _minutes(value: object) -> int | None:
    count = _count(value)
    return count * 60 if count is not None else None


_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def _period(feed: Mapping[str, Any]) -> int | None:
    """How often it says it changes: so many times (`updateFrequency`) a `updatePeriod`."""
    period = _PERIODS.get((_said(feed, "sy_updateperiod") or "").lower())
    return period // max(1, _count(feed.get("sy_updatefrequency")) or 1) if period else None
