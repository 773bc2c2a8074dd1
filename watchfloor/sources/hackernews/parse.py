"""One item of Hacker News → what happened. Pure. Shapes: https://github.com/HackerNews/API."""

from __future__ import annotations

from datetime import UTC, datetime

from watchfloor.lib.html_text import read_html
from watchfloor.sources import told
from watchfloor.sources.post import Author, Metrics, Post
from watchfloor.sources.source import Deleted, Event, Unreadable, Written
from watchfloor.sources.told import NotRead, Object

NETWORK = "hackernews"
PAGE = "https://news.ycombinator.com/item?id="
STORIES = ("story", "job", "poll")
NO_POSTS = ("pollopt",)
FIELDS = frozenset(
    ["id", "deleted", "type", "by", "time", "text", "dead", "parent", "poll", "kids", "url", "score", "title", "parts",
     "descendants"]
)  # fmt: skip


def parse(raw: bytes) -> list[Event]:
    """The events of one item: none for what is no post. Never raises."""
    try:
        return read_item(told.json_object(raw), raw)
    except NotRead as error:
        return [Unreadable(str(error), raw[:200])]


def read_item(item: Object, raw: bytes, *, edited: bool = False, conversation: str | None = None) -> list[Event]:
    """Raises NotRead. One that is deleted, or dead (taken down by moderators or flags), is a deletion."""
    native_id = told.count(item, "id")
    if not native_id:
        raise NotRead("The item has no id.")
    if item.get("deleted") is True or item.get("dead") is True:
        return [Deleted(NETWORK, str(native_id))]
    kind = item.get("type")
    if kind in NO_POSTS:
        return []
    if kind != "comment" and kind not in STORIES:
        raise NotRead(f"The item's type is not known: {str(kind)[:40]!r}.")
    return [Written(_post(item, str(native_id), kind, conversation), raw, edited=edited)]


def _post(item: Object, native_id: str, kind: str, conversation: str | None) -> Post:
    by = told.text(item, "by")
    read = read_html(told.text(item, "text") or "", f"{PAGE}{native_id}")
    is_comment = kind == "comment"
    kids = item.get("kids")
    return Post(
        network=NETWORK,
        id=native_id,
        text=read.text,
        created_at=_time(item),
        url=f"{PAGE}{native_id}",
        title=None if is_comment else told.text(item, "title"),
        author=Author(id=by, handle=by),
        links=told.web_links([told.text(item, "url"), *read.links]),
        reply_to=told.name(item, "parent") if is_comment else None,
        conversation=conversation if is_comment else native_id,
        metrics=Metrics(
            likes=None if is_comment else told.count(item, "score"),
            replies=(len(kids) if isinstance(kids, list) else None) if is_comment else told.count(item, "descendants"),
        ),
    )


def _time(item: Object) -> datetime:
    seconds = told.count(item, "time")
    try:
        return datetime.fromtimestamp(seconds or 0, UTC) if seconds else _no_time()
    except (OverflowError, OSError, ValueError):
        return _no_time()


def _no_time() -> datetime:
    raise NotRead("The item does not say when it was written.")


def unknown_fields(item: Object) -> list[str]:
    return sorted(str(name)[:64] for name in item.keys() - FIELDS)[:20]
