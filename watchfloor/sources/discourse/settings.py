"""What a connection to Discourse forums can be told."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

MOST_SITES = 20


class DiscourseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each of `sites` is looked at every `every_seconds`, and every `changes_every_seconds` further back, for edits,
    likes and deletions. After an outage at most `most_posts_back` posts a site are fetched."""

    sites: Annotated[
        tuple[str, ...],
        msgspec.Meta(title="Forums", description="Addresses such as meta.discourse.org, one a line."),
    ]
    every_seconds: Annotated[
        int,
        msgspec.Meta(
            ge=30, le=3_600, title="Seconds between looks", description="Forums keep their list of posts for a minute."
        ),
    ] = 60
    changes_every_seconds: Annotated[
        int,
        msgspec.Meta(
            ge=60,
            le=86_400,
            title="Seconds between looks further back",
            description="For edits, likes and deletions of the posts last heard.",
        ),
    ] = 900
    most_posts_back: Annotated[
        int,
        msgspec.Meta(
            ge=50, le=20_000, title="Most posts after an outage", description="A forum; older ones are a gap."
        ),
    ] = 1_000

    def __post_init__(self) -> None:
        if not 1 <= len(self.sites) <= MOST_SITES:
            raise ValueError(f"Name 1 to {MOST_SITES} forums")
        for site in self.sites:
            _check(site)
        if len(set(self.addresses)) < len(self.sites):
            raise ValueError("Name each forum once")

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(address_of(site) for site in self.sites)


def address_of(site: str) -> str:
    """`Meta.Discourse.org/` → `https://meta.discourse.org`; http:// only where it is written. A forum in a folder
    keeps its path."""
    parts = urlsplit(site if "://" in site else f"https://{site}")
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def name_of(address: str) -> str:
    """How a forum is called in ids: its host, and its folder if it stands in one."""
    return address.partition("://")[2]


def _check(site: str) -> None:
    try:
        parts = urlsplit(site if "://" in site else f"https://{site}")
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or len(site) > 300 or any(sign.isspace() or sign == "\\" for sign in site):
        raise ValueError(f"{site[:100]!r} is no forum's address (like meta.discourse.org)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("Write forums without a user name, password, ? or #")
