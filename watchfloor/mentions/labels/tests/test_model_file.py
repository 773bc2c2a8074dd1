"""A model file is data from strangers: a wrong one is refused with a sentence, and none can do harm."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from watchfloor.mentions.labels.features import SIDE, TABLE
from watchfloor.mentions.labels.model import MAGIC, UnusableModel, load_model, save_model
from watchfloor.mentions.labels.sentiment import SHIPPED, shipped_model


@pytest.fixture
def header() -> dict[str, object]:
    return {
        "format": 1,
        "features": 1,
        "name": "tiny",
        "version": "1",
        "unit": 0.001,
        "side": [[0.0, 0.0]] * SIDE,
        "calibration": [1.0, 0.0, 0.0],
        "notes": {},
    }


def write(path: Path, header: object, *, table: bytes = bytes(TABLE * 4), magic: bytes = MAGIC) -> Path:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    raw += b" " * (-(len(magic) + 4 + len(raw)) % 8)
    path.write_bytes(magic + struct.pack("<I", len(raw)) + raw + table)
    return path


def test_a_good_file_is_read(tmp_path: Path, header: dict[str, object]) -> None:
    model = load_model(write(tmp_path / "m.wfm", header))
    assert model.by == "tiny/1"
    judged = model.judge("good morning")
    assert judged is not None
    assert judged.positive == pytest.approx(1 / 3)


def test_saving_and_loading_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "copy.wfm"
    shipped = shipped_model()
    save_model(copy, shipped.header, bytes(shipped.table.cast("B")))
    assert copy.read_bytes() == SHIPPED.read_bytes()
    assert load_model(copy).judge("what a lovely day") == shipped.judge("what a lovely day")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("format", 2, "another version"),
        ("features", 99, "another version"),
        ("unit", 0, "out of range"),
        ("unit", -1.0, "out of range"),
        ("unit", 1e300, "out of range"),
        ("side", [[0.0, 0.0]] * (SIDE - 1), "header can't be read"),
        ("side", [[0.0, 0.0]] * (SIDE + 1), "header can't be read"),
        ("side", [[0.0, 1e9]] * SIDE, "out of range"),
        ("side", [[0.0]] * SIDE, "header can't be read"),
        ("calibration", [1.0, 0.0], "header can't be read"),
        ("calibration", [1e9, 0.0, 0.0], "out of range"),
        ("name", "../../etc/passwd", "header can't be read"),
        ("name", "<script>", "header can't be read"),
        ("name", "", "header can't be read"),
        ("version", "1\n2", "header can't be read"),
        ("surprise", 1, "header can't be read"),
    ],
)
def test_a_header_with_something_wrong_is_refused(
    tmp_path: Path, header: dict[str, object], field: str, value: object, says: str
) -> None:
    path = write(tmp_path / "m.wfm", header | {field: value})
    with pytest.raises(UnusableModel, match=says):
        load_model(path)


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"not json", b"\xff\xfe", b"{" * 50_000, b"null"])
def test_a_header_that_is_none_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(UnusableModel, match="header can't be read"):
        load_model(write(tmp_path / "m.wfm", raw))


def test_not_a_number_is_refused(tmp_path: Path, header: dict[str, object]) -> None:
    raw = json.dumps(header | {"unit": float("nan")}).encode()
    with pytest.raises(UnusableModel):
        load_model(write(tmp_path / "m.wfm", raw))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04\x95", MAGIC, MAGIC + b"\x01", b"x" * 100])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.wfm"
    path.write_bytes(content)
    with pytest.raises(UnusableModel, match="not a Watchfloor model file"):
        load_model(path)


@pytest.mark.parametrize("table", [b"", bytes(TABLE * 4 - 1), bytes(TABLE * 4 + 2)])
def test_a_table_of_the_wrong_size_is_refused(tmp_path: Path, header: dict[str, object], table: bytes) -> None:
    with pytest.raises(UnusableModel, match="damaged"):
        load_model(write(tmp_path / "m.wfm", header, table=table))


def test_a_header_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.wfm"
    path.write_bytes(MAGIC + struct.pack("<I", 2**32 - 1) + b"{}")
    with pytest.raises(UnusableModel, match="damaged"):
        load_model(path)


def test_extreme_weights_still_give_shares(tmp_path: Path, header: dict[str, object]) -> None:
    table = struct.pack("<hh", 32767, -32768) * TABLE
    model = load_model(write(tmp_path / "m.wfm", header | {"unit": 1000.0, "calibration": [1000.0, 0, 0]}, table=table))
    judged = model.judge("any words at all will do here")
    assert judged is not None
    assert judged.negative + judged.neutral + judged.positive == pytest.approx(1)
