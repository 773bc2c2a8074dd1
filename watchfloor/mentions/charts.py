"""The volume chart: mentions by tone over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from watchfloor.mentions.reads import VolumePoint, Window
from watchfloor.panels.charts import TONES, Beside, stack_chart
from watchfloor.panels.charts import Stretch as Stretch
from watchfloor.panels.marks import GoalLine, Mark
from watchfloor.panels.words import bucket_title


def volume_chart(
    points: list[VolumePoint],
    bucket: timedelta,
    gaps: Sequence[Stretch],
    window: Window,
    *,
    marks: Sequence[Mark] = (),
    goals: Sequence[GoalLine] = (),
    words: str = "",
) -> dict[str, Any]:
    """See `panels/charts.py` for what it holds."""
    stacks = [(point.at, {tone: getattr(point, tone) for tone in TONES}) for point in points]
    tips = [_tip(point, bucket) for point in points]
    return stack_chart(stacks, bucket, window, Beside(gaps, marks, goals), tips, words=words)


def _tip(point: VolumePoint, bucket: timedelta) -> str:
    lines = [bucket_title(point.at, bucket), _("%(n)s mentions") % {"n": f"{point.posts:,}"}]
    titles = {
        "positive": _("positive"),
        "neutral": _("neutral"),
        "negative": _("negative"),
        "unknown": _("tone unknown"),
    }
    lines += [f"{title}: {getattr(point, tone):,}" for tone, title in titles.items() if getattr(point, tone)]
    return "\n".join(lines)
