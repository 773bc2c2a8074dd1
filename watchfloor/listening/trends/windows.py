"""The stretches of time in which a mission's terms are compared: by its kind, and by its own clock.

A rehearsal or a replay that plays 60 times as fast writes ten minutes of its event into ten seconds of chart time: its
windows are 60 times as short.
"""

from __future__ import annotations

from datetime import timedelta

from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission

BY_KIND = {
    Mission.Kind.EVENT: timedelta(minutes=10),
    Mission.Kind.ISSUE: timedelta(minutes=30),
    Mission.Kind.CAMPAIGN: timedelta(hours=1),
    Mission.Kind.BRAND: timedelta(hours=1),
}
SHORTEST = timedelta(seconds=1)
DEFAULT_SPEEDS = {"rehearsal": 12.0, "replay": 1.0}  # as their settings have it where none is set


def width_ms(mission: Mission) -> int:
    """How long the mission's windows are, in milliseconds of chart time. One query."""
    width = BY_KIND[Mission.Kind(mission.kind)] / speed_of(mission)
    return max(width, SHORTEST) // timedelta(milliseconds=1)


def speed_of(mission: Mission) -> float:
    """How fast the event runs that is played into this mission; 1 for a mission that listens to the world. A recording
    that keeps its own dates runs at 1 on the chart's axis, however fast it is played."""
    played = Connection.objects.filter(mission=mission, is_on=True, source__in=DEFAULT_SPEEDS)
    speeds = [_speed(one) for one in played]
    return max(speeds, default=1.0)


def _speed(connection: Connection) -> float:
    given = connection.settings if isinstance(connection.settings, dict) else {}
    if connection.source == "replay" and not given.get("shift", True):
        return 1.0
    speed = given.get("speed", DEFAULT_SPEEDS[connection.source])
    return float(speed) if isinstance(speed, int | float) and speed > 0 else 1.0
