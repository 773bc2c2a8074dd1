"""What a Bluesky connection can be told. Wrong settings are refused when they are saved, with a sentence for people."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

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

    mode: Annotated[
        Literal["jetstream", "firehose"],
        Meta(title="By way of", description="Jetstream sends posts alone, as JSON; the firehose is the network's own."),
    ] = "jetstream"
    hosts: Annotated[
        tuple[str, ...],
        Meta(title="Jetstream servers", description="One a line. When one fails, the next one takes over."),
    ] = JETSTREAMS
    service: Annotated[
        str, Meta(title="Relay or PDS of the firehose", description="Used by way of the firehose alone.")
    ] = "wss://bsky.network"
    compress: Annotated[
        bool, Meta(title="Ask Jetstream for compression", description="Needs its dictionary, as a file.")
    ] = False
    zstd_dictionary: Annotated[str | None, Meta(title="File of Jetstream's dictionary")] = None
    wanted_dids: Annotated[
        tuple[str, ...],
        Meta(title="Only these accounts", description="DIDs such as did:plc:…, one a line. Empty: everybody."),
    ] = ()
    account: Annotated[
        str | None, Meta(title="Account that replies", description="Its handle, such as ana.bsky.social.")
    ] = None
    pds: Annotated[str, Meta(title="Server (PDS) of that account")] = "https://bsky.social"
    profiles: Annotated[
        str,
        Meta(title="Who is asked what authors are called", description="An AppView's address; none asks nobody."),
    ] = "https://public.api.bsky.app"

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
