"""A stream of JSON → its records, one by one, whatever wraps them: a line each, one list of all, or a list a line.

Records come out as bytes, unread. Lines are told apart before anything is decoded, so that a broken line costs itself
alone. Memory stays within a record's limit.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from watchfloor.sources.files.opening import BUFFER, Broken, Stream

LONGEST_RECORD = 16 << 20  # bytes; a page of a hundred posts with all that comes along has a few hundred thousand
TOO_LONG = f"It is longer than {LONGEST_RECORD >> 20} MiB."

_mark = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)


class Record(NamedTuple):
    """One record and the line it begins on. `why` says what is wrong with one that could not even be cut out."""

    line: int
    raw: bytes
    why: str | None = None


def json_records(stream: Stream) -> Iterator[Record]:
    """Every record of the stream, in order. Raises Broken where it can't be read any further."""
    if stream.peek(3)[:3] == codecs.BOM_UTF8:
        stream.read(3)
    start = stream.peek(BUFFER)
    first = start.lstrip()[:1]
    line = start.lstrip().split(b"\n", 1)[0].strip()
    if first == b"[" and not _is_json(line):
        return _Cutter(stream, inside_list=True).records()
    if first == b"{" and line == b"{":
        return _Cutter(stream, inside_list=False).records()
    return lines(stream)


def lines(stream: Stream) -> Iterator[Record]:
    """A record a line. Empty lines are none."""
    number = 0
    while line := stream.readline(LONGEST_RECORD + 1):
        number += 1
        if len(line) > LONGEST_RECORD and not line.endswith(b"\n"):
            while (rest := stream.readline(BUFFER)) and not rest.endswith(b"\n"):
                pass
            yield Record(number, line[:200], TOO_LONG)
        elif record := line.strip():
            yield Record(number, record)


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


class _Cutter:
    """Cuts records out of one list (`inside_list`), or objects written over several lines one after the other.

    It counts brackets outside of strings. `start` is where the record begins, `at` where the search goes on.
    """

    def __init__(self, stream: Stream, *, inside_list: bool) -> None:
        self.stream, self.inside_list = stream, inside_list
        self.buffer, self.start, self.at, self.depth = b"", 0, 0, 0
        self.line, self.counted = 1, 0  # the line of position `counted`

    def records(self) -> Iterator[Record]:
        while piece := self.stream.read1(BUFFER):
            self._go_on_with(piece)
            yield from self._cut()
            if len(self.buffer) - self.start > LONGEST_RECORD + BUFFER:
                raise Broken(
                    f"What begins in line {self._line_of(self.start)} is longer than {LONGEST_RECORD >> 20} MiB, or a "
                    "bracket or quotation mark is never closed. The rest is not read."
                )
        if self.depth or self.buffer[self.start :].strip():
            raise Broken("It ends in the middle of a list or object: the file was cut off.")

    def _go_on_with(self, piece: bytes) -> None:
        self._line_of(self.start)
        self.buffer = self.buffer[self.start :] + piece
        self.at -= self.start
        self.start = self.counted = 0

    def _cut(self) -> Iterator[Record]:
        for mark in _mark.finditer(self.buffer, self.at):
            sign = self.buffer[mark.start()]
            if sign == _QUOTE:
                if mark.end() - mark.start() == 1:  # a string whose end has not come yet
                    self.at = mark.start()
                    return
            elif sign in b"[{":
                if self.depth == 0:
                    self._begin(mark)
                self.depth += 1
            elif sign in b"]}":
                self.depth -= 1
                if self.depth < 0:
                    raise Broken(f"Line {self._line_of(mark.start())} has a bracket too many. The rest is not read.")
                if self.depth == 0:
                    yield from self._end(mark.start() if self.inside_list else mark.end(), mark.end())
            elif self.depth == 1 and self.inside_list:
                yield from self._end(mark.start(), mark.end())
            self.at = mark.end()
        self.at = len(self.buffer)

    def _begin(self, mark: re.Match[bytes]) -> None:
        """The outermost bracket opens: nothing but commas and space may stand before it."""
        stray = self.buffer[self.start : mark.start()].strip(b", \t\r\n")
        if stray or (self.inside_list and mark[0] != b"["):
            raise Broken(
                f"Something else stands beside the list in line {self._line_of(mark.start())}. The rest is not read."
            )
        self.start = mark.end() if self.inside_list else mark.start()

    def _end(self, end: int, following: int) -> Iterator[Record]:
        whole = self.buffer[self.start : end]
        record = whole.strip()
        line = self._line_of(self.start + len(whole) - len(whole.lstrip()))
        self.start = following
        if len(record) > LONGEST_RECORD:
            yield Record(line, record[:200], TOO_LONG)
        elif record:
            yield Record(line, record)

    def _line_of(self, position: int) -> int:
        """Asked for rising positions only."""
        self.line += self.buffer.count(b"\n", self.counted, position)
        self.counted = max(self.counted, position)
        return self.line


_QUOTE = ord('"')
