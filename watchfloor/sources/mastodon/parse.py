"""Mastodon statuses, as the REST API and the streaming API give them → posts.

The id is the status' `uri`, so that one status seen on two servers is one post. Only public and unlisted ones are read.
A boost carries the boosted status' words, its own author, and `repost_of`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

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

UriOf = Callable[[str], str | None]


class NotForEverybody(NotRead):
    """The status is not public: nothing of it may be kept, an excerpt neither."""


def nobody_knows(_number: str) -> None:
    """No server's numbers are known."""


def read_mastodon(raw: bytes) -> list[Event]:
    """One status, or one event of the streaming API (with the `domain` of the server that told it, if it is known).
    Never raises: answers [Unreadable] for what can't be read."""
    try:
        return [_read(told.json_object(raw), raw)]
    except NotForEverybody as error:
        return [Unreadable(str(error))]
    except NotRead as error:
        return [Unreadable(str(error), raw[:200])]


def with_envelope(status: bytes, *, domain: str, edited: bool) -> bytes:
    """The raw payload that is kept: what a server sent, and which one it was."""
    event = b"status.update" if edited else b"update"
    return b'{"event":"%b","domain":%b,"payload":%b}' % (event, msgspec.json.encode(domain), status)


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
    edited = event == "status.update" or bool(told.text(status, "edited_at"))
    return Written(status_post(status, domain=told.text(payload, "domain")), raw, edited=edited)


def status_post(status: Object, *, domain: str | None = None, uri_of: UriOf = nobody_knows) -> Post:
    """A status object → the post. `domain` is that of the server that told it, by which it calls its own accounts;
    `uri_of` knows some of its numbers. Raises NotRead."""
    visibility = status.get("visibility", "public")
    if visibility not in _OPEN:
        raise NotForEverybody(
            f"The status is not public (visibility: {str(visibility)[:20]}); only public ones are read."
        )
    uri = told.text(status, "uri")
    if uri is None:
        raise NotRead("The status has no uri to be known by.")
    created_at = told.instant(status, "created_at")
    if created_at is None:
        raise NotRead("The status' created_at is no date with a time zone.")
    boosted = told.part(status, "reblog")
    if boosted and (hidden := boosted.get("visibility", "public")) not in _OPEN:
        raise NotForEverybody(
            f"The boosted status is not public (visibility: {str(hidden)[:20]}); only public ones are read."
        )
    said = boosted or status
    text, links = _words(said, domain)
    language = told.text(said, "language")
    return Post(
        network=NETWORK,
        id=uri,
        text=text,
        created_at=created_at,
        url=_web(told.text(status, "url")) or _web(uri),
        title=told.text(said, "spoiler_text"),
        lang=language if language and _is_lang(language) and language != "und" else None,
        author=_author(told.part(status, "account"), uri, domain),
        links=links,
        media=_media(said),
        reply_to=_reply_to(status, uri, domain, uri_of),
        repost_of=told.text(boosted, "uri") or told.name(boosted, "id"),
        quote_of=_quoted(said),
        metrics=Metrics(
            likes=told.count(status, "favourites_count"),
            reposts=told.count(status, "reblogs_count"),
            replies=told.count(status, "replies_count"),
            quotes=told.count(status, "quotes_count"),
        ),
    )


def _words(status: Object, domain: str | None) -> tuple[str, tuple[str, ...]]:
    content = status.get("content")
    if not isinstance(content, str):
        raise NotRead("The status has no content.")
    if len(content) > LONGEST_CONTENT:
        raise NotRead(f"The status' content is longer than {LONGEST_CONTENT:,} characters.")
    mentions = {
        url: account
        for mention in told.parts(status, "mentions")
        if (url := told.text(mention, "url")) and (account := _in_full(told.text(mention, "acct"), domain, url))
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


def _in_full(acct: str | None, domain: str | None, url: str | None) -> str | None:
    """`ana@social.example`: a server leaves its own domain out. Where it is not known, the account's page tells it."""
    if acct is None or "@" in acct:
        return acct
    host = domain or ((found := _host(url or "")) and found[1].lower())
    return f"{acct}@{host}" if host else acct


def _author(account: Object, uri: str, domain: str | None) -> Author:
    """`id` is the account's own address, the same on every server (its number is not)."""
    url, acct = told.text(account, "url"), told.text(account, "acct") or told.text(account, "username")
    in_uri = _in_uri(uri)
    return Author(
        id=told.text(account, "uri") or (in_uri[1] if in_uri else None) or url,
        handle=_in_full(acct, domain, url or uri),
        name=told.text(account, "display_name"),
        followers=told.count(account, "followers_count"),
    )


def _reply_to(status: Object, uri: str, domain: str | None, uri_of: UriOf) -> str | None:
    """The id of the status that is answered. Mastodon tells only its server's number for it; the `uri` is known of
    statuses that came by not long ago, and where people continue their own thread on their own server."""
    number = told.name(status, "in_reply_to_id")
    if number is None:
        return None
    if known := uri_of(number):
        return known
    account = told.part(status, "account")
    in_uri = _in_uri(uri)
    is_own = told.name(account, "id") == told.name(status, "in_reply_to_account_id")
    if is_own and in_uri and in_uri[2] == told.name(status, "id"):
        return f"{in_uri[1]}/statuses/{number}"
    return f"{domain}:{number}" if domain else number


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
