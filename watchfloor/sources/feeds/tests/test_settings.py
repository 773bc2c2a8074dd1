"""What people write into the form: addresses one a line, or a whole OPML file."""

from __future__ import annotations

import msgspec
import pytest

from watchfloor.sources.feeds.settings import FeedsSettings
from watchfloor.sources.feeds.source import SOURCE
from watchfloor.sources.feeds.state import read_cursor, rewind
from watchfloor.sources.forms import ConnectionForm
from watchfloor.sources.source import NeedsHands

OPML = """<?xml version="1.0"?><opml version="2.0"><body><outline text="News">
<outline type="rss" text="A &amp; B" xmlUrl="https://a.example/feed?x=1&amp;y=2" htmlUrl="https://a.example"/>
<outline xmlUrl='https://b.example/rss'/><outline xmlUrl="https://a.example/feed?x=1&amp;y=2"/></outline></body></opml>"""


def settings(*addresses, **more):
    return msgspec.convert({"addresses": addresses, **more}, FeedsSettings)


def test_an_opml_file_pasted_into_the_field_becomes_its_addresses():
    told = settings(*OPML.splitlines())
    assert told.addresses == ("https://a.example/feed?x=1&y=2", "https://b.example/rss")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("example.org", "https://example.org"),
        ("example.org:8080/feed", "https://example.org:8080/feed"),
        ("feed://example.org/rss", "https://example.org/rss"),
        ("feed:https://example.org/rss", "https://example.org/rss"),
        (" http://example.org/rss ", "http://example.org/rss"),
    ],
)
def test_addresses_are_kept_whole(written, kept):
    assert settings(written, "", "# a remark", written).addresses == (kept,)


@pytest.mark.parametrize(
    ("addresses", "says"),
    [
        ((), "at least one"),
        (("",), "at least one"),
        (("ftp://example.org",), "no address of a feed or page"),
        (("file:///etc/passwd",), "no address"),
        (("https://[",), "no address"),
        (("https://a b",), "no address"),
        (("https://u:secret@example.org",), "without a user name"),
        (("<opml>", "</opml>"), "names no feed"),
        (tuple(f"https://example.org/{n}" for n in range(301)), "at most 300"),
        (("https://example.org/" + "x" * 3_000,), "no address"),
    ],
)
def test_what_is_no_address_is_refused_in_a_sentence(addresses, says):
    with pytest.raises(msgspec.ValidationError, match=says):
        settings(*addresses)


@pytest.mark.parametrize("wrong", [{"most_often_minutes": 1}, {"at_least_every_hours": 0}, {"kind": "x"}, {"foo": 1}])
def test_other_wrong_settings_are_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        settings("https://example.org", **wrong)


@pytest.mark.django_db
def test_the_form_takes_a_list_and_says_what_is_wrong():
    form = ConnectionForm(SOURCE, {"name": "Press", "setting_addresses": OPML, "setting_comments": "on"})
    assert form.is_valid(), form.errors
    assert list(form.settings["addresses"]) == ["https://a.example/feed?x=1&y=2", "https://b.example/rss"]
    wrong = ConnectionForm(SOURCE, {"name": "Press", "setting_addresses": "ftp://x"})
    assert not wrong.is_valid()
    assert "no address of a feed or page" in str(wrong.errors)
    assert not ConnectionForm(SOURCE, {"name": "Press", "setting_addresses": ""}).is_valid()


def test_the_cost_is_said_by_feeds_and_rhythm():
    cost = SOURCE.cost(settings("https://a.example", "https://b.example"))
    assert (cost.requests_per_hour, cost.money_per_1000_posts) == (12, 0)
    assert "every 10 minutes to each of 2 feeds" in cost.note


@pytest.mark.parametrize("cursor", ["", "x", "{}", '{"feeds":7}', '{"feeds":[{}]}', "[" * 10_000])
def test_a_cursor_that_is_none_of_ours_needs_hands(cursor):
    with pytest.raises(NeedsHands, match="can't be read"):
        read_cursor(cursor)


def test_going_back_reads_every_feed_whole():
    assert rewind(None, by=None) is None
    cursor = '{"feeds":[{"address":"https://a.example","etag":"x","modified":"y","known":"00000"}],"quiet":{}}'
    feed = read_cursor(rewind(cursor, by=None)).feeds[0]
    assert (feed.etag, feed.modified, feed.known) == (None, None, "")
