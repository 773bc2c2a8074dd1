"""The one door to other machines: every address that a person or a post can influence is fetched through here.

    async with GuardedClient(Guard.from_environment()) as client:
        answer = await client.get("https://example.com/feed.xml")
        async with client.stream("https://example.com/events") as events: ...
    connection = await guarded_websocket("wss://example.com/stream", Guard.from_environment())

A name is resolved once, every address of the answer is checked, and the connection goes to the checked address, so
that a name can't point elsewhere a moment later. The same happens again at each redirect. `addresses.py` says which
addresses pass, and draws the errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpcore
import httpx

from watchfloor.lib.addresses import (
    AddressRefused,
    BadAnswer,
    Guard,
    GuardedError,
    HandshakeRefused,
    TooBig,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    check_url,
)
from watchfloor.lib.guarded_socket import guarded_websocket
from watchfloor.lib.guarded_stream import LongAnswer, in_words

__all__ = [
    "AddressRefused",
    "BadAnswer",
    "Guard",
    "GuardedClient",
    "GuardedError",
    "HandshakeRefused",
    "LongAnswer",
    "TooBig",
    "TooManyRedirects",
    "TooSlow",
    "Unreachable",
    "guarded_websocket",
]

PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
USER_AGENT = "Watchfloor"


class GuardedClient:
    """An HTTP client that asks only checked addresses and reads only bounded answers.

    `most_bytes` bounds the body after decompression, `most_seconds` the whole exchange, redirects included. Both can
    be set per request. Cookies are not kept, proxies and .netrc from the environment are not used.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        most_bytes: int = 10_000_000,
        most_seconds: float = 30,
        most_redirects: int = 5,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.most_bytes, self.most_seconds, self.most_redirects = most_bytes, most_seconds, most_redirects
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(guard, tls),
            trust_env=False,
            timeout=None,  # noqa: S113 - one deadline over the whole exchange, in `request`
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def get(self, url: str, **options: Any) -> httpx.Response:
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> httpx.Response:
        return await self.request("POST", url, **options)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | Sequence[str]] | None = None,
        content: bytes | None = None,
        json: Any = None,
        most_bytes: int | None = None,
        most_seconds: float | None = None,
    ) -> httpx.Response:
        """Fetch one address and give the whole answer, whatever its status; the redirects that led to it are its
        `history`. Raises GuardedError."""
        seconds = most_seconds or self.most_seconds
        request = self._client.build_request(
            method,
            check_url(url, ("http", "https")),
            headers=headers,
            params=params,
            content=content,
            json=json,
        )
        with in_words(request.url.host, seconds):
            async with asyncio.timeout(seconds), self._followed(request) as response:
                whole = await _whole(response, most_bytes or self.most_bytes)
                whole.history = response.history
                return whole

    @contextlib.asynccontextmanager
    async def stream(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | Sequence[str]] | None = None,
        most_seconds: float | None = None,
        silent_seconds: float = 60,
    ) -> AsyncIterator[LongAnswer]:
        """An answer that does not end (GET), to be read piece by piece as it comes: `most_seconds` bounds the time to
        its head, `silent_seconds` the time without a byte. How much of it is kept, its reader bounds. Raises
        GuardedError."""
        seconds = most_seconds or self.most_seconds
        request = self._client.build_request(
            "GET",
            check_url(url, ("http", "https")),
            headers={**(headers or {}), "Accept-Encoding": "identity"},
            params=params,
        )
        async with contextlib.AsyncExitStack() as opened:
            with in_words(request.url.host, seconds):
                async with asyncio.timeout(seconds):
                    response = await opened.enter_async_context(self._followed(request))
            yield LongAnswer(response, silent_seconds)

    @contextlib.asynccontextmanager
    async def _followed(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """The answer at the end of the redirects, its body not read yet."""
        passed: list[httpx.Response] = []
        for _ in range(self.most_redirects + 1):
            response = await self._client.send(request, stream=True, follow_redirects=False)
            self._client.cookies.clear()
            try:
                if response.status_code not in REDIRECTS or "location" not in response.headers:
                    response.history = passed
                    yield response
                    return
            finally:
                await response.aclose()
            passed.append(response)
            request = self._redirected(request, response)
        raise TooManyRedirects(f"{request.url.host} redirects more than {self.most_redirects} times.")

    def _redirected(self, request: httpx.Request, response: httpx.Response) -> httpx.Request:
        target = check_url(urljoin(str(request.url), response.headers["location"]), ("http", "https"))
        same_origin = _origin(target) == _origin(request.url)
        if request.method not in ("GET", "HEAD"):
            # A body, and what it may hold, is not carried on to where somebody else points.
            raise BadAnswer(f"{request.url.host} redirects a {request.method} to {target.host}. Use the new address.")
        headers = {
            name: value
            for name, value in request.headers.items()
            if name != "host"
            and (same_origin or name in ("accept", "accept-encoding", "accept-language", "user-agent"))
        }
        return self._client.build_request(request.method, target, headers=headers)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or PORTS.get(url.scheme)


async def _whole(response: httpx.Response, most_bytes: int) -> httpx.Response:
    """Read the body within its limits. httpx would inflate each chunk whole, and nested encodings one in another, so
    that some kilobytes become gigabytes: this inflates at most one layer, and never beyond the limit."""
    host = response.request.url.host
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise BadAnswer(f"{host} answered in the encoding {encoding[:40]!r}, which was not asked for.")
    inflate = None if encoding in ("identity", "") else zlib.decompressobj(zlib.MAX_WBITS | 32)
    body, received = bytearray(), 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        if received > most_bytes:
            raise TooBig(f"{host} sent more than {most_bytes:,} bytes.")
        try:
            body += inflate.decompress(chunk, most_bytes + 1 - len(body)) if inflate else chunk
        except zlib.error as error:
            raise BadAnswer(f"{host} sent a body that can't be decompressed.") from error
        if len(body) > most_bytes:
            raise TooBig(f"{host} sent more than {most_bytes:,} bytes after decompression.")
    headers = [(k, v) for k, v in response.headers.multi_items() if k not in ("content-encoding", "content-length")]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=response.request)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a connection pool whose sockets go to checked addresses only."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext | None) -> None:
        super().__init__(verify=tls or True, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(trust_env=False),
            max_connections=20,
            max_keepalive_connections=5,
            keepalive_expiry=5,
            network_backend=_GuardedNetwork(guard),
        )


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failed: Exception | None = None
        for address in await self._guard.addresses(host, port):
            try:
                return _Line(await self._plain.connect_tcp(address, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"no address for {host}")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("Sockets in the file system are not asked.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Line(httpcore.AsyncNetworkStream):
    """A connection that is closed as well when the deadline ends it in the middle of the TLS handshake."""

    def __init__(self, line: httpcore.AsyncNetworkStream) -> None:
        self._line = line
        self.read, self.write, self.aclose = line.read, line.write, line.aclose  # type: ignore[method-assign]
        self.get_extra_info = line.get_extra_info  # type: ignore[method-assign]

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._line.start_tls(ssl_context, server_hostname, timeout)
        except asyncio.CancelledError:
            await self._line.aclose()
            raise
