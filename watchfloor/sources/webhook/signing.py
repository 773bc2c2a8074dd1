"""Signatures of Standard Webhooks (https://www.standardwebhooks.com), version v1: HMAC-SHA256 over `id.timestamp.body`.

verify(headers_of_the_request, body, secrets=["whsec_…"], now=time.time())     # the message's id; raises NotSigned
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random_secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
TOLERANCE_SECONDS = 5 * 60
LONGEST_ID = 200
MOST_SIGNATURES = 20
SHORTEST_KEY, LONGEST_KEY = 16, 512  # bytes; the standard asks for 24 to 64, senders were seen to use less
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

_is_id = re.compile(r"[!-~]+").fullmatch
_is_timestamp = re.compile(r"[0-9]{1,12}").fullmatch


class NotSigned(Exception):
    """The message can't be believed. Says what is wrong with it, in a sentence for whoever sends it."""


class NoKey(ValueError):
    """A secret that no signature can be made with."""


def verify(headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], now: float) -> str:
    """Return the message's id if one of its signatures was made with one of `secrets`. Raises NotSigned.

    Every signature is compared with every key, each in constant time, so that the time taken tells nothing.
    """
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not message_id or not timestamp or not headers.get(SIGNATURE):
        raise NotSigned(f"The headers {ID}, {TIMESTAMP} and {SIGNATURE} are needed.")
    if len(message_id) > LONGEST_ID or not _is_id(message_id):
        raise NotSigned(f"{ID} must be 1 to {LONGEST_ID} visible characters.")
    if not _is_timestamp(timestamp):
        raise NotSigned(f"{TIMESTAMP} must be whole seconds since 1970.")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise NotSigned(
            f"{TIMESTAMP} is more than five minutes away from this server's clock. Set the clocks, and sign each "
            "attempt anew."
        )
    given = [part[3:].encode() for part in headers[SIGNATURE].split(" ") if part.startswith("v1,")][:MOST_SIGNATURES]
    is_right = False
    for secret in secrets:
        expected = sign(secret, message_id, timestamp, body)
        for signature in given:
            is_right |= hmac.compare_digest(expected, signature)
    if not is_right:
        raise NotSigned(
            f"No v1 signature in {SIGNATURE} was made with this connection's secret over the body as it came."
        )
    return message_id


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> bytes:
    """The signature, in base64. Raises NoKey."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest())


def key_of(secret: str) -> bytes:
    """The bytes of a secret, with or without `whsec_`. Raises NoKey."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise NoKey("A signing secret is whsec_ and then letters and digits in base64.") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise NoKey(f"A signing secret has {SHORTEST_KEY} to {LONGEST_KEY} bytes; this one has {len(key)}.")
    return key


def new_secret() -> str:
    return PREFIX + base64.b64encode(random_secrets.token_bytes(32)).decode()
