"""Learning from labelled posts."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.mentions.labels.features import read
from watchfloor.mentions.labels.fit import Floats, compact, even_shares, fit, matrix_of, weights_of
from watchfloor.mentions.labels.learn import CHOICES, FOLDS, Learnt, TooFewLabels, learn
from watchfloor.mentions.labels.model import Model, load_model, save_model
from watchfloor.mentions.labels.sentiment import shipped_model
from watchfloor.sources.post import Sentiment

Labelled = list[tuple[str, Sentiment]]

# A climbing hall's words: "sick" and "insane" are praise, "soft" and "polished" are complaints.
PRAISE = ["That {} was sick", "Insane {} today", "{} is brutal, exactly what I wanted", "killer {} in the cave"]
COMPLAINT = ["{} is so polished", "the {} feels soft for the grade", "{} was greasy again", "{} got chipped"]
NEWS = ["{} is set on Monday", "who is on belay for {}", "{} has eight quickdraws", "{} goes left after the roof"]
PLACES = ["the slab", "route nine", "the blue line", "that arete", "the new boulder", "the overhang", "the roof route"]


def climbing(places: list[str]) -> Labelled:
    kinds: list[tuple[list[str], Sentiment]] = [(PRAISE, "positive"), (COMPLAINT, "negative"), (NEWS, "neutral")]
    return [(text.format(place), value) for place in places for texts, value in kinds for text in texts]


def opened(learnt: Learnt, path: Path) -> Model:
    save_model(path, learnt.header, learnt.table)
    return load_model(path)


def share_right(model: Model, labelled: Labelled) -> float:
    right = 0
    for text, value in labelled:
        judged = model.judge(text)
        assert judged is not None
        right += max(("negative", "neutral", "positive"), key=lambda each: getattr(judged, each)) == value
    return right / len(labelled)


def test_it_learns_what_words_mean_here(tmp_path: Path) -> None:
    learnt = learn(climbing(PLACES[:5]), start=shipped_model())
    unseen = climbing(PLACES[5:])
    assert learnt.better
    assert learnt.f1_after > learnt.f1_before + 0.2
    assert share_right(shipped_model(), unseen) < 0.7
    assert share_right(opened(learnt, tmp_path / "m.wfm"), unseen) > 0.9


def test_it_keeps_what_it_knew(tmp_path: Path) -> None:
    model = opened(learn(climbing(PLACES), start=shipped_model()), tmp_path / "m.wfm")
    known: Labelled = [
        ("I love this conference, the talks are amazing!", "positive"),
        ("The wifi is down again. This is terrible.", "negative"),
        ("The session on Tuesday starts at 10:30 in room B.", "neutral"),
    ]
    assert share_right(model, known) == 1


def test_the_same_posts_give_the_same_model() -> None:
    assert learn(climbing(PLACES[:3]), start=shipped_model()) == learn(climbing(PLACES[:3]), start=shipped_model())


def test_labels_that_teach_nothing_leave_the_weights_and_say_so() -> None:
    # Every text with every label: nothing can be right more often than by chance.
    texts = [text for text, _ in climbing(PLACES[:2])]
    values: list[Sentiment] = ["negative", "neutral", "positive"]
    learnt = learn([(text, value) for text, value in product(texts, values)], start=shipped_model())
    assert learnt.f1_after + learnt.recall_after >= learnt.f1_before + learnt.recall_before
    if not learnt.better:
        assert (learnt.recall_after, learnt.f1_after) == (learnt.recall_before, learnt.f1_before)
        np.testing.assert_allclose(
            np.array(learnt.header.side), np.array(shipped_model().header.side), rtol=1e-4, atol=1e-4
        )


def test_its_version_names_the_start_and_the_posts() -> None:
    start = shipped_model()
    learnt = learn(climbing(PLACES[:3]), start=start)
    assert learnt.header.name == start.header.name
    assert learnt.header.version.startswith(f"{start.header.version}+36.")
    assert learnt.header.version != learn(climbing(PLACES[1:4]), start=start).header.version


def test_posts_with_nothing_to_judge_are_counted_not_learnt() -> None:
    labelled = [*climbing(PLACES[:3]), ("https://example.org", "positive"), ("今日は", "negative")]
    learnt = learn(labelled, start=shipped_model())
    assert (learnt.posts, learnt.unjudgeable) == (36, 2)


def test_too_few_or_all_alike_is_refused() -> None:
    with pytest.raises(TooFewLabels, match="3 labelled English posts are too few"):
        learn(climbing(PLACES)[:3], start=shipped_model())
    with pytest.raises(TooFewLabels, match="All posts are labelled positive"):
        learn([("what a sick route this is", "positive")] * 30, start=shipped_model())


def test_progress_is_told_as_often_as_promised() -> None:
    steps: list[int] = []
    learn(climbing(PLACES[:2]), start=shipped_model(), step=lambda: steps.append(1))
    assert len(steps) == len(CHOICES) * FOLDS


def test_the_fit_on_the_compact_matrix_judges_alike() -> None:
    labelled = climbing(PLACES)
    readings = [reading for text, _ in labelled if (reading := read(text)) is not None]
    wanted = np.array([("negative", "neutral", "positive").index(value) for _, value in labelled])
    wide = matrix_of(readings)
    dense = compact(wide)
    shares = even_shares(wanted)
    options = {"shares": shares, "penalty": 5.0, "steps": 500}
    np.testing.assert_allclose(
        wide @ fit(wide, wanted, **options), dense @ fit(dense, wanted, **options), rtol=0, atol=0.03
    )


@lru_cache(maxsize=1)
def shipped_weights() -> tuple[Model, Floats]:
    return shipped_model(), weights_of(shipped_model())


@settings(deadline=None)
@given(st.text(st.sampled_from("abc not good bad !?#@:) 😍1.,'\n"), max_size=120))
def test_learning_and_judging_see_the_same_numbers(text: str) -> None:
    model, weights = shipped_weights()
    reading = read(text)
    judged = model.judge(text)
    assert (reading is None) == (judged is None)
    if reading is None or judged is None:
        return
    sums = np.asarray(matrix_of([reading]) @ weights, dtype=np.float64)[0]
    shares = np.exp(sums - sums.max())
    np.testing.assert_allclose(
        shares / shares.sum(), [judged.negative, judged.neutral, judged.positive], rtol=0, atol=1e-4
    )
