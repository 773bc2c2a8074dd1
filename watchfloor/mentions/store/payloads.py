"""What is kept compressed: raw payloads, and the packed rest of a post. Both look alike from post to post, so each has
a dictionary trained on made-up ones (`bench/dictionaries.py` makes them), which halves them again.

A dictionary that is in use must stay readable: a new one gets a new number, and the old one stays beside it.
"""

from __future__ import annotations

import threading
from pathlib import Path

import zstandard

_FOLDER = Path(__file__).parent
_ours = threading.local()  # zstandard's (de)compressors are not for two threads at once


def compress(payload: bytes) -> bytes:
    return _zstd("payloads-1.zst")[0].compress(payload)


def decompress(packed: bytes) -> bytes:
    return _zstd("payloads-1.zst")[1].decompress(packed)


# A rest is short: its frame has neither the magic number nor the dictionary's, but one byte of ours before it. A rest
# that got no shorter stands as it is, and begins with MessagePack's sign for a map.
_RESTS_1 = b"\x01"


def compress_rest(rest: bytes) -> bytes:
    packed = _RESTS_1 + _zstd("rests-1.zst")[0].compress(rest)
    return packed if len(packed) < len(rest) else rest


def decompress_rest(packed: bytes) -> bytes:
    return _zstd("rests-1.zst")[1].decompress(packed[1:]) if packed[:1] == _RESTS_1 else packed


def _zstd(name: str) -> tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]:
    pairs: dict[str, tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]] | None
    pairs = getattr(_ours, "pairs", None)
    if pairs is None:
        pairs = _ours.pairs = {name: _pair(name) for name in ("payloads-1.zst", "rests-1.zst")}
    return pairs[name]


def _pair(name: str) -> tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]:
    dictionary = zstandard.ZstdCompressionDict(
        zstandard.ZstdDecompressor().decompress((_FOLDER / name).read_bytes()),
    )
    if name.startswith("rests"):
        return bare_compressor(dictionary), zstandard.ZstdDecompressor(
            dictionary, format=zstandard.FORMAT_ZSTD1_MAGICLESS
        )
    return zstandard.ZstdCompressor(level=3, dict_data=dictionary), zstandard.ZstdDecompressor(dictionary)


def bare_compressor(dictionary: zstandard.ZstdCompressionDict) -> zstandard.ZstdCompressor:
    """One whose frames carry nothing but the content's length."""
    settings = zstandard.ZstdCompressionParameters.from_level(
        3, dict_size=len(dictionary), format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_dict_id=0, write_checksum=0
    )
    return zstandard.ZstdCompressor(dict_data=dictionary, compression_params=settings)
