"""What a mission is for: its purpose, its goals with what was measured, what is ready, and its levels over time.

The mission's own row stands in `team/` (docs/decisions/0003-where-a-mission-stands.md).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from watchfloor.team.models import Mission


class Purpose(models.Model):
    """Why a mission listens, as its set-up was answered. Lists hold words as people typed them."""

    mission = models.OneToOneField(Mission, primary_key=True, on_delete=models.CASCADE, related_name="purpose")
    use_cases = models.JSONField(default=list, blank=True)  # names of use_cases.USE_CASES, the leading one first
    called = models.JSONField(default=list, blank=True)  # what people call it, besides the mission's name
    hashtags = models.JSONField(default=list, blank=True)
    handles = models.JSONField(default=list, blank=True)
    competitors = models.JSONField(default=list, blank=True)
    baseline_since = models.DateTimeField(null=True, blank=True)  # the time that a campaign is compared with
    baseline_until = models.DateTimeField(null=True, blank=True)
    own_words = models.TextField(blank=True)  # "": the purpose is written from the answers
    scenes = models.JSONField(default=list, blank=True)  # chosen for the wall: lists of names of panels
    steps_done = models.JSONField(default=list, blank=True)  # of the set-up; a step left out is not among them
    listened_to = models.JSONField(default=list, blank=True)  # ids of topics that closing the mission switched off

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(baseline_since__isnull=True, baseline_until__isnull=True)
                | Q(baseline_until__gt=F("baseline_since")),
                name="baseline_period_has_a_length",
            )
        ]

    def __str__(self) -> str:
        return f"purpose of {self.mission_id}"


class Goal(models.Model):
    """A metric that is to go from a baseline to a target by a date, and who answers for it."""

    class Over(models.TextChoices):
        PERIOD = "period", _("from its start to its date")
        WEEK = "week", _("the last 7 days")
        DAY = "day", _("the last 24 hours")
        HOUR = "hour", _("the last hour")

    class BaselineFrom(models.TextChoices):
        NOTHING = "nothing", _("not known yet")
        TYPED = "typed", _("told by a person")
        MEASURED = "measured", _("measured from stored posts")
        EDITION = "edition", _("the last edition’s figure")

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="goals")
    name = models.CharField(_("name"), max_length=400)
    metric = models.CharField(_("metric"), max_length=60)  # a name of the metrics' registry
    # None: the whole mission.
    topic = models.ForeignKey(
        "listening.Topic",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="goals",
        verbose_name=_("topic"),
    )
    over = models.CharField(_("measured over"), max_length=6, choices=Over.choices, default=Over.PERIOD)
    baseline = models.FloatField(_("baseline"), null=True, blank=True)
    baseline_from = models.CharField(max_length=8, choices=BaselineFrom.choices, default=BaselineFrom.NOTHING)
    baseline_says = models.CharField(_("where the baseline comes from"), max_length=500, blank=True)
    target = models.FloatField(_("target"), null=True, blank=True)
    starts_at = models.DateTimeField(_("counted from"))
    due_at = models.DateTimeField(_("by"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("owner"),
    )
    place = models.PositiveSmallIntegerField(default=0)  # the order on pages
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["place", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_at__gt=F("starts_at")), name="goal_is_due_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(over__in=["period", "week", "day", "hour"]), name="goal_is_over_a_known_stretch"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GoalValue(models.Model):
    """What a goal's metric was at a moment, by which formula. `value` None: unknown, `why_unknown` says why."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="values")
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    why_unknown = models.CharField(max_length=500, blank=True)
    attainment = models.FloatField(null=True)
    metric_version = models.PositiveIntegerField()
    attainment_version = models.PositiveIntegerField()
    sample = models.BigIntegerField(null=True)
    coverage = models.FloatField(null=True)  # part of the time that was heard, 0 … 1

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["goal", "at"], name="one_value_of_a_goal_a_moment")]


class ReadyItem(models.Model):
    """One answered item of the readiness checklist. What nobody answered has no row."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="ready_items")
    item = models.CharField(max_length=20)  # a key of readiness.ITEMS
    is_ready = models.BooleanField(default=False)
    answer = models.TextField(blank=True)
    who = models.CharField(_("who answers for it"), max_length=200, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mission", "item"], name="one_answer_an_item_of_readiness")
        ]


class LevelChange(models.Model):
    """An activation level that a mission was put to: when, by whom and why. Rows are never changed."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="level_changes")
    before = models.CharField(max_length=7, choices=Mission.Level.choices)
    after = models.CharField(max_length=7, choices=Mission.Level.choices)
    why = models.CharField(max_length=500)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]


class KeptFigure(models.Model):
    """A figure of a mission as it was when it was closed: posts go by retention, this stays."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="kept_figures")
    metric = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    value = models.FloatField(null=True)
    why_unknown = models.CharField(max_length=500, blank=True)
    sample = models.BigIntegerField(null=True)
    coverage = models.FloatField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mission", "metric"], name="one_kept_figure_a_metric")]
