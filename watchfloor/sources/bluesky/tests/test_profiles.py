"""What accounts are called: asked of a server that answers as the AppView is documented to (contract-tested)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from watchfloor.sources.bluesky import SOURCE
from watchfloor.sources.bluesky.profiles import read_profiles
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.bluesky.tests.app_view import refusing, running_app_view, saying
from watchfloor.sources.bluesky.tests.listening import allow
from watchfloor.sources.source import AsksNobody, AuthorRenamed, NeedsHands, TryAgain


def did(number):
    digits = "234567abcdefghijklmnopqrstuvwxyz"
    return "did:plc:" + digits[number // 32 % 32] + digits[number % 32] + "a" * 22


ANA, BEN, CLEO = did(1), did(2), did(3)


@pytest.fixture
def app_view(monkeypatch):
    with running_app_view() as view:
        allow(monkeypatch, view.url)
        yield view


def look_up(ids, view, **settings):
    settings = BlueskySettings(**{"profiles": view.url} | settings)
    return asyncio.run(SOURCE.look_up_authors(ids, settings, secrets={}))


def test_it_tells_handle_name_and_followers_of_all_in_one_request(app_view):
    app_view.add(ANA, "ana.example.org", name="Ana", followersCount=1_204)
    app_view.add(BEN, "ben.bsky.social")
    assert look_up([ANA, BEN, ANA, CLEO], app_view) == [
        AuthorRenamed("bluesky", ANA, "ana.example.org", "Ana", 1_204),
        AuthorRenamed("bluesky", BEN, "ben.bsky.social", None, 0),
    ]
    assert app_view.asked == [[ANA, BEN, CLEO]]


def test_it_asks_for_no_more_accounts_at_once_than_the_network_allows(app_view):
    look_up([did(number) for number in range(60)], app_view)
    assert [len(asked) for asked in app_view.asked] == [SOURCE.facts.authors_at_once] == [25]


@pytest.mark.parametrize(
    "not_an_account",
    ["", "ana", "did:plc:short", "did:key:z6Mk", "did:plc:" + "A" * 24, f"{ANA}&actors={BEN}", "x" * 999],
)
def test_an_id_that_the_network_can_not_know_does_not_spoil_the_request(app_view, not_an_account):
    app_view.add(ANA, "ana.example.org")
    assert [one.author_id for one in look_up([not_an_account, ANA], app_view)] == [ANA]
    assert look_up([not_an_account], app_view) == []
    assert app_view.asked == [[ANA]]


@pytest.mark.parametrize("off", ["", "none"])
def test_switched_off_it_asks_nobody(app_view, off):
    with pytest.raises(AsksNobody):
        look_up([ANA], app_view, profiles=off)
    assert app_view.asked == []


@pytest.mark.parametrize(
    "address", ["public.api.bsky.app", "wss://public.api.bsky.app", "https://ana:secret@example.org"]
)
def test_an_address_that_is_none_is_refused_when_it_is_saved(address):
    with pytest.raises(msgspec.ValidationError, match="address"):
        msgspec.convert({"profiles": address}, BlueskySettings)


def test_an_address_inside_the_network_is_not_asked(app_view, monkeypatch):
    monkeypatch.delenv("WATCHFLOOR_ALLOW_ADDRESSES")
    with pytest.raises(NeedsHands, match="not asked"):
        look_up([ANA], app_view)
    assert app_view.asked == []


# --- Refusals -------------------------------------------------------------------------------------------------------


def test_a_rate_limit_says_when_to_ask_again(app_view):
    app_view.instead = refusing(429, "RateLimitExceeded", **{"Retry-After": "90"})
    with pytest.raises(TryAgain) as limited:
        look_up([ANA], app_view)
    assert limited.value.after == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("status", "error"), [(500, TryAgain), (503, TryAgain), (400, NeedsHands), (401, NeedsHands), (501, NeedsHands)]
)
def test_a_refusal_says_whether_trying_again_can_help(app_view, status, error):
    app_view.instead = refusing(status, "Sorry")
    with pytest.raises(error, match="Sorry"):
        look_up([ANA], app_view)


def test_a_server_that_can_not_be_reached_is_tried_again(app_view, monkeypatch):
    allow(monkeypatch, "http://127.0.0.1:1")
    with pytest.raises(TryAgain):
        look_up([ANA], app_view, profiles="http://127.0.0.1:1")


def test_in_firehose_mode_a_rate_limit_is_not_gone_round(app_view):
    app_view.instead = refusing(429, "RateLimitExceeded", **{"Retry-After": "90"})
    with pytest.raises(TryAgain, match="getProfiles"):
        look_up([ANA], app_view, mode="firehose", service=app_view.url.replace("http", "ws"))


def test_a_relay_that_describes_no_repo_costs_one_request_and_no_names(app_view):
    app_view.add(ANA, "ana.example.org")
    service = app_view.url.replace("http", "ws")
    assert [one.author_id for one in look_up([ANA, BEN, CLEO], app_view, mode="firehose", service=service)] == [ANA]


# --- Hostile answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        None, 7, [], "profiles", {}, {"profiles": None}, {"profiles": {"did": ANA}},
        {"profiles": [None, 1, "x", [], {}]}, b"not json", b"", b"\xff\xfe", b'{"profiles":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_names_nobody(app_view, body):
    app_view.instead = saying(body)
    assert look_up([ANA], app_view) == []


def test_an_answer_that_is_too_big_is_not_read(app_view):
    app_view.instead = saying({"profiles": [], "padding": "x" * 3_000_000})
    with pytest.raises(TryAgain, match="more than"):
        look_up([ANA], app_view)


@pytest.mark.parametrize(
    "wrong",
    [
        {"did": 7}, {"did": None}, {"handle": 7}, {"handle": ["ana.example.org"]}, {"displayName": {"a": 1}},
        {"followersCount": "many"}, {"followersCount": True}, {"followersCount": 1.5},
    ],
)  # fmt: skip
def test_a_profile_with_wrong_types_is_left_out_and_the_others_stay(wrong):
    fine = {"did": BEN, "handle": "ben.example.org"}
    told = list(read_profiles([{"did": ANA, "handle": "ana.example.org"} | wrong, fine], [ANA, BEN]))
    assert told == [AuthorRenamed("bluesky", BEN, "ben.example.org")]


@pytest.mark.parametrize(
    "handle",
    [
        "<script>alert(1)</script>", "ana", "", "handle.invalid", "Handle.Invalid", "ana..example", "-ana.example",
        "ana.example\n", "anа.example", "ana.example/x", "a." * 130 + "org", "ana.7", "x" * 1_000_000,
    ],
)  # fmt: skip
def test_a_handle_that_is_none_is_not_told(handle):
    (told,) = read_profiles([{"did": ANA, "handle": handle, "displayName": "Ana"}], [ANA])
    assert (told.handle, told.name) == (None, "Ana")


@pytest.mark.parametrize(
    ("name", "told_name"),
    [
        ("x" * 10_000, "x" * 640),
        ("  Ana \n of\tPorto ", "Ana of Porto"),
        ("", None),
        (" \n ", None),
        ("<b>Ana</b>", "<b>Ana</b>"),
    ],
)
def test_names_are_cut_and_on_one_line(name, told_name):
    (told,) = read_profiles([{"did": ANA, "handle": "ana.example", "displayName": name}], [ANA])
    assert told.name == told_name


@pytest.mark.parametrize("followers", [-1, 2**53, 2**70])
def test_numbers_of_followers_that_can_not_be_are_not_told(followers):
    (told,) = read_profiles([{"did": ANA, "handle": "ana.example", "followersCount": followers}], [ANA])
    assert (told.handle, told.followers) == ("ana.example", None)


def test_accounts_that_were_not_asked_for_are_left_out_and_each_is_told_once():
    answer = [
        {"did": BEN, "handle": "ben.example"},
        {"did": ANA, "handle": "ana.example"},
        {"did": ANA, "handle": "somebody.else"},
    ]
    assert list(read_profiles(answer, [ANA])) == [AuthorRenamed("bluesky", ANA, "ana.example")]
