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
    compact,
    even_shares,
    fit,
    folds_of,
    macro_f1,
    macro_recall,
    matrix_of,
    one_thread,
    rounded,
    weights_of,
)
from watchfloor.mentions.labels.model import FORMAT, Header, Model
from watchfloor.sources.post import Sentiment

FEWEST_POSTS = 20
FEWEST_TO_CALIBRATE = 200
FOLDS = 5
MOST_TO_TRY = 4_000  # posts: settings are chosen on so many, spread over all
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


@one_thread
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
    given = np.asarray(matrix @ old, dtype=np.float32)

    # 1. Which settings do best on posts that were not learnt from? None beats the start: leave it as it is.
    tried = np.unique(np.linspace(0, len(wanted) - 1, MOST_TO_TRY).astype(np.intp))
    known, sums_before = wanted[tried], given[tried]
    dense, folds = compact(matrix[tried]), folds_of(wanted[tried], FOLDS)
    before = _goodness(known, sums_before)
    best, best_sums, chosen = before, sums_before, None
    for penalty, power in CHOICES:
        sums = sums_before.copy()
        for fold in range(FOLDS):
            rest, here = folds != fold, folds == fold
            shares = even_shares(known[rest], power=power)
            sums[here] += dense[here] @ fit(
                dense[rest], known[rest], shares=shares, penalty=penalty, given=sums_before[rest]
            )
            step()
        if sum(goodness := _goodness(known, sums)) > sum(best):
            best, best_sums, chosen = goodness, sums, (penalty, power)

    # 2. Fit all of them with those settings.
    new, calibration = old, start.header.calibration
    if chosen is not None:
        shares = even_shares(wanted, power=chosen[1])
        new = old + fit(matrix, wanted, shares=shares, penalty=chosen[0], given=given)
        if len(tried) >= FEWEST_TO_CALIBRATE:
            calibration = calibrate(best_sums, known)
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
