"""Connections: what is configured, where its cursor stands, how it is; and the gaps that were found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings as django_settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from watchfloor.lib.secrets import Secrets
from watchfloor.sources.source import Source, installed_sources


class Connection(models.Model):
    """One configured source. Listens while `is_on`; `state` says how that goes, in the stream's own words.

    With a mission, its posts are matched only against that mission's topics (a rehearsal never reaches a real one);
    without, against all.
    """

    class State(models.TextChoices):
        NEW = "new", _("not started")
        CONNECTING = "connecting", _("connecting")
        LIVE = "live", _("live")
        WAITING = "waiting", _("waiting to try again")
        FAILED = "failed", _("needs hands")
        DONE = "done", _("finished")

    name = models.CharField(_("name"), max_length=400)
    source = models.CharField(max_length=40)
    mission = models.ForeignKey(
        "team.Mission", null=True, blank=True, on_delete=models.CASCADE, related_name="connections"
    )
    settings = models.JSONField(default=dict, blank=True)
    sealed_secrets = models.BinaryField(default=b"", blank=True)
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    cursor = models.TextField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    says = models.TextField(blank=True)  # what was tried, on what, what to do next
    heard_at = models.DateTimeField(null=True, blank=True)  # last sign of life
    last_post_at = models.DateTimeField(null=True, blank=True)  # when the last post came in (our clock)
    next_try_at = models.DateTimeField(null=True, blank=True)
    lag_seconds = models.FloatField(null=True, blank=True)
    received = models.BigIntegerField(default=0)
    unreadable = models.BigIntegerField(default=0)
    unknown_fields = models.JSONField(default=dict, blank=True)
    trouble = models.TextField(blank=True)  # what `says` said when it last went wrong, for the outage that it began
    troubled_at = models.DateTimeField(null=True, blank=True)

    # What was covered, from the first moment to where it stands, in the time of its posts (`minutes.py`). With a clock
    # of its own (a recording played with its own dates) that time is not ours.
    covered_since = models.DateTimeField(null=True, blank=True)
    covered_until = models.DateTimeField(null=True, blank=True)
    has_own_clock = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["new", "connecting", "live", "waiting", "failed", "done"]),
                name="connection_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def plug(self) -> Source:
        return installed_sources()[self.source]

    @property
    def secrets(self) -> dict[str, str]:
        return vault().open(bytes(self.sealed_secrets)) if self.sealed_secrets else {}

    def seal(self, secrets: dict[str, str]) -> None:
        """Encrypt `secrets` into the row; the caller saves it."""
        self.sealed_secrets = vault().seal(secrets)

    def is_silent(self, now: datetime) -> bool:
        """Live, but nothing posted for longer than the network's rhythm makes likely."""
        since = self.last_post_at or self.heard_at
        return self.state == self.State.LIVE and since is not None and now - since > self.rhythm

    @property
    def rhythm(self) -> timedelta:
        return self.plug.facts.rhythm


def vault() -> Secrets:
    return Secrets([django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS])


class GapQuerySet(models.QuerySet["ConnectionGap"]):
    def unfilled(self) -> GapQuerySet:
        return self.filter(filled_at=None)

    def lost(self) -> GapQuerySet:
        """What is missing and is not being fetched. (An outage's minutes are uncovered until they are fetched.)"""
        return self.filter(filled_at=None, is_outage=False)


class ConnectionGap(models.Model):
    """A stretch that a connection did not receive, in the network's time.

    A source names what is lost (a Gap). An outage is noted by the stream itself: nothing came for long, and what was
    written meanwhile is being fetched. `filled_at`: since then all of it is there after all.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="gaps")
    since = models.DateTimeField()
    until = models.DateTimeField()
    why = models.CharField(max_length=500)
    found_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True, blank=True)
    is_outage = models.BooleanField(default=False)

    objects = GapQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-until"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="gap_ends_after_it_began"),
            models.UniqueConstraint(fields=["connection", "since", "until"], name="a_gap_is_noted_once"),
        ]


class HeardHour(models.Model):
    """An hour of a connection, minute by minute, in the time of its posts: which minutes are covered, and how many
    posts each brought. Written by `minutes.py`."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.IntegerField()  # since 1970
    covered = models.BigIntegerField(default=0)  # bit n: minute n
    received = models.BinaryField()  # 60 unsigned 32-bit numbers, the lowest byte first

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "hour"], name="an_hour_is_kept_once")]


class Pause(models.Model):
    """A stretch in which a connection had nothing to listen to: switched off, or at its end. Open while it lasts."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="pauses")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection"], condition=Q(until=None), name="one_pause_at_a_time"),
        ]


# The tables of a source's own folder belong to this app: Django finds them here.
from watchfloor.sources.look_back import LookBack  # noqa: E402
from watchfloor.sources.webhook.models import Delivery, Hook, Refusal  # noqa: E402

__all__ = ["Connection", "ConnectionGap", "Delivery", "HeardHour", "Hook", "LookBack", "Pause", "Refusal", "vault"]
