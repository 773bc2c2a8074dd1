"""Server-sent events, places and memory: the small parts by themselves."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.mastodon import SOURCE
from watchfloor.sources.mastodon.memory import MOST_KEPT, Memory
from watchfloor.sources.mastodon.place import NOTHING, Place, Recent, order
from watchfloor.sources.mastodon.settings import MastodonSettings, tokens_of
from watchfloor.sources.mastodon.sse import Events, Message
from watchfloor.sources.source import NeedsHands

# --- Server-sent events -----------------------------------------------------------------------------------------------

SENT = (
    b':)\nevent: update\ndata: {"a": 1}\n\n:thump\n\nevent: delete\ndata: 17\n\n'
    b"data: one\ndata: two\n\nevent: nothing\n\nid: 3\nretry: 5\nevent:update\ndata:x\n\n"
)
READ = [
    Message("update", b'{"a": 1}'),
    Message("delete", b"17"),
    Message("message", b"one\ntwo"),
    Message("update", b"x"),
]


@given(st.lists(st.integers(1, 30)), st.booleans())
def test_events_are_the_same_however_they_are_cut(sizes, with_returns):
    sent = SENT.replace(b"\n", b"\r\n") if with_returns else SENT
    events, found, at = Events(), [], 0
    for size in [*sizes, len(sent)]:
        found += events.feed(sent[at : at + size])
        at += size
    assert found == READ


@given(st.integers(1, 500), st.integers(0, 3))
def test_too_big_an_event_is_left_out_and_the_next_one_read(cut, lines):
    events = Events(most_bytes=1_000)
    sent = b"event: update\ndata: " + b"x" * 900 + b"\n" + b"data: y\n" * lines + b"data: " + b"z" * 3_000
    sent += b"\n\nevent: update\ndata: after\n\n"
    found = [message for at in range(0, len(sent), cut) for message in events.feed(sent[at : at + cut])]
    assert [message.event for message in found] == ["", "update"]
    assert found[1].payload == b"after"
    assert len(found[0].payload) <= 200


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_are_read_without_a_failure(pieces):
    events = Events(most_bytes=50)
    for piece in pieces:
        for message in events.feed(piece):
            assert len(message.payload) <= 200


# --- Places -----------------------------------------------------------------------------------------------------------


def test_ids_are_ordered_by_length_then_alphabet():
    assert order("99") < order("100") < order("109")
    assert order("01HXA") < order("01HXB")
    assert order(NOTHING) < order("1")


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=500), st.integers(1, 300))
def test_a_place_is_the_newest_and_asks_a_bounded_way_back(numbers, back):
    recent = Recent()
    for number in numbers:
        recent.add(str(number), number)
    place = recent.place(None, 0, back=back)
    newest = sorted(set(numbers))
    assert place.newest == str(newest[-1])
    assert order(place.ask) <= order(place.newest)
    assert sum(int(place.ask) < number for number in newest) < back


def test_a_place_never_moves_back():
    recent = Recent()
    recent.add("5", 5)
    assert recent.place(Place("9", "7", 0), 1) == Place("9", "7", 1)


# --- Memory -----------------------------------------------------------------------------------------------------------


def test_the_newest_numbers_survive_in_the_cursor():
    memory = Memory()
    for number in range(3 * MOST_KEPT):
        memory.learn("a.example", str(number), f"https://a.example/users/u{number % 50}/statuses/{number}")
    packed = memory.packed()
    again = Memory(packed)
    assert again.uri_of("a.example", str(3 * MOST_KEPT - 1)) == "https://a.example/users/u49/statuses/2999"
    assert again.uri_of("a.example", "0") is None
    assert again.uri_of("b.example", str(3 * MOST_KEPT - 1)) is None
    assert len(packed) < 60_000


@given(st.text())
def test_what_can_not_be_unpacked_is_forgotten(kept):
    assert Memory(kept).packed() == ""


# --- Settings ---------------------------------------------------------------------------------------------------------


def settings(**changes):
    return msgspec.convert({"servers": ["a.example"], "hashtags": ["x"], **changes}, MastodonSettings)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"servers": []}, "1 to 20 servers"),
        ({"servers": ["a.example", "https://A.example/"]}, "once"),
        ({"servers": ["https://a.example/path"]}, "alone"),
        ({"servers": ["https://u:p@a.example"]}, "alone"),
        ({"servers": ["ftp://a.example"]}, "no server"),
        ({"servers": ["a b"]}, "no server"),
        ({"servers": ["a.example:99999"]}, "no server"),
        ({"hashtags": []}, "Name a hashtag, or a stream"),
        ({"hashtags": ["two words"]}, "no hashtag"),
        ({"hashtags": ["123"]}, "no hashtag"),
        ({"hashtags": [f"t{n}" for n in range(51)]}, "50 hashtags"),
        ({"streams": ["list"]}, "Invalid enum value"),
        ({"poll_seconds": 1}, "5 to 3600"),
        ({"backfill_hours": -1}, "0 to 720"),
        ({"reply_visibility": "direct"}, "Invalid enum value"),
        ({"surprise": 1}, "unknown field"),
    ],
)
def test_wrong_settings_are_refused_with_a_sentence(changes, why):
    with pytest.raises(msgspec.ValidationError, match=why):
        settings(**changes)


def test_each_stream_is_followed_once():
    feeds = settings(streams=["public", "public"], hashtags=["#Pivot", "pivot", "Grüße"]).feeds
    assert feeds == ("public", "hashtag:pivot", "hashtag:grüße")


def test_tokens_are_told_apart_by_server():
    two = settings(servers=["a.example", "B.example"], reply_server="c.example")
    found = tokens_of(two, {"access_tokens": "tokenA b.example=tokenB\nc.example=tok=en"})
    assert found == {"https://a.example": "tokenA", "https://b.example": "tokenB", "https://c.example": "tok=en"}
    assert tokens_of(two, {}) == {}
    assert tokens_of(two, {"access_tokens": "abc=="}) == {"https://a.example": "abc=="}


@pytest.mark.parametrize("given_", ["d.example=token", "tökén", "a.example=" + "x" * 501])
def test_tokens_that_fit_nowhere_need_hands(given_):
    with pytest.raises(NeedsHands, match="token"):
        tokens_of(settings(), {"access_tokens": given_})


def test_the_cost_is_said_before_it_begins():
    cost = SOURCE.cost(settings(hashtags=["a", "b"]))
    assert cost.requests_per_hour == 24
    assert "240 an hour" in cost.note
    assert SOURCE.cost(settings(mode="poll")).requests_per_hour == 120
