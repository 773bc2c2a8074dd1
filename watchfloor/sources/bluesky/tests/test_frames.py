"""Frames of subscribeRepos: what they say, and what hostile ones can't do."""

from __future__ import annotations

import contextlib

import cbor2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.bluesky.frames import BadFrame, Frame, read_car, read_frame
from watchfloor.sources.bluesky.parse import parse
from watchfloor.sources.bluesky.tests.frames import (
    account_frame,
    car,
    cid_of,
    commit_frame,
    frame,
    link,
    record,
    varint,
)
from watchfloor.sources.bluesky.tests.lines import ANA, BEN, POSTS
from watchfloor.sources.source import AuthorChanged, AuthorRenamed, Deleted, Unreadable, Written


def events_of(raw):
    told = read_frame(raw)
    return [*told.unreadable, *(event for line in told.lines for event in parse(line))]


def test_a_commit_gives_the_post():
    raw = commit_frame(7, "straight from the server")
    [event] = events_of(raw)
    assert isinstance(event, Written)
    assert event.post.id == f"at://{ANA}/{POSTS}/3k7"
    assert event.post.text == "straight from the server"
    assert read_frame(raw).seq == 7
    assert read_frame(raw).time_us == 1_783_175_887_000_000


def test_the_line_is_jetstreams_own_form():
    block = cbor2.dumps(record(embed={"raw": b"hello", "file": link(cid_of(b"x"))}))
    raw = commit_frame(
        7, blocks=car(block), ops=[{"action": "create", "path": f"{POSTS}/k", "cid": link(cid_of(block))}]
    )
    [line] = read_frame(raw).lines
    told = msgspec.json.decode(line)
    assert list(told) == ["did", "time_us", "kind", "commit"]
    assert list(told["commit"]) == ["rev", "operation", "collection", "rkey", "record", "cid"]
    assert told["commit"]["record"]["embed"]["raw"] == {"$bytes": "aGVsbG8"}
    assert told["commit"]["record"]["embed"]["file"]["$link"].startswith("bafyrei")
    assert told["commit"]["cid"].startswith("bafyrei")


def test_edits_deletions_accounts_and_names():
    [edited] = events_of(commit_frame(7, action="update"))
    assert edited.edited
    assert events_of(commit_frame(7, action="delete")) == [Deleted("bluesky", f"at://{ANA}/{POSTS}/3k7")]
    deleted = account_frame(8, active=False, status="deleted")
    assert events_of(deleted) == [AuthorChanged("bluesky", ANA, "gone")]
    identity = frame("#identity", {"seq": 9, "did": BEN, "time": "2026-07-04T14:39:00Z", "handle": "ben.test"})
    assert events_of(identity) == [AuthorRenamed("bluesky", BEN, handle="ben.test")]


def test_other_records_are_not_even_decoded():
    op = {"action": "create", "path": "app.bsky.feed.like/k", "cid": link(cid_of(b"x"))}
    told = read_frame(commit_frame(7, blocks=b"no car at all", ops=[op]))
    assert told == Frame(7, told.time_us)


@pytest.mark.parametrize("kind", ["#sync", "#tomorrow"])
def test_other_frames_only_move_the_place(kind):
    raw = frame(kind, {"seq": 9, "did": BEN, "time": "2026-07-04T14:39:00Z"})
    assert read_frame(raw) == Frame(9, 1_783_175_940_000_000)


def test_information_and_errors_are_told_by_name():
    assert read_frame(frame("#info", {"name": "OutdatedCursor"})).info == "OutdatedCursor"
    assert read_frame(frame("", {"error": "FutureCursor", "message": "x"}, op=-1)).error == "FutureCursor"


def test_a_commit_that_was_too_big_is_told():
    [told] = events_of(commit_frame(7, tooBig=True, ops=[], blocks=b""))
    assert isinstance(told, Unreadable)
    assert "too big" in told.why


def test_one_bad_record_does_not_lose_the_others():
    good, bad = cbor2.dumps(record("good")), b"\xff\xff"
    ops = [
        {"action": "create", "path": f"{POSTS}/a", "cid": link(cid_of(bad))},
        {"action": "create", "path": f"{POSTS}/b", "cid": link(cid_of(good))},
    ]
    told, written = events_of(commit_frame(7, blocks=car(bad, good), ops=ops))
    assert isinstance(told, Unreadable)
    assert written.post.text == "good"


