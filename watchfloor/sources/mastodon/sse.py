"""Server-sent events out of bytes as they come (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Mastodon sends `event: update`, `data: {…}`, an empty line; and `:thump` every 15 seconds as a sign of life.
"""

from __future__ import annotations

from typing import NamedTuple

MOST_EVENT_BYTES = 2_000_000
MOST_RUBBISH_BYTES = 50_000_000  # of one event that never ends; then the line is closed


class Message(NamedTuple):
    """`event` "" and the beginning of it: one that was too big."""

    event: str
    payload: bytes


class Endless(Exception):
    """One event went on for ever."""


class Events:
    def __init__(self, most_bytes: int = MOST_EVENT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._line = bytearray()  # begun and not ended
        self._searched = 0
        self._kind, self._data = "", bytearray()
        self._size = 0  # of this event so far, its line included
        self._has_data, self._is_first = False, True

    def feed(self, piece: bytes) -> list[Message]:
        """The events that ended with this piece. Raises Endless."""
        found: list[Message] = []
        self._line += piece
        begin = 0
        while (end := self._line.find(b"\n", max(begin, self._searched))) >= 0:
            self._take(bytes(self._line[begin:end]), end - begin + 1, found)
            begin = self._searched = end + 1
        del self._line[:begin]
        self._searched = len(self._line)
        self._bound()
        return found

    def _bound(self) -> None:
        """A line that goes on and on is counted and not kept."""
        if self._size + len(self._line) <= self._most_bytes:
            return
        if self._size <= self._most_bytes:
            self._begin_of_too_big(bytes(self._line))
        self._size += len(self._line)
        self._line.clear()
        self._searched = 0
        if self._size > MOST_RUBBISH_BYTES:
            raise Endless(f"one event is longer than {MOST_RUBBISH_BYTES:,} bytes")

    def _begin_of_too_big(self, line: bytes) -> None:
        self._data = bytearray((bytes(self._data) or line)[:200])

    def _take(self, line: bytes, size: int, found: list[Message]) -> None:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        line = line.removesuffix(b"\r")
        if not line:
            if self._size > self._most_bytes:
                found.append(Message("", bytes(self._data)))
            elif self._has_data:
                found.append(Message(self._kind or "message", bytes(self._data)))
            self._kind, self._data, self._size, self._has_data = "", bytearray(), 0, False
            return
        was_too_big = self._size > self._most_bytes
        self._size += size
        if was_too_big or line.startswith(b":"):
            return
        if self._size > self._most_bytes:
            self._begin_of_too_big(line)
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._kind = value[:100].decode("utf-8", "replace")
        elif name == b"data":
            if self._has_data:
                self._data += b"\n"
            self._data += value
            self._has_data = True
