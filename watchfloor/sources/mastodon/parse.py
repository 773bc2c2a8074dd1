"""Mastodon statuses, as the REST API and the streaming API give them → posts.

The id is the status' `uri`, so that one status seen on two servers is one post. Only public and unlisted ones are read.
A boost carries the boosted status' words, its own author, and `repost_of`.
"""

from __future__ import annotations

import re
from typing import Any

from watchfloor.sources import told
from watchfloor.sources.mastodon.words import words
from watchfloor.sources.post import Author, Media, MediaKind, Metrics, Post
from watchfloor.sources.source import Event, Unreadable, Written
from watchfloor.sources.told import NotRead, Object

NETWORK = "mastodon"
LONGEST_CONTENT = 1_000_000
MOST_MEDIA, MOST_OPTIONS = 20, 20
_OPEN = ("public", "unlisted")
_MEDIA: dict[str, MediaKind] = {"image": "photo", "gifv": "video", "video": "video", "audio": "audio"}
_in_uri = re.compile(r"(https?://[^/\s]+/(?:ap/)?users/[^/\s]+)/statuses/(\d+)(?:/activity)?").fullmatch
_host = re.compile(r"https?://([^/?#\s@]+)", re.IGNORECASE).match
_is_lang = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*").fullmatch


def read_mastodon(raw: bytes) -> list[Event]:
    """One status, or one event of the streaming API. Never raises: answers [Unreadable] for what can't be read."""
    try:
        return [_read(told.json_object(raw), raw)]
    except NotRead as error:
        return [Unreadable(str(error), raw[:200])]


def _read(payload: Object, raw: bytes) -> Written:
    event = told.text(payload, "event")
    if event is None or "payload" not in payload:
        return Written(status_post(payload), raw, edited=told.text(payload, "edited_at") is not None)
    if event not in ("update", "status.update"):
        # A deletion names the server's own number of a status, which says nothing on any other server.
        raise NotRead(f"The streaming event “{event[:40]}” carries no status.")
    inner = payload["payload"]
    status = told.json_object(inner.encode("utf-8", "replace")) if isinstance(inner, str) else inner
    if not isinstance(status, dict):
        raise NotRead("The streaming event's payload is no status.")
    return Written(status_post(status), raw, edited=event == "status.update" or bool(told.text(status, "edited_at")))


def status_post(status: Object) -> Post:
    """A status object → the post. Raises NotRead."""
    visibility = status.get("visibility", "public")
    if visibility not in _OPEN:
        raise NotRead(f"The status is not public (visibility: {str(visibility)[:20]}); only public ones are read.")
    uri = told.text(status, "uri")
    if uri is None:
        raise NotRead("The status has no uri to be known by.")
    created_at = told.instant(status, "created_at")
    if created_at is None:
        raise NotRead("The status' created_at is no date with a time zone.")
    boosted = told.part(status, "reblog")
    if boosted and (hidden := boosted.get("visibility", "public")) not in _OPEN:
        raise NotRead(f"The boosted status is not public (visibility: {str(hidden)[:20]}); only public ones are read.")
    said = boosted or status
    text, links = _words(said)
    language = told.text(said, "language")
    return Post(
        network=NETWORK,
        id=uri,
        text=text,
        created_at=created_at,
        url=_web(told.text(status, "url")) or _web(uri),
        title=told.text(said, "spoiler_text"),
        lang=language if language and _is_lang(language) and language != "und" else None,
        author=_author(told.part(status, "account"), uri),
        links=links,
        media=_media(said),
        reply_to=_reply_to(status, uri),
        repost_of=told.text(boosted, "uri") or told.name(boosted, "id"),
        quote_of=_quoted(said),
        metrics=Metrics(
            likes=told.count(status, "favourites_count"),
            reposts=told.count(status, "reblogs_count"),
            replies=told.count(status, "replies_count"),
            quotes=told.count(status, "quotes_count"),
        ),
    )


def _words(status: Object) -> tuple[str, tuple[str, ...]]:
    content = status.get("content")
    if not isinstance(content, str):
        raise NotRead("The status has no content.")
    if len(content) > LONGEST_CONTENT:
        raise NotRead(f"The status' content is longer than {LONGEST_CONTENT:,} characters.")
    mentions = {
        url: account
        for mention in told.parts(status, "mentions")
        if (url := told.text(mention, "url")) and (account := told.text(mention, "acct"))
    }
    hashtags = {tag.casefold() for item in told.parts(status, "tags") if (tag := told.text(item, "name"))}
    text, found = words(content, mentions, hashtags, is_quote=bool(told.part(status, "quote")))
    options = [
        title for item in told.parts(told.part(status, "poll"), "options") if (title := told.text(item, "title"))
    ]
    if options:
        text = "\n\n".join(filter(None, [text, "\n".join(f"- {option}" for option in options[:MOST_OPTIONS])]))
    # The card previews a link of the text, in other spelling; it tells something new only where the text has none.
    card = told.text(told.part(status, "card"), "url")
    return text, told.web_links([*found] or [card])


def _author(account: Object, uri: str) -> Author:
    """`id` is the account's own address, the same on every server (its number is not)."""
    url, acct = told.text(account, "url"), told.text(account, "acct") or told.text(account, "username")
    in_uri = _in_uri(uri)
    if acct and "@" not in acct and (host := _host(url or uri)):
        acct = f"{acct}@{host[1].lower()}"
    return Author(
        id=told.text(account, "uri") or (in_uri[1] if in_uri else None) or url,
        handle=acct,
        name=told.text(account, "display_name"),
        followers=told.count(account, "followers_count"),
    )


def _reply_to(status: Object, uri: str) -> str | None:
    """The id of the status that is answered. Mastodon tells only its server's number for it; the `uri` is known where
    people continue their own thread on their own server."""
    number = told.name(status, "in_reply_to_id")
    account = told.part(status, "account")
    in_uri = _in_uri(uri)
    is_own = number is not None and told.name(account, "id") == told.name(status, "in_reply_to_account_id")
    if is_own and in_uri and in_uri[2] == told.name(status, "id"):
        return f"{in_uri[1]}/statuses/{number}"
    return number


def _quoted(status: Object) -> str | None:
    quote = told.part(status, "quote")
    quoted = told.part(quote, "quoted_status") or (quote if "uri" in quote else {})
    return told.text(quoted, "uri") or told.name(quote, "quoted_status_id")


def _media(status: Object) -> tuple[Media, ...]:
    return tuple(
        Media(
            _MEDIA.get(told.text(item, "type") or "", "other"),
            _web(told.text(item, "url") or told.text(item, "remote_url") or told.text(item, "preview_url")),
            told.text(item, "description"),
        )
        for item in told.parts(status, "media_attachments")[:MOST_MEDIA]
    )


def _web(address: Any) -> str | None:
    found = told.web_links([address])
    return found[0] if found else None
