"""Posts for the tests of labels."""

from __future__ import annotations

from datetime import UTC, datetime

from watchfloor.sources.post import Post

NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)


def a_post(text: str, *, lang: str | None = None, title: str | None = None) -> Post:
    return Post(network="made-up", id="1", text=text, created_at=NOON, lang=lang, title=title)
