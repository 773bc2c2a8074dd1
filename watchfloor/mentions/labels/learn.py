"""Learning sentiment from labelled posts: the shipped weights, moved as far as the labels can justify.

All labelled posts are fitted together, always from the shipped model. That beats moving a model post by post, and it
does not matter in which order people corrected things.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from zlib import crc32

import numpy as np

from watchfloor.mentions.labels import features
from watchfloor.mentions.labels.features import Word, read
from watchfloor.mentions.labels.fit import (
    VALUES,
    Floats,
    Ints,
    calibrate,
    even_shares,
    fit,
    folds_of,
    macro_f1,
    macro_recall,
    matrix_of,
    rounded,
    weights_of,
)
from watchfloor.mentions.labels.model import FORMAT, Header, Model
from watchfloor.sources.post import Sentiment

FEWEST_POSTS = 20
FEWEST_TO_CALIBRATE = 200
FOLDS = 5
# How firmly the shipped weights are held, and how far the rarer values count more than they occur.
CHOICES = tuple(product((2.0, 6.0, 20.0, 60.0), (0.5, 1.0)))


class TooFewLabels(Exception):
    """There is nothing to learn from yet. The message says how many posts of what are missing."""


@dataclass(frozen=True)
class Learnt:
    """The parts for `save_model`, and macro recall and macro F1 by cross-validation, 0 … 1, before and after.

    `better` False: no choice of settings beat the shipped weights, so these are the shipped weights.
    """

    header: Header
    table: bytes
    posts: int
    unjudgeable: int
    recall_before: float
    recall_after: float
    f1_before: float
    f1_after: float
    better: bool


def learn(
    labelled: Sequence[tuple[str, Sentiment]], *, start: Model, step: Callable[[], object] = lambda: None
) -> Learnt:
    """Fit a model to texts with their sentiment, starting from `start`. Raises TooFewLabels.

    `step` is called `len(CHOICES) * FOLDS` times, for a progress bar. The same input gives the same model.
    """
    word = lru_cache(maxsize=None)(Word)
    readings = [(read(text, word), VALUES.index(value)) for text, value in labelled]
    judgeable = [(reading, value) for reading, value in readings if reading is not None]
    wanted = np.array([value for _, value in judgeable], np.intp)
    _check_enough(wanted)
    matrix = matrix_of([reading for reading, _ in judgeable])
    old = weights_of(start)

    # 1. How good is it as it is, on these posts?
    sums_before = np.asarray(matrix @ old)
    before = _goodness(wanted, sums_before)

    # 2. Which settings do best on posts that were not learnt from?
    folds = folds_of(wanted, FOLDS)
    best, best_sums, chosen = before, sums_before, None
    for penalty, power in CHOICES:
        sums = np.zeros((len(wanted), 3), np.float32)
        for fold in range(FOLDS):
            rest, here = folds != fold, folds == fold
            shares = even_shares(wanted[rest], power=power)
            sums[here] = matrix[here] @ fit(matrix[rest], wanted[rest], shares=shares, penalty=penalty, start=old)
            step()
        if sum(goodness := _goodness(wanted, sums)) > sum(best):
            best, best_sums, chosen = goodness, sums, (penalty, power)

    # 3. Fit all of them with those settings, or leave the weights as they were.
    new, calibration = old, start.header.calibration
    if chosen is not None:
        new = fit(matrix, wanted, shares=even_shares(wanted, power=chosen[1]), penalty=chosen[0], start=old)
        if len(wanted) >= FEWEST_TO_CALIBRATE:
            calibration = calibrate(best_sums, wanted)
    unit, side, table = rounded(new)
    header = Header(
        FORMAT,
        features.VERSION,
        name=start.header.name,
        version=f"{start.header.version.partition('+')[0]}+{len(wanted)}.{crc32(table):08x}",
        unit=unit,
        side=side,
        calibration=calibration,
        notes={
            "learnt_from": f"{len(wanted)} labelled posts, starting from {start.by}",
            "cv_recall": round(best[0], 4),
            "cv_f1": round(best[1], 4),
        },
    )
    unjudgeable = len(readings) - len(judgeable)
    return Learnt(header, table, len(wanted), unjudgeable, before[0], best[0], before[1], best[1], chosen is not None)


def _check_enough(wanted: Ints) -> None:
    if len(wanted) < FEWEST_POSTS:
        raise TooFewLabels(
            f"{len(wanted)} labelled English posts are too few to learn from; {FEWEST_POSTS} are the least, "
            "some hundred are good."
        )
    if len(np.unique(wanted)) < 2:
        raise TooFewLabels(f"All posts are labelled {VALUES[wanted[0]]}. Add posts with other labels.")


def _goodness(wanted: Ints, sums: Floats) -> tuple[float, float]:
    got = sums.argmax(axis=1)
    return macro_recall(wanted, got), macro_f1(wanted, got)
