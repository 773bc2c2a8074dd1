"""Whether a count is far above what is usual, told apart from a day on which there is simply more talk.

What is watched (negative posts of a topic) is counted beside what it is a part of (all posts of the mission), window by
window. Its usual rate is the median of the rates of past windows, or their mean where that is more; expected now is
that rate times what is there now. Then

    z = (count − expected) ÷ max(1.4826 × MAD of the rates × all now, √max(expected, 1))

is the robust z of the rate, and never smaller than the noise of counting allows. Windows in which hardly anybody talked
say nothing about the usual and are left out; where too few are left, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

LEAST_POSTS = 20  # of a past window, to say something about the usual
LEAST_WINDOWS = 8
MAD_TO_SIGMA = 1.4826  # 1 / 0.6745


@dataclass(frozen=True)
class Unusual:
    """`times`: how many times the expected; expected counts of less than 1 as 1."""

    count: int
    expected: float
    z: float

    @property
    def times(self) -> float:
        return self.count / max(self.expected, 1.0)


def against_usual(count: int, of: int, past: Sequence[tuple[int, int]]) -> Unusual | None:
    """`count` of `of` now, against (count, of) of past windows. None: too little is known of the past."""
    known = [(part, whole) for part, whole in past if whole >= LEAST_POSTS]
    if len(known) < LEAST_WINDOWS:
        return None
    rates = [part / whole for part, whole in known]
    middle = median(rates)
    usual = max(middle, sum(part for part, _ in known) / sum(whole for _, whole in known))
    spread = MAD_TO_SIGMA * median(abs(rate - middle) for rate in rates)
    expected = usual * of
    z = (count - expected) / max(spread * of, sqrt(max(expected, 1.0)))
    return Unusual(count, expected, z)
