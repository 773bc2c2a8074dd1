"""What a connection to feeds can be told. Wrong settings are refused when saved, with a sentence for people."""

from __future__ import annotations

import html
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from watchfloor.sources.feeds.records import Kind

MOST_FEEDS = 300  # a connection; its place in all of them is one row's cursor
_OUTLINE = re.compile(r"""xmlUrl\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class FeedsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`addresses`: feeds, or pages whose feeds are found; an OPML file pasted here becomes the addresses in it. `kind`:
    what the posts' network is called; "auto" asks each feed's program and answers "web" where it does not tell.

    `comments`: also follow the feed of comments that a page names. Each feed is asked by its own rhythm, at most every
    `most_often_minutes` and at least every `at_least_every_hours`.
    """

    addresses: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            title="Feeds or pages",
            description="One address a line: a feed, or a page whose feed is found. Or paste an OPML file.",
        ),
    ]
    kind: Annotated[
        Literal["auto", "blog", "news", "forum", "web"],
        msgspec.Meta(
            title="Network of the posts",
            description="“auto” asks each feed's program, and says “web” where it does not tell.",
        ),
    ] = "auto"
    comments: Annotated[
        bool,
        msgspec.Meta(title="Follow comments too", description="Where a page names a feed of its comments."),
    ] = True
    most_often_minutes: Annotated[
        int,
        msgspec.Meta(ge=5, le=1_440, title="Ask at most every … minutes", description="5 to 1,440. Each feed."),
    ] = 10
    at_least_every_hours: Annotated[
        int,
        msgspec.Meta(ge=1, le=168, title="Ask at least every … hours", description="1 to 168, while it answers."),
    ] = 6

    def __post_init__(self) -> None:
        addresses = tuple(dict.fromkeys(_written(self.addresses)))
        if not addresses:
            raise ValueError("Name at least one feed or page")
        if len(addresses) > MOST_FEEDS:
            raise ValueError(f"Name at most {MOST_FEEDS} feeds; make another connection for the others")
        for address in addresses:
            _check_address(address)
        msgspec.structs.force_setattr(self, "addresses", addresses)

    @property
    def told_kind(self) -> Kind | None:
        return None if self.kind == "auto" else self.kind


def _written(lines: tuple[str, ...]) -> list[str]:
    """The addresses in what was pasted: one a line, or an OPML file."""
    text = "\n".join(lines)
    if "<opml" in text[:5_000].lower() or "<outline" in text.lower():
        found = [html.unescape("".join(pair)).strip() for pair in _OUTLINE.findall(text)]
        if not found:
            raise ValueError("The OPML file names no feed (no outline with an xmlUrl)")
        return found
    return [_whole(line.strip()) for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _whole(address: str) -> str:
    """People write "example.org", and "feed:" stands before addresses that programs hand over."""
    if address.lower().startswith("feed:"):
        address = address[5:].lstrip("/") if not address.lower().startswith("feed:http") else address[5:]
    return address if "://" in address else f"https://{address}"


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        named = False
    if not named or len(address) > 2_000 or any(sign.isspace() for sign in address):
        raise ValueError(f"{address[:100]!r} is no address of a feed or page")
    if parts.username or parts.password:
        raise ValueError("Write addresses without a user name or password")
