"""Dates as files write them → instants in UTC.

    instant("2018-07-10T09:00:00+10:00", Dates())      ISO 8601
    instant("Tue, 10 Jul 2018 09:00:00 GMT", Dates())  RFC 2822
    instant("Wed Oct 10 20:19:24 +0000 2018", Dates()) as Twitter wrote them
    instant(1531180800, Dates())                       seconds, milliseconds or microseconds since 1970
    instant("20-02-2015 23:00", Dates("dmy"))          day and month in the order that the file uses

A date without a zone is in `Dates.zone`. "02-03-2015" says 2 March or 3 February: `order_of` finds out from a file's
other dates; where none tells, slashes are read the American way and everything else day first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal

Order = Literal["dmy", "mdy"]
LONGEST_DATE = 60


class NoDate(ValueError):
    """Why it is no date, in one sentence."""


@dataclass(frozen=True)
class Dates:
    order: Order | None = None
    zone: tzinfo = UTC


def instant(value: str | int | float, dates: Dates) -> datetime:
    """The instant that `value` names, in UTC. Raises NoDate."""
    try:
        at = _since_1970(value) if not isinstance(value, str) else _written(value.strip(), dates)
        return at.astimezone(UTC)
    except NoDate:
        raise
    except (ValueError, OverflowError, OSError) as error:
        raise NoDate(f"“{str(value)[:LONGEST_DATE]}” is no date ({error}).") from None


def order_of(written: Iterable[str]) -> Order | None:
    """Which comes first, day or month, in dates like 20-02-2015: told by numbers above 12. None if nothing tells.

    A file that mixes both orders is read in the one that more of its dates need; the others are then no dates.
    """
    day_first = month_first = 0
    for text in written:
        if found := _numbers(text.strip()):
            day_first += 12 < int(found["first"]) <= 31
            month_first += 12 < int(found["second"]) <= 31
    if day_first == month_first:
        return None
    return "dmy" if day_first > month_first else "mdy"


def is_ambiguous(written: str) -> bool:
    """Whether a date can be read with the day first and with the month first, to different days."""
    found = _numbers(written.strip())
    if not found:
        return False
    first, second = int(found["first"]), int(found["second"])
    return first != second and 1 <= first <= 12 and 1 <= second <= 12


# --- Forms ---------------------------------------------------------------------------------------------------------

_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second_of_minute>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*(?P<zone>Z|[A-Za-z]{2,4}|(?:UTC|GMT)?[+-]\d{2}:?\d{2})(?:\s*\(.{0,20}\))?)?"
)
_DAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"  # a weekday's name says nothing that the date does not
_numbers = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}})(?:[T,]?\s*{_CLOCK})?",
    re.ASCII,
).fullmatch
_year_first = re.compile(
    rf"(?P<year>\d{{4}})[/.-](?P<month>\d{{1,2}})[/.-](?P<day>\d{{1,2}})(?:[T,]?\s*{_CLOCK})?", re.ASCII
).fullmatch
_named = (
    re.compile(rf"{_DAY}(?P<day>\d{{1,2}})[ -](?P<name>[A-Za-z]{{3,9}})\.?,?[ -](?P<year>\d{{4}})(?:,?\s+{_CLOCK})?"),
    re.compile(rf"{_DAY}(?P<name>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?"),
    re.compile(rf"{_DAY}(?P<name>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?P<year>\d{{4}})"),
)
_is_number = re.compile(r"\d{9,17}(?:\.\d{1,9})?", re.ASCII).fullmatch
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {  # those that RFC 2822 names; others are ambiguous (IST, BST)
    "z": 0, "ut": 0, "utc": 0, "gmt": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip


def _written(text: str, dates: Dates) -> datetime:
    if not text:
        raise NoDate("The date is missing.")
    if len(text) > LONGEST_DATE:
        raise NoDate(f"“{text[:LONGEST_DATE]}…” is no date.")
    if _is_number(text):
        return _since_1970(float(text) if "." in text else int(text))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        # fromisoformat also takes bare years and weeks ("2018W27"): too little to be a date in a file.
        if len(text) >= 8 and "W" not in text[:6]:
            return at if at.tzinfo is not None else at.replace(tzinfo=dates.zone)
    if found := _numbers(text):
        first, second = int(found["first"]), int(found["second"])
        order = dates.order or ("mdy" if found["mark"] == "/" else "dmy")
        day, month = (first, second) if order == "dmy" else (second, first)
        if month > 12 and day <= 12:
            read = "day, month" if order == "dmy" else "month, day"
            raise NoDate(f"“{text}” is no date in the order {read}. If the file uses the other, say --dates.")
        return _put_together(found, _full_year(found["year"]), month, day, dates)
    if found := _year_first(text):
        return _put_together(found, int(found["year"]), int(found["month"]), int(found["day"]), dates)
    for form in _named:
        found = form.fullmatch(text)
        if found and (name := found["name"][:3].lower()) in _MONTHS:
            return _put_together(found, int(found["year"]), _MONTHS.index(name) + 1, int(found["day"]), dates)
    raise NoDate(f"“{text}” is no date in a form that is known.")


def _put_together(found: re.Match[str], year: int, month: int, day: int, dates: Dates) -> datetime:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second_of_minute"))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("the hour must be 1 to 12 before am or pm")
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    micros = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    return datetime(year, month, day, hour, minute, second, micros, tzinfo=_zone(found["zone"], dates.zone))


def _zone(written: str | None, otherwise: tzinfo) -> tzinfo:
    if not written:
        return otherwise
    if written.lower() in _ZONES:
        return timezone(timedelta(hours=_ZONES[written.lower()]))
    offset = re.search(r"([+-])(\d{2}):?(\d{2})$", written)
    if offset is None:
        raise ValueError(f"the time zone {written} is not known")
    size = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return timezone(-size if offset[1] == "-" else size)


def _full_year(written: str) -> int:
    if len(written) == 4:
        return int(written)
    return int(written) + (2000 if int(written) < 69 else 1900)  # POSIX


def _since_1970(number: int | float) -> datetime:
    """Seconds up to the year 5138, then milliseconds, then microseconds. Small numbers are years or counts."""
    if isinstance(number, bool) or number != number or not 1e8 <= abs(number) < 1e17:
        raise NoDate(f"“{str(number)[:LONGEST_DATE]}” is no date.")
    size = 1 if abs(number) < 1e11 else 1_000 if abs(number) < 1e14 else 1_000_000
    whole, rest = divmod(number, size)
    return datetime.fromtimestamp(int(whole), UTC) + timedelta(
        microseconds=round(((whole - int(whole)) + rest / size) * 1_000_000)
    )
