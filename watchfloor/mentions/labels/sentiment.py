"""How a post sounds: negative, neutral, positive, or unknown. By the model that ships with Watchfloor, or a learnt one.

`models/CARD.md` says what the model is made of and how right it is. It knows English; of other languages nothing is
claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from watchfloor.mentions.labels.labeller import Label
from watchfloor.mentions.labels.language import label_language
from watchfloor.mentions.labels.model import Model, load_model
from watchfloor.sources.post import Post

SHIPPED = Path(__file__).parent / "models" / "english.wfm"

SentimentValue = Literal["negative", "neutral", "positive"]


class SentimentLabel(msgspec.Struct, frozen=True):
    """`value` None is unknown; `score` (−1 … 1, positive minus negative) and `confidence` (0 … 1) are then None too."""

    value: SentimentValue | None
    score: float | None
    confidence: float | None
    by: str


def label_sentiment(post: Post, language_code: str | None, model: Model | None = None) -> SentimentLabel:
    """Judge a post's title and text. `language_code` is its language as `label_language` gives it.

    Unknown unless the language is English and the text has words, or emoji with a known meaning, to judge by.
    """
    model = model or model_in_use()
    if language_code is None or not (language_code == "en" or language_code.startswith("en-")):
        return SentimentLabel(None, None, None, model.by)
    judged = model.judge(text_of(post))
    if judged is None:
        return SentimentLabel(None, None, None, model.by)
    value: SentimentValue = "neutral"
    if judged.negative > judged.neutral or judged.positive > judged.neutral:
        value = "positive" if judged.positive > judged.negative else "negative"
    return SentimentLabel(value, round(judged.positive - judged.negative, 4), round(judged.confidence, 4), model.by)


def text_of(post: Post) -> str:
    """What is judged, and learnt from."""
    return f"{post.title}. {post.text}" if post.title else post.text


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """Opened once, when first needed."""
    return load_model(SHIPPED)


_in_use: Model | None = None


def model_in_use() -> Model:
    """The model that this process judges with: what it learnt from people's words, else the shipped one."""
    return _in_use or shipped_model()


def use_model(model: Model | None) -> None:
    """Judge with `model` from now on; None: with the shipped one."""
    global _in_use
    _in_use = model


class SentimentLabeller:
    """`label_sentiment` in the shape of the plug, with the shipped model or a learnt one."""

    kind = "sentiment"

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or model_in_use()
        self.name, self.version = self._model.header.name, self._model.header.version

    def label(self, post: Post, earlier: Mapping[str, Label] | None = None) -> Label:
        language = earlier.get("language") if earlier else None
        said = label_sentiment(post, language.value if language else label_language(post).code, self._model)
        return Label("sentiment", said.value, said.by, score=said.score, confidence=said.confidence)
