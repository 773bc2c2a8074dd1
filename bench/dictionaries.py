"""Make the dictionaries that the store compresses with, from made-up posts:

    python -m bench.dictionaries watchfloor/mentions/store 1

The number becomes part of the files' names. Give new ones a new number and keep the old: what is stored needs them.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import zstandard

from bench.made_up import MadeUp, seen
from watchfloor.sources.post import Post

PAYLOADS_BYTES, RESTS_BYTES = 12_288, 2_048


def main(folder: Path, number: int) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    posts = list(MadeUp(seed=7).posts(16_000, since, since + timedelta(days=90)))
    # The text of a post stands beside its payload, not in it.
    payloads = [raw.replace(msgspec.json.encode(post.text)[1:-1], b"", 1) for post, raw in posts]
    make(folder / f"payloads-{number}.zst", payloads, PAYLOADS_BYTES)
    make(folder / f"rests-{number}.zst", rests(posts), RESTS_BYTES)


def rests(posts: list[tuple[Post, bytes]]) -> list[bytes]:
    """What `store/rows.py` packs of these posts."""
    from watchfloor.mentions.store.ids import first_id
    from watchfloor.mentions.store.rows import rest_of
    from watchfloor.mentions.store.store import Labelled

    dice, words = random.Random(1), {"": 1, "declared/1": 4, "cld2/1": 5, "vader/1": 6}
    return [
        msgspec.msgpack.encode(
            rest_of(
                first_id(post.created_at),
                Labelled(
                    post=post,
                    raw=b"",
                    topics=[],
                    seen_at=seen(post),
                    language_by="declared/1" if post.lang else "cld2/1",
                    language_confidence=None if post.lang else 0.95,
                    sentiment_by="vader/1",
                    sentiment_score=dice.uniform(-1, 1),
                    sentiment_confidence=dice.random(),
                ),
                words,
                None,
                None,
            )
        )
        for post, _ in posts
    ]


def make(target: Path, samples: list[bytes], size: int) -> None:
    learned, unseen = samples[: len(samples) * 3 // 4], samples[len(samples) * 3 // 4 :]
    dictionary = zstandard.train_dictionary(size, learned)
    target.write_bytes(zstandard.ZstdCompressor(level=19).compress(dictionary.as_bytes()))
    plain = sum(map(len, unseen)) / len(unseen)
    for name, compressor in (
        ("alone", zstandard.ZstdCompressor(level=3)),
        ("with the dictionary", zstandard.ZstdCompressor(level=3, dict_data=dictionary)),
    ):
        packed = sum(len(compressor.compress(sample)) for sample in unseen)
        print(f"{target.name} {name}: {packed / len(unseen):.0f} bytes of {plain:.0f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
