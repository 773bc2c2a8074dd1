"""What is said about a post: its language, its sentiment, and what other packages' labellers add.

language = label_language(post)
sentiment = label_sentiment(post, language.code)
"""

from __future__ import annotations

from watchfloor.mentions.labels.labeller import Label, Labeller, installed_labellers, label_post
from watchfloor.mentions.labels.language import Language, LanguageLabeller, label_language
from watchfloor.mentions.labels.sentiment import SentimentLabel, SentimentLabeller, label_sentiment

__all__ = [
    "Label",
    "Labeller",
    "Language",
    "SentimentLabel",
    "default_labellers",
    "label_language",
    "label_post",
    "label_sentiment",
]


def default_labellers() -> list[Labeller]:
    """Ours, then other packages'. The order matters: a later labeller sees what the earlier ones said."""
    return [LanguageLabeller(), SentimentLabeller(), *installed_labellers()]
