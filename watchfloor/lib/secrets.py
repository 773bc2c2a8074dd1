"""Secrets of connections, encrypted at rest. The key never stands in the database.

    vault = Secrets([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    sealed = vault.seal({"app_password": "…"})
    vault.open(sealed)          # {"app_password": "…"}

Several keys let a key be changed while running: the first one seals, any of them opens.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotOpen(Exception):
    """None of the keys opens it: the key was changed without keeping the old one, or the data is damaged."""

    def __init__(self) -> None:
        super().__init__(
            "The secrets of this connection can't be opened with the present key. Enter them again in Sources, "
            "or start with the earlier key in WATCHFLOOR_OLD_SECRET_KEYS."
        )


class Secrets:
    def __init__(self, keys: Sequence[str | bytes]) -> None:
        self._box = MultiFernet([Fernet(_fernet_key(key)) for key in keys])

    def __repr__(self) -> str:
        return "Secrets(…)"

    def seal(self, secrets: dict[str, str]) -> bytes:
        return self._box.encrypt(msgspec.json.encode(secrets))

    def open(self, sealed: bytes) -> dict[str, str]:
        """Raises CannotOpen."""
        try:
            return msgspec.json.decode(self._box.decrypt(sealed), type=dict[str, str])
        except (InvalidToken, msgspec.DecodeError) as error:
            raise CannotOpen from error

    def rotate(self, sealed: bytes) -> bytes:
        """Seal anew with the first key. Raises CannotOpen."""
        return self.seal(self.open(sealed))


def _fernet_key(key: str | bytes) -> bytes:
    raw = key.encode() if isinstance(key, str) else key
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"watchfloor connection secrets 1").derive(raw)
    return base64.urlsafe_b64encode(derived)
