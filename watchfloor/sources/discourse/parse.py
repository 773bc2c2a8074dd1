"""One post of a Discourse forum → what happened. Pure. Shapes: https://docs.discourse.org."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import nh3

from watchfloor.lib.html_text import BLOCKS, LINES, HtmlRead, read_html
from watchfloor.sources import told
from watchfloor.sources.discourse.settings import name_of
from watchfloor.sources.post import Author, Media, Metrics, Post
from watchfloor.sources.told import NotRead, Object

NETWORK = "discourse"
REGULAR, LIKE = 1, 2  # a post_type; an id in actions_summary
LONGEST_COOKED = 400_000
MOST_MEDIA = 20

Numbers = Mapping[tuple[int, int], int]  # (topic, number in it) → post id

_emoji = re.compile(r'<img\b[^<>]*\balt="(:[\w+-]{1,60}:)"[^<>]*>')
_quoted = re.compile(r'<aside\b[^<>]*\bdata-post="(\d{1,9})"[^<>]*\bdata-topic="(\d{1,12})"')
_not_a_photo = re.compile(r"/(images/emoji|user_avatar|letter_avatar)").search
_is_locale = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*").fullmatch
_NOT_OWN_WORDS = {"script", "style", "aside"}  # quotes and previews of links
_KEPT = BLOCKS | LINES | {"a", "br", "code", "em", "i", "b", "strong", "span", "td", "th", "img"}


class Seen(NamedTuple):
    """A post as it stands on its forum. `post` None: it is taken down. `mark` changes when its words or figures do."""

    id: int
    topic: int
    number: int
    at: datetime | None
    post: Post | None
    mark: int


def post_id(site: str, number: int | str) -> str:
    return f"{name_of(site)}/p/{number}"


def read_post(told_of: Object, site: str, numbers: Numbers | None = None) -> Seen | None:
    """None for what is no post of a person (a closing, a move, a whisper). Raises NotRead."""
    number = told.count(told_of, "id")
    if not number:
        raise NotRead("The post has no id.")
    topic, place = told.count(told_of, "topic_id") or 0, told.count(told_of, "post_number") or 0
    if told_of.get("post_type", REGULAR) != REGULAR:
        return None
    at = told.instant(told_of, "created_at")
    if told_of.get("deleted_at") or told_of.get("user_deleted") is True or told_of.get("hidden") is True:
        return Seen(number, topic, place, at, None, 0)
    if at is None:
        raise NotRead("The post's created_at is no date with a time zone.")
    cooked = told_of.get("cooked")
    if not isinstance(cooked, str):
        raise NotRead("The post has no text (cooked).")
    post = _post(told_of, cooked[:LONGEST_COOKED], at, site, number, topic, place, numbers or {})
    mark = hash_of(f"{told_of.get('version')}\n{post.metrics.likes}\n{post.metrics.replies}\n{post.title}\n{cooked}")
    return Seen(number, topic, place, at, post, mark)


def _post(
    told_of: Object, cooked: str, at: datetime, site: str, number: int, topic: int, place: int, numbers: Numbers
) -> Post:
    read, links = _words(cooked, site)
    username, user = told.text(told_of, "username"), told.count(told_of, "user_id")
    answers = told.name(told_of, "reply_to_post_number")
    answered = numbers.get((topic, int(answers))) if answers and answers.isascii() and answers.isdigit() else None
    quoted = _quoted.search(cooked)
    quote = numbers.get((int(quoted[2]), int(quoted[1]))) if quoted else None
    locale = told.text(told_of, "locale")
    return Post(
        network=NETWORK,
        id=post_id(site, number),
        text=read.text,
        created_at=at,
        url=_url(told_of, site, number),
        title=(told.text(told_of, "topic_title") or told.text(told_of, "title")) if place == 1 else None,
        lang=locale.replace("_", "-") if locale and _is_locale(locale) else None,
        author=Author(
            id=f"{name_of(site)}/u/{user}" if user is not None else None,
            handle=f"{username}@{name_of(site)}" if username else None,
            name=told.text(told_of, "name"),
        ),
        links=links,
        media=tuple(Media("photo", p.url, p.alt) for p in read.pictures if not _not_a_photo(p.url))[:MOST_MEDIA],
        reply_to=post_id(site, answered) if answered is not None else None,
        quote_of=post_id(site, quote) if quote is not None else None,
        conversation=f"{name_of(site)}/t/{topic}" if topic else None,
        metrics=Metrics(
            likes=_likes(told_of),
            replies=told.count(told_of, "reply_count"),
            quotes=told.count(told_of, "quote_count"),
            views=told.count(told_of, "reads"),
        ),
    )


def _words(cooked: str, site: str) -> tuple[HtmlRead, tuple[str, ...]]:
    """What the author wrote: without what is quoted and previewed, unless there is nothing else. Links of all of it."""
    named = _emoji.sub(r"\1", cooked)
    all_of_it = read_html(named, f"{site}/")
    own = read_html(
        nh3.clean(
            named,
            tags=_KEPT,
            attributes={"a": {"href"}, "img": {"src", "alt"}},
            clean_content_tags=_NOT_OWN_WORDS,
            link_rel=None,
        ),
        f"{site}/",
    )
    outside = [link for link in all_of_it.links if not _is_within(link, site)]
    return own if own.text else all_of_it, told.web_links([*outside])


def _is_within(link: str, site: str) -> bool:
    """A link to a person, a tag or a category of the forum itself: no link that anybody shared."""
    return link.startswith((f"{site}/u/", f"{site}/tag", f"{site}/c/", f"{site}/groups/"))


def _likes(told_of: Object) -> int | None:
    """A summary without likes says that there are none."""
    if not isinstance(told_of.get("actions_summary"), list):
        return None
    found = [told.count(part, "count") for part in told.parts(told_of, "actions_summary") if part.get("id") == LIKE]
    return next((count for count in found if count is not None), 0)


def _url(told_of: Object, site: str, number: int) -> str:
    path = told.text(told_of, "post_url")
    if path and path.startswith("/t/") and len(path) < 1_000 and not any(sign.isspace() for sign in path):
        parts = urlsplit(site)
        return f"{parts.scheme}://{parts.netloc}{path}"
    return f"{site}/p/{number}"


def hash_of(words: str) -> int:
    return zlib.crc32(words.encode("utf-8", "replace"))
