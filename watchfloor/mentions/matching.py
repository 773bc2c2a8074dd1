"""`watchfloor match`, with the labeller's word for queries that ask for the sentiment. Needs no database."""

from __future__ import annotations

from watchfloor.listening.commands import match_command
from watchfloor.listening.language.reading import SentimentOf


def sentiment_in_force() -> SentimentOf:
    """The machine's word, where a post says nothing of its own; loaded only if a query asks."""
    from watchfloor.mentions.labels import label_language, label_sentiment

    return lambda post: post.sentiment or label_sentiment(post, label_language(post).code).value


match = match_command(sentiment_in_force)
