"""One file → batches for the line, each with the place where to go on after it.

    for piece in read_file(settings, after=0, say=print):
        line.take(piece.batch, connection)

The place is the number of records passed. Going on reads the records before it once more without looking at them, which
is right for packed files, lists and CSV alike.
"""

from __future__ import annotations

import hashlib
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from watchfloor.sources.files.formats import Columns, Format, RecordRead, Say, read_records
from watchfloor.sources.files.opening import Broken, CannotOpen, opened
from watchfloor.sources.source import Batch, Event, Unreadable

BATCH_EVENTS = 1_000
BATCH_BYTES = 4 << 20
SIGN_OF_LIFE = 10_000  # records passed again before the first new one


class FileSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How one file is read. `fingerprint` is that of its content ("" for standard input): another content is another
    import, and no connection reads a file whose content it was not made for."""

    path: str
    fingerprint: str = ""
    format: Format = "post"
    network: str | None = None
    columns: dict[str, str] = {}
    dates: Literal["dmy", "mdy"] | None = None
    zone: str = "UTC"


class Problem(msgspec.Struct, frozen=True):
    """What is wrong, and in which line (None: with the file as a whole)."""

    line: int | None
    why: str


class Piece(msgspec.Struct):
    """A batch and what could not be read in it. `records` have been passed when it is stored. `position` of `size`
    bytes of the file are read (size None: not known). `is_last`: nothing follows."""

    batch: Batch
    problems: list[Problem]
    records: int
    position: int
    size: int | None
    is_last: bool = False


def read_file(settings: FileSettings, *, after: int = 0, say: Say = lambda _words: None) -> Iterator[Piece]:
    """Read on after so many records. The last piece may be empty. Raises CannotOpen, formats.NeedsMap.

    A file that can't be read to its end gives what it holds until there, and the reason as the last problem."""
    gathered = _Gathered(after)
    try:
        with opened(settings.path) as file:
            gathered.where = lambda: (file.position(), file.size)
            for record in read_records(settings.format, file.stream, _columns(settings), say):
                if gathered.passes(record):
                    yield gathered.piece()
    except Broken as error:
        gathered.problems.append(Problem(None, str(error)))
    except OSError as error:
        gathered.problems.append(Problem(None, f"It can't be read any further: {error.strerror or error}."))
    yield gathered.piece(is_last=True)


def _columns(settings: FileSettings) -> Columns:
    return Columns(settings.columns, settings.network, settings.dates, zoneinfo.ZoneInfo(settings.zone))


class _Gathered:
    """Events on their way into a batch."""

    def __init__(self, after: int) -> None:
        self.after, self.records = after, 0
        self.where: Callable[[], tuple[int, int | None]] = lambda: (0, None)
        self.events: list[Event] = []
        self.problems: list[Problem] = []
        self.bytes = 0

    def passes(self, record: RecordRead) -> bool:
        """Take a record, or leave it if it is stored already. Says whether it is time for a piece."""
        self.records += 1
        if self.records <= self.after:
            return self.records % SIGN_OF_LIFE == 0
        self.bytes += record.size
        for event in record.events:
            self.events.append(event)
            if isinstance(event, Unreadable):
                self.problems.append(Problem(record.line, event.why))
        return len(self.events) >= BATCH_EVENTS or self.bytes >= BATCH_BYTES

    def piece(self, *, is_last: bool = False) -> Piece:
        position, size = self.where()
        records = max(self.records, self.after)
        batch = Batch(events=self.events, cursor=cursor_after(records, is_done=is_last))
        piece = Piece(batch, self.problems, records, position, size, is_last)
        self.events, self.problems, self.bytes = [], [], 0
        return piece


class Place(msgspec.Struct):
    """A cursor: how many records are stored, whether that was all, and what came of them so far."""

    records: int = 0
    done: bool = False
    counted: dict[str, int] = {}


def cursor_after(records: int, *, is_done: bool, counted: dict[str, int] | None = None) -> str:
    return msgspec.json.encode(Place(records, is_done, counted or {})).decode()


def place_of(cursor: str | None) -> Place:
    """Where to go on. A cursor that can't be read is the start: reading twice stores once."""
    try:
        return msgspec.json.decode(cursor, type=Place) if cursor else Place()
    except (msgspec.MsgspecError, ValueError):
        return Place()


def fingerprint(path: str) -> str:
    """What tells this content from any other, whatever the file is called; "" for standard input and pipes, which can
    be read only once. Raises CannotOpen."""
    if path == "-":
        return ""
    try:
        if Path(path).is_fifo() or Path(path).is_char_device():
            return ""
        with open(path, "rb") as file:  # noqa: PTH123
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as error:
        raise CannotOpen(_why(error)) from None
    except ValueError as error:
        raise CannotOpen(f"It can't be opened: {error}.") from None


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "There is no such file."
    if isinstance(error, IsADirectoryError):
        return "It is a folder. Name the files in it."
    return f"It can't be opened: {error.strerror or error}."
