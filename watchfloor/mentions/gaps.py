"""Stretches that a mission's sources did not receive, for drawing them as gaps."""

from __future__ import annotations

from django.db.models import Q

from watchfloor.mentions.charts import Stretch
from watchfloor.mentions.reads import Window
from watchfloor.sources.models import ConnectionGap
from watchfloor.team.models import Mission

MOST = 200


def gaps_of(mission: Mission, window: Window) -> list[Stretch]:
    """Of all connections that the mission hears, latest first."""
    heard = Q(connection__mission=mission)
    if not mission.is_rehearsal:
        heard |= Q(connection__mission=None)
    found = ConnectionGap.objects.unfilled().filter(heard, since__lt=window.until, until__gt=window.since)
    return [Stretch(since, until) for since, until in found.values_list("since", "until")[:MOST]]