BLOCK = cbor2.dumps(record())
OTHER = cbor2.dumps(record("forged"))
COMMIT = commit_frame(7)


def op(**more):
    return [{"action": "create", "path": f"{POSTS}/k", "cid": link(cid_of(BLOCK)), **more}]


def of_record(value):
    """A commit whose record is these CBOR bytes."""
    return commit_frame(7, blocks=car(value), ops=op(cid=link(cid_of(value))))


BAD_FRAMES = {
    "empty": b"",
    "half a frame": COMMIT[: len(COMMIT) // 2],
    "only a header": cbor2.dumps({"op": 1, "t": "#commit"}),
    "text in place of CBOR": b'{"did":"did:plc:x"}',
    "two numbers": b"\x01\x02",
    "no seq": frame("#commit", {"repo": ANA}),
    "seq is text": commit_frame(7, seq="7"),
    "seq is true": commit_frame(7, seq=True),
    "seq is below zero": commit_frame(7, seq=-1),
    "seq is too large": commit_frame(7, seq=1 << 63),
    "no time": commit_frame(7, time=None),
    "time is no date": commit_frame(7, time="soon"),
    "time without a zone": commit_frame(7, time="2026-07-04T14:38:00"),
    "repo is a number": commit_frame(7, repo=7),
    "ops is no list": commit_frame(7, ops=7),
    "an op is no map": commit_frame(7, ops=[7]),
    "no blocks": commit_frame(7, blocks=None, ops=op()),
    "the block is missing": commit_frame(7, blocks=car(OTHER), ops=op()),
    "a block with another hash": commit_frame(
        7, blocks=car(BLOCK).replace(BLOCK, OTHER[: len(BLOCK)].ljust(len(BLOCK))), ops=op()
    ),
    "a CAR that is cut off": commit_frame(7, blocks=car(BLOCK)[:-5], ops=op()),
    "a length of 2^62": commit_frame(7, blocks=b"\x01\xa0" + varint(1 << 62) + b"x", ops=op()),
    "a length without end": commit_frame(7, blocks=b"\x01\xa0" + b"\xff" * 50, ops=op()),
    "a block shorter than its CID": commit_frame(7, blocks=b"\x01\xa0\x05\x01\x71\x12\x20x", ops=op()),
    "the CID is text": commit_frame(7, ops=op(cid="bafy")),
    "the record is a list": of_record(cbor2.dumps([1])),
    "nested without end": of_record(b"\x81" * 5_000 + b"\x00"),
    "a string of 2^60 bytes": of_record(b"\x7b\x10" + b"\0" * 7 + b"x"),
    "a list of 2^60 items": of_record(b"\x9b\x10" + b"\0" * 7),
    "an endless list": of_record(b"\x9f" + b"\x00" * 100),
    "a regular expression": of_record(cbor2.dumps({"text": cbor2.CBORTag(35, "(a+)+$")})),
    "shared references that grow": of_record(cbor2.dumps({"text": cbor2.CBORTag(28, [cbor2.CBORTag(29, 0)])})),
    "a big number": of_record(cbor2.dumps({"text": cbor2.CBORTag(2, b"\xff" * 100)})),
    "the same key twice": of_record(b"\xa2\x61a\x01\x61a\x02"),
    "a map under a list": of_record(b"\xa1\x81\x01\x02"),
    "undefined": of_record(b"\xa1\x61a\xf7"),
    "bad UTF-8": of_record(b"\xa1\x61a\x62\xff\xff"),
    "an account without a name": account_frame(7, did=None),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_bad_frame_is_told_and_never_raised(name):
    events = events_of(BAD_FRAMES[name])
    assert [type(event) for event in events] == [Unreadable]
    assert len(events[0].excerpt) <= 200
    assert len(events[0].why) <= 300


def test_a_bad_record_still_moves_the_place():
    told = read_frame(BAD_FRAMES["the block is missing"])
    assert (told.seq, len(told.unreadable)) == (7, 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(raw):
    assert isinstance(read_frame(raw), Frame)


@given(st.data())
def test_any_damage_to_a_frame_is_answered(data):
    raw = bytearray(COMMIT)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    assert isinstance(read_frame(bytes(raw)), Frame)


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_a_car_gives_back_its_blocks(blocks):
    assert read_car(car(*blocks)) == {cid_of(block): block for block in blocks}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_car_or_a_bad_frame(raw):
    with contextlib.suppress(BadFrame):
        assert isinstance(read_car(raw), dict)
