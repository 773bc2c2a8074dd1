"""Posts that a topic matched, what they are a mention of, and how many there are.

The store (`store/`) writes these tables in plain SQL, thousands of rows a second; nothing else writes to them, but
`unnamed.py` when it was asked what an account is called. Read them through the store or `reads.py`: what is hidden or
deleted stands in no table that those read from.

A post's id carries its chart time (`store/ids.py`), so a stretch of time is a stretch of ids.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class TimeOrderedId(models.BigIntegerField):  # type: ignore[type-arg] # has no arguments at run time
    """A 64-bit whole number that is SQLite's own row number when it is the primary key: no second tree of keys."""

    def db_type(self, connection: Any) -> str:
        return "integer" if connection.vendor == "sqlite" else "bigint"


class Word(models.Model):
    """A short word that many rows repeat, kept once: names of networks, languages and labellers. "" is "not known"."""

    id = models.AutoField(primary_key=True)
    word = models.TextField(unique=True)

    def __str__(self) -> str:
        return self.word


class Sentiment(models.IntegerChoices):
    NEGATIVE = -1, "negative"
    NEUTRAL = 0, "neutral"
    POSITIVE = 1, "positive"
    UNKNOWN = 2, "unknown"


class Author(models.Model):
    """An account on a network, as it was last told. `key` is `store.keys.author_key`: by native id, else by handle."""

    class State(models.IntegerChoices):
        SHOWN = 0, "shown"
        HIDDEN = 1, "hidden"

    id = models.AutoField(primary_key=True)
    key = models.BigIntegerField(unique=True)
    network = models.ForeignKey(Word, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    native_id = models.TextField(null=True)
    handle = models.TextField(null=True)
    name = models.TextField(null=True)
    followers = models.BigIntegerField(null=True)
    state = models.SmallIntegerField(choices=State.choices, default=State.SHOWN)
    told_at = models.BigIntegerField()  # when handle and name were told, in the milliseconds of post ids
    # Of those whose handle is not known (`unnamed.py`): how often it was asked for, and when it is again. None: never.
    times_asked = models.SmallIntegerField(null=True)
    ask_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(state__in=[0, 1]), name="author_state_known")]
        # The index serves unnamed.to_ask_for().
        indexes: ClassVar = [
            models.Index(fields=["network", "ask_at", "-id"], condition=Q(handle=None), name="authors_to_ask_for")
        ]


class Post(models.Model):
    """One item as a network published it, with the topics that found it. A deleted one has no row, only a tombstone.

    Which topics and missions show it stands in the text index, as words of their own (`store/text_index.py`). On
    PostgreSQL there are two more columns, `more` and `less`, that the index is made from (`store/lexemes.py`). What no
    SQL condition needs stands packed in `rest` (`store/rows.py`): native id, title, addresses, metrics, times, scores.
    """

    class State(models.IntegerChoices):
        SHOWN = 0, "shown"
        HIDDEN = 1, "hidden"  # its author is deactivated or suspended; back when the author is

    id = TimeOrderedId(primary_key=True)
    key = models.BigIntegerField(unique=True)  # store.keys.post_key: network and native id in 8 bytes
    # The index serves "all posts of this author": account gone, hidden, back, erased.
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="posts", null=True)
    network = models.ForeignKey(Word, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    language = models.ForeignKey(Word, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    sentiment = models.SmallIntegerField(choices=Sentiment.choices, default=Sentiment.UNKNOWN)
    state = models.SmallIntegerField(choices=State.choices, default=State.SHOWN)
    topics = models.BinaryField()  # topic, the version that found it, … (store.rows.pack_topics)
    text = models.TextField()
    rest = models.BinaryField()

    class Meta:
        # The index serves what looks at hidden posts: a changed topic, retention.
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(state=1), name="hidden_posts")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=[0, 1]), name="post_state_known"),
            models.CheckConstraint(condition=Q(sentiment__in=[-1, 0, 1, 2]), name="post_sentiment_known"),
        ]


class Raw(models.Model):
    """The payload a post was read from, compressed with zstd, for re-mapping. Goes when the post goes."""

    post = models.OneToOneField(Post, primary_key=True, on_delete=models.CASCADE)
    payload = models.BinaryField()


class SetAside(models.Model):
    """A post that a mission's team took out of that mission. Other missions keep it."""

    pk = models.CompositePrimaryKey("mission_id", "post_id")
    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="+", db_index=False)
    # The index serves "which missions set this post aside".
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")


class Counter(models.Model):
    """How many shown posts of a topic fall into an hour (counted from 1995-01-01), by network, language, sentiment and
    minute: packed by `store/counters.py`, and read by it.

    Written in the transaction that writes the posts. Figures outlive posts: retention removes posts, not counts.
    """

    pk = models.CompositePrimaryKey("topic_id", "hour")
    topic = models.ForeignKey("listening.Topic", on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.IntegerField()
    posts = models.IntegerField()
    totals = models.BinaryField()
    minutes = models.BinaryField()


class MissionCounter(models.Model):
    """The same for a mission as a whole: distinct posts, not the sum over its topics."""

    pk = models.CompositePrimaryKey("mission_id", "hour")
    # A mission that ever counted a post stays: its posts would be nobody's.
    mission = models.ForeignKey("team.Mission", on_delete=models.PROTECT, related_name="+", db_index=False)
    hour = models.IntegerField()
    posts = models.IntegerField()
    totals = models.BinaryField()
    minutes = models.BinaryField()


class KeptSince(models.Model):
    """Retention's line: a mission keeps and takes no post from before this minute; its counts before it are final."""

    mission = models.OneToOneField("team.Mission", primary_key=True, on_delete=models.CASCADE, related_name="+")
    minute = models.IntegerField()


class Tombstone(models.Model):
    """What must stay out though it may still arrive: a deleted post, a post of a gone or erased author. Holds no name:
    `id` is the key of the post or author."""

    class Reason(models.IntegerChoices):
        DELETED = 0, "post deleted"
        HIDDEN = 1, "author hidden before we saw a post"
        GONE = 2, "author gone"
        ERASED = 3, "author erased"  # never pruned

    id = TimeOrderedId(primary_key=True)
    reason = models.SmallIntegerField(choices=Reason.choices)
    hour = models.IntegerField(db_index=True)  # since 1995-01-01; the index serves pruning


class Arrival(models.Model):
    """A post that a desk has still to look at (`arrivals.py`). No foreign key: the post may be gone by then."""

    desk = models.CharField(max_length=40)
    kind = models.CharField(max_length=7, choices=[("new", "new"), ("edited", "edited"), ("deleted", "deleted")])
    post_id = models.BigIntegerField(db_index=True)  # the index serves erasure
    topic_ids = models.TextField()  # "3,14"

    class Meta:
        # The index serves take().
        indexes: ClassVar = [models.Index(fields=["desk", "id"], name="arrivals_of_a_desk")]
