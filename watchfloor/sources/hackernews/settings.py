"""What a Hacker News connection can be told."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

SERVICE = "https://hacker-news.firebaseio.com"


class HackerNewsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`take`: stories (with jobs and polls), comments, or both. New items are asked for every `every_seconds`, changed
    ones every `changes_every_seconds`. After an outage, at most `most_items_back` are fetched."""

    take: Annotated[Literal["all", "stories", "comments"], msgspec.Meta(title="Take")] = "all"
    every_seconds: Annotated[
        int, msgspec.Meta(ge=10, le=3_600, title="Seconds between looks", description="For new items.")
    ] = 30
    changes_every_seconds: Annotated[
        int,
        msgspec.Meta(
            ge=30,
            le=86_400,
            title="Seconds between looks for changes",
            description="For edits, deletions and scores of items that were heard.",
        ),
    ] = 120
    most_items_back: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=200_000,
            title="Most items after an outage",
            description="About 15,000 are written in a day. What is older is noted as a gap.",
        ),
    ] = 50_000
    service: Annotated[str, msgspec.Meta(title="Address of the API")] = SERVICE

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.service)
            is_one = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            is_one = False
        if not is_one or any(sign.isspace() for sign in self.service):
            raise ValueError(f"{self.service[:100]!r} is no address with https://")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("Write the address without a user name, password, ? or #")
