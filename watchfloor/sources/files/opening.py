"""Files as they lie on disks → bytes: unpacked (gzip, Zstandard), in UTF-8, with limits.

The kind is told by a file's first bytes, not by its name. A file that unpacks to far more than texts do is not read on:
it was made to fill memories.
"""

from __future__ import annotations

import codecs
import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import zstandard

if TYPE_CHECKING:
    Stream: TypeAlias = io.BufferedReader[Any]
else:
    Stream = io.BufferedReader

BUFFER = 1 << 20
# Real exports shrink to a tenth, machine-made ones to a fiftieth; deflate itself ends at 1,032.
MOST_RATIO, ALWAYS_ALLOWED = 250, 64 << 20
MOST_WINDOW = 1 << 27  # bytes a Zstandard file may make us keep
_OTHER_KINDS = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet (XLSX). Unpack it, or save the sheet as CSV",
    b"BZh": "packed with bzip2. Unpack it with bunzip2",
    b"\xfd7zXZ\x00": "packed with xz. Unpack it with unxz",
    b"%PDF": "a PDF. Export the posts as CSV or JSON",
    b"SQLite format 3\x00": "an SQLite database. Export the posts as CSV or JSON",
}


class CannotOpen(Exception):
    """Why the file can't be read, in one sentence."""


class Broken(Exception):
    """Why the file can't be read any further, in one sentence."""


@dataclass
class Opened:
    """`stream` gives unpacked bytes. `size` is that of the file on disk (None: not known), `position` how much of it
    has been read."""

    stream: Stream
    size: int | None
    position: Callable[[], int]


@contextmanager
def opened(path: str) -> Iterator[Opened]:
    """Open a file, or standard input for `-`. Raises CannotOpen; reading raises Broken."""
    source = _source(path)
    try:
        counted = _Counted(source)
        packed = io.BufferedReader(counted, BUFFER)
        start = packed.peek(16)
        for magic, what in _OTHER_KINDS.items():
            if start.startswith(magic):
                raise CannotOpen(f"It is {what}, then import that.")
        stream: Stream = packed
        if start.startswith(b"\x1f\x8b"):
            stream = io.BufferedReader(_Unpacked(gzip.GzipFile(fileobj=packed), counted), BUFFER)
        elif start.startswith(b"\x28\xb5\x2f\xfd"):
            unpacker = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW)
            reader = unpacker.stream_reader(packed, read_across_frames=True)
            stream = io.BufferedReader(_Unpacked(reader, counted), BUFFER)
        yield Opened(_in_utf8(stream), counted.size(), lambda: counted.count)
    except IsADirectoryError:
        raise CannotOpen("It is a folder. Name the files in it.") from None
    finally:
        if path != "-":
            source.close()


def _source(path: str) -> BinaryIO:
    if path == "-":
        return sys.stdin.buffer
    try:
        return open(path, "rb", buffering=0)  # noqa: PTH123 - closed by `opened`
    except FileNotFoundError:
        raise CannotOpen("There is no such file.") from None
    except IsADirectoryError:
        raise CannotOpen("It is a folder. Name the files in it.") from None
    except (OSError, ValueError) as error:
        raise CannotOpen(f"It can't be opened: {getattr(error, 'strerror', None) or error}.") from None


class _Counted(io.RawIOBase):
    """The file's own bytes, counted for the progress bar and for the limit of what is unpacked."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.count = source, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        # read1 hands out what a pipe holds by now instead of waiting for a full buffer.
        read = getattr(self.source, "read1", self.source.read)
        found = read(len(buffer)) or b""
        buffer[: len(found)] = found
        self.count += len(found)
        return len(found)

    def size(self) -> int | None:
        try:
            status = os.fstat(self.source.fileno())
        except (OSError, ValueError):
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None


class _Unpacked(io.RawIOBase):
    """What a packed file holds, up to the limit. Raises Broken."""

    def __init__(self, reader: BinaryIO | gzip.GzipFile | zstandard.ZstdDecompressionReader, packed: _Counted) -> None:
        self.reader, self.packed, self.given = reader, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            found = self.reader.read(min(len(buffer), BUFFER))
        except EOFError:
            raise Broken("It ends in the middle: the packed file was cut off.") from None
        except (OSError, zlib.error, zstandard.ZstdError) as error:
            raise Broken(f"It can't be unpacked any further: {error}.") from None
        self.given += len(found)
        if self.given > ALWAYS_ALLOWED + MOST_RATIO * self.packed.count:
            raise Broken(
                f"It unpacks to more than {MOST_RATIO} times its size, which no file of posts does; it is not read on. "
                "If it is what it should be, unpack it first."
            )
        buffer[: len(found)] = found
        return len(found)


def _in_utf8(stream: Stream) -> Stream:
    """The stream itself, or its translation from UTF-16 (which spreadsheets and PowerShell write)."""
    start = stream.peek(4096)[:4096]
    # Brackets, separators and line ends have a zero byte there; without one it is a broken first line.
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in start:
        return io.BufferedReader(_FromUtf16(stream, "utf-16"), BUFFER)
    zeros_even, zeros_odd = start[0::2].count(0), start[1::2].count(0)
    if len(start) >= 8 and max(zeros_even, zeros_odd) > len(start) // 4 and min(zeros_even, zeros_odd) == 0:
        return io.BufferedReader(_FromUtf16(stream, "utf-16-le" if zeros_odd else "utf-16-be"), BUFFER)
    return stream


class _FromUtf16(io.RawIOBase):
    def __init__(self, stream: Stream, encoding: str) -> None:
        self.stream, self.decoder = stream, codecs.getincrementaldecoder(encoding)()
        self.rest, self.ended = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self.rest and not self.ended:
            found = self.stream.read1(BUFFER)
            self.ended = not found
            try:
                self.rest = self.decoder.decode(found, final=self.ended).encode()
            except UnicodeError:
                raise Broken("It begins as UTF-16 and does not go on so. Save it as UTF-8.") from None
        piece, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)
