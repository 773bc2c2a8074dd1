"""Stretches of time in few words: "4 s", "12 min", "3 h", "2 d"."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _


def short_span(span: timedelta) -> str:
    """Rounded down to its largest unit. A negative span (a clock that runs ahead) is 0 s."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return _("%(n)d s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)d min") % {"n": seconds // 60}
    if seconds < 48 * 3600:
        return _("%(n)d h") % {"n": seconds // 3600}
    return _("%(n)d d") % {"n": seconds // 86400}
