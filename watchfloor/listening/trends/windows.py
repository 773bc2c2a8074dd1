"""The stretches of time in which a mission's terms are compared: by its kind, how much is written, and its own clock.

A rehearsal or a replay that plays 60 times as fast writes ten minutes of its event into ten seconds of chart time: its
windows are 60 times as short.
"""

from __future__ import annotations

from datetime import timedelta

from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LADDER = (10 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR)
SHORTEST_BY_KIND = {
    Mission.Kind.EVENT: 10 * MINUTE,
    Mission.Kind.ISSUE: 30 * MINUTE,
    Mission.Kind.CAMPAIGN: HOUR,
    Mission.Kind.BRAND: HOUR,
}
POSTS_OF_A_WINDOW = 30  # in the mean: with fewer, chance decides; so where little is written, windows are longer
STAY = 0.6  # a width is kept until its windows hold less than this share of them, so that it does not go to and fro
SHORTEST_MS = 1_000
DEFAULT_SPEEDS = {"rehearsal": 12.0, "replay": 1.0}  # as their settings have it where none is set


def width_ms(mission: Mission, posts: int, within_ms: int, *, now_ms: int | None = None) -> int:
    """How long the mission's windows are, in milliseconds of chart time, if its newest `posts` posts were written
    `within_ms`. `now_ms`: how long they are now. One query."""
    speed = speed_of(mission)
    steps = [step for step in LADDER if step >= SHORTEST_BY_KIND[Mission.Kind(mission.kind)]]
    widths = [max(SHORTEST_MS, int(step / speed / timedelta(milliseconds=1))) for step in steps]
    for width in widths:
        wanted = POSTS_OF_A_WINDOW * (STAY if now_ms is not None and width >= now_ms else 1.0)
        if posts * width >= wanted * within_ms:
            return width
    return widths[-1]


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
