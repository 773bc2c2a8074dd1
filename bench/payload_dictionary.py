"""Make the dictionary that raw payloads are compressed with, from made-up payloads:

    python -m bench.payload_dictionary watchfloor/mentions/store/payloads-1.zst

Give a new one a new number and keep the old: a payload names the dictionary that it needs.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zstandard

from bench.made_up import MadeUp

SIZE_BYTES = 12_288


def main(target: Path) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    payloads = [raw for _, raw in MadeUp(seed=7).posts(6_000, since, since + timedelta(days=90))]
    learned, unseen = payloads[:5_000], payloads[5_000:]
    dictionary = zstandard.train_dictionary(SIZE_BYTES, learned)
    target.write_bytes(zstandard.ZstdCompressor(level=19).compress(dictionary.as_bytes()))
    for name, compressor in (
        ("alone", zstandard.ZstdCompressor(level=3)),
        ("with the dictionary", zstandard.ZstdCompressor(level=3, dict_data=dictionary)),
    ):
        packed = sum(len(compressor.compress(raw)) for raw in unseen)
        print(f"{name}: {packed / len(unseen):.0f} bytes of {sum(map(len, unseen)) / len(unseen):.0f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
