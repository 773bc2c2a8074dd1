"""What a Bluesky connection can be told. Wrong settings are refused when they are saved, with a sentence for people."""

from __future__ import annotations

import hashlib
import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec

JETSTREAMS = tuple(
    f"wss://jetstream{number}.us-{coast}.bsky.network/subscribe" for coast in ("east", "west") for number in (1, 2)
)
MOST_WANTED_DIDS = 10_000  # Jetstream's own limit


class BlueskySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`mode` "jetstream": from one of `hosts`, the next one taking over when one fails. `mode` "firehose": from
    `service`, a relay or a single PDS, by com.atproto.sync.subscribeRepos.

    `compress` asks Jetstream for zstd; it needs Jetstream's own dictionary as a file (`zstd_dictionary`).
    `wanted_dids`: only these accounts. `account` (handle or DID) and `pds` are for writing replies; the app password
    is the connection's secret `app_password`. `profiles`: the AppView that is asked what accounts are called; "none"
    (or "") asks nobody.
    """

    mode: Literal["jetstream", "firehose"] = "jetstream"
    hosts: tuple[str, ...] = JETSTREAMS
    service: str = "wss://bsky.network"
    compress: bool = False
    zstd_dictionary: str | None = None
    wanted_dids: tuple[str, ...] = ()
    account: str | None = None
    pds: str = "https://bsky.social"
    profiles: str = "https://public.api.bsky.app"

    def __post_init__(self) -> None:
        if not 1 <= len(self.hosts) <= 20:
            raise ValueError("Name 1 to 20 Jetstream hosts")
        for host in self.hosts:
            _check_address(host, ("ws", "wss"))
        _check_address(self.service, ("ws", "wss"))
        _check_address(self.pds, ("http", "https"))
        if self.asks_for_profiles:
            _check_address(self.profiles, ("http", "https"))
        if len(self.wanted_dids) > MOST_WANTED_DIDS:
            raise ValueError(f"Name at most {MOST_WANTED_DIDS:,} accounts")
        for did in self.wanted_dids:
            if not re.fullmatch(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,500}", did):
                raise ValueError(f"{did[:60]!r} is no account's DID (like did:plc:…)")

    @property
    def asks_for_profiles(self) -> bool:
        return self.profiles not in ("", "none")

    @property
    def wanted(self) -> str:
        """A mark of what is asked for: positions in the stream prove nothing across a change of it."""
        return hashlib.sha256(",".join(sorted(self.wanted_dids)).encode()).hexdigest()[:8] if self.wanted_dids else ""


def _check_address(address: str, schemes: tuple[str, ...]) -> None:
    parts = urlsplit(address)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"{address[:100]!r} is no address with {' or '.join(f'{s}://' for s in schemes)}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("Write the address without a user name, password, ? or #")
