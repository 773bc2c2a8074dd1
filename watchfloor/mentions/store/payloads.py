"""Raw payloads, compressed. Networks' payloads look alike, so a dictionary trained on made-up ones halves them again
(`bench/payload_dictionary.py` makes it). A payload names its dictionary by number: the ones in use must stay readable.
"""

from __future__ import annotations

import threading
from pathlib import Path

import zstandard

_DICTIONARY_FILE = Path(__file__).with_name("payloads-1.zst")
_ours = threading.local()  # zstandard's (de)compressors are not for two threads at once


def compress(payload: bytes) -> bytes:
    return _compressor().compress(payload)


def decompress(packed: bytes) -> bytes:
    return _decompressor().decompress(packed)


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_ours, "compressor"):
        _ours.compressor = zstandard.ZstdCompressor(level=3, dict_data=_dictionary(), write_checksum=False)
    compressor: zstandard.ZstdCompressor = _ours.compressor
    return compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_ours, "decompressor"):
        _ours.decompressor = zstandard.ZstdDecompressor(dict_data=_dictionary())
    decompressor: zstandard.ZstdDecompressor = _ours.decompressor
    return decompressor


def _dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(zstandard.ZstdDecompressor().decompress(_DICTIONARY_FILE.read_bytes()))
