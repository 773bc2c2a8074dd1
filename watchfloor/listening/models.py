"""Topics: what a mission looks for. The query's text is the truth; its versions are kept."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TopicQuerySet(models.QuerySet["Topic"]):
    def listening(self) -> TopicQuerySet:
        return self.filter(is_on=True)


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


class TopicVersion(models.Model):
    """What a topic looked for from `made_at` on, who changed it and why."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    query = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(auto_now_add=True)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["topic", "number"], name="topic_versions_count_up")]


class Revision(models.Model):
    """One row that counts up whenever any topic changes, so that whoever matches can see that its queries are old."""

    number = models.PositiveBigIntegerField(default=0)
