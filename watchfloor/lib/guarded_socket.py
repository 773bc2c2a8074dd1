"""WebSockets through the guard. Import it from `watchfloor.lib.guarded`."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from watchfloor.lib.addresses import (
    Guard,
    HandshakeRefused,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    check_url,
)

PORTS = {"ws": 80, "wss": 443}
UNACKNOWLEDGED_MS = 40_000
REDIRECTS = (301, 302, 303, 307, 308)


class _Opening(connect):
    """websockets' own opening, without its redirects: those need a check of the new address first."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def guarded_websocket(
    url: str,
    guard: Guard,
    *,
    headers: Mapping[str, str] | None = None,
    most_bytes: int = 2_000_000,
    most_seconds: float = 10,
    most_redirects: int = 2,
    queue: int = 16,
    tls: ssl.SSLContext | None = None,
) -> ClientConnection:
    """Open a ws:// or wss:// connection to a checked address; close it with `await connection.close()`.

    `most_bytes` bounds one message, `most_seconds` the opening, `queue` the frames held before the sender is slowed.
    Pings go out every 20 seconds. A peer whose machine doesn't acknowledge them for 40 is gone; one that doesn't answer
    them for 120 as well (not sooner: while we are behind, answers wait in the line like all else). Raises GuardedError.
    """
    host = url[:200]
    options: dict[str, Any] = {
        "proxy": None,  # none from the environment
        "compression": None,  # permessage-deflate costs more than it saves, and is one more way to a bomb
        "user_agent_header": "Watchfloor",
        "max_size": most_bytes,
        "max_queue": (queue, queue // 4),
        "ping_interval": 20,
        "ping_timeout": 120,
        "open_timeout": None,  # one deadline over all, below
        "close_timeout": 0.25,  # a polite good-bye, not a wait for whoever floods us
    }
    try:
        async with asyncio.timeout(most_seconds):
            for _ in range(most_redirects + 1):
                parsed = check_url(url, ("ws", "wss"))
                host = parsed.host
                secure: dict[str, Any] = {"ssl": tls or True} if parsed.scheme == "wss" else {}
                line = await _connected(guard, parsed)
                try:
                    return await _Opening(url, sock=line, additional_headers=headers, **secure, **options)
                except InvalidStatus as error:
                    url, headers = _redirected(parsed, error), None
            raise TooManyRedirects(f"{host} redirects more than {most_redirects} times.")
    except TimeoutError as error:
        raise TooSlow(f"{host} did not open a WebSocket within {most_seconds:g} seconds.") from error
    except WebSocketException as error:
        raise HandshakeRefused(f"{host} did not open a WebSocket: {error}.") from error
    except (OSError, EOFError) as error:
        raise Unreachable(f"{host} could not be reached: {error or type(error).__name__}.") from error


async def _connected(guard: Guard, url: httpx.URL) -> socket.socket:
    """A socket to the first of the host's checked addresses that takes a connection."""
    loop = asyncio.get_running_loop()
    host, port = url.raw_host.decode(), url.port or PORTS[url.scheme]
    failed: OSError | None = None
    for address in await guard.addresses(host, port):
        line = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            line.setblocking(False)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
            await loop.sock_connect(line, (address, port))
        except OSError as error:
            line.close()
            failed = error
        except BaseException:
            line.close()
            raise
        else:
            return line
    raise failed or OSError(f"no address for {host}")


def _redirected(url: httpx.URL, error: InvalidStatus) -> str:
    """Where a handshake was redirected to. Raises HandshakeRefused if it was answered with something else."""
    status, headers = error.response.status_code, error.response.headers
    if status not in REDIRECTS or "Location" not in headers:
        raise HandshakeRefused(
            f"{url.host} answered with HTTP {status} instead of opening a WebSocket.",
            status=status,
            retry_after=headers.get("Retry-After"),
        ) from error
    # Servers write the address of a WebSocket with either scheme.
    target = urljoin(f"http{str(url)[2:]}", headers["Location"])
    target = f"ws{target[4:]}" if target.lower().startswith("http") else target
    if url.scheme == "wss" and not target.lower().startswith("wss://"):
        raise HandshakeRefused(f"{url.host} redirects to an address without TLS.", status=status) from error
    return target
