"""What people add to mentions: tags, categories and rules that set them; saved views; corrected labels, and what was
learnt from those. It stands apart from the posts: the store never writes it.

What is said of a post goes when the post goes, by triggers of the database (`migrations/0006`): the number of a post
that is gone may be given to another.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

HAND, HAND_OFF = 0, -1  # sources of a marking that are no rule: set by hand, taken off by hand


class Mark(models.Model):
    """A tag, or a category; a category may stand under another one that stands under none."""

    class Kind(models.TextChoices):
        TAG = "tag", _("tag")
        CATEGORY = "category", _("category")

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("mission", "kind", Lower("name"), condition=Q(parent=None), name="marks_differ"),
            models.UniqueConstraint("parent", Lower("name"), condition=~Q(parent=None), name="subcategories_differ"),
            models.CheckConstraint(condition=Q(parent=None) | Q(kind="category"), name="tags_stand_under_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.parent.name} › {self.name}" if self.parent else self.name


class MarkRule(models.Model):
    """A query whose posts get a mark: new ones as they come, stored ones in the background. A rule is never changed:
    another takes its place, and what it set goes."""

    class State(models.TextChoices):
        APPLYING = "applying", _("applying to stored posts")
        APPLIED = "applied", _("applied")
        REMOVING = "removing", _("removing")

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="+")
    mark = models.ForeignKey(Mark, on_delete=models.CASCADE, related_name="rules")
    query = models.TextField(_("query"))
    state = models.CharField(max_length=8, choices=State.choices, default=State.APPLYING)
    before = models.BigIntegerField(null=True)  # stored posts from this one on are done
    total = models.IntegerField(null=True)  # stored posts that it finds, counted when it began
    done = models.IntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.done / self.total)) if self.total else 0


class Marking(models.Model):
    """One reason for a post to carry a mark: a hand, or a rule. By hand wins: where HAND_OFF stands, it does not."""

    pk = models.CompositePrimaryKey("mark_id", "post_id", "source")
    mark = models.ForeignKey(Mark, on_delete=models.CASCADE, related_name="markings", db_index=False)
    # The index serves "the marks of these posts".
    post = models.ForeignKey("mentions.Post", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    source = models.BigIntegerField()  # HAND, HAND_OFF, else the rule's number
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        # The index serves taking away what a rule set.
        indexes: ClassVar = [models.Index(fields=["source"], condition=Q(source__gt=0), name="markings_of_a_rule")]


class SavedView(models.Model):
    """A query with filters and a stretch of time, under a name. `address` is what stands behind the "?"."""

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    address = models.TextField()
    is_shared = models.BooleanField(default=False)  # with all who may enter the mission; else its owner's alone
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = [Lower("name"), "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("mission", "owner", Lower("name"), name="saved_views_of_a_person_differ")
        ]


class PersonLabel(models.Model):
    """What a person said about a post's sentiment or language. Rows are only added: who changes their mind, or takes
    a word back, adds one. The newest that was not taken back is in force."""

    class Kind(models.TextChoices):
        SENTIMENT = "sentiment", _("sentiment")
        LANGUAGE = "language", _("language")

    class Way(models.TextChoices):
        PAGE = "page", _("in place")  # people correct what is wrong: no fair sample
        QUEUE = "queue", _("in the queue, by least certainty")
        CHECK = "check", _("in the queue, by chance")  # the fair sample that accuracy is measured on

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey("mentions.Post", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    value = models.CharField(max_length=35)  # "" is "nobody can tell"
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    way = models.CharField(max_length=5, choices=Way.choices)
    is_held = models.BooleanField()  # of a post that is never learnt from (`labels/held.py`)
    was = models.CharField(max_length=35)  # the label before, and whose it was
    was_by = models.CharField(max_length=120)
    takes_back = models.OneToOneField("self", null=True, on_delete=models.CASCADE, related_name="taken_back")

    class Meta:
        # The index serves "what was said here since", for learning and for the queue's progress.
        indexes: ClassVar = [models.Index(fields=["mission", "kind", "at"], name="said_in_a_mission")]


class Skipped(models.Model):
    """A post that a person passed by in the queue, so that it does not come again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey("mentions.Post", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "post"], name="skipped_once")]


class Refit(models.Model):
    """One learning from people's words: what came of it, and whether its model took the place of the one before."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for its turn")
        LEARNING = "learning", _("learning")
        TAKEN = "taken", _("better or as good: in use since")
        LEFT = "left", _("not used")
        TOO_FEW = "too few", _("too few words to learn from")
        FAILED = "failed", _("failed")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    says = models.TextField(default="")
    heard_until = models.BigIntegerField(default=0)  # the newest PersonLabel that it knew
    version = models.CharField(max_length=140, default="")  # "name/version" of its model
    file = models.CharField(max_length=200, default="")  # in WATCHFLOOR_DATA/models
    before = models.CharField(max_length=140, default="")  # the model that it was held against
    learnt_from = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    accuracy_before = models.FloatField(null=True)
    accuracy_after = models.FloatField(null=True)
    f1_before = models.FloatField(null=True)
    f1_after = models.FloatField(null=True)
    is_in_use = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_in_use"], condition=Q(is_in_use=True), name="one_model_is_in_use"),
            # Of two who ask at once one asks.
            models.UniqueConstraint(fields=["state"], condition=Q(state="asked"), name="one_refit_waits"),
        ]


class LabelAgain(models.Model):
    """A mission's stored posts, judged anew by the model in use, in the background. People's words stay."""

    mission = models.OneToOneField("team.Mission", primary_key=True, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    before = models.BigIntegerField(null=True)
    total = models.IntegerField(null=True)
    looked = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.looked / self.total)) if self.total else 0
