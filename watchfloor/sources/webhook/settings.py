"""What a webhook connection can be told."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

MOST_NETWORKS = 50
_is_token = re.compile(r"[A-Za-z0-9_-]{22,64}").fullmatch
_is_network = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}").fullmatch


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`token` is the end of the address, made with the connection. `networks`: the only ones that its posts may name,
    so that this sender can't change another network's posts; empty: any."""

    token: Annotated[str, msgspec.Meta(extra={"hidden": True})] = ""
    networks: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            title="Networks",
            description="What its posts may give as “network”, such as “forum”: nothing of other networks can then be "
            "changed by this sender. Empty: any.",
        ),
    ] = ()

    def __post_init__(self) -> None:
        if self.token and not _is_token(self.token):
            raise ValueError("The address is none that was made here")
        if len(self.networks) > MOST_NETWORKS:
            raise ValueError(f"Name at most {MOST_NETWORKS} networks")
        for network in self.networks:
            if not _is_network(network):
                raise ValueError(f"{network[:60]!r} is no network's name (small letters, digits, . _ -)")
