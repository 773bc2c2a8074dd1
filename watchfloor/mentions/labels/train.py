"""Make the sentiment model that ships with Watchfloor. The card beside it says what came out.

    python -m watchfloor.mentions.labels.train SemEval.tsv val_text.txt val_labels.txt --out english.wfm

The first file has tab-separated columns id, file, label (0 negative, 1 neutral, 2 positive), text, with a header; the
other two are TweetEval's validation set. The same input gives the same file.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
import time
from functools import lru_cache
from pathlib import Path

import numpy as np

from watchfloor.mentions.labels.features import BALANCE, VERSION, Reading, Word, read
from watchfloor.mentions.labels.fit import (
    Floats,
    Ints,
    calibrate,
    even_shares,
    fit,
    folds_of,
    macro_f1,
    macro_recall,
    matrix_of,
    one_thread,
    rounded,
)
from watchfloor.mentions.labels.model import FORMAT, Header, Model, load_model, save_model

NAME, MODEL_VERSION = "wf-english", "1"
PENALTY = 33.0  # the best of 10, 33, 66 and 100 by cross-validation
FOLDS = 4


@one_thread
def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("semeval", "validation_text", "validation_labels"):
        asked.add_argument(name, type=Path)
    asked.add_argument("--out", type=Path, required=True)
    given = asked.parse_args()

    # 1. Read; a tweet that is in the validation set, or comes twice, is left out.
    held_back = read_validation(given.validation_text, given.validation_labels)
    labelled = read_semeval(given.semeval, without={bare(text) for text, _ in held_back})
    readings, wanted = readings_of(labelled)
    matrix = matrix_of(readings)
    say(f"{len(wanted)} tweets to learn from, {len(held_back)} held back")

    # 2. Judge every tweet by a model that has not seen it.
    folds, unseen = folds_of(wanted, FOLDS), np.zeros((len(wanted), 3), np.float32)
    for fold in range(FOLDS):
        rest, here = folds != fold, folds == fold
        weights = fit(matrix[rest], wanted[rest], shares=even_shares(wanted[rest]), penalty=PENALTY)
        unseen[here] = matrix[here] @ weights
        say(f"fold {fold + 1}: macro recall {macro_recall(wanted[here], unseen[here].argmax(1)):.4f}")

    # 3. From those judgements: the balance with the best macro recall, and what the sums are worth as probabilities.
    balance = best_balance(unseen, wanted)
    calibration = calibrate(unseen + balance, wanted)
    recall = macro_recall(wanted, (unseen + balance).argmax(1))
    say(f"all folds: {macro_recall(wanted, unseen.argmax(1)):.4f}, balanced by {balance.round(2)} {recall:.4f}")

    # 4. Learn from all, round to 16 bits, write, and measure the written file.
    weights = fit(matrix, wanted, shares=even_shares(wanted), penalty=PENALTY)
    weights[-1] += balance / BALANCE
    unit, side, table = rounded(weights)
    notes: dict[str, str | int | float] = {
        "learnt_from": "SemEval-2017 task 4 A, training part",
        "posts": len(wanted),
        "cv_recall": round(recall, 4),
    }
    save_model(given.out, Header(FORMAT, VERSION, NAME, MODEL_VERSION, unit, side, calibration, notes), table)
    model = load_model(given.out)
    got = np.array([judged(model, text) for text, _ in held_back])
    truth = np.array([label for _, label in held_back])
    say(f"validation: macro recall {macro_recall(truth, got):.4f}, macro F1 {macro_f1(truth, got):.4f}")


# --- Reading the data -----------------------------------------------------------------------------------------------

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NOT_BARE = re.compile(r"@\w+|https?://\S+|\W+")


def read_semeval(path: Path, *, without: set[str]) -> list[tuple[str, int]]:
    seen, labelled = set(without), []
    for line in path.read_text("utf-8").split("\n")[1:]:
        parts = line.split("\t")
        if len(parts) < 4:
            continue
        text = plain(parts[3])
        if (key := bare(text)) not in seen:
            seen.add(key)
            labelled.append((text, int(parts[2])))
    return labelled


def read_validation(texts: Path, labels: Path) -> list[tuple[str, int]]:
    lines = texts.read_text("utf-8").splitlines()
    return [(plain(text), int(label)) for text, label in zip(lines, labels.read_text().split(), strict=True)]


def plain(text: str) -> str:
    """Undo the quoting of the file, its `\\u002c` and its `&amp;`."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('""', '"')
    return html.unescape(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def bare(text: str) -> str:
    return _NOT_BARE.sub("", text.lower())


def readings_of(labelled: list[tuple[str, int]]) -> tuple[list[Reading], Ints]:
    """What the features see of each text that has something to judge, and the labels of those."""
    word = lru_cache(maxsize=None)(Word)
    both = [(reading, label) for text, label in labelled if (reading := read(text, word)) is not None]
    return [reading for reading, _ in both], np.array([label for _, label in both], np.intp)


# --- After the fit --------------------------------------------------------------------------------------------------


def best_balance(sums: Floats, wanted: Ints) -> Floats:
    """What to add to "negative" and "positive" for the best macro recall, in steps of 0.05."""
    best, balance = 0.0, np.zeros(3, np.float32)
    for _ in range(2):
        for value in (0, 2):
            for step in np.arange(-12, 13):
                tried = balance.copy()
                tried[value] = step * 0.05
                if (recall := macro_recall(wanted, (sums + tried).argmax(1))) > best:
                    best, balance = recall, tried
    return balance


def judged(model: Model, text: str) -> int:
    """0, 1, 2 by the written file; what it can't judge counts as neutral."""
    judgement = model.judge(text)
    if judgement is None:
        return 1
    return int(np.argmax([judgement.negative, judgement.neutral, judgement.positive]))


def say(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {words}\n")


if __name__ == "__main__":
    main()
