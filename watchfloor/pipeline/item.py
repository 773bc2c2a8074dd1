"""What travels along the line: one post on its way, and why some leave it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from watchfloor.sources.post import Post, Sentiment

if TYPE_CHECKING:
    from watchfloor.pipeline.line import Line


class Reason(StrEnum):
    """Why a post left the line. A closed list: every drop carries one and is counted under it."""

    UNREADABLE = "unreadable"  # the source could not read the payload
    NOT_PUBLIC = "not_public"  # its author did not publish it to everybody
    TOO_LONG = "too_long"  # more text than any post has
    UNNAMED = "unnamed"  # its network or id is empty or too long to keep
    NO_TOPIC = "no_topic"  # no topic looks for it


class Dropped(msgspec.Struct, frozen=True):
    reason: Reason


class Item(msgspec.Struct):
    """A post, and what the steps found out about it."""

    post: Post
    raw: bytes
    edited: bool
    seen_at: datetime
    mission_id: int | None  # its connection listens for this mission alone
    line: Line
    topics: list[int] = []
    language: str | None = None
    language_by: str = ""
    language_confidence: float | None = None
    language_known: bool = False
    sentiment: Sentiment | None = None
    sentiment_score: float | None = None
    sentiment_confidence: float | None = None
    sentiment_by: str = ""
