"""One thing that the desk does again and again. Folders further down the house bring theirs when their app is ready:

bring("measure_goals", measure_goals, every=timedelta(minutes=1))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass
class Duty:
    """`do` says whether there is more to do at once."""

    do: Callable[[], bool]
    every: timedelta
    next_at: float = 0.0


_brought: dict[str, tuple[Callable[[], bool], timedelta]] = {}


def bring(name: str, do: Callable[[], bool], *, every: timedelta) -> None:
    """Have the desk do it. A second time under the same name takes the place of the first."""
    _brought[name] = (do, every)


def brought() -> list[Duty]:
    return [Duty(do, every) for do, every in _brought.values()]
