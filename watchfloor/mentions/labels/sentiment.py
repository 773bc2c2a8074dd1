"""How a post sounds: negative, neutral, positive, or unknown. By VADER's rules, for English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from watchfloor.mentions.labels.labeller import Label
from watchfloor.mentions.labels.language import label_language
from watchfloor.sources.post import Post

SentimentValue = Literal["negative", "neutral", "positive"]


class SentimentLabel(msgspec.Struct, frozen=True):
    value: SentimentValue | None
    score: float | None
    confidence: float | None
    by: str


def label_sentiment(post: Post, language_code: str | None) -> SentimentLabel:
    if language_code is None or language_code.partition("-")[0] != "en" or not any(map(str.isalnum, post.text)):
        return SentimentLabel(None, None, None, "vader/3.3.2")
    score = float(_rules().polarity_scores(post.text[:5000])["compound"])
    value: SentimentValue = "positive" if score >= 0.05 else "negative" if score <= -0.05 else "neutral"
    return SentimentLabel(value, score, None, "vader/3.3.2")


class SentimentLabeller:
    name = "vader"
    version = "3.3.2"
    kind = "sentiment"

    def label(self, post: Post, earlier: Mapping[str, Label] | None = None) -> Label:
        language = earlier.get("language") if earlier else None
        said = label_sentiment(post, language.value if language else label_language(post).code)
        return Label("sentiment", said.value, said.by, score=said.score, confidence=said.confidence)


@lru_cache(maxsize=1)
def _rules() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
