"""The last 24 hours of a connection on its page: rhythm, coverage by minute, gaps and whether they were fetched."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.sources.day import days
from watchfloor.sources.minutes import minute_of
from watchfloor.sources.models import Connection, ConnectionGap, HeardHour
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def bluesky(cast):
    return Connection.objects.create(
        name="Bluesky", source="bluesky", state="live", heard_at=NOON, last_post_at=NOON, covered_since=NOON - DAY,
        covered_until=NOON, made_at=NOON - DAY,
    )  # fmt: skip


DAY = timedelta(hours=24)


def heard(connection, posts):
    """`posts(n)` came in the n-th minute before noon; None: it is not covered."""
    rows = {}
    for n in range(1, 24 * 60 + 1):
        hour, at = divmod(minute_of(NOON) - n, 60)
        row = rows.setdefault(hour, [0, array("I", bytes(240))])
        if (count := posts(n)) is not None:
            row[0] |= 1 << at
            row[1][at] = count
    for hour, (covered, counts) in rows.items():
        HeardHour.objects.create(connection=connection, hour=hour, covered=covered, received=counts.tobytes())


def test_now_against_what_is_usual(bluesky):
    heard(bluesky, lambda n: 30 if n <= 10 else 6)
    day = days([bluesky], NOON)[bluesky.pk]
    assert (day.now, day.usual, day.part, day.is_low) == (30.0, 6.0, 1.0, False)
    assert sum(bar.posts for bar in day.bars) == 300 + 1430 * 6


def test_minutes_that_were_not_covered_do_not_lower_what_is_usual(bluesky):
    heard(bluesky, lambda n: None if 100 < n <= 700 else 6)
    day = days([bluesky], NOON)[bluesky.pk]
    assert (day.usual, day.lost_minutes, day.percent) == (6.0, 600, "58.3 %")


def test_far_below_the_usual_is_said(cast, bluesky, client):
    heard(bluesky, lambda n: 0 if n <= 10 else 6)
    assert days([bluesky], NOON)[bluesky.pk].is_low
    client.force_login(cast.ana)
    assert "low" in client.get("/sources/").content.decode()


def test_a_network_that_says_little_is_not_called_low(bluesky):
    heard(bluesky, lambda n: 1 if n % 60 == 0 else 0)
    assert not days([bluesky], NOON)[bluesky.pk].is_low


def test_without_a_sign_of_life_now_is_unknown(bluesky):
    heard(bluesky, lambda n: 6)
    bluesky.heard_at = NOON - timedelta(hours=1)
    assert days([bluesky], NOON)[bluesky.pk].now is None


def test_what_is_usual_takes_an_hour_to_learn(bluesky):
    heard(bluesky, lambda n: 5 if n <= 30 else None)
    assert days([bluesky], NOON)[bluesky.pk].usual is None


def test_the_strip_shows_stretches_with_why_on_hover(cast, bluesky, client):
    heard(bluesky, lambda n: None if 60 < n <= 90 else 3)
    ConnectionGap.objects.create(
        connection=bluesky, since=NOON - timedelta(minutes=90), until=NOON - timedelta(minutes=60),
        why="Too <old> for it.", found_at=NOON,
    )  # fmt: skip
    day = days([bluesky], NOON)[bluesky.pk]
    assert [(run.state, run.at, run.length) for run in day.runs] == [
        ("covered", 0, 1350), ("lost", 1350, 30), ("covered", 1380, 60),
    ]  # fmt: skip
    client.force_login(cast.ana)
    page = client.get(f"/sources/{bluesky.pk}/").content.decode()
    assert "10:30–11:00: not covered. Too &lt;old&gt; for it." in page
    assert "30 minutes are missing" in page


def test_it_never_says_100_while_a_minute_is_missing(bluesky):
    heard(bluesky, lambda n: None if n == 700 else 3)
    assert days([bluesky], NOON)[bluesky.pk].percent == "99.9 %"


def test_gaps_say_whether_they_were_fetched(cast, bluesky, client):
    for n, (fields, _words) in enumerate(GAPS):
        since = NOON - timedelta(hours=n + 1)
        ConnectionGap.objects.create(
            connection=bluesky, since=since, until=since + timedelta(minutes=5), why=f"Why {n}", found_at=NOON, **fields
        )
    client.force_login(cast.ana)
    page = client.get(f"/sources/{bluesky.pk}/").content.decode()
    for _fields, words in GAPS:
        assert words in page
    listed = client.get("/sources/").content.decode()
    assert '<span class="wf-st wf-st-due">2</span>' in listed


GAPS = [
    ({}, "missing"),
    ({"is_outage": True}, "being fetched"),
    ({"is_outage": True, "filled_at": NOON}, "fetched"),
]


def test_a_connection_that_was_just_made_has_nothing_to_show_and_says_so(cast, client):
    new = Connection.objects.create(name="New", source="bluesky", made_at=NOON)
    client.force_login(cast.owner)
    page = client.get(f"/sources/{new.pk}/").content.decode()
    assert "nothing was to be covered" in page
    assert client.get("/sources/").status_code == 200


def test_a_file_and_a_recording_with_its_own_dates_have_no_day(cast, client):
    file = Connection.objects.create(name="File", source="file", settings={})
    recording = Connection.objects.create(name="R", source="replay", has_own_clock=True, covered_since=NOON)
    assert days([file, recording], NOON) == {}
    client.force_login(cast.owner)
    assert "its own dates" in client.get(f"/sources/{recording.pk}/").content.decode()


def test_the_cursor_is_for_support_alone(cast, bluesky, client):
    Connection.objects.update(cursor='{"host": "wss://a"}')
    client.force_login(cast.ana)
    assert b"wss://a" not in client.get(f"/sources/{bluesky.pk}/").content
    client.force_login(cast.owner)
    page = client.get(f"/sources/{bluesky.pk}/").content.decode()
    assert page.index("For support") < page.index("wss://a")
