"""A linear sentiment model in one file, read without numpy and shared between processes by the page cache.

The file: `MAGIC`, the header's length (4 bytes, little-endian), the header (JSON, see `Header`) padded with spaces to
a multiple of 8 bytes in all, then `TABLE` rows of two 16-bit integers: what a row says for "negative" and for
"positive" against "neutral", times `Header.unit`. It is data only: a file from a stranger can be wrong, not harmful.
"""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path
from typing import Annotated

import msgspec

from watchfloor.mentions.labels import features
from watchfloor.mentions.labels.features import LETTERS_WEIGH, PAIRS_WEIGH, SIDE, TABLE, Word, is_link, read

MAGIC = b"watchfloor sentiment model\n"
FORMAT = 1
LARGEST_HEADER = 100_000
REMEMBERED_WORDS = 20_000
LONGEST_REMEMBERED = 24
FULL_WEIGHT = 40  # tokens: of longer texts the average counts, so that an essay is no surer than a full post

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.+_-]{0,63}$")]
Pair = tuple[float, float]


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`side`: the weights of the plain numbers. `calibration` turns the two sums into honest probabilities:
    (slope, negative's shift, positive's shift). `notes` is for people: what it was made from, what it scored."""

    format: int
    features: int
    name: Name
    version: Name
    unit: float
    side: Annotated[tuple[Pair, ...], msgspec.Meta(min_length=SIDE, max_length=SIDE)]
    calibration: tuple[float, float, float] = (1.0, 0.0, 0.0)
    notes: dict[str, str | int | float] = {}


class UnusableModel(Exception):
    """The file is no model, or one for another version. The message says which, on what, and what to do."""


class Judgement(msgspec.Struct, frozen=True):
    """Shares of belief after the model's own balance (`negative` + `neutral` + `positive` = 1), and how likely the
    largest is right."""

    negative: float
    neutral: float
    positive: float
    confidence: float


class Model:
    """Judges texts. Threads may share one: words are remembered in one dict, each whole when it is put in."""

    def __init__(self, header: Header, table: memoryview) -> None:
        self.header = header
        self.by = f"{header.name}/{header.version}"
        self.table = table  # 2 × TABLE 16-bit integers
        self._words: dict[str, Word] = {}
        self._side_negative = tuple(pair[0] for pair in header.side)
        self._side_positive = tuple(pair[1] for pair in header.side)

    def judge(self, text: str) -> Judgement | None:
        """None if nothing in `text` can carry a feeling, or most of its words are in another script."""
        reading = read(text, self._word)
        if reading is None:
            return None
        negative, positive = self._sums(reading)
        slope, shift_negative, shift_positive = self.header.calibration
        said = _shares(negative, positive)
        honest = _shares(slope * negative + shift_negative, slope * positive + shift_positive)
        return Judgement(*said, confidence=honest[said.index(max(said))])

    def _sums(self, reading: features.Reading) -> Pair:
        negative = positive = 0.0
        for word in reading.words:
            negative += word.negative
            positive += word.positive
        for word in reading.negated:
            negative += word.negated_negative
            positive += word.negated_positive
        table = self.table
        pairs_negative = pairs_positive = 0
        for pair in reading.pairs:
            pairs_negative += table[2 * pair]
            pairs_positive += table[2 * pair + 1]
        scale = self.header.unit * PAIRS_WEIGH
        weight = weight_of(len(reading.words))
        negative = (negative + pairs_negative * scale) * weight
        positive = (positive + pairs_positive * scale) * weight
        return (
            negative + sum(map(float.__mul__, reading.side, self._side_negative)),
            positive + sum(map(float.__mul__, reading.side, self._side_positive)),
        )

    def _word(self, token: str) -> Word:
        word = self._words.get(token)
        if word is None:
            key = "@x" if token[0] == "@" and len(token) > 1 else "www.x" if is_link(token) else token
            if key is not token and (word := self._words.get(key)) is not None:
                return word
            word = self._weigh(Word(key))
            if len(key) <= LONGEST_REMEMBERED:
                if len(self._words) >= REMEMBERED_WORDS:
                    self._words.clear()
                self._words[key] = word
        return word

    def _weigh(self, word: Word) -> Word:
        table, unit = self.table, self.header.unit
        word.negative = unit * (
            sum(table[2 * row] for row in word.rows) + LETTERS_WEIGH * sum(table[2 * row] for row in word.letters)
        )
        word.positive = unit * (
            sum(table[2 * row + 1] for row in word.rows)
            + LETTERS_WEIGH * sum(table[2 * row + 1] for row in word.letters)
        )
        word.negated_negative = unit * table[2 * word.negated_row]
        word.negated_positive = unit * table[2 * word.negated_row + 1]
        word.letters = []  # summed up: most of a word's memory, and not needed again
        return word


def weight_of(tokens: int) -> float:
    """How much the words of a text with so many tokens count."""
    return 1.0 if tokens <= FULL_WEIGHT else FULL_WEIGHT / tokens


def _shares(negative: float, positive: float) -> tuple[float, float, float]:
    top = max(negative, positive, 0.0)
    n, z, p = math.exp(negative - top), math.exp(-top), math.exp(positive - top)
    whole = n + z + p
    return n / whole, z / whole, p / whole


# --- The file -------------------------------------------------------------------------------------------------------


def load_model(path: Path) -> Model:
    """Read a model file. Raises UnusableModel if it is none, and OSError if it can't be opened."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC) + 4)
        if not start.startswith(MAGIC) or len(start) < len(MAGIC) + 4:
            raise UnusableModel(f"{path} is not a Watchfloor model file. Make one with `watchfloor label --learn`.")
        (length,) = struct.unpack("<I", start[len(MAGIC) :])
        if not 2 <= length <= LARGEST_HEADER:
            raise UnusableModel(f"{path} is damaged: its header claims {length} bytes. Learn it again.")
        header = _read_header(file.read(length), path)
        expected = len(start) + length + TABLE * 4
        size = file.seek(0, 2)
        if size != expected:
            raise UnusableModel(f"{path} is damaged: {size} bytes instead of {expected}. Learn it again.")
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return Model(header, memoryview(data)[len(start) + length :].cast("h"))


def _read_header(raw: bytes, path: Path) -> Header:
    try:
        header = msgspec.json.decode(raw, type=Header)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnusableModel(f"{path} is damaged: its header can't be read ({error}). Learn it again.") from error
    if header.format != FORMAT or header.features != features.VERSION:
        raise UnusableModel(
            f"{path} was made for another version of Watchfloor (format {header.format}, features {header.features}; "
            f"this one reads {FORMAT} and {features.VERSION}). Learn it again from the labelled posts."
        )
    numbers = [header.unit, *header.calibration, *(number for pair in header.side for number in pair)]
    if not all(math.isfinite(number) and abs(number) <= 1_000 for number in numbers) or header.unit <= 0:
        raise UnusableModel(f"{path} has weights out of range. Learn it again.")
    return header


def save_model(path: Path, header: Header, table: bytes) -> None:
    """Write a model file whole or not at all. `table` is 2 × TABLE little-endian 16-bit integers."""
    assert len(table) == TABLE * 4
    raw = msgspec.json.encode(header)
    raw += b" " * (-(len(MAGIC) + 4 + len(raw)) % 8)
    being_written = path.with_name(path.name + ".part")
    being_written.write_bytes(MAGIC + struct.pack("<I", len(raw)) + raw + table)
    being_written.replace(path)
