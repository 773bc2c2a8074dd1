"""Where labels stand on a chart so that none covers another: at the ends of lines, and of events along the top.

Ends are pushed apart up and down; events take a second row where the first is full, and keep their line alone where
both are. Widths of words are estimated: a label may stand a little too far off, but never on another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from watchfloor.metrics.question import Window
from watchfloor.panels.marks import Mark

LETTER = 6.4  # px, of the desk's 12 px type
LINE = 15.0  # px from one label to the next below
AXIS = 40.0  # px at the left of the plot
WIDTHS = (240, 320, 420, 560, 760, 1000, 1400, 2000)
ROWS = 2
LONGEST = 34  # letters of an event's label

Row = dict[str, Any]


def spread(wanted: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places at least `least` apart, each as near to what is wanted as that allows, in the same order; within `low` and
    `high` if they fit there."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    placed: list[float] = []
    for at in order:
        placed.append(max(wanted[at], placed[-1] + least if placed else low))
    # What was pushed over the upper edge goes back down, and pushes what is below it.
    ceiling = high
    for at in range(len(placed) - 1, -1, -1):
        placed[at] = min(placed[at], ceiling)
        ceiling = placed[at] - least
    found = [0.0] * len(wanted)
    for place, at in zip(placed, order, strict=True):
        found[at] = place
    return found


def events(marks: Sequence[Mark], window: Window, wall: Callable[[datetime], str]) -> dict[str, list[Row]]:
    """The events' labels for each of WIDTHS: at which row they stand, and on which side of their line. Whoever draws
    takes the largest width that is not wider than the chart."""
    return {str(width): _events_at(width, marks, window, wall) for width in WIDTHS} if marks else {}


def _events_at(width: float, marks: Sequence[Mark], window: Window, wall: Callable[[datetime], str]) -> list[Row]:
    plot = width - AXIS
    taken: list[list[tuple[float, float]]] = [[] for _row in range(ROWS)]
    found: list[Row] = []
    # Alarms choose first.
    for mark in sorted(marks, key=lambda mark: (not mark.is_alarm, mark.at)):
        x = (mark.at - window.since) / window.length * plot
        label = mark.title if len(mark.title) <= LONGEST else f"{mark.title[: LONGEST - 1]}…"
        long = len(label) * LETTER + 8
        sides = [("left", x, x + long), ("right", x - long, x)]
        for row in range(ROWS):
            free = [
                (side, start, end)
                for side, start, end in sides
                if start >= 0 and end <= plot and all(end <= a or start >= b for a, b in taken[row])
            ]
            if free:
                side, start, end = free[0]
                taken[row].append((start, end))
                kind = "alarm" if mark.is_alarm else "event"
                found.append({"at": wall(mark.at), "label": label, "place": f"{kind}-{row}-{side}"})
                break
    return found


def of_width(by_width: dict[str, list[Row]], width: float) -> list[Row]:
    """Those of the largest width that is not wider than `width`."""
    fitting = [known for known in map(int, by_width) if known <= width]
    return by_width[str(max(fitting))] if fitting else []
