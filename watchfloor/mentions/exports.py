"""Mentions as CSV or JSONL, written while they are read. A cell can't become a formula in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from watchfloor.lib.cells import safe_cell
from watchfloor.mentions.store.store import StoredPost

COLUMNS = (
    "network",
    "id",
    "url",
    "author_handle",
    "author_name",
    "author_id",
    "followers",
    "written_at",
    "seen_at",
    "language",
    "sentiment",
    "sentiment_confidence",
    "likes",
    "reposts",
    "replies",
    "quotes",
    "views",
    "title",
    "text",
    "topics",
    "date_doubt",
)


class _Line:
    """What csv.writer writes into: one line at a time."""

    def write(self, line: str) -> str:
        return line


def csv_lines(posts: Iterable[StoredPost], topic_names: dict[int, str]) -> Iterator[str]:
    """Text with a byte order mark, so that spreadsheets read it as UTF-8. Unknown is an empty cell."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow(COLUMNS))
    for stored in posts:
        yield str(writer.writerow([safe_cell(value) for value in _cells(stored, topic_names)]))


def jsonl_lines(posts: Iterable[StoredPost], topic_names: dict[int, str]) -> Iterator[bytes]:
    """One post a line, in the project's own format, with our labels beside it."""
    for stored in posts:
        line = {
            **msgspec.to_builtins(stored.post),
            "seen_at": stored.seen_at,
            "language": stored.language,
            "sentiment": stored.sentiment,
            "sentiment_confidence": stored.sentiment_confidence,
            "sentiment_by": stored.sentiment_by,
            "topics": [topic_names.get(pk, str(pk)) for pk in stored.topics],
        }
        yield msgspec.json.encode(line) + b"\n"


def _cells(stored: StoredPost, topic_names: dict[int, str]) -> list[Any]:
    post = stored.post
    m = post.metrics
    return [
        post.network,
        post.id,
        post.url,
        post.author.handle,
        post.author.name,
        post.author.id,
        post.author.followers,
        post.created_at.isoformat(),
        stored.seen_at.isoformat(),
        stored.language,
        stored.sentiment,
        stored.sentiment_confidence,
        *(m.likes, m.reposts, m.replies, m.quotes, m.views),
        post.title,
        post.text,
        "; ".join(topic_names.get(pk, str(pk)) for pk in stored.topics),
        stored.date_doubt,
    ]
