"""Topics: what a mission looks for. The query's text is the truth; its versions are kept."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TopicQuerySet(models.QuerySet["Topic"]):
    def listening(self) -> TopicQuerySet:
        return self.filter(is_on=True)

    def kept(self) -> TopicQuerySet:
        """Those that nobody removed. A removed one has a row until its mentions are taken away."""
        return self.filter(removed_at=None)


class Topic(models.Model):
    class Role(models.TextChoices):
        OWN = "own", _("own")
        COMPETITOR = "competitor", _("competitor")
        PRODUCT = "product", _("product")
        CAMPAIGN = "campaign", _("campaign")
        ISSUE = "issue", _("issue")
        PERSON = "person", _("person")

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="topics")
    name = models.CharField(_("name"), max_length=400)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.OWN)
    query = models.TextField(_("query"))
    version = models.PositiveIntegerField(default=1)
    # The version that stored posts were last matched against; behind `version` while a change is being applied.
    applied_version = models.PositiveIntegerField(default=0)
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    # How far the newest version is applied: so many of so many stored posts of the mission. None: not begun.
    applying_done = models.BigIntegerField(null=True)
    applying_of = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mission", "name"], name="topic_names_differ_in_a_mission")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_applying(self) -> bool:
        """Whether stored posts are still being matched against the newest query."""
        return self.applied_version < self.version

    @property
    def applied_percent(self) -> int | None:
        """Whole percent of the stored posts that were looked through; None where that has not begun."""
        if self.applying_done is None or self.applying_of is None:
            return None
        return 100 if self.applying_of <= 0 else min(100, 100 * self.applying_done // self.applying_of)


class TopicVersion(models.Model):
    """What a topic looked for from `made_at` on, who changed it and why."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    query = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(auto_now_add=True)
    why = models.CharField(max_length=500, blank=True)
    restores = models.PositiveIntegerField(null=True)  # the version whose query this one brought back

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["topic", "number"], name="topic_versions_count_up")]


class Revision(models.Model):
    """One row that counts up whenever any topic changes, so that whoever matches can see that its queries are old."""

    number = models.PositiveBigIntegerField(default=0)


class TrendClock(models.Model):
    """How far a mission's posts were looked through for emerging terms, on the time axis of its charts."""

    mission = models.OneToOneField("team.Mission", primary_key=True, on_delete=models.CASCADE, related_name="+")
    width_ms = models.BigIntegerField()  # of a window; the counts below are of windows of this width
    closed_window = models.BigIntegerField()  # the last whose counts are kept; window n begins at n × width_ms
    looked_at_ms = models.BigIntegerField()  # the moment up to which offers were made


class TrendCount(models.Model):
    """In how many posts of a closed window a term stood, repeats left out. Kept for as many windows as the score looks
    back. Terms are kept as hashes: no word of a deleted post stays. `term` 0 counts all posts of the window."""

    pk = models.CompositePrimaryKey("mission_id", "window", "term")
    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="+", db_index=False)
    window = models.BigIntegerField()
    term = models.BigIntegerField()
    posts = models.IntegerField()


class EmergingTerm(models.Model):
    """A hashtag or phrase that rose around a mission's posts while no topic listened to it, and what came of the offer.

    `posts`, `authors`, `score` and `by_window` are those of its best moment. Times are chart time.
    """

    class Kind(models.TextChoices):
        HASHTAG = "hashtag", _("hashtag")
        PHRASE = "phrase", _("phrase")

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        IGNORED = "ignored", _("ignored")
        ADDED = "added", _("added to a topic")

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="emerging_terms")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    term = models.CharField(max_length=200)  # folded, hashtags with their sign
    shown = models.CharField(max_length=200)  # as it is mostly written
    score = models.FloatField()
    formula = models.CharField(max_length=20)  # the score's formula and its version
    posts = models.PositiveIntegerField()
    authors = models.PositiveIntegerField()
    volume = models.FloatField()  # v of the formula
    baseline = models.FloatField()  # m of the formula
    by_window = models.JSONField(default=list)  # posts in each window that the score looked at, oldest first
    width_ms = models.BigIntegerField()
    first_posts = models.JSONField(default=list)  # post ids, oldest first
    languages = models.JSONField(default=list)  # [[code or null, posts], …], most first
    first_seen_at = models.DateTimeField()
    offered_at = models.DateTimeField()
    last_rising_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.OFFERED)
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state_at = models.DateTimeField(null=True)  # our clock
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar = ["-last_rising_at", "-score"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mission", "term"], name="emerging_terms_are_offered_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["offered", "ignored", "added"]), name="emerging_state_known"
            ),
        ]
        # The index serves the page and the metric: what rose lately.
        indexes: ClassVar = [models.Index(fields=["mission", "-last_rising_at"], name="emerging_lately")]

    def __str__(self) -> str:
        return self.shown
