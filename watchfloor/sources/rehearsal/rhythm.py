"""How much is posted when, and about what: the shape of a conference day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import accumulate, pairwise
from math import exp
from random import Random

from watchfloor.sources.rehearsal.programme import Programme

# Hour of a conference day → posts a minute, relative to a usual session hour. In between it goes straight.
DAY = (
    (0, 0.14),
    (1, 0.07),
    (4, 0.05),
    (6, 0.12),
    (7, 0.4),
    (8, 0.9),
    (8.9, 1.2),
    (9.05, 2.1),
    (9.6, 1.7),
    (9.9, 1.0),
    (10.6, 0.95),
    (10.75, 1.35),
    (11.1, 1.0),
    (11.9, 1.1),
    (12.3, 1.35),
    (13.2, 0.95),
    (14.8, 1.0),
    (14.95, 1.25),
    (15.4, 0.95),
    (16.2, 1.2),
    (16.4, 1.9),
    (16.9, 1.6),
    (17.3, 1.0),
    (19, 0.7),
    (20.5, 0.75),
    (22, 0.5),
    (24, 0.14),
)
QUIET_DAY = ((0, 0.04), (6, 0.04), (9, 0.16), (13, 0.18), (17, 0.24), (20, 0.34), (22, 0.25), (24, 0.14))

# Part of the event → what people write about then, by weight.
THEMES: dict[str, dict[str, float]] = {
    "before": {"expect": 9, "question": 2.2, "rival": 0.5, "stand": 0.6, "jobs": 0.4, "stranger": 1.2, "decider": 0.3},
    "arrival": {
        "arrival": 8,
        "coffee": 2.2,
        "expect": 1,
        "question": 1.8,
        "photo": 0.8,
        "swag": 0.8,
        "stranger": 0.4,
        "stand": 0.5,
    },
    "keynote": {
        "keynote": 6,
        "claim": 5,
        "talk": 2,
        "remote": 1.4,
        "photo": 0.6,
        "room": 0.7,
        "question": 0.6,
        "decider": 0.3,
    },
    "talks": {
        "claim": 6,
        "talk": 6,
        "room": 1.5,
        "remote": 1.1,
        "photo": 0.7,
        "question": 0.8,
        "hallway": 1,
        "coffee": 0.7,
        "slides": 0.6,
        "rival": 0.3,
        "stranger": 0.5,
        "stand": 0.3,
        "jobs": 0.2,
        "decider": 0.3,
        "thread": 0.5,
    },
    "break": {
        "coffee": 6,
        "hallway": 4,
        "talk": 2,
        "claim": 1,
        "swag": 1.2,
        "question": 0.9,
        "photo": 0.6,
        "stand": 0.5,
    },
    "lunch": {
        "food": 6,
        "hallway": 3,
        "coffee": 1.2,
        "talk": 1.6,
        "claim": 1,
        "question": 0.9,
        "swag": 0.7,
        "slides": 0.4,
        "rival": 0.3,
    },
    "evening": {
        "party": 6,
        "tired": 3,
        "hallway": 1.6,
        "talk": 1.2,
        "claim": 0.8,
        "slides": 0.8,
        "photo": 0.8,
        "question": 0.5,
        "rival": 0.3,
    },
    "night": {"tired": 4, "remote": 2, "stranger": 2.5, "party": 1.5, "slides": 0.8, "claim": 1, "question": 0.4},
    "after": {
        "thanks": 8,
        "slides": 2,
        "tired": 1,
        "talk": 1,
        "claim": 1.2,
        "rival": 0.6,
        "stranger": 0.8,
        "question": 0.4,
    },
}


def part_of(moment: datetime, programme: Programme) -> str:
    """Which key of THEMES the moment falls under."""
    hour = moment.hour + moment.minute / 60
    if moment >= programme.day(programme.days + 1) or (moment >= programme.at(programme.days, _CLOSE) and hour > 17):
        return "after" if 6 <= hour < 23.5 else "night"
    if hour < 6 or hour >= 23.3:
        return "night"
    if moment < programme.day(1):
        return "before"
    for until, part in (
        (9, "arrival"),
        (9.8, "keynote"),
        (10.65, "talks"),
        (11.15, "break"),
        (11.95, "talks"),
        (13.2, "lunch"),
        (14.85, "talks"),
        (15.3, "break"),
        (16.2, "talks"),
        (17.05, "keynote"),
    ):
        if hour < until:
            return part
    return "evening"


_CLOSE = time(17)


def moments(count: int, programme: Programme, random: Random) -> list[datetime]:
    """`count` times over the whole event, in order."""
    minutes = int((programme.ends - programme.begins) / timedelta(minutes=1))
    weights = []
    for minute in range(minutes):
        moment = programme.begins + timedelta(minutes=minute)
        conference = programme.day(1) <= moment < programme.day(programme.days + 1)
        weights.append(_between(DAY if conference else QUIET_DAY, moment.hour + moment.minute / 60))
    return scattered(count, programme.begins, weights, random)


def surge(
    count: int, starts: datetime, *, minutes: int, shape: Callable[[float], float], random: Random
) -> list[datetime]:
    """`count` times from `starts` on, as dense as `shape` (of minutes since) says."""
    return scattered(count, starts, [shape(float(minute)) for minute in range(minutes)], random)


def scattered(count: int, starts: datetime, weights: list[float], random: Random) -> list[datetime]:
    found = random.choices(range(len(weights)), cum_weights=list(accumulate(weights)), k=count)
    return sorted(starts + timedelta(minutes=minute, milliseconds=random.randrange(60_000)) for minute in found)


def take_off(rise: float, peak: float, fall: float) -> Callable[[float], float]:
    """Exponential growth (e-fold each `rise` minutes) up to minute `peak`, then decay (e-fold each `fall` minutes)."""
    return lambda minute: exp(minute / rise) if minute < peak else exp(peak / rise) * exp(-(minute - peak) / fall)


def _between(points: tuple[tuple[float, float], ...], hour: float) -> float:
    for (left, low), (right, high) in pairwise(points):
        if hour <= right:
            return low + (high - low) * (hour - left) / (right - left)
    return points[-1][1]
