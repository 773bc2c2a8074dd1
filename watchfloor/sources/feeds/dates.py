"""Dates as feeds write them. Wrong and missing ones are not mended: they are told apart."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from watchfloor.sources.files.dates import Dates, NoDate, instant


def iso_date(parsed: object, written: object) -> str | None:
    """A date in ISO 8601, from feedparser's own reading, else from ours; None if it is none."""
    is_count = isinstance(written, str) and written.strip().isdigit() and len(written.strip()) not in (8, 14)
    if isinstance(parsed, time.struct_time) and not is_count:  # it takes seconds since 1970 for a year and more
        try:
            return datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC).isoformat()
        except (ValueError, OverflowError):
            pass
    if isinstance(written, str) and written.strip():
        try:
            return instant(written, Dates("dmy")).isoformat()
        except NoDate:
            return None
    return None


def read_date(iso: str | None) -> datetime | None:
    if iso is None:
        return None
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
