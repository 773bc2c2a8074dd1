"""A stream of CSV → its rows by column name. The first row names the columns.

Separated by comma, semicolon or tab; in UTF-8 or, if it is not that, in Windows' Western letters (cp1252). A quotation
mark that is never closed costs the row where it stands, not the rest of the file.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from watchfloor.sources.files.opening import BUFFER, Broken, Stream

LONGEST_LINE = 4 << 20  # bytes
LONGEST_CELL = 1_000_000  # characters
MOST_COLUMNS = 5_000
SEPARATORS = ",;\t"
# A carriage return alone is a line break inside a text, also where nobody quoted it; csv.reader would end the row.
_RETURN = "\u2028"


class Row(NamedTuple):
    """One row and the line it begins on. `why` says what is wrong with one that could not be cut out."""

    line: int
    cells: dict[str, str]
    why: str | None = None


def csv_rows(stream: Stream) -> Iterator[Row]:
    """Every row below the header, in order. Raises Broken if there is no header, or where it can't be read on."""
    csv.field_size_limit(LONGEST_CELL)
    lines = _Lines(stream)
    separator = _separator(lines)
    columns: list[str] | None = None
    rows = csv.reader(lines, delimiter=separator)
    while True:
        lines.begin_row()
        try:
            cells = next(rows)
        except StopIteration:
            break
        except (csv.Error, _BadLine) as error:
            if columns is None:
                raise Broken(f"The header row can't be read: {error}") from None
            yield Row(lines.row_began, {}, _why(error))
            lines.go_back_to_second()
            rows = csv.reader(lines, delimiter=separator)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _columns(cells)
        elif any(cell.strip() for cell in cells[len(columns) :]):
            # A stray separator or quotation mark: what stands in which column is anybody's guess.
            yield Row(lines.row_began, {}, f"It has {len(cells)} cells, but the header names {len(columns)} columns.")
            lines.go_back_to_second()
            rows = csv.reader(lines, delimiter=separator)
        elif len(cells) < len(columns) and lines.spans_several():
            yield Row(
                lines.row_began,
                {},
                f"It has {len(cells)} of {len(columns)} cells, over several lines: is a quotation mark not closed?",
            )
            lines.go_back_to_second()
            rows = csv.reader(lines, delimiter=separator)
        else:
            cells = [cell.replace(_RETURN, "\n") for cell in cells] if lines.has_returns() else cells
            yield Row(lines.row_began, dict(zip_longest(columns, cells[: len(columns)], fillvalue="")))
    if columns is None:
        raise Broken("It is empty: the first row must name the columns.")


def _why(error: Exception) -> str:
    if "field larger than field limit" in str(error):
        return f"A cell is longer than {LONGEST_CELL:,} characters: is a quotation mark not closed?"
    return str(error) if isinstance(error, _BadLine) else f"It is no row: {error}."


def _columns(cells: list[str]) -> list[str]:
    if len(cells) > MOST_COLUMNS:
        raise Broken(f"The header names {len(cells):,} columns; at most {MOST_COLUMNS:,} are read.")
    names: list[str] = []
    for cell in cells:
        name = cell.strip()
        names.append(f"{name}.{names.count(name) + 1}" if name in names else name)
    return names


def _separator(lines: _Lines) -> str:
    """The one that cuts the header into most pieces."""
    header = lines.peek()
    return max(SEPARATORS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


class _BadLine(ValueError):
    pass


class _Lines:
    """The stream's lines as text, for csv.reader. Knows the lines of the row being read; can go back to its second."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        if stream.peek(3)[:3] == codecs.BOM_UTF8:
            stream.read(3)
        self.encoding = _encoding(stream.peek(BUFFER))
        self.read = 0  # lines taken from the stream
        self.again: list[tuple[int, str]] = []  # to be read again, last first
        self.of_row: list[tuple[int, str]] = []
        self.row_began = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        number, text = self.again.pop() if self.again else self._next_line()
        self.of_row.append((number, text))
        self.row_began = self.of_row[0][0]
        return text

    def begin_row(self) -> None:
        self.of_row = []

    def spans_several(self) -> bool:
        return len(self.of_row) > 1

    def has_returns(self) -> bool:
        return any(_RETURN in text for _number, text in self.of_row)

    def go_back_to_second(self) -> None:
        self.again += reversed(self.of_row[1:])

    def peek(self) -> str:
        if not self.again:
            try:
                self.again.append(self._next_line())
            except StopIteration:
                return ""
            except _BadLine as error:
                raise Broken(f"The header row can't be read: {error}") from None
        return self.again[-1][1]

    def _next_line(self) -> tuple[int, str]:
        raw = self.stream.readline(LONGEST_LINE + 1)
        if not raw:
            raise StopIteration
        self.read += 1
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            while (rest := self.stream.readline(BUFFER)) and not rest.endswith(b"\n"):
                pass
            self._blame()
            raise _BadLine(f"The line is longer than {LONGEST_LINE >> 20} MiB.")
        text = self._decode(raw).replace("\r\n", "\n")
        return self.read, text.replace("\r", _RETURN) if "\r" in text else text

    def _decode(self, raw: bytes) -> str:
        if raw.isascii():
            return raw.decode("ascii")
        if self.encoding is None:
            # The file's start did not tell; its first line that is not plain ASCII does.
            self.encoding = _encoding(raw)
        try:
            return raw.decode(self.encoding or "utf-8")
        except UnicodeDecodeError as error:
            self._blame()
            names = {"cp1252": "Windows-1252", "utf-8": "UTF-8"}
            raise _BadLine(f"Its letters are not {names[self.encoding or 'utf-8']} (byte {error.start}).") from None

    def _blame(self) -> None:
        if not self.of_row:
            self.row_began = self.read


def _encoding(sample: bytes) -> str | None:
    """`utf-8` or `cp1252`; None if the sample is plain ASCII and can't tell."""
    if sample.isascii():
        return None
    fit = unfit = 0
    for line in sample.split(b"\n"):
        if not line.isascii():
            try:
                line.decode()
            except UnicodeDecodeError:
                unfit += 1
            else:
                fit += 1
    # Western letters next to each other hardly ever look like UTF-8; the sample's last line may be cut in a letter.
    return "utf-8" if (fit >= unfit - 1 and fit) or unfit == 0 else "cp1252"
