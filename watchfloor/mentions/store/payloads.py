"""What is kept compressed: raw payloads, and the packed rest of a post. Both look alike from post to post, so each has
a dictionary trained on made-up ones (`bench/dictionaries.py` makes them), which halves them again.

A dictionary that is in use must stay readable: a new one gets a new number, and the old one stays beside it.
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import zstandard

_FOLDER = Path(__file__).parent
_ours = threading.local()  # zstandard's (de)compressors are not for two threads at once


# A payload is packed without the post's text, which stands beside it: our byte, where the text was (three bytes), the
# frame. One that does not hold the text as we would write it is packed whole.
_PAYLOAD_1, _PAYLOAD_1_WITHOUT_TEXT = b"\x01", b"\x02"
_LAST_PLACE = 2**24 - 1


def compress(payload: bytes, text: str) -> bytes:
    """`text` is the text of the post's row: `decompress` must be given the same."""
    written = _as_json(text)
    place = payload.find(written) if written else -1
    pack = _zstd("payloads-1.zst")[0].compress
    if not 0 <= place <= _LAST_PLACE:
        return _PAYLOAD_1 + pack(payload)
    rest = payload[:place] + payload[place + len(written) :]
    return _PAYLOAD_1_WITHOUT_TEXT + place.to_bytes(3, "big") + pack(rest)


def decompress(packed: bytes, text: str) -> bytes:
    unpack = _zstd("payloads-1.zst")[1].decompress
    if packed[:1] == _PAYLOAD_1:
        return unpack(packed[1:])
    place, rest = int.from_bytes(packed[1:4], "big"), unpack(packed[4:])
    return rest[:place] + _as_json(text) + rest[place:]


def _as_json(text: str) -> bytes:
    return msgspec.json.encode(text)[1:-1]


# Frames have neither the magic number nor the dictionary's, but one byte of ours before them. A rest that got no
# shorter stands as it is, and begins with MessagePack's sign for a map.
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
    return bare_compressor(dictionary), zstandard.ZstdDecompressor(dictionary, format=zstandard.FORMAT_ZSTD1_MAGICLESS)


def bare_compressor(dictionary: zstandard.ZstdCompressionDict) -> zstandard.ZstdCompressor:
    """One whose frames carry nothing but the content's length."""
    settings = zstandard.ZstdCompressionParameters.from_level(
        3, dict_size=len(dictionary), format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_dict_id=0, write_checksum=0
    )
    return zstandard.ZstdCompressor(dict_data=dictionary, compression_params=settings)
