"""Fitting the weights of the linear sentiment model: multinomial logistic regression with a belief to start from.

Loads numpy and scipy, so it is imported only by what learns. Small products gain nothing from BLAS's threads, and on
a busy machine they wait for each other: `one_thread` goes on whatever fits. Sums also come out the same anywhere then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from watchfloor.mentions.labels.features import LETTERS_WEIGH, PAIRS_WEIGH, SIDE, TABLE, Reading
from watchfloor.mentions.labels.model import Model, weight_of

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]

VALUES = ("negative", "neutral", "positive")
COLUMNS = TABLE + SIDE

P = ParamSpec("P")
R = TypeVar("R")


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` with one BLAS thread."""

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(limits=1):
            return function(*args, **kwargs)

    return limited


def matrix_of(readings: Sequence[Reading]) -> Any:
    """One sparse row per text: `TABLE` hashed columns, then `SIDE` plain numbers. What the model sums, as a matrix."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for reading in readings:
        weight = weight_of(len(reading.words))
        whole = [row for word in reading.words for row in word.rows] + [word.negated_row for word in reading.negated]
        letters = [row for word in reading.words for row in word.letters]
        columns += [*whole, *letters, *reading.pairs, *range(TABLE, COLUMNS)]
        values += [weight] * len(whole) + [weight * LETTERS_WEIGH] * len(letters)
        values += [weight * PAIRS_WEIGH] * len(reading.pairs) + reading.side
        ends.append(len(columns))
    matrix = sparse.csr_matrix(
        (np.array(values, np.float32), np.array(columns, np.int32), np.array(ends, np.int64)),
        shape=(len(readings), COLUMNS),
    )
    matrix.sum_duplicates()
    return matrix


def fit(
    matrix: Any, wanted: Ints, *, shares: Floats, penalty: float, given: Floats | None = None, steps: int = 80
) -> Floats:
    """Weights (columns × 3) that make Σ shares·(−log p(wanted)) + penalty/2·‖weights‖² least,
    where p is the softmax of given + matrix·weights.

    `wanted` has 0, 1, 2 for `VALUES`; `shares` how much each row counts; `given` what is known of each row before
    (rows × 3). `matrix` may be sparse or dense. Deterministic (L-BFGS).
    """
    used = np.arange(matrix.shape[1])
    if sparse.issparse(matrix):
        used = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]))
        matrix, columns = matrix[:, used], matrix.shape[1]
    else:
        columns = matrix.shape[1]
    turned = matrix.T.tocsr() if sparse.issparse(matrix) else matrix.T
    before = np.zeros((len(wanted), 3), np.float32) if given is None else given
    picked = np.arange(len(wanted)), wanted

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.astype(np.float32).reshape(-1, 3)
        chances = softmax(before + matrix @ weights)
        cost = -float(np.sum(shares * np.log(np.maximum(chances[picked], 1e-12)), dtype=np.float64))
        chances[picked] -= 1
        slope = turned @ (chances * shares[:, None]) + penalty * weights
        return cost + penalty / 2 * float(np.vdot(weights, weights)), slope.astype(np.float64).ravel()

    found = minimize(loss, np.zeros(len(used) * 3), jac=True, method="L-BFGS-B", options={"maxiter": steps})
    weights = np.zeros((columns, 3), np.float32)
    weights[used] = found.x.astype(np.float32).reshape(-1, 3)
    return weights


def compact(matrix: Any) -> Floats:
    """A dense matrix, rows × rows, that `fit` finds the same answers with as with a wider sparse one, and much faster.

    Its rows have the same products with each other as the rows of `matrix`, and the penalty knows nothing else.
    """
    products = (matrix @ matrix.T).toarray().astype(np.float64)
    products[np.diag_indices_from(products)] += 1e-4 * np.trace(products) / len(products)
    return np.asarray(np.linalg.cholesky(products), dtype=np.float32)


def softmax(sums: Floats) -> Floats:
    raised = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def calibrate(sums: Floats, wanted: Ints) -> tuple[float, float, float]:
    """(slope, negative's shift, positive's shift) that make the softmax of the sums as likely as it can be."""
    against_neutral = sums - sums[:, 1:2]

    def surprise(dials: Floats) -> float:
        chances = softmax(against_neutral * dials[0] + np.array([dials[1], 0.0, dials[2]]))
        return -float(np.mean(np.log(np.maximum(chances[np.arange(len(wanted)), wanted], 1e-9))))

    slope, negative, positive = minimize(surprise, np.array([1.0, 0.0, 0.0]), method="Nelder-Mead").x
    return round(float(slope), 4), round(float(negative), 4), round(float(positive), 4)


def rounded(weights: Floats) -> tuple[float, tuple[tuple[float, float], ...], bytes]:
    """What `Header.unit`, `Header.side` and the file's table are for these weights."""
    two = weights[:, [0, 2]] - weights[:, 1:2]
    unit = float(np.abs(two[:TABLE]).max() / 32_000) or 1e-6
    table = np.rint(two[:TABLE] / unit).astype("<i2").tobytes()
    side = tuple((round(float(n), 6), round(float(p), 6)) for n, p in two[TABLE:])
    return unit, side, table


def weights_of(model: Model) -> Floats:
    """The weights of a model file as `fit` takes and gives them: the three of a column sum to 0."""
    table = np.frombuffer(model.table, dtype="<i2").reshape(TABLE, 2).astype(np.float32) * model.header.unit
    two = np.vstack([table, np.array(model.header.side, np.float32)])
    three = np.stack([two[:, 0], np.zeros(len(two), np.float32), two[:, 1]], axis=1)
    return np.asarray(three - three.mean(axis=1, keepdims=True), dtype=np.float32)


def even_shares(wanted: Ints, *, power: float = 1.0) -> Floats:
    """How much each row counts if each value shall count alike (`power` 1), as often as it comes (0), or between."""
    often = np.bincount(wanted, minlength=3).astype(np.float64)
    each = np.where(often > 0, (len(wanted) / np.maximum(often, 1)) ** power, 0.0)
    shares = each[wanted]
    return np.asarray(shares / shares.mean(), dtype=np.float32)


def folds_of(wanted: Ints, count: int, *, seed: int = 1) -> Ints:
    """The number of its fold for each row, each value spread evenly. The same for the same input."""
    folds = np.zeros(len(wanted), np.intp)
    chance = np.random.default_rng(seed)
    for value in range(3):
        rows = np.flatnonzero(wanted == value)
        chance.shuffle(rows)
        folds[rows] = np.arange(len(rows)) % count
    return folds


def macro_recall(wanted: Ints, got: Ints) -> float:
    """The mean of the recalls of the values that occur in `wanted`, 0 … 1."""
    return float(np.mean([np.mean(got[wanted == value] == value) for value in np.unique(wanted)]))


def macro_f1(wanted: Ints, got: Ints) -> float:
    """The mean of 2·hits / (given + found) over the values that occur in either, 0 … 1."""
    values = np.union1d(wanted, got)
    return float(
        np.mean([2 * np.sum((wanted == v) & (got == v)) / (np.sum(wanted == v) + np.sum(got == v)) for v in values])
    )
