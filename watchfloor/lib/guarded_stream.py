"""Answers that do not end, read as they come; and failures of the HTTP client in words. Import from `lib.guarded`."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator

import httpx

from watchfloor.lib.addresses import BadAnswer, TooSlow, Unreachable


class LongAnswer:
    """The head of an answer, and its body in pieces of at most 64 KiB or so: the next one is fetched when asked for, so
    that a sender faster than its reader is slowed down."""

    def __init__(self, response: httpx.Response, silent_seconds: float) -> None:
        self._response, self._silent_seconds = response, silent_seconds
        self._pieces = response.aiter_raw()
        self.status: int = response.status_code
        self.headers = response.headers
        self.host: str = response.request.url.host

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises TooSlow when nothing came for too long, and GuardedError when the line broke. Ends with the body."""
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", ""):
            raise BadAnswer(f"{self.host} answered in the encoding {encoding[:40]!r}, which was not asked for.")
        while True:
            try:
                with in_words(self.host, self._silent_seconds):
                    async with asyncio.timeout(self._silent_seconds):
                        piece = await anext(self._pieces)
            except StopAsyncIteration:
                return
            except TooSlow as error:
                raise TooSlow(f"{self.host} sent nothing for {self._silent_seconds:g} seconds.") from error
            yield piece

    async def beginning(self, most_bytes: int = 2_000) -> bytes:
        """The first bytes, for saying what was answered instead of what was asked for. Raises GuardedError."""
        body = b""
        async with contextlib.aclosing(self.pieces()) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                body += piece
                if len(body) >= most_bytes:
                    break
        return body[:most_bytes]


@contextlib.contextmanager
def in_words(host: str, seconds: float) -> Iterator[None]:
    """What goes wrong inside, as a GuardedError that names the host."""
    try:
        yield
    except (TimeoutError, httpx.TimeoutException) as error:
        raise TooSlow(f"{host} did not answer in full within {seconds:g} seconds.") from error
    except (httpx.NetworkError, ssl.SSLError) as error:
        raise Unreachable(f"{host} could not be reached: {error or type(error).__name__}.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadAnswer(f"{host} gave no readable answer: {error or type(error).__name__}.") from error
