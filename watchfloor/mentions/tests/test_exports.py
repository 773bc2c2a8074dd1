from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.lib.cells import safe_cell
from watchfloor.listening.actions import make_topic
from watchfloor.mentions.tests.posts import deleted, stored
from watchfloor.sources.post import Author
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def ana(db, client):
    with time_machine.travel(NOON, tick=False):
        cast = make_cast()
        topic = make_topic(cast.mission, name="=Food", role="own", query="coffee", by=None)
        hostile = Author(id="1", handle="@sum", name="=HYPERLINK(1)")
        stored([topic], NOON - timedelta(hours=1), "=1+1 coffee", author=hostile, native_id="a")
        stored([topic], NOON - timedelta(hours=2), 'wifi, and\n"coffee"', native_id="b", sentiment=None)
        client.force_login(cast.ana)
        yield client


def rows(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_row_a_mention_and_no_formulas(ana):
    found = rows(ana.get("/m/pivot/export.csv"))
    assert [row["text"] for row in found] == ["'=1+1 coffee", 'wifi, and\n"coffee"']
    assert found[0]["author_name"] == "'=HYPERLINK(1)"
    assert found[0]["author_handle"] == "'@sum"
    assert found[0]["topics"] == "'=Food"
    assert found[1]["sentiment"] == ""
    assert found[0]["reposts"] == ""


def test_it_is_of_what_the_page_shows(ana):
    assert len(rows(ana.get("/m/pivot/export.csv", {"q": "wifi"}))) == 1
    assert len(rows(ana.get("/m/pivot/export.csv", {"since": "1h"}))) == 1


def test_what_was_deleted_is_in_no_later_export(ana):
    deleted("bluesky", "a")
    assert len(rows(ana.get("/m/pivot/export.csv"))) == 1


def test_jsonl_keeps_every_field(ana):
    lines = b"".join(ana.get("/m/pivot/export.jsonl").streaming_content).splitlines()
    first = json.loads(lines[0])
    assert first["text"] == "=1+1 coffee"
    assert first["author"]["name"] == "=HYPERLINK(1)"
    assert first["topics"] == ["=Food"]
    assert len(lines) == 2


@given(st.text())
def test_no_cell_begins_a_formula(text):
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell.removeprefix("'") in (text.replace("\x00", ""), text.replace("\x00", "").removeprefix("'"))


@pytest.mark.parametrize("value", [None, 3, -3, 0.5])
def test_numbers_stay_numbers(value):
    assert safe_cell(value) == value
