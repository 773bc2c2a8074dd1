"""What is remembered of the posts that came by: which server calls which post by which number, and what was sent on.

A deletion names a post by the server's own number alone, so the numbers must be known. They are kept in memory, the
newest also in the cursor, packed. A post that comes again (from another server, another stream, or a backfill that
reaches back a little) is sent on only if it was edited since.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections import OrderedDict

import msgspec

MOST_KNOWN = 100_000
MOST_KEPT = 1_000  # of all servers, in the cursor: some 40 kB
MOST_SENT = 50_000
MOST_UNPACKED_BYTES = 4_000_000


class Memory:
    def __init__(self, kept: str = "") -> None:
        self._uri_of: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._sent: OrderedDict[str, str] = OrderedDict()  # uri → edited_at
        for server, number, uri in _unpacked(kept):
            self._uri_of[server, number] = uri

    def learn(self, server: str, number: str, uri: str) -> None:
        key = (server, number)
        self._uri_of[key] = uri
        self._uri_of.move_to_end(key)
        if len(self._uri_of) > MOST_KNOWN:
            self._uri_of.popitem(last=False)

    def uri_of(self, server: str, number: str) -> str | None:
        return self._uri_of.get((server, number))

    def is_new(self, uri: str, edited_at: str) -> bool:
        """Whether this state of a post was not sent on yet."""
        return self._sent.get(uri) != edited_at

    def sent(self, uri: str, edited_at: str) -> None:
        self._sent[uri] = edited_at
        self._sent.move_to_end(uri)
        if len(self._sent) > MOST_SENT:
            self._sent.popitem(last=False)

    def forget(self, uri: str) -> None:
        """It is gone; should it come again, it is news."""
        self._sent.pop(uri, None)

    def packed(self) -> str:
        newest = list(self._uri_of.items())[-MOST_KEPT:]
        rows = [(server, number, uri) for (server, number), uri in newest]
        return base64.b85encode(zlib.compress(msgspec.json.encode(rows), 6)).decode() if rows else ""


def _unpacked(kept: str) -> list[tuple[str, str, str]]:
    """Nothing where it can't be read: then some deletions can't be told, which must not stop the stream."""
    try:
        raw = zlib.decompressobj().decompress(base64.b85decode(kept), MOST_UNPACKED_BYTES)
        return msgspec.json.decode(raw, type=list[tuple[str, str, str]]) if raw else []
    except (ValueError, binascii.Error, zlib.error, msgspec.MsgspecError):
        return []
