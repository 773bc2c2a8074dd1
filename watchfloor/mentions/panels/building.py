"""What panels of mentions have in common when they are built."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.mentions.metrics.figures import coverage_of
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import metric
from watchfloor.panels.registry import Drawn, panel


def drawn(name: str, question: Question, settings: dict[str, Any] | None = None, **parts: Any) -> Drawn:
    """The panel with what is the same for all: title, time, zone, coverage."""
    of = panel(name)
    return Drawn(
        panel=name,
        title=parts.pop("title", None) or str(of.title),
        question=question,
        kind=of.kind,
        at=question.asked_at,
        zone=timezone.get_current_timezone_name(),
        coverage=parts.pop("coverage", None) or coverage_of(question),
        settings=settings or {},
        **parts,
    )


def figures(question: Question, *names: str) -> tuple[Any, ...]:
    found = (metric(name) for name in names)
    return tuple(one.figure(question) for one in found if one.figure)


def bucket_words(bucket: timedelta) -> str:
    minutes = int(bucket.total_seconds() // 60)
    if minutes < 60:
        return _("per %(n)d min") % {"n": minutes} if minutes > 1 else _("per minute")
    if minutes < 1440:
        return _("per %(n)d h") % {"n": minutes // 60} if minutes > 60 else _("per hour")
    return _("per %(n)d days") % {"n": minutes // 1440} if minutes > 1440 else _("per day")


def clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M")
