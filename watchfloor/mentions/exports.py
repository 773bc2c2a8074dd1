"""Mentions as CSV, XLSX or JSONL, written while they are read. A cell can't become a formula in a spreadsheet."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import msgspec

from watchfloor.lib.cells import safe_cell
from watchfloor.mentions.labels.people import Said, said_of
from watchfloor.mentions.marks_reads import Carried, marks_of
from watchfloor.mentions.store.store import StoredPost
from watchfloor.team.models import Mission

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
    "language_by",
    "sentiment",
    "sentiment_confidence",
    "sentiment_by",
    "likes",
    "reposts",
    "replies",
    "quotes",
    "views",
    "title",
    "text",
    "topics",
    "tags",
    "categories",
    "date_doubt",
)
PIECE = 500  # posts whose marks are looked up at once
MOST_ROWS = 1_048_575  # of a sheet, below its heading: Excel's limit
LONGEST_CELL = 32_767  # characters: Excel's limit


@dataclass(frozen=True)
class Row:
    """A post with what people and rules say of it."""

    stored: StoredPost
    topics: tuple[str, ...]
    marks: tuple[Carried, ...] = ()
    said: dict[str, Said] = field(default_factory=dict)

    def names(self, kind: str) -> list[str]:
        return [mark.name for mark in self.marks if mark.kind == kind]

    def who(self, kind: str) -> str:
        """Who labelled: a person's name, or the labeller's and its version."""
        said = self.said.get(kind)
        by = self.stored.sentiment_by if kind == "sentiment" else self.stored.language_by
        return said.by or "a person" if said is not None else "a person" if by.startswith("person/") else by


def export_rows(mission: Mission, posts: Iterable[StoredPost], topic_names: dict[int, str]) -> Iterator[Row]:
    """Posts with their topics, marks and people's words, looked up a piece at a time."""
    piece: list[StoredPost] = []
    for post in posts:
        piece.append(post)
        if len(piece) == PIECE:
            yield from _rows(mission, piece, topic_names)
            piece = []
    yield from _rows(mission, piece, topic_names)


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Text with a byte order mark, so that spreadsheets read it as UTF-8. Unknown is an empty cell."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow(COLUMNS))
    for row in rows:
        yield str(writer.writerow([safe_cell(value) for value in _cells(row)]))


def jsonl_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """One post a line, in the project's own format, with our labels beside it."""
    for row in rows:
        stored = row.stored
        line = {
            **msgspec.to_builtins(stored.post),
            "seen_at": stored.seen_at,
            "language": stored.language,
            "language_by": row.who("language"),
            "sentiment": stored.sentiment,
            "sentiment_confidence": stored.sentiment_confidence,
            "sentiment_by": row.who("sentiment"),
            "topics": row.topics,
            "tags": [{"name": mark.name, "by": mark.by or "rule"} for mark in row.marks if mark.kind == "tag"],
            "categories": [{"name": mark.name, "by": mark.by or "rule"} for mark in row.marks if mark.kind != "tag"],
        }
        yield msgspec.json.encode(line) + b"\n"


def xlsx_file(rows: Iterable[Row], about: Sequence[tuple[str, str]]) -> IO[bytes]:
    """A workbook in a temporary file, open at its start: the mentions, and a sheet that says what they are.

    Written row by row, so a million rows take no more memory than one. What a sheet can't hold is left out and said.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    file: IO[bytes] = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - whoever sends it closes it
    inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": False, **inert})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Mentions")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, COLUMNS, bold)
    count, left_out = 0, False
    for row in rows:
        if count == MOST_ROWS:
            left_out = True
            break
        count += 1
        for column, value in enumerate(_cells(row)):
            _write(sheet, count, column, value)
    notes = [*about, ("Rows", f"{count:,}")]
    if left_out:
        notes.append(("Cut", f"A sheet holds {MOST_ROWS:,} rows; there are more. Export CSV or a shorter stretch."))
    sheet = book.add_worksheet("About")
    for number, (name, value) in enumerate(notes):
        sheet.write_string(number, 0, name, bold)
        sheet.write_string(number, 1, str(safe_cell(value))[:LONGEST_CELL])
    book.close()
    file.seek(0)
    return file


class _Line:
    """What csv.writer writes into: one line at a time."""

    def write(self, line: str) -> str:
        return line


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(safe_cell(value))[:LONGEST_CELL])


def _rows(mission: Mission, posts: list[StoredPost], topic_names: dict[int, str]) -> Iterator[Row]:
    ids = [post.id for post in posts]
    marks, said = marks_of(mission, ids), said_of(mission, ids)
    for post in posts:
        topics = tuple(topic_names.get(pk, str(pk)) for pk in post.topics)
        yield Row(post, topics, marks.get(post.id, ()), said.get(post.id, {}))


def _cells(row: Row) -> list[Any]:
    stored = row.stored
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
        row.who("language"),
        stored.sentiment,
        stored.sentiment_confidence,
        row.who("sentiment"),
        *(m.likes, m.reposts, m.replies, m.quotes, m.views),
        post.title,
        post.text,
        "; ".join(row.topics),
        "; ".join(row.names("tag")),
        "; ".join(row.names("category")),
        stored.date_doubt,
    ]
