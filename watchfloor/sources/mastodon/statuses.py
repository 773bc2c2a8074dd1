"""What one server sends, statuses and deletions by number → events, with what is remembered of other posts."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from watchfloor.sources import told
from watchfloor.sources.mastodon.memory import Memory
from watchfloor.sources.mastodon.parse import NETWORK, NotForEverybody, status_post, with_envelope
from watchfloor.sources.mastodon.place import now_ms
from watchfloor.sources.mastodon.sse import Message
from watchfloor.sources.source import Deleted, Event, NotPublic, Unreadable, Written

LONGEST_NUMBER = 64
MOST_NAMES, LONGEST_NAME = 20, 64
NOT_REMEMBERED = "delete (of a post not remembered)"

KNOWN_FIELDS = frozenset(
    """id created_at in_reply_to_id in_reply_to_account_id sensitive spoiler_text visibility language uri url
    replies_count reblogs_count favourites_count quotes_count edited_at favourited reblogged muted bookmarked pinned
    filtered content text reblog application account media_attachments mentions tags emojis card poll quote
    quote_approval tagged_collections""".split()  # noqa: SIM905 - read as a list of words
)


class News(NamedTuple):
    """An event, by what it is known (a status' uri; "": each one counts), and in which state."""

    event: Event
    uri: str = ""
    edited_at: str = ""


class Read(NamedTuple):
    """One status: its number on this server (None: it has none), when it was written, and what it says."""

    number: str | None
    written_ms: int
    news: list[News]
    unknown: list[str]


class Statuses:
    """Of one server, whose accounts stand behind @`domain`."""

    def __init__(self, server: str, memory: Memory, *, may_be_private: bool) -> None:
        self._server, self._memory = server, memory
        self.domain = server
        self._may_be_private = may_be_private  # then no excerpt of what can't be read is kept
        self._uri_of = partial(memory.uri_of, server)

    def read(self, raw: bytes, *, edited: bool = False) -> Read:
        """Never raises."""
        try:
            status = told.json_object(raw)
        except told.NotRead as error:
            return Read(None, now_ms(), [News(self._unreadable(str(error), raw))], [])
        number = told.name(status, "id")
        if number is not None and len(number) > LONGEST_NUMBER:
            number = None
        written = told.instant(status, "created_at")
        written_ms = now_ms() if written is None else int(written.timestamp() * 1000)
        try:
            post = status_post(status, domain=self.domain, uri_of=self._uri_of)
        except told.NotRead as error:
            left_out: Event = self._unreadable(str(error), raw)
            if isinstance(error, NotForEverybody):
                left_out = NotPublic(str(error))
            return Read(number, written_ms, [News(left_out, f"{self._server} {number}" if number else "")], [])
        if number is not None:
            self._memory.learn(self._server, number, post.id)
        boosted = told.part(status, "reblog")
        if (inner := told.name(boosted, "id")) and (uri := told.text(boosted, "uri")):
            self._memory.learn(self._server, inner[:LONGEST_NUMBER], uri)
        edited_at = told.text(boosted or status, "edited_at") or ""
        edited = edited or bool(edited_at)
        kept = with_envelope(raw, domain=self.domain, edited=edited)
        news = News(Written(post, kept, edited=edited), post.id, edited_at)
        return Read(number, written_ms, [news], _unknown(status) if self.is_news(news) else [])

    def is_news(self, news: News) -> bool:
        return not news.uri or self._memory.is_new(news.uri, news.edited_at)

    def read_message(self, message: Message) -> Read:
        """One message of a stream. Never raises."""
        match message.event:
            case "update" | "status.update":
                return self.read(message.payload, edited=message.event == "status.update")
            case "delete":
                return self._delete(message.payload)
            case "":
                why = "A message of the stream was longer than any status and was left out."
                return Read(None, now_ms(), [News(Unreadable(why))], [])
            case "?":
                why = "A message of the stream is no event of Mastodon."
                return Read(None, now_ms(), [News(self._unreadable(why, message.payload))], [])
        return Read(None, now_ms(), [], [])  # notifications, announcements, and the like

    def _delete(self, payload: bytes) -> Read:
        number = payload.decode("utf-8", "replace").strip().strip('"')
        uri = self._memory.uri_of(self._server, number)
        if uri is None:
            return Read(None, now_ms(), [], [NOT_REMEMBERED])
        return Read(None, now_ms(), [News(Deleted(NETWORK, uri))], [])

    def _unreadable(self, why: str, raw: bytes) -> Unreadable:
        return Unreadable(why, b"" if self._may_be_private else raw[:200])


def _unknown(status: told.Object) -> list[str]:
    strange = [f"status.{name}"[:LONGEST_NAME] for name in status if name not in KNOWN_FIELDS]
    return strange[:MOST_NAMES]
