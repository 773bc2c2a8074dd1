"""Walls: scenes of panels for screens that people see from afar, who may see them without signing in, and what the
remote last said."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Wall(models.Model):
    """Scenes that many screens show in step. All panels of a wall show the same `period`."""

    class Period(models.TextChoices):
        HOUR = "1h", _("last hour")
        SIX_HOURS = "6h", _("last 6 hours")
        TODAY = "today", _("today")
        DAY = "24h", _("last 24 hours")
        WEEK = "7d", _("last 7 days")

    class Stream(models.TextChoices):
        ALL = "all", _("at once")
        APPROVED = "approved", _("after somebody approved them")

    class Media(models.TextChoices):
        CLEAR = "clear", _("as they are")
        BLURRED = "blurred", _("blurred until approved")
        NONE = "none", _("not at all")

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="walls")
    name = models.CharField(_("name"), max_length=400)
    period = models.CharField(_("all panels show"), max_length=5, choices=Period.choices, default=Period.DAY)
    rotate_seconds = models.PositiveIntegerField(_("seconds that a scene stays"), default=20)
    posts = models.CharField(_("posts are shown"), max_length=8, choices=Stream.choices, default=Stream.ALL)
    media = models.CharField(_("photos are shown"), max_length=7, choices=Media.choices, default=Media.BLURRED)
    shows_red = models.BooleanField(_("a red topic takes the screen"), default=True)
    blocked_words = models.TextField(_("words that keep a post off the wall"), blank=True)  # one query term a line
    made_at = models.DateTimeField(auto_now_add=True)

    # What the remote said last. Without a pin, the scene follows from the time, the same on every screen.
    began_at = models.DateTimeField(default=timezone.now)  # when the first scene of the rotation began
    pinned = models.ForeignKey("wall.Scene", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_blank = models.BooleanField(default=False)
    announcement = models.CharField(_("announcement"), max_length=280, blank=True)
    steered_at = models.DateTimeField(null=True, blank=True)
    steered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mission", "name"], name="wall_names_differ_in_a_mission"),
            models.CheckConstraint(
                condition=Q(rotate_seconds__gte=5) & Q(rotate_seconds__lte=3600), name="a_scene_stays_5_s_to_1_h"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def channel(self) -> str:
        """Where changes of the wall itself are announced."""
        return f"wall:{self.pk}"


class Scene(models.Model):
    """One to four panels that a screen shows together."""

    wall = models.ForeignKey(Wall, on_delete=models.CASCADE, related_name="scenes")
    place = models.PositiveIntegerField(default=0)
    title = models.CharField(_("title"), max_length=200)
    panels: Any = models.JSONField(default=list)  # [{"panel": "pulse", "settings": {…}, "topics": [3]}, …]

    class Meta:
        ordering: ClassVar = ["place", "pk"]

    def __str__(self) -> str:
        return self.title


class Share(models.Model):
    """A link that shows one wall to whoever holds it, until it ends or is revoked. Only the token's hash is kept."""

    wall = models.ForeignKey(Wall, on_delete=models.CASCADE, related_name="shares")
    name = models.CharField(_("which screen it is for"), max_length=200, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    framed_by = models.CharField(_("may be framed by"), max_length=200, blank=True)  # an origin; "": nobody
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)  # to the minute

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="a_share_ends_after_it_began")
        ]

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class Judged(models.Model):
    """What somebody decided about showing a post on a mission's walls. No foreign key: the post may go at any time."""

    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="+")
    post_id = models.BigIntegerField()
    may_show = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mission", "post_id"], name="a_post_is_judged_once")]
