"""What a Mastodon connection can be told. Wrong settings are refused when they are saved, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from watchfloor.sources.source import NeedsHands

Stream = Literal["public", "public:local", "public:remote", "user"]
STREAMS: tuple[Stream, ...] = get_args(Stream)
MOST_SERVERS, MOST_HASHTAGS, MOST_FEEDS = 20, 50, 200
_is_hashtag = re.compile(r"(?=.*[^\W\d])\w{1,100}").fullmatch
_is_token = re.compile(r"[!-~]{1,500}").fullmatch


class MastodonSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From each of `servers`: its `streams`, and those of each of `hashtags`.

    `mode` "auto": by server-sent events, by WebSocket where the server has no events, by asking every `poll_seconds`
    where it refuses to stream. `backfill_hours`: how far back is asked after an outage. `reply_server`: where the
    account that replies lives (default: the first server), `reply_visibility` how its replies are published.
    """

    servers: Annotated[tuple[str, ...], Meta(title="Servers", description="Such as mastodon.social, one a line.")]
    streams: Annotated[
        tuple[Stream, ...],
        Meta(
            title="Streams", description="All public posts, those of the server, those of others, your account's home."
        ),
    ] = ()
    hashtags: Annotated[tuple[str, ...], Meta(title="Hashtags", description="With or without #, one a line.")] = ()
    mode: Annotated[
        Literal["auto", "sse", "websocket", "poll"],
        Meta(title="How to listen", description="auto: as the server allows. poll: by asking again and again."),
    ] = "auto"
    poll_seconds: Annotated[
        int, Meta(title="Seconds between two questions", description="5 to 3,600, where a server does not stream.")
    ] = 30
    backfill_hours: Annotated[
        int, Meta(title="Most hours back after an outage", description="0 to 720. What is older is a gap.")
    ] = 24
    reply_server: Annotated[
        str | None, Meta(title="Server of the account that replies", description="Empty: the first server.")
    ] = None
    reply_visibility: Annotated[Literal["public", "unlisted"], Meta(title="Who is shown replies")] = "public"

    def __post_init__(self) -> None:
        if not 1 <= len(self.servers) <= MOST_SERVERS:
            raise ValueError(f"Name 1 to {MOST_SERVERS} servers")
        for server in (*self.servers, *filter(None, [self.reply_server])):
            _check_server(server)
        if len(set(self.addresses)) < len(self.servers):
            raise ValueError("Name each server once")
        if not self.streams and not self.hashtags:
            raise ValueError(f"Name a hashtag, or a stream ({', '.join(STREAMS)})")
        for hashtag in self.hashtags:
            if not _is_hashtag(hashtag.removeprefix("#")):
                raise ValueError(f"{hashtag[:60]!r} is no hashtag: letters, digits and _, not digits alone")
        if len(self.hashtags) > MOST_HASHTAGS or len(self.servers) * len(self.feeds) > MOST_FEEDS:
            raise ValueError(f"Name at most {MOST_HASHTAGS} hashtags, and {MOST_FEEDS} streams over all servers")
        if not 5 <= self.poll_seconds <= 3_600:
            raise ValueError("Ask every 5 to 3600 seconds")
        if not 0 <= self.backfill_hours <= 24 * 30:
            raise ValueError("Go back 0 to 720 hours")

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(address_of(server) for server in self.servers)

    @property
    def feeds(self) -> tuple[str, ...]:
        """What is listened to on each server: "public", …, "hashtag:name"."""
        tags = dict.fromkeys(hashtag.removeprefix("#").lower() for hashtag in self.hashtags)
        return (*dict.fromkeys(self.streams), *(f"hashtag:{tag}" for tag in tags))

    @property
    def reply_address(self) -> str:
        return address_of(self.reply_server) if self.reply_server else self.addresses[0]


def address_of(server: str) -> str:
    """`Mastodon.Social` → `https://mastodon.social`; http:// only where it is written."""
    address = server if "://" in server else f"https://{server}"
    return address.lower().rstrip("/")


def tokens_of(settings: MastodonSettings, secrets: Mapping[str, str]) -> dict[str, str]:
    """Access tokens by server address: `TOKEN` is the first server's, `server=TOKEN` another's. Raises NeedsHands."""
    tokens: dict[str, str] = {}
    addresses = {urlsplit(address).netloc: address for address in (*settings.addresses, settings.reply_address)}
    for word in secrets.get("access_tokens", "").replace(",", " ").split():
        server, _, token = word.partition("=")
        of = addresses.get(urlsplit(address_of(server)).netloc) if token else None
        if of is None and token and "." in server:
            raise NeedsHands(
                "An access token is given for a server that this connection does not name",
                server[:100],
                "Name the server, or take its token out.",
            )
        of, token = (of, token) if of else (settings.addresses[0], word)
        if not _is_token(token):
            raise NeedsHands("An access token has signs in it that no token has", of, "Enter the token again.")
        tokens[of] = token
    return tokens


def _check_server(server: str) -> None:
    try:
        parts = urlsplit(address_of(server))
        named = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named or re.search(r"[\s\\]", server):
        raise ValueError(f"{server[:100]!r} is no server (like mastodon.social)")
    if parts.path or parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("Write the server alone: no path, user name, password, ? or #")
