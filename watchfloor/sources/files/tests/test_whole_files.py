"""Whole files, as they lie on disks: how they are wrapped, packed and written, and what is wrong with them."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import random
import tempfile
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.sources.files import SOURCE, json_records, opening
from watchfloor.sources.files.formats import FORMATS, NeedsMap
from watchfloor.sources.files.json_records import json_records as records_of
from watchfloor.sources.files.reading import FileSettings, Piece, fingerprint, place_of, read_file
from watchfloor.sources.post import Post
from watchfloor.sources.source import NeedsHands, Source, Written

POST = {"network": "forum", "id": "1", "text": "Hello", "created_at": "2026-07-04T12:00:00Z"}
CSV = 'text,created_at,user\n"Hello, you",2026-07-04,ana\nÜber,2026-07-05,ben\n'


class Read:
    """What a file came to."""

    def __init__(self, path: Path, **settings: object) -> None:
        self.said: list[str] = []
        self.pieces: list[Piece] = list(read_file(FileSettings(path=str(path), **settings), say=self.said.append))  # type: ignore[arg-type]
        self.problems = [(p.line, p.why) for piece in self.pieces for p in piece.problems]

    @property
    def posts(self) -> list[Post]:
        return [e.post for piece in self.pieces for e in piece.batch.events if isinstance(e, Written)]

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.posts]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "posts"


def write(file: Path, content: bytes | str) -> Path:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def rows(*texts: str) -> list[dict[str, object]]:
    return [{"text": text, "created_at": "2026-07-04", "user": {"name": "ana"}} for text in texts]


# --- Wrapping ------------------------------------------------------------------------------------------------------


def test_one_object_a_line(file: Path) -> None:
    write(file, "\ufeff" + "\r\n\n".join(json.dumps(row) for row in rows("a", "b")))
    assert Read(file, format="jsonl").texts == ["a", "b"]


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_one_list_of_all(file: Path, indent: int | None) -> None:
    texts = ['say "hi"', "back\\slash\\", "[{}],{", "", "é😀"]
    write(file, json.dumps(rows(*texts[:3], "x", texts[4]), indent=indent, ensure_ascii=False))
    assert Read(file, format="jsonl").texts == [*texts[:3], "x", texts[4]]


def test_objects_written_over_several_lines(file: Path) -> None:
    write(file, "\n".join(json.dumps(row, indent=2) for row in rows("a", "b")))
    assert Read(file, format="jsonl").texts == ["a", "b"]


def test_a_list_a_line(file: Path) -> None:
    write(file, json.dumps(rows("a", "b")) + "\n" + json.dumps(rows("c")) + "\n")
    assert Read(file, format="jsonl").texts == ["a", "b", "c"]


def test_a_line_of_a_list_is_told_where_it_stands(file: Path) -> None:
    write(file, "[\n" + json.dumps(rows("a")[0]) + ",\n\n  5,\n" + json.dumps(rows("b")[0]) + "\n]\n")
    read = Read(file, format="jsonl")
    assert read.texts == ["a", "b"]
    assert [line for line, _ in read.problems] == [4]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.recursive(
            st.text() | st.integers() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
        ),
        min_size=1,
    ),
    st.sampled_from([None, 1]),
    st.integers(1, 40),
)
def test_any_list_is_cut_where_its_items_end(items: list[object], indent: int | None, chunk: int) -> None:
    class InPieces(io.RawIOBase):
        def __init__(self) -> None:
            self.rest = json.dumps(items, indent=indent).encode()

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            piece, self.rest = self.rest[:chunk], self.rest[chunk:]
            buffer[: len(piece)] = piece
            return len(piece)

    cutter = json_records._Cutter(io.BufferedReader(InPieces(), 64), inside_list=True)
    assert [json.loads(record.raw) for record in cutter.records()] == items


# --- Packing and writing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        lambda plain: gzip.compress(plain[:50]) + gzip.compress(plain[50:]),
        zstandard.compress,
        lambda plain: zstandard.compress(plain[:50]) + zstandard.compress(plain[50:]),
    ],
)
def test_packed_files_are_read_whatever_they_are_called(file: Path, pack: object) -> None:
    plain = "\n".join(json.dumps(row) for row in rows(*map(str, range(3000)))).encode()
    assert Read(write(file, pack(plain)), format="jsonl").texts == [str(n) for n in range(3000)]  # type: ignore[operator]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_is_read_in_the_letters_it_is_written_in(file: Path, encoding: str) -> None:
    assert Read(write(file, CSV.encode(encoding)), format="csv").texts == ["Hello, you", "Über"]


def test_windows_letters_are_found_out_far_into_a_file(file: Path) -> None:
    plain = b"text,date\n" + b"x,2026-07-04\n" * 80_000 + "Straße,2026-07-04\n".encode("cp1252")
    assert Read(write(file, plain), format="csv").texts[-1] == "Straße"


def test_a_broken_letter_in_utf8_costs_its_row(file: Path) -> None:
    read = Read(
        write(file, "text,date\nÜber,2026-07-04\n".encode() + b"\xff\xfe!,2026-07-04\nend,2026-07-04\n"), format="csv"
    )
    assert read.texts == ["Über", "end"]
    assert read.problems == [(3, "Its letters are not UTF-8 (byte 0).")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_out(file: Path, separator: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([["text", "date"], ["a;b,c\td", "2026-07-04"]])
    assert Read(write(file, out.getvalue()), format="csv").texts == ["a;b,c\td"]


def test_quoted_line_breaks_belong_to_the_text(file: Path) -> None:
    read = Read(write(file, 'text,date\r\n"one\r\ntwo",2026-07-04\r\nbad,never\r\n'), format="csv")
    assert read.texts == ["one\ntwo"]
    assert [line for line, _ in read.problems] == [4]


def test_a_carriage_return_alone_is_a_line_break_in_a_text(file: Path) -> None:
    assert Read(write(file, "text,date\na\r\rb,2026-07-04\n"), format="csv").texts == ["a\n\nb"]


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.text(alphabet='",;\n\t ab')), min_size=1
    )
)
def test_csv_gives_back_what_was_written(pairs: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(
        [["text", "title", "date"], *((a, b, "2026-07-04") for a, b in pairs)]
    )
    with tempfile.TemporaryDirectory() as folder:
        columns = {"text": "text", "title": "title", "created_at": "date"}
        read = Read(write(Path(folder, "f"), out.getvalue()), format="csv", columns=columns)
    told = [(a if a.strip() else "", b if b.strip() else None) for a, b in pairs if a.strip() or b.strip()]
    assert [(post.text, post.title) for post in read.posts] == told


def test_what_was_guessed_is_said(file: Path) -> None:
    read = Read(write(file, "Tweet;Created At\nHi;03/04/2026 10:00\n"), format="csv")
    assert read.posts[0].created_at.isoformat() == "2026-03-04T10:00:00+00:00"
    assert "text=Tweet, created_at=Created At" in read.said[0]
    assert any("--network" in words for words in read.said)
    assert any("--dates dmy" in words for words in read.said)


def test_the_first_rows_settle_the_order_of_day_and_month(file: Path) -> None:
    read = Read(write(file, "text,date\na,03-02-2015 10:00\nb,20-02-2015 23:00\nc,02/30/2015\n"), format="csv")
    assert [post.created_at.month for post in read.posts] == [2, 2]
    assert len(read.problems) == 1


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "text,b\n1,2\n", "date,c\n2026-07-04,2\n"])
def test_columns_that_nobody_can_guess_are_asked_for(file: Path, content: str) -> None:
    with pytest.raises(NeedsMap, match="--map"):
        Read(write(file, content), format="csv")


def test_a_mapped_column_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(NeedsMap, match=r"“body”.*text, created_at, user"):
        Read(write(file, CSV), format="csv", columns={"text": "body", "created_at": "created_at"})


# --- What is wrong -------------------------------------------------------------------------------------------------

GOOD = json.dumps(POST).encode()
DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
BAD_LINES = [
    (b"not json", "JSON"),
    (b"\xff\xfe\xfd", "UTF-8|JSON"),
    (b'{"network": "forum"', "JSON|truncated"),
    (DEEP, "deep"),
    (b"[" * 100_000, "deep|JSON|object|list"),
    (b'{"id": 1e999, "text": "x", "created_at": "2026-07-04"}', "range|JSON|text|id"),
    (b"5", "object"),
    (b"null", "object"),
    (b'"text"', "object"),
    (b'{"text": "\\ud800", "created_at": "2026-07-04"}', "JSON|truncated|network"),
    (b"\x00\x00\x00", "JSON"),
]


@pytest.mark.parametrize("format", ["jsonl", "mastodon", "x", "jetstream", "post"])
@pytest.mark.parametrize(("bad", "_why"), BAD_LINES)
def test_a_bad_line_is_named_and_costs_itself_alone(file: Path, format: str, bad: bytes, _why: str) -> None:
    good = {
        "post": POST,
        "jsonl": {"text": "Hello", "date": "2026-07-04"},
        "x": {"id": "5", "text": "Hello", "created_at": "2026-07-04T12:00:00Z"},
        "mastodon": {"uri": "https://a.example/1", "content": "Hello", "created_at": "2026-07-04T12:00:00Z"},
        "jetstream": {
            "did": "did:plc:abc", "time_us": 1751630286000000, "kind": "commit",
            "commit": {"rev": "1", "operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k",
                       "record": {"$type": "app.bsky.feed.post", "text": "Hello", "createdAt": "2026-07-04T12:00:00Z"}},
        },
    }[format]  # fmt: skip
    line = json.dumps(good).encode()
    read = Read(write(file, line + b"\n" + bad + b"\n" + line), format=format)
    assert read.texts == ["Hello", "Hello"]
    assert [number for number, _ in read.problems] == [2]
    assert len(read.problems[0][1]) < 500


@pytest.mark.parametrize(
    "bad", [b"\xff\xfe\xfd", b"\xfe\xff", b"\x00", b"\x1f", b"(\xb5", b"[", b"{", b'[{"a"', b'"', b"]"]
)
def test_a_bad_first_line_is_not_taken_for_a_kind_of_file(file: Path, bad: bytes) -> None:
    read = Read(write(file, bad + b"\n" + GOOD + b"\n" + GOOD), format="post")
    assert read.texts == ["Hello", "Hello"]
    assert [number for number, _ in read.problems] == [1]


def test_an_endless_line_is_skipped_within_bounds(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "LONGEST_RECORD", 1000)
    line = json.dumps(rows("a")[0]).encode()
    read = Read(write(file, line + b"\n" + b"x" * 3_000_000 + b"\n" + line), format="jsonl")
    assert read.texts == ["a", "a"]
    assert [number for number, _ in read.problems] == [2]


def test_a_list_that_never_ends_stops_within_bounds(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "LONGEST_RECORD", 1000)
    line = json.dumps(rows("a")[0]).encode()
    read = Read(write(file, b"[\n" + line + b',\n{"text": "' + b"x" * 5_000_000), format="jsonl")
    assert read.texts == ["a"]
    assert "never closed" in read.problems[0][1]


@pytest.mark.parametrize("cut", [b"[", b'[{"a": 1}, {"b"', b'[{"a": 1}]]', b'[{"a": 1}] tail', b'[{"a": 1}] {"b": 2}'])
def test_a_list_that_is_cut_off_or_goes_on_is_a_problem_of_the_file(cut: bytes) -> None:
    with pytest.raises(opening.Broken):
        list(records_of(io.BufferedReader(io.BytesIO(cut))))  # type: ignore[arg-type]


def test_a_packed_bomb_is_not_read_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "ALWAYS_ALLOWED", 1 << 20)
    for bomb in (gzip.compress(b"0" * (30 << 20)), zstandard.compress(b"0" * (30 << 20))):
        read = Read(write(file, bomb), format="jsonl")
        assert read.posts == []
        assert "times its size" in read.problems[-1][1]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_that_was_cut_off_gives_what_it_holds(file: Path, pack: object) -> None:
    texts = [random.Random(n).randbytes(60).hex() for n in range(20_000)]
    packed = pack("\n".join(json.dumps(row) for row in rows(*texts)).encode())  # type: ignore[operator]
    read = Read(write(file, packed[: len(packed) // 2]), format="jsonl")
    assert 0 < len(read.texts) < 20_000
    assert read.texts == texts[: len(read.texts)]
    assert read.problems


def test_a_damaged_packed_file_is_a_problem_of_the_file(file: Path) -> None:
    packed = bytearray(gzip.compress(b"\n".join([GOOD] * 5)))
    packed[20:24] = b"\xff\xff\xff\xff"
    assert Read(write(file, bytes(packed)), format="post").problems


@pytest.mark.parametrize(
    "magic", [b"PK\x03\x04....", b"BZh91AY", b"\xfd7zXZ\x00...", b"%PDF-1.4", b"SQLite format 3\x00"]
)
def test_other_kinds_of_file_are_named(file: Path, magic: bytes) -> None:
    with pytest.raises(opening.CannotOpen, match="It is"):
        Read(write(file, magic + b"x" * 100))


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, Path("a\0b")):
        with pytest.raises(opening.CannotOpen):
            Read(path)
        with pytest.raises(opening.CannotOpen):
            fingerprint(str(path))


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_file_holds_nothing(file: Path, format: str) -> None:
    read = Read(write(file, b""), format=format)
    assert read.posts == []
    assert bool(read.problems) is (format == "csv")


@pytest.mark.parametrize(
    ("content", "texts", "problems"),
    [
        (b'text,date\n"never closed,2026-07-04\nb,2026-07-04\nc,2026-07-04\n', ["b", "c"], [2]),
        (b"text,date\na,2026-07-04,x,y\nb,2026-07-04\n", ["b"], [2]),
        (b"text,date\na,2026-07-04,,\n", ["a"], []),
        (b"text,date\na\nb,2026-07-04\n", ["b"], [2]),
        (b"text,date\n\n\nb,2026-07-04\n", ["b"], []),
        (b"text,date\na\x00b,2026-07-04\n", ["a\x00b"], []),
        (b"text,date\n=1+1,2026-07-04\n@x,2026-07-04\n", ["=1+1", "@x"], []),
        (b"text,date\n" + b"x" * 5_000_000 + b",2026-07-04\nb,2026-07-04\n", ["b"], [2]),
        (b"text,date\n" + b"," * 100_000 + b"\nb,2026-07-04\n", ["b"], []),
        (b"text,text,date\na,b,2026-07-04\n", ["a"], []),
    ],
)
def test_bad_csv_costs_the_rows_it_stands_in(file: Path, content: bytes, texts: list[str], problems: list[int]) -> None:
    read = Read(write(file, content), format="csv")
    assert (read.texts, [line for line, _ in read.problems]) == (texts, problems)


def test_a_cell_that_never_ends_is_given_up_within_bounds(file: Path) -> None:
    content = b'text,date\na,2026-07-04\n"' + b"x\n" * 600_000 + b"b,2026-07-04\n"
    read = Read(write(file, content), format="csv")
    assert read.texts == ["a", "b"]
    assert read.problems[0] == (3, "A cell is longer than 1,000,000 characters: is a quotation mark not closed?")


def test_a_header_that_is_none_is_a_problem_of_the_file(file: Path) -> None:
    for header in (b"\xff\xff\x81\n", b"," * 10_000 + b"x\n"):
        read = Read(write(file, header + b"a,b\n"), format="csv")
        assert read.posts == []
        assert read.problems[0][0] is None


# --- Going on, and the plug ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_it_goes_on_after_any_record(file: Path, format: str) -> None:
    if format == "csv":
        write(file, gzip.compress(b"text,date\n" + b"".join(b'"r\n%d",2026-07-04\n' % n for n in range(2_500))))
    else:
        write(file, json.dumps(rows(*(f"r\n{n}" for n in range(2_500)))))
    settings = FileSettings(path=str(file), format=format)  # type: ignore[arg-type]
    whole = [e.post.text for p in read_file(settings) for e in p.batch.events if isinstance(e, Written)]
    assert len(whole) == 2_500
    for piece in read_file(settings):
        place = place_of(piece.batch.cursor)
        rest = [
            e.post.text
            for p in read_file(settings, after=place.records)
            for e in p.batch.events
            if isinstance(e, Written)
        ]
        assert rest == whole[place.records :]
        assert place.done is piece.is_last


def test_it_is_a_source_that_ends() -> None:
    assert isinstance(SOURCE, Source)
    assert SOURCE.rewind("7", by=timedelta(minutes=1)) == "7"
    assert len(SOURCE.parse(GOOD)) == 1


def test_as_a_connection_it_reads_from_the_cursor_on(file: Path) -> None:
    write(file, b"\n".join(json.dumps({**POST, "id": str(n)}).encode() for n in range(1_500)))
    settings = FileSettings(path=str(file), fingerprint=fingerprint(str(file)))

    async def listen(cursor: str | None) -> list[int]:
        return [len(batch.events) async for batch in SOURCE.listen(settings, cursor=cursor, secrets={})]

    assert sum(asyncio.run(listen(None))) == 1_500
    assert sum(asyncio.run(listen('{"records": 1000}'))) == 500
    assert asyncio.run(listen('{"records": 1500, "done": true}')) == []
    assert sum(asyncio.run(listen("nonsense"))) == 1_500


def test_a_connection_reads_no_file_but_the_one_it_was_made_for(file: Path) -> None:
    write(file, GOOD)
    settings = FileSettings(path=str(file), fingerprint="0" * 32)

    async def listen() -> None:
        async for _batch in SOURCE.listen(settings, cursor=None, secrets={}):
            pass

    with pytest.raises(NeedsHands, match="not the file"):
        asyncio.run(listen())
    with pytest.raises(NeedsHands):
        asyncio.run(SOURCE.check(settings, secrets={}))


def test_the_same_content_has_the_same_fingerprint_under_another_name(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a", GOOD), write(tmp_path / "b", GOOD)
    assert fingerprint(str(one)) == fingerprint(str(two))
    assert fingerprint(str(one)) != fingerprint(str(write(tmp_path / "c", zlib.compress(GOOD))))
