"""JSON Feed 1.0 and 1.1 (jsonfeed.org). feedparser does not read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from watchfloor.lib.html_text import web_address
from watchfloor.sources.feeds.dates import iso_date
from watchfloor.sources.feeds.records import File, Item

VERSIONS = ("https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1")
KNOWN = {
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
    "language", "date_published", "date_modified", "author", "authors", "tags", "attachments",
}  # fmt: skip


class NotJsonFeed(ValueError):
    """Why it is none, in one sentence."""


class JsonFeed(msgspec.Struct):
    version: str
    title: str | None
    lang: str | None
    items: list[Item]
    unknown: list[str]


def read_json_feed(body: bytes, url: str) -> JsonFeed:
    """Raises NotJsonFeed. A wrong field is left out, and the item stays."""
    try:
        told = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotJsonFeed(f"It is no JSON: {error}") from error
    if not isinstance(told, dict) or not str(told.get("version", "")).startswith(VERSIONS):
        raise NotJsonFeed("It is JSON, but names no version of JSON Feed.")
    items = told.get("items")
    if not isinstance(items, list):
        raise NotJsonFeed("The feed has no list of items.")
    base = _text(told, "home_page_url") or url
    author = _author(told)
    rows = [row for row in items if isinstance(row, dict)]
    unknown = sorted({str(name) for row in rows for name in row if name not in KNOWN and not str(name).startswith("_")})
    return JsonFeed(
        version=str(told["version"])[-10:],
        title=_text(told, "title"),
        lang=_text(told, "language"),
        items=[_item(row, base, author) for row in rows],
        unknown=unknown,
    )


def _item(row: dict[str, Any], base: str, site_author: tuple[str | None, str | None]) -> Item:
    html, text = _text(row, "content_html"), _text(row, "content_text")
    link = web_address(row.get("url"), base) or web_address(row.get("external_url"), base)
    name, author_url = _author(row)
    if name is None:
        name, author_url = site_author
    external = web_address(row.get("external_url"), base)
    return Item(
        id=_text(row, "id"),
        link=link,
        title=_text(row, "title"),
        html=html or text or _text(row, "summary") or "",
        is_plain=html is None,
        base=link or base,
        lang=_text(row, "language"),
        published=iso_date(None, row.get("date_published")),
        updated=iso_date(None, row.get("date_modified")),
        dated=_text(row, "date_published"),
        author=name,
        author_url=author_url,
        links=(external,) if external and external != link else (),
        files=tuple(_files(row, base)),
        tags=tuple(tag for tag in _list(row, "tags") if isinstance(tag, str)),
    )


def _files(row: dict[str, Any], base: str) -> Iterator[File]:
    for name in ("image", "banner_image"):
        if url := web_address(row.get(name), base):
            yield File(url, "image")
    for part in _list(row, "attachments"):
        if isinstance(part, dict) and (url := web_address(part.get("url"), base)):
            yield File(url, _text(part, "mime_type") or "", _text(part, "title"))


def _author(told: dict[str, Any]) -> tuple[str | None, str | None]:
    """Name and address of the first author; version 1.0 has one `author`, 1.1 a list."""
    for author in (*_list(told, "authors"), told.get("author")):
        if isinstance(author, dict) and (name := _text(author, "name")):
            return name, web_address(author.get("url"))
    return None, None


def _text(told: dict[str, Any], name: str) -> str | None:
    value = told.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and name == "id":
        return str(value)  # the standard says text, and asks readers to bear numbers
    return (value.strip() or None) if isinstance(value, str) else None


def _list(told: dict[str, Any], name: str) -> list[Any]:
    value = told.get(name)
    return value if isinstance(value, list) else []
