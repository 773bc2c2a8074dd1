"""What each kind of Jetstream line becomes."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.bluesky.parse import parse, read_line
from watchfloor.sources.bluesky.tests.lines import ANA, BEN, CAPTURED, post_line
from watchfloor.sources.post import Author, Media
from watchfloor.sources.source import AuthorChanged, AuthorRenamed, Deleted, Unreadable, Written

BLOB = "bafkreiabcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst"
ROOT = f"at://{BEN}/app.bsky.feed.post/3mptaaaaaaa2c"
NOW_US = 1_783_175_888_000_000


def written(name):
    [event] = parse(CAPTURED[name])
    assert isinstance(event, Written)
    return event


def post(name):
    return written(name).post


def changed(line, **fields):
    """The line with fields of its record replaced; a field that is `...` is taken out."""
    value = msgspec.json.decode(line)
    for name, new in fields.items():
        value["commit"]["record"].pop(name, None)
        if new is not ...:
            value["commit"]["record"][name] = new
    return msgspec.json.encode(value)


def test_a_plain_post():
    event = written("plain")
    assert not event.edited
    assert event.raw == CAPTURED["plain"]
    key = event.post.id.rsplit("/", 1)[1]
    assert event.post.network == "bluesky"
    assert event.post.id == f"at://{ANA}/app.bsky.feed.post/{key}"
    assert event.post.url == f"https://bsky.app/profile/{ANA}/post/{key}"
    assert event.post.text == "The keynote starts in ten minutes, hall B is full."
    assert event.post.created_at == datetime(2026, 7, 4, 14, 38, 8, 999_000, tzinfo=UTC)
    assert event.post.lang == "en"
    assert event.post.author == Author(id=ANA)  # the stream does not tell the handle
    assert (event.post.reply_to, event.post.quote_of, event.post.conversation) == (None, None, None)


def test_a_reply_knows_what_it_answers_and_its_thread():
    assert post("reply").reply_to == f"at://{BEN}/app.bsky.feed.post/3mptbbbbbbb2c"
    assert post("reply").conversation == ROOT


def test_the_links_real_target_counts_not_its_shortened_text():
    assert post("facets").links == ("https://example.org/talks/2026/keynote.pdf",)


def test_a_card_is_a_link():
    assert post("external").links == ("https://news.example.org/day-one",)
    assert post("external").media == ()


def test_pictures_carry_their_descriptions():
    url = f"https://cdn.bsky.app/img/feed_fullsize/plain/{ANA}/{BLOB}@jpeg"
    assert post("images").media == (Media("photo", url, "The stage from the balcony"), Media("photo", url, None))


def test_a_video_carries_its_description():
    [video] = post("video").media
    assert (video.kind, video.alt) == ("video", "Applause")
    assert video.url == f"https://video.bsky.app/watch/{ANA.replace(':', '%3A')}/{BLOB}/playlist.m3u8"


def test_quotes_of_posts_are_quotes():
    assert post("quote").quote_of == ROOT
    assert post("quote_with_image").quote_of == ROOT
    assert [media.alt for media in post("quote_with_image").media] == ["会場"]
    assert post("quote_with_card").quote_of == ROOT
    assert post("quote_with_card").links == ("https://example.org/more",)


def test_an_embedded_list_is_no_quote():
    assert post("list").quote_of is None


def test_the_first_declared_language_counts():
    assert post("external").lang == "en-US"
    assert post("no_language").lang is None
    [event] = parse(post_line(NOW_US, langs=["not a language!", "en"]))
    assert event.post.lang is None


def test_an_update_is_an_edit():
    assert written("edited").edited


def test_a_delete_names_the_post():
    [event] = parse(CAPTURED["deleted"])
    key = msgspec.json.decode(CAPTURED["deleted"])["commit"]["rkey"]
    assert event == Deleted("bluesky", f"at://{ANA}/app.bsky.feed.post/{key}")


@pytest.mark.parametrize("name", ["like", "repost", "foreign", "identity_bare"])
def test_other_records_are_of_no_interest(name):
    assert parse(CAPTURED[name]) == []
    assert read_line(CAPTURED[name]).time_us is not None


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("deleted", "gone"),
        ("deactivated", "hidden"),
        ("suspended", "hidden"),
        ("takendown", "hidden"),
        ("active", "back"),
    ],
)
def test_account_states(name, state):
    assert parse(CAPTURED[f"account_{name}"]) == [AuthorChanged("bluesky", BEN, state)]


def test_an_inactive_account_is_hidden_whatever_the_reason_is_called():
    assert parse(CAPTURED["account_deactivated"].replace(b"deactivated", b"tomorrow")) == [
        AuthorChanged("bluesky", BEN, "hidden")
    ]


def test_an_identity_tells_the_handle():
    assert parse(CAPTURED["identity"]) == [AuthorRenamed("bluesky", BEN, handle="ben.example.org")]
    assert parse(CAPTURED["identity"].replace(b"ben.example.org", b"handle.invalid")) == []


# --- What is not understood ----------------------------------------------------------------------------------------


def test_known_fields_are_not_counted_as_unknown():
    assert {name: read_line(line).unknown for name, line in CAPTURED.items() if read_line(line).unknown} == {}


def test_unknown_fields_are_told_by_path_and_do_not_lose_the_post():
    line = changed(
        CAPTURED["images"], via="app", embed={"$type": "app.bsky.embed.images", "images": [{"alt": "x", "exif": 1}]}
    )
    read = read_line(line)
    assert set(read.unknown) == {"via", "embed.images.exif"}
    assert read.event.post.media == (Media("photo", None, "x"),)
    assert read.event.raw == line


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("embed", "none"),
        ("embed", {"images": "many"}),
        ("embed", {"$type": "app.bsky.embed.record", "record": 7}),
        ("facets", {"index": {}}),
        ("facets", [{"features": None}]),
        ("langs", "en"),
        ("langs", [1]),
        ("reply", []),
    ],
)
def test_a_part_of_the_wrong_type_is_left_out_and_told(field, value):
    read = read_line(changed(CAPTURED["plain"], **{field: value}))
    assert field in read.unknown
    assert isinstance(read.event, Written)
    assert read.event.post.text.startswith("The keynote")


@pytest.mark.parametrize("field", ["embed", "facets", "langs", "reply", "labels", "tags"])
def test_a_part_that_is_null_is_as_if_absent(field):
    assert isinstance(read_line(changed(CAPTURED["plain"], **{field: None})).event, Written)


def test_a_new_kind_of_embed_leaves_the_post_readable():
    embed = {"$type": "app.bsky.embed.hologram", "hologram": {"depth": 3}, "alt": "a ghost"}
    read = read_line(changed(CAPTURED["plain"], embed=embed))
    assert read.unknown == ("embed.hologram",)
    assert isinstance(read.event, Written)


def test_names_of_unknown_fields_are_few_and_short():
    read = read_line(changed(CAPTURED["plain"], **{f"{'x' * 500}{number}": 1 for number in range(100)}))
    assert len(read.unknown) == 20
    assert max(map(len, read.unknown)) <= 64


# --- What can't be read --------------------------------------------------------------------------------------------

PLAIN = CAPTURED["plain"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b"{",
        b"\xff\xfe\x00",
        PLAIN[:-10],
        PLAIN + b"x",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        PLAIN.replace(b'"time_us":', b'"time_us":"x","y":'),
        PLAIN.replace(b'"time_us":1', b'"time_us":-1'),
        PLAIN.replace(b'"time_us":1', b'"time_us":99999999999999999999999999'),
        PLAIN.replace(b'"kind":"commit"', b'"kind":"surprise"'),
        PLAIN.replace(b'"kind":"commit"', b'"kind":"account"'),
        PLAIN.replace(b'"create"', b'"explode"'),
        PLAIN.replace(ANA.encode(), b"not-a-did"),
        PLAIN.replace(ANA.encode(), b"did:plc:x/../../evil"),
        PLAIN.replace(b'"rkey":"', b'"rkey":"../../'),
        PLAIN.replace(b'"rkey":"', b'"rkey":"<script>'),
        PLAIN.replace(b'"record":{', b'"record":7,"x":{'),
        PLAIN.replace(b'"record":{', b'"no_record":{'),
        PLAIN.replace(b'"record":{', b'"record":[[],{'.replace(b"[[],{", b'[],"x":{')),
        changed(PLAIN, text=...),
        changed(PLAIN, text=None),
        changed(PLAIN, text=["a"]),
        changed(PLAIN, text="x" * 10_001),
        changed(PLAIN, text="\\ud800").replace(b"\\\\ud800", b"\\ud800"),
        changed(PLAIN, createdAt=...),
        changed(PLAIN, createdAt="yesterday"),
        changed(PLAIN, createdAt="2026-07-04T14:38:08"),
        changed(PLAIN, createdAt="2026-02-30T00:00:00Z"),
        changed(PLAIN, createdAt="0000-01-01T00:00:00Z"),
        changed(PLAIN, createdAt="0001-01-01T00:00:00+23:59"),
        changed(PLAIN, createdAt="9999-12-31T23:59:59-23:59"),
        changed(PLAIN, createdAt=1783175888),
    ],
)
def test_what_can_not_be_read_is_told_and_never_raised(raw):
    [event] = parse(raw)
    assert isinstance(event, Unreadable)
    assert event.why
    assert len(event.excerpt) <= 200
    assert len(event.why) <= 300


def test_nul_characters_are_replaced_because_no_store_takes_them():
    [event] = parse(post_line(NOW_US, "a\0b", langs=["en\0"]))
    assert event.post.text == "a\ufffdb"
    assert b"\\u0000" not in event.raw
    [same] = parse(post_line(NOW_US, "the letters \\u0000"))
    assert same.post.text == "the letters \\u0000"


def test_links_to_other_schemes_are_not_taken():
    features = [
        {"$type": "app.bsky.richtext.facet#link", "uri": uri}
        for uri in ("javascript:alert(1)", "data:text/html,x", "HTTPS://Example.org/", "https://e.org/" + "x" * 5_000)
    ]
    [event] = parse(post_line(NOW_US, facets=[{"index": {"byteStart": 0, "byteEnd": 1}, "features": features}]))
    assert event.post.links == ("HTTPS://Example.org/",)


def test_links_pictures_and_descriptions_have_limits():
    feature = "app.bsky.richtext.facet#link"
    facets = [{"index": {}, "features": [{"$type": feature, "uri": f"https://e.org/{n}"}]} for n in range(1_000)]
    embed = {"$type": "app.bsky.embed.images", "images": [{"alt": "x" * 20_000}] * 100}
    [event] = parse(post_line(NOW_US, facets=facets, embed=embed))
    assert len(event.post.links) == 100
    assert len(event.post.media) == 20
    assert len(event.post.media[0].alt) == 10_000


@pytest.mark.parametrize("address", ["../../x", "a b", "x" * 300, '"><script>', ""])
def test_an_odd_blob_address_makes_no_url(address):
    embed = {"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": {"ref": {"$link": address}}}]}
    [event] = parse(post_line(NOW_US, embed=embed))
    assert event.post.media == (Media("photo"),)


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(raw):
    assert all(isinstance(event, Unreadable) for event in parse(raw))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["text", "createdAt", "langs", "reply", "facets", "embed", "labels", "tags", "entities", "other"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(sorted(CAPTURED)))
def test_any_record_is_answered(fields, name):
    line = msgspec.json.decode(CAPTURED[name])
    if "commit" in line:
        line["commit"].setdefault("record", {}).update(fields)
    for event in parse(msgspec.json.encode(line)):
        assert isinstance(event, Written | Deleted | AuthorChanged | AuthorRenamed | Unreadable)
        if isinstance(event, Written):
            assert event.post.created_at.tzinfo is not None
            msgspec.json.decode(msgspec.json.encode(event.post), type=type(event.post))


@given(st.sampled_from(sorted(CAPTURED)), st.data())
def test_any_damage_to_a_line_is_answered(name, data):
    line = bytearray(CAPTURED[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(line) - 1))
        line[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    assert len(parse(bytes(line))) <= 1
