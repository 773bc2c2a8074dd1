"""Which machines may be asked: names are resolved once and every address of the answer is judged.

Only global unicast addresses pass. The operator's list `WATCHFLOOR_ALLOW_ADDRESSES` (exact `host:port` pairs, comma
separated, empty by default) is the only way to loopback and private ones. A pair stands for the host as it is written
in the address that is asked: `127.0.0.1:2583` does not open `localhost:2583`.

    GuardedError
    ├── AddressRefused    not an address that may be asked, or not a web address at all
    ├── Unreachable       no such name, nobody listens, TLS failed, the line broke
    ├── TooSlow           not done within the time allowed
    ├── TooBig            more bytes than allowed, before or after decompression
    ├── TooManyRedirects
    ├── HandshakeRefused  a server that answered, but opened no WebSocket
    └── BadAnswer         no HTTP, or an encoding that can't be read
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

ALLOW_VARIABLE = "WATCHFLOOR_ALLOW_ADDRESSES"


class GuardedError(Exception):
    """Why an address could not be fetched, in words for people."""


class AddressRefused(GuardedError): ...


class Unreachable(GuardedError): ...


class TooSlow(GuardedError): ...


class TooBig(GuardedError): ...


class TooManyRedirects(GuardedError): ...


class HandshakeRefused(GuardedError):
    """The server answered, but not with a WebSocket. `status` is its HTTP status, None if it spoke no HTTP."""

    def __init__(self, says: str, *, status: int | None = None, retry_after: str | None = None) -> None:
        super().__init__(says)
        self.status, self.retry_after = status, retry_after


class BadAnswer(GuardedError): ...


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses of a name, as the machine's resolver gives them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Guard:
    """Which addresses may be asked. `allow` holds exact "host:port" pairs, as they stand in the address."""

    allow: frozenset[str] = frozenset()
    resolve: Resolve = field(default=resolve_by_system, compare=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read `WATCHFLOOR_ALLOW_ADDRESSES`. Raises ValueError on an entry that is no host:port pair."""
        return cls(allow=frozenset(read_allow_list(environment.get(ALLOW_VARIABLE, ""))))

    async def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a host once and give its addresses, all of them checked. Raises AddressRefused, Unreachable."""
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"No address is known for {host}.") from error
        if not found:
            raise Unreachable(f"No address is known for {host}.")
        if _pair(host, port) in self.allow:
            return found
        for address in found:
            if why := why_not_global(address):
                raise AddressRefused(
                    f"{host}:{port} was not asked, because {address} is {why}. If it is meant, add {_pair(host, port)} "
                    f"to {ALLOW_VARIABLE}."
                )
        return found


def read_allow_list(text: str) -> Iterable[str]:
    for entry in filter(None, (part.strip() for part in text.split(","))):
        host, colon, port = entry.rpartition(":")
        if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise ValueError(f"{ALLOW_VARIABLE} has {entry!r}, which is not host:port (like 127.0.0.1:2583).")
        yield _pair(host, int(port))


def _pair(host: str, port: int) -> str:
    host = host.strip("[]").lower().rstrip(".")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


# What is not for everybody, by the IANA special-purpose registries. Python's own `is_global` differs between releases.
_SPECIAL = {
    ipaddress.ip_network(network): why
    for network, why in {
        "0.0.0.0/8": "this machine",
        "10.0.0.0/8": "a private address",
        "100.64.0.0/10": "a provider's internal address",
        "127.0.0.0/8": "this machine",
        "169.254.0.0/16": "a link-local address",
        "172.16.0.0/12": "a private address",
        "192.0.0.0/24": "a protocol address",
        "192.0.2.0/24": "an address for examples",
        "192.88.99.0/24": "a relay address",
        "192.168.0.0/16": "a private address",
        "198.18.0.0/15": "an address for benchmarks",
        "198.51.100.0/24": "an address for examples",
        "203.0.113.0/24": "an address for examples",
        "224.0.0.0/4": "a multicast address",
        "240.0.0.0/4": "a reserved address",
        "::/128": "this machine",
        "::1/128": "this machine",
        "2001::/23": "a protocol address",
        "2001:db8::/32": "an address for examples",
        "3fff::/20": "an address for examples",
        "fc00::/7": "a private address",
        "fe80::/10": "a link-local address",
        "ff00::/8": "a multicast address",
    }.items()
}
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_TEREDO = ipaddress.IPv6Network("2001::/32")
_ISATAP = (0x00005EFE, 0x02005EFE)


def why_not_global(address: str) -> str | None:
    """Say what an address is if it is not one for everybody on the internet; None if it is. IPv4 addresses that are
    wrapped into IPv6 ones (mapped, NAT64, 6to4, Teredo, ISATAP) are judged by what is inside."""
    try:
        ip: IPAddress = ipaddress.ip_address(address)
    except ValueError:
        return "not an address"
    if isinstance(ip, ipaddress.IPv4Address):
        return _why_special(ip) or (None if ip.is_global else "not a public address")
    if ip.scope_id:
        return "a link-local address"
    inside = list(_embedded(ip))
    for wrapped in inside:
        if why := why_not_global(str(wrapped)):
            return f"{why} ({wrapped})"
    if inside and (ip.ipv4_mapped or ip in _NAT64 or ip in _TEREDO or ip.sixtofour):
        return None
    return _why_special(ip) or (None if ip in _UNICAST else "not a public address")


def _embedded(ip: ipaddress.IPv6Address) -> Iterable[ipaddress.IPv4Address]:
    last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.ipv4_mapped or ip in _NAT64 or (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        yield last
    if ip.sixtofour:
        yield ip.sixtofour
    if ip.teredo:
        yield from ip.teredo


def _why_special(ip: IPAddress) -> str | None:
    return next((why for network, why in _SPECIAL.items() if ip.version == network.version and ip in network), None)


def check_url(url: str, schemes: tuple[str, ...]) -> httpx.URL:
    """Read an address that may be asked: a known scheme, a host, no user name or password. Raises AddressRefused."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise AddressRefused(f"{url[:200]!r} is not a web address.") from error
    if parsed.scheme not in schemes:
        raise AddressRefused(f"{url[:200]!r} does not begin with {' or '.join(f'{s}://' for s in schemes)}.")
    if not parsed.host or not 0 < (1 if parsed.port is None else parsed.port) < 65536:
        raise AddressRefused(f"{url[:200]!r} names no host and port.")
    if parsed.userinfo:
        raise AddressRefused(f"The address on {parsed.host} carries a user name or password; take them out.")
    return parsed
