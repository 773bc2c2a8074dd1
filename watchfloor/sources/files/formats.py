"""The formats that `--format` names: how a file is cut into records, and how a record becomes events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import chain, islice
from typing import Any, Literal, NamedTuple

import msgspec

from watchfloor.sources import told
from watchfloor.sources.bluesky.parse import parse as read_jetstream
from watchfloor.sources.files.csv_records import csv_rows
from watchfloor.sources.files.dates import Dates, Order, is_ambiguous, order_of
from watchfloor.sources.files.guesses import guess_map
from watchfloor.sources.files.json_records import Record, json_records, lines
from watchfloor.sources.files.mapping import RowReader, look_up, lost_digits
from watchfloor.sources.files.opening import Broken, Stream
from watchfloor.sources.files.x import read_x
from watchfloor.sources.mastodon.parse import read_mastodon
from watchfloor.sources.post_json import UnreadablePost, read_post
from watchfloor.sources.source import Event, Unreadable, Written
from watchfloor.sources.told import NotRead

Format = Literal["post", "jetstream", "mastodon", "x", "csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("post", "jetstream", "mastodon", "x", "csv", "jsonl")
NO_NETWORK = "file"  # the network of rows of which nobody said where they are from

FIRST_ROWS = 1_000
FIRST_BYTES = 8 << 20

Say = Callable[[str], None]


class Columns(NamedTuple):
    """How rows of any shape are to be read (`csv`, `jsonl`). `mapping` empty: guess it."""

    mapping: Mapping[str, str]
    network: str | None = None
    order: Order | None = None
    zone: tzinfo | None = None


class RecordRead(NamedTuple):
    """One record of a file: the line it begins on, and what it says (a list inside one record: all of it)."""

    line: int
    size: int
    events: Sequence[Event]


class NeedsMap(Exception):
    """The columns' names don't say where the text or the date is: what to do, in one sentence."""


def read_records(format: Format, stream: Stream, columns: Columns, say: Say) -> Iterator[RecordRead]:
    """Every record of a stream, in order. `say` hears what was guessed. Raises opening.Broken, NeedsMap."""
    match format:
        case "post":
            return _by_line(lines(_without_bom(stream)), read_post_line)
        case "jetstream":
            return _by_line(lines(_without_bom(stream)), read_jetstream)
        case "mastodon":
            return _by_record(json_records(stream), read_mastodon)
        case "x":
            return _by_record(json_records(stream), read_x)
        case "jsonl":
            return _by_columns(_json_rows(stream), columns, say)
        case "csv":
            return _by_columns(_csv_rows(stream), columns, say)


def read_post_line(raw: bytes) -> list[Event]:
    """A line of our own format. Never raises."""
    try:
        return [Written(read_post(raw), raw)]
    except UnreadablePost as error:
        return [Unreadable(f"{error.what[:1].upper()}{error.what[1:]}.", raw[:200])]


def _without_bom(stream: Stream) -> Stream:
    if stream.peek(3)[:3] == b"\xef\xbb\xbf":
        stream.read(3)
    return stream


def _by_line(records: Iterator[Record], read: Callable[[bytes], list[Event]]) -> Iterator[RecordRead]:
    for line, raw, why in records:
        yield RecordRead(line, len(raw), read(raw) if why is None else [Unreadable(why, raw[:200])])


def _by_record(records: Iterator[Record], read: Callable[[bytes], list[Event]]) -> Iterator[RecordRead]:
    """Like `_by_line`; a record that is a list is read item by item."""
    for line, raw, why in records:
        if why is not None:
            yield RecordRead(line, len(raw), [Unreadable(why, raw[:200])])
        elif raw.startswith(b"["):
            yield RecordRead(line, len(raw), [event for item in _items(raw) for event in read(item)])
        else:
            yield RecordRead(line, len(raw), read(raw))


def _items(raw: bytes) -> list[bytes]:
    try:
        return [bytes(item) for item in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return [raw]  # the reader says what is wrong with it


# --- Rows of any shape ---------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    line: int
    raw: bytes
    cells: Mapping[str, Any] | None
    why: str | None = None


def _csv_rows(stream: Stream) -> Iterator[_Row]:
    for line, cells, why in csv_rows(stream):
        yield _Row(line, msgspec.json.encode(cells) if why is None else b"", cells if why is None else None, why)


def _json_rows(stream: Stream) -> Iterator[_Row]:
    for line, raw, why in json_records(stream):
        if why is not None:
            yield _Row(line, raw[:200], None, why)
            continue
        for item in _items(raw) if raw.startswith(b"[") else [raw]:
            try:
                yield _Row(line, item, told.json_object(item))
            except NotRead as error:
                yield _Row(line, item[:200], None, str(error))


def _by_columns(rows: Iterator[_Row], columns: Columns, say: Say) -> Iterator[RecordRead]:
    """Look at the first rows, settle which column says what and how dates are written, then read them all."""
    first: list[_Row] = []
    size, broken = 0, None
    try:
        for row in islice(rows, FIRST_ROWS):
            first.append(row)
            size += len(row.raw)
            if size > FIRST_BYTES:
                break
    except Broken as error:
        broken = error  # what came before it counts
    sample = [row.cells for row in first if row.cells is not None]
    if sample:
        read = _row_reader(sample, columns, say)
    for row in chain(first, rows if broken is None else _breaking(broken)):
        if row.cells is None:
            events: list[Event] = [Unreadable(row.why or "It can't be read.", row.raw[:200])]
        else:
            if not sample:  # the first rows were all unreadable, and then one came that is not
                sample = [row.cells]
                read = _row_reader(sample, columns, say)
            events = read(row.cells, row.raw)
        yield RecordRead(row.line, len(row.raw), events)


def _breaking(error: Broken) -> Iterator[_Row]:
    raise error
    yield  # makes it an iterator, so that it breaks in its turn


def _row_reader(sample: list[Mapping[str, Any]], columns: Columns, say: Say) -> RowReader:
    mapping = dict(columns.mapping)
    if not mapping:
        mapping = guess_map(sample)
        say(
            "Columns: "
            + ", ".join(f"{field}={column}" for field, column in mapping.items())
            + ". Change it with --map."
        )
    for field, column in list(mapping.items()):
        if columns.mapping and all(look_up(row, column) is None for row in sample):
            if field in ("text", "created_at"):
                raise NeedsMap(f"There is no column “{column}” ({field}). There are: {_names(sample)}.")
            say(f"No row among the first {len(sample):,} has “{column}” ({field}).")
    for field in ("text", "created_at"):
        if field not in mapping:
            what = "text" if field == "text" else "date"
            raise NeedsMap(f"Which column holds the {what}? Say --map {field}=COLUMN. There are: {_names(sample)}.")
    if columns.network is None and "network" not in mapping:
        say(f"No network was named: the posts are stored as from “{NO_NETWORK}”. Say which with --network.")
    if "id" in mapping and any(lost_digits(look_up(row, mapping["id"])) for row in sample):
        say(f"The ids in “{mapping['id']}” have lost their digits: ids are made from author, date and text instead.")
    dates = Dates(columns.order or _order(sample, mapping["created_at"], say), columns.zone or Dates().zone)
    return RowReader(mapping, network=columns.network or NO_NETWORK, dates=dates)


def _order(sample: list[Mapping[str, Any]], column: str, say: Say) -> Order | None:
    written = [value for row in sample if isinstance(value := look_up(row, column), str)]
    order = order_of(written)
    if order is None and (doubtful := next(filter(is_ambiguous, written), None)):
        day_first = "/" not in doubtful
        say(
            f"Dates such as {doubtful} are read {'day' if day_first else 'month'} first. "
            f"If that is wrong, say --dates {'mdy' if day_first else 'dmy'}."
        )
    return order


def _names(sample: list[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(str(name)[:60] for row in sample[:20] for name in row if name)) or "none"
