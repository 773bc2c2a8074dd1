"""Dates as files write them."""

from __future__ import annotations

import contextlib
import zoneinfo
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.sources.files.dates import Dates, NoDate, instant, is_ambiguous, order_of


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2018-07-10T09:00:00Z", utc(2018, 7, 10, 9)),
        ("2018-07-10T09:00:00+10:00", utc(2018, 7, 9, 23)),
        ("2018-07-10 09:00", utc(2018, 7, 10, 9)),
        ("2018-07-10", utc(2018, 7, 10)),
        ("20180710", utc(2018, 7, 10)),
        ("2018-07-10 09:00:00.123456 UTC", utc(2018, 7, 10, 9, 0, 0, 123456)),
        ("2018/07/10 09:00", utc(2018, 7, 10, 9)),
        ("Tue, 10 Jul 2018 09:00:00 GMT", utc(2018, 7, 10, 9)),
        ("10 Jul 2018 09:00:00 -0500", utc(2018, 7, 10, 14)),
        ("Tue, 10 Jul 2018 09:00:00 EST", utc(2018, 7, 10, 14)),
        ("Wed Oct 10 20:19:24 +0000 2018", utc(2018, 10, 10, 20, 19, 24)),
        ("October 10, 2018 8:19 PM", utc(2018, 10, 10, 20, 19)),
        ("10 October 2018", utc(2018, 10, 10)),
        ("1531180800", utc(2018, 7, 10)),
        ("1531180800.5", utc(2018, 7, 10, 0, 0, 0, 500_000)),
        (1531180800, utc(2018, 7, 10)),
        (1531180800000, utc(2018, 7, 10)),
        (1531180800123456, utc(2018, 7, 10, 0, 0, 0, 123456)),
        (1531180800.25, utc(2018, 7, 10, 0, 0, 0, 250_000)),
        ("20-02-2015 23:00", utc(2015, 2, 20, 23)),
        ("20.02.2015, 23:00:05", utc(2015, 2, 20, 23, 0, 5)),
        ("7/4/2026", utc(2026, 7, 4)),
        ("7/4/26 12:05 AM", utc(2026, 7, 4, 0, 5)),
        ("7/4/2026 12:05 p.m.", utc(2026, 7, 4, 12, 5)),
    ],
)
def test_it_reads_the_usual_forms(written: str | int | float, at: datetime) -> None:
    assert instant(written, Dates()) == at


def test_the_files_order_decides() -> None:
    assert instant("04-07-2026", Dates("dmy")) == utc(2026, 7, 4)
    assert instant("04-07-2026", Dates("mdy")) == utc(2026, 4, 7)


def test_a_date_without_zone_is_in_the_files_zone() -> None:
    berlin = Dates(zone=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert instant("2026-07-04 12:00", berlin) == utc(2026, 7, 4, 10)
    assert instant("2026-07-04 12:00Z", berlin) == utc(2026, 7, 4, 12)


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "2018", "12", 2018, 0, -5, "31-02-2015 10:00", "2015-13-01", "2015-02-30T00:00:00Z", "32/01/2015",
        "10:30", "2018-07-10T25:00:00Z", "1/1/2015 13:00 PM", "Tue, 10 Jul 2018 09:00:00 XYZ", "9" * 40, 1e300,
        float("nan"), float("inf"), True, "0001-01-01T00:00:00+14:00", "x" * 10_000, "2018-W27", "١٠-٠٧-٢٠١٨",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(written: str | int | float) -> None:
    with pytest.raises(NoDate):
        instant(written, Dates())


def test_the_order_is_told_by_days_above_twelve() -> None:
    assert order_of(["01-02-2015 10:00", "20-02-2015 23:00"]) == "dmy"
    assert order_of(["1/2/2015", "2/20/2015"]) == "mdy"
    assert order_of(["1/2/2015", "2018-07-31"]) is None
    assert order_of(["20/2/2015", "2/20/2015", "21/2/2015"]) == "dmy"


def test_a_date_in_the_other_order_says_what_to_do() -> None:
    with pytest.raises(NoDate, match="--dates"):
        instant("2/20/2015", Dates("dmy"))


def test_only_dates_that_mean_two_days_are_ambiguous() -> None:
    assert is_ambiguous("02-03-2015")
    assert not is_ambiguous("02-02-2015")
    assert not is_ambiguous("20-02-2015")
    assert not is_ambiguous("2015-02-03")


@given(st.datetimes(min_value=utc(1990, 1, 1).replace(tzinfo=None), max_value=utc(2100, 1, 1).replace(tzinfo=None)))
def test_every_form_of_an_instant_reads_back(at: datetime) -> None:
    at = at.replace(microsecond=0, tzinfo=UTC)
    forms = ["%Y-%m-%dT%H:%M:%SZ", "%d-%m-%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"]
    assert {instant(at.strftime(form), Dates("dmy")) for form in forms} == {at}
    assert instant(at.strftime("%m/%d/%Y %I:%M:%S %p"), Dates("mdy")) == at
    assert instant(at.strftime("%a %b %d %H:%M:%S +0000 %Y"), Dates()) == at
    assert instant(int(at.timestamp() * 1000), Dates()) == at


@given(st.text(max_size=70))
def test_no_text_breaks_it(text: str) -> None:
    for order in ("dmy", "mdy", None):
        with contextlib.suppress(NoDate):
            assert instant(text, Dates(order)).tzinfo is UTC
