"""One item of a feed → a post. Pure: no network, no clock, no memory of earlier items."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from watchfloor.lib.html_text import HtmlRead, read_html
from watchfloor.sources.feeds.dates import read_date
from watchfloor.sources.feeds.records import FeedFacts, File, Item, RawItem
from watchfloor.sources.post import NOBODY, Author, Media, MediaKind, Metrics, Post
from watchfloor.sources.source import Event, Unreadable, Written

MOST_TEXT, MOST_TITLE, MOST_NAME, MOST_ALT = 100_000, 2_000, 300, 2_000
MOST_LINKS, MOST_MEDIA, LONGEST_ID = 100, 20, 900

_is_lang = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*").fullmatch
_is_whole_id = re.compile(r"(https?://|tag:|urn:).+", re.DOTALL | re.IGNORECASE).fullmatch
_is_uuid = re.compile(r"\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?", re.IGNORECASE).fullmatch
_is_mail = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch
_comment = re.compile(r"#comment-\d+$").search
# In its RSS, WordPress writes what a comment answers to above it, in the site's language; its Atom has a field for it.
_in_reply_to = re.compile(
    r"\s*<p>[^<]{0,80}<a href=\"([^\"<>]{1,2000}#comment-\d+)\"[^<>]{0,200}>[^<]{0,500}</a>[^<]{0,10}</p>"
).match
_ENDINGS: dict[str, MediaKind] = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "avif"), "photo"),
    **dict.fromkeys(("mp4", "webm", "mov", "m4v"), "video"),
    **dict.fromkeys(("mp3", "m4a", "ogg", "opus", "wav"), "audio"),
}
_TYPES: dict[str, MediaKind] = {"image": "photo", "video": "video", "audio": "audio"}


def parse(raw: bytes) -> list[Event]:
    """One payload of ours (`RawItem`) → the post. Never raises."""
    try:
        return [Written(post_of(msgspec.json.decode(raw, type=RawItem)), raw)]
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return [Unreadable(f"The item can't be read: {error}", raw[:200])]


def post_of(raw: RawItem) -> Post:
    """Raises ValueError with a sentence where nothing is left to be a post."""
    item, feed = (_comment_alone(raw.item) if raw.feed.is_comments else raw.item), raw.feed
    body = _body(item)
    title = _title(item)
    media = tuple(_media(item, body))[:MOST_MEDIA]
    if not (title or body.text or media):
        raise ValueError("It has neither title, text nor file.")
    published = read_date(item.published) or read_date(item.updated) or raw.seen_at
    reply_to, conversation = _answers(item, feed)
    return Post(
        network=feed.kind,
        id=item_id(item, feed),
        url=item.link,
        title=title,
        text=body.text[:MOST_TEXT],
        created_at=_utc(published),
        lang=_lang(item, feed),
        author=_author(item, feed),
        links=_links(item, body),
        media=media,
        reply_to=reply_to,
        conversation=conversation,
        metrics=Metrics(replies=item.replies),
    )


def _comment_alone(item: Item) -> Item:
    """What the visitor wrote: the title of a comment is made up by the site from the post's and the visitor's name."""
    found = _in_reply_to(item.html)
    return msgspec.structs.replace(
        item,
        title=None,
        html=item.html[found.end() :] if found else item.html,
        reply_to=item.reply_to or (found[1] if found else None),
    )


def item_id(item: Item, feed: FeedFacts) -> str:
    """The item's own id if it is one for the whole world, else that id within its site; else its address; else a hash
    of what it says."""
    if item.id and (_is_whole_id(item.id) or _is_uuid(item.id)):
        return _bounded(item.id)
    if item.id:
        return _bounded(f"{feed.scope}#{item.id}")
    if item.link:
        return _bounded(item.link)
    said = "\n".join((item.title or "", item.html[:10_000], item.dated or "", *(file.url for file in item.files)))
    return f"{feed.scope}#{hashlib.blake2b(said.encode(errors='replace'), digest_size=12).hexdigest()}"


def _bounded(written: str) -> str:
    if len(written) <= LONGEST_ID:
        return written
    rest = hashlib.blake2b(written.encode(errors="replace"), digest_size=12).hexdigest()
    return f"{written[: LONGEST_ID - 30]}…{rest}"


def _body(item: Item) -> HtmlRead:
    if item.is_plain:
        return HtmlRead(item.html.replace("\r\n", "\n").strip(), [], [])
    return read_html(item.html, item.base)


def _title(item: Item) -> str | None:
    if not item.title:
        return None
    # Escaped once too often is common: "Ben &amp; Ana" for people is "Ben & Ana".
    said = html.unescape(item.title) if item.title_is_plain else read_html(item.title).text
    return " ".join(said.split())[:MOST_TITLE] or None


def _lang(item: Item, feed: FeedFacts) -> str | None:
    # A site's language is that of who runs it; who comments there writes in any.
    told = None if feed.is_comments else item.lang or feed.lang
    told = told.strip() if told else None
    return told.replace("_", "-") if told and _is_lang(told) else None


def _author(item: Item, feed: FeedFacts) -> Author:
    """Names are stable within a site, and nowhere else. Mail addresses are not kept."""
    name = " ".join((item.author or "").split())[:MOST_NAME]
    if name and not _is_mail(name):
        return Author(id=item.author_url or f"{feed.scope}/{name}", name=name)
    if feed.title and not feed.is_comments:
        return Author(id=feed.scope, name=feed.title[:MOST_NAME])
    return NOBODY


def _links(item: Item, body: HtmlRead) -> tuple[str, ...]:
    found = dict.fromkeys((*item.links, *body.links))
    return tuple(link for link in found if link != item.link)[:MOST_LINKS]


def _media(item: Item, body: HtmlRead) -> Iterator[Media]:
    seen = set()
    for file in (*item.files, *(File(picture.url, "image", picture.alt) for picture in body.pictures)):
        if file.url not in seen:
            seen.add(file.url)
            alt = (file.alt or next((p.alt for p in body.pictures if p.url == file.url), None) or "")[:MOST_ALT]
            yield Media(_media_kind(file), file.url, alt or None)


def _media_kind(file: File) -> MediaKind:
    if found := _TYPES.get(file.type.partition("/")[0].strip().lower()):
        return found
    path = file.url.partition("?")[0].partition("#")[0]
    return _ENDINGS.get(path.rpartition(".")[2].lower(), "other")


def _answers(item: Item, feed: FeedFacts) -> tuple[str | None, str | None]:
    """What a comment answers to, and the post under which it stands. WordPress names a comment by its post's own id
    and `#comment-7`; the Atom threading extension names the parent."""
    own = item.id or item.link or ""
    found = _comment(own)
    post = own[: found.start()] if found else None
    parent = item.reply_to or post
    if parent is None:
        return None, None
    parent = item_id(Item(id=parent), feed)
    return parent, item_id(Item(id=post), feed) if post else parent


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Its date is beyond the calendar.") from error
