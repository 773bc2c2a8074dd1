"""What every panel says of itself in one line: its stretch of time, the zone, how much of it was heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from watchfloor.metrics.figure import Coverage
from watchfloor.metrics.question import Window
from watchfloor.metrics.unit import Unit
from watchfloor.panels.drawn import Drawn


def stretch_words(drawn: Drawn) -> str:
    """ "Tue 17 Nov 13:00 – now, Europe/Berlin · coverage 97 %"."""
    words = _("%(window)s, %(zone)s") % {
        "window": window_words(drawn.question.window, drawn.question.asked_at),
        "zone": drawn.zone.replace("_", " "),
    }
    return f"{words} · {coverage_words(drawn.coverage)}"


def window_words(window: Window, now: datetime) -> str:
    with_year = timezone.localtime(window.since).year != timezone.localtime(now).year
    until = _("now") if window.until >= now else _moment(window.until, with_year)
    return f"{_moment(window.since, with_year)} – {until}"


def coverage_words(coverage: Coverage | None) -> str:
    if coverage is None or coverage.part is None:
        return _("coverage not known")
    return _("coverage %(part)s %%") % {"part": covered(coverage.part)}


def covered(part: float) -> str:
    """Per cent, never rounded up to 100."""
    return "100" if part >= 1 else f"{min(99.9, part * 100):.1f}" if part > 0.99 else f"{part * 100:.0f}"


def _moment(moment: datetime, with_year: bool) -> str:
    return formats.date_format(timezone.localtime(moment), "j M Y H:i" if with_year else "D j M H:i")


def bucket_words(bucket: timedelta) -> str:
    """ "per 15 min"."""
    minutes = int(bucket.total_seconds() // 60)
    if minutes < 60:
        return _("per %(n)d min") % {"n": minutes} if minutes > 1 else _("per minute")
    if minutes < 1440:
        return _("per %(n)d h") % {"n": minutes // 60} if minutes > 60 else _("per hour")
    return _("per %(n)d days") % {"n": minutes // 1440} if minutes > 1440 else _("per day")


def bucket_title(at: datetime, bucket: timedelta) -> str:
    """ "Tue 17 Nov, 13:00–13:15"."""
    since, until = timezone.localtime(at), timezone.localtime(at + bucket)
    if bucket < timedelta(days=1):
        return f"{formats.date_format(since, 'D j M, H:i')}–{formats.date_format(until, 'H:i')}"
    if bucket == timedelta(days=1):
        return formats.date_format(since, "D j M Y")
    return f"{formats.date_format(since, 'j M Y')} – {formats.date_format(until, 'j M Y')}"


def said(value: float | None, unit: Unit | None = None) -> str:
    """A value as people read it: 1,204; +31; 12.4; 12.4M from a million on; "–" for what is not known."""
    if value is None:
        return "–"
    if unit == Unit.POINTS:
        return with_minus(f"{value:+.0f}" if round(value) else "0")
    size = abs(value)
    for step, letter in ((1e9, _("bn")), (1e6, _("M"))):
        if size >= step:
            return with_minus(f"{value / step:,.3g}{letter}" if size < step * 1000 else f"{value / step:,.0f}{letter}")
    if float(value).is_integer() or size >= 1000:
        return with_minus(f"{value:,.0f}")
    digits = 1 if size >= 1 else 2
    return with_minus(formats.number_format(round(value, digits), force_grouping=True))


def with_minus(words: str) -> str:
    return words.replace("-", "−")


def share_words(part: float) -> str:
    """Per cent of 0 … 1. What is there is never 0 %, and what is missing never 100 %."""
    if 0 < part < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= part < 1 else f"{part * 100:.0f} %"
