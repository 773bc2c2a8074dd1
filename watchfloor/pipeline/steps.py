"""The one list of steps between a source and the store. Each takes an item and returns it, or says why it is dropped.

To add a step, write a function and name it in STEPS. Each is counted and timed by its name.
"""

from __future__ import annotations

from collections.abc import Callable

from watchfloor.mentions.labels import label_language, label_sentiment
from watchfloor.mentions.store.tidy import tidy_post
from watchfloor.pipeline.item import Dropped, Item, Reason
from watchfloor.sources.post import Post, Sentiment

LONGEST_TEXT = 500_000  # code points: longer than any network's post; a book is not a post
LONGEST_ID = 1_000
LONGEST_NETWORK = 60

TOO_LONG = Dropped(Reason.TOO_LONG)
UNNAMED = Dropped(Reason.UNNAMED)
NO_TOPIC = Dropped(Reason.NO_TOPIC)

Step = Callable[[Item], Item | Dropped]


def bound(item: Item) -> Item | Dropped:
    """Keep out what can't be a post before any work is spent on it, and take out of the rest what no store can hold: so
    a query reads on the stream what it will read in the store."""
    post = item.post
    if not 0 < len(post.id) <= LONGEST_ID or not 0 < len(post.network) <= LONGEST_NETWORK:
        return UNNAMED
    if len(post.text) > LONGEST_TEXT or (post.title is not None and len(post.title) > LONGEST_TEXT):
        return TOO_LONG
    item.post = tidy_post(post)
    return item


def match(item: Item) -> Item | Dropped:
    """Find the topics that look for it. A query may ask for the sentiment: it is then labelled here, else later."""
    line = item.line
    found = line.matcher.match(item.post, sentiment_in_force)
    if found and item.mission_id is not None:
        found = [topic for topic in found if line.mission_of[topic] == item.mission_id]
    if not found:
        return NO_TOPIC
    item.topics = found
    return item


def label_its_language(item: Item) -> Item:
    language = label_language(item.post)
    item.language, item.language_by, item.language_confidence = language.code, language.by, language.confidence
    return item


def label_its_sentiment(item: Item) -> Item:
    label = label_sentiment(item.post, item.language)
    item.sentiment, item.sentiment_by = label.value, label.by
    item.sentiment_score, item.sentiment_confidence = label.score, label.confidence
    return item


STEPS: list[Step] = [bound, match, label_its_language, label_its_sentiment]


def sentiment_in_force(post: Post) -> Sentiment | None:
    """What `sentiment:` asks about a post that nobody has labelled yet: the machine's word."""
    return label_sentiment(post, label_language(post).code).value
