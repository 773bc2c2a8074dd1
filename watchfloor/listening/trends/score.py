"""How much a term rises: the hype score.

    score = (v − m) × v × log10(u) ÷ (1 + m)

u  authors who used the term in the window that ends now; each counts once, and copies of one text count once
v  the same per 100 authors who wrote in that window, or in a usual one if that had more: few night owls are no wave
m  the mean of v over the 14 windows before it; those in which nobody wrote (nobody listened yet, an outage, a night)
   say nothing and are left out

The form is that of Santiment's emerging trends. `FORMULA` changes whenever a figure would: stored scores keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

FORMULA = "hype/1"
PREVIOUS = 14


@dataclass(frozen=True)
class Thresholds:
    """When a rise is offered. Below them a score says nothing."""

    fewest_authors: int
    least_score: float


HASHTAG = Thresholds(fewest_authors=3, least_score=15.0)
PHRASE = Thresholds(fewest_authors=5, least_score=60.0)
# Before this much is known, nothing is: so many of the windows before must hold posts, and so many authors in all.
FEWEST_WINDOWS, FEWEST_AUTHORS_BEFORE = 6, 40


@dataclass(frozen=True)
class Score:
    score: float
    volume: float
    baseline: float


def usual_authors(authors: Sequence[int]) -> float:
    """Authors of a usual window: the mean of those in which anybody wrote."""
    told = [n for n in authors if n]
    return sum(told) / len(told) if told else 0.0


def is_warm(authors: Sequence[int]) -> bool:
    """Whether the previous windows hold enough to tell a rise from noise."""
    return sum(1 for n in authors if n) >= FEWEST_WINDOWS and sum(authors) >= FEWEST_AUTHORS_BEFORE


def hype(used: int, wrote: int, used_before: Sequence[int], wrote_before: Sequence[int]) -> Score:
    """`used`: authors of the term now, `wrote`: all authors now; the same of each of the previous windows."""
    usual = usual_authors(wrote_before)
    v = _volume(used, wrote, usual)
    both = zip(used_before, wrote_before, strict=True)
    before = [_volume(posts, authors, usual) for posts, authors in both if authors]
    m = sum(before) / len(before) if before else 0.0
    score = (v - m) * v * log10(used) / (1 + m) if used > 0 and v > m else 0.0
    return Score(score, v, m)


def _volume(used: int, wrote: int, usual: float) -> float:
    return 100 * used / max(wrote, usual, 1.0)
