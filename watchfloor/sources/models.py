"""Connections: what is configured, where its cursor stands, how it is; and the gaps that were found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings as django_settings
from django.db import models
from django.db.models import F, Q
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


class ConnectionGap(models.Model):
    """A stretch that a connection did not receive, in the network's time."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="gaps")
    since = models.DateTimeField()
    until = models.DateTimeField()
    why = models.CharField(max_length=500)
    found_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-until"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="gap_ends_after_it_began"),
            models.UniqueConstraint(fields=["connection", "since", "until"], name="a_gap_is_noted_once"),
        ]
