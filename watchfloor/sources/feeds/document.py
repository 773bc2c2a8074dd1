"""What an address answered → a feed with its posts, a page that names feeds, or why it is neither.

Strangers wrote all of it, so this runs in a process of its own (`reader.py`) with limits on time and memory.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from watchfloor.sources.feeds.json_feed import NotJsonFeed, read_json_feed
from watchfloor.sources.feeds.page import Candidate, feeds_named_in
from watchfloor.sources.feeds.parse import post_of
from watchfloor.sources.feeds.records import FeedFacts, Item, Kind, RawItem
from watchfloor.sources.feeds.xml_feed import read_xml_feed
from watchfloor.sources.post import Post

MOST_ITEMS = 500
LONGEST_BODY, LONGEST_WORD = 300_000, 4_096  # of one item's text; of its other words

_ROOT = re.compile(rb"<(rss|feed|channel|rdf:rdf)[\s>]", re.IGNORECASE)
_LOGIN = re.compile(rb"<input[^>]{0,500}type=[\"']?password", re.IGNORECASE)


class Answer(msgspec.Struct, frozen=True):
    """What came from `url`, and what is known already: `scope`, `kind` and whether it is a feed of comments."""

    body: bytes
    url: str
    now: datetime
    content_type: str = ""
    language: str | None = None
    scope: str | None = None
    kind: Kind | None = None


class Entry(msgspec.Struct, frozen=True):
    """One item: its payload and its post, or why it is none."""

    raw: bytes
    post: Post | None = None
    why: str = ""
    is_dated: bool = True


class Feed(msgspec.Struct, frozen=True, tag=True):
    facts: FeedFacts
    form: str  # "rss20", "atom10", "JSON Feed 1.1"
    entries: list[Entry]
    left_out: int = 0
    unknown: list[str] = []
    asks_seconds: int | None = None
    usual_seconds: int | None = None


class Page(msgspec.Struct, frozen=True, tag=True):
    candidates: list[Candidate]
    asks_to_sign_in: bool = False


class Neither(msgspec.Struct, frozen=True, tag=True):
    why: str


Document = Feed | Page | Neither


def read_document(answer: Answer) -> Document:
    start = answer.body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not answer.body.strip():
        return Neither("The answer was empty.")
    if start[:1] in (b"{", b"["):
        return _read_json(answer)
    if _is_binary(start, answer.body):
        return Neither(f"The answer is no text ({answer.content_type.partition(';')[0][:60] or 'of an unknown type'}).")
    if _is_page(start):
        return _read_page(answer)
    return _read_xml(answer)


def _read_json(answer: Answer) -> Document:
    try:
        read = read_json_feed(answer.body, answer.url)
    except NotJsonFeed as error:
        return Neither(str(error))
    facts = _facts(answer, read.title, read.lang, "", read.items)
    return _feed(answer, facts, f"JSON Feed {read.version.rpartition('/')[2]}", read.items, read.unknown)


def _read_xml(answer: Answer) -> Document:
    read = read_xml_feed(answer.body, answer.url, answer.content_type, answer.language)
    if not read.version and not read.items and not _ROOT.search(answer.body[:20_000]):
        if b"<html" in answer.body[:100_000].lower():
            return _read_page(answer)
        return Neither("It is no feed" + (f" ({read.problem})." if read.problem else "."))
    facts = _facts(answer, read.title, read.lang, read.generator, read.items)
    return _feed(
        answer,
        facts,
        read.version or "a feed without a version",
        read.items,
        read.unknown,
        asks_seconds=read.asks_seconds,
        usual_seconds=read.usual_seconds,
    )


def _read_page(answer: Answer) -> Page:
    encoding = "utf-8"
    if found := re.search(rb"charset=[\"']?([\w-]{2,30})", answer.content_type.encode() + answer.body[:2_000], re.I):
        encoding = found[1].decode()
    try:
        page = answer.body.decode(encoding, "replace")
    except (LookupError, ValueError):
        page = answer.body.decode("utf-8", "replace")
    return Page(feeds_named_in(page, answer.url), asks_to_sign_in=bool(_LOGIN.search(answer.body[:500_000])))


def _is_page(start: bytes) -> bool:
    # Comments and a declaration may stand before either; a feed's first element decides.
    first = re.search(rb"<(?![?!])([a-z0-9:]{1,20})", start)
    return start.startswith(b"<!doctype html") or (first is not None and first[1] in (b"html", b"head", b"body"))


def _is_binary(start: bytes, body: bytes) -> bool:
    wide = body[:4] in (b"\x00\x00\xfe\xff", b"\xff\xfe\x00\x00") or body[:2] in (b"\xff\xfe", b"\xfe\xff")
    wide = wide or body[:4] in (b"\x00\x00\x00<", b"<\x00\x00\x00", b"\x00<\x00?", b"<\x00?\x00")
    return b"\x00" in start and not wide and b"<" not in start


def _facts(answer: Answer, title: str | None, lang: str | None, generator: str, items: list[Item]) -> FeedFacts:
    own = [item for item in items[:50] if item.id or item.link]
    comments = [item for item in own if "#comment-" in (item.id or "") or "#comment-" in (item.link or "")]
    return FeedFacts(
        scope=answer.scope or urlsplit(answer.url).hostname or "feed",
        kind=answer.kind or _kind(generator, answer.url),
        title=" ".join(title.split())[:300] if title else None,
        lang=(lang or answer.language or None),
        is_comments=bool(own) and len(comments) == len(own),
    )


_BLOGS = re.compile(
    r"wordpress|ghost|blogger|medium|hugo|jekyll|tumblr|substack|movable type|typepad|serendipity|drupal\.blog|"
    r"squarespace|wix|micro\.blog|writefreely|pelican|eleventy|nikola",
    re.IGNORECASE,
)
_FORUMS = re.compile(
    r"discourse|phpbb|vbulletin|nodebb|flarum|mybb|xenforo|invision|simple machines|vanilla|lemmy", re.I
)


def _kind(generator: str, url: str) -> Kind:
    """By the program that wrote it. A paper's site often runs on a blog's program: people can say what it is."""
    if _FORUMS.search(generator):
        return "forum"
    return "blog" if _BLOGS.search(generator) else "web"


def _feed(
    answer: Answer,
    facts: FeedFacts,
    form: str,
    items: list[Item],
    unknown: list[str],
    *,
    asks_seconds: int | None = None,
    usual_seconds: int | None = None,
) -> Feed:
    return Feed(
        facts=facts,
        form=form,
        entries=[_entry(item, facts, answer.now) for item in items[:MOST_ITEMS]],
        left_out=max(0, len(items) - MOST_ITEMS),
        unknown=[name[:64] for name in unknown[:20]],
        asks_seconds=asks_seconds,
        usual_seconds=usual_seconds,
    )


def _entry(item: Item, facts: FeedFacts, now: datetime) -> Entry:
    raw = RawItem(facts, _bounded(item), now)
    try:
        payload = msgspec.json.encode(raw)
    except (UnicodeEncodeError, ValueError):
        raw = RawItem(facts, _without_surrogates(raw.item), now)
        payload = msgspec.json.encode(raw)
    try:
        post = post_of(raw)
    except (ValueError, RecursionError) as error:
        return Entry(payload, why=f"An item could not be read: {error}")
    return Entry(payload, post, is_dated=(item.published or item.updated) is not None)


def _bounded(item: Item) -> Item:
    def cut(word: str | None) -> str | None:
        return word[:LONGEST_WORD] if word is not None else None

    return msgspec.structs.replace(
        item,
        id=item.id[:20_000] if item.id else None,
        title=cut(item.title),
        html=item.html[:LONGEST_BODY],
        base=item.base[:LONGEST_WORD],
        lang=cut(item.lang),
        dated=(item.dated or "")[:100] or None,
        author=cut(item.author),
        links=item.links[:100],
        files=item.files[:50],
        reply_to=cut(item.reply_to),
        tags=tuple(tag[:200] for tag in item.tags[:50]),
    )


def _without_surrogates(item: Item) -> Item:
    told = msgspec.to_builtins(item)
    return msgspec.convert(_mended(told), Item)


def _mended(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {name: _mended(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(part) for part in value]
    return value
