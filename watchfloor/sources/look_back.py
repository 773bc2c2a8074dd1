"""Listening once more to what has passed: a changed topic then finds posts that nothing asked for when they came.

Asked for here; the stream process does it (`pipeline/look_back.py`) beside its live listening. What is stored already
stays as it is: a post that comes twice is one post.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from watchfloor.live.announce import publish
from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission, Person

FARTHEST = timedelta(hours=36)  # no open network keeps its stream for longer


class LookBack(models.Model):
    """One going back over a connection, from `since` to now. `reached`: how far it is, in the posts' time."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("looking back")
        DONE = "done", _("done")
        FAILED = "failed", _("could not go on")

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="look_backs")
    mission = models.ForeignKey("team.Mission", on_delete=models.CASCADE, related_name="look_backs")
    since = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    says = models.TextField(blank=True)
    cursor = models.TextField(null=True, blank=True)
    reached = models.DateTimeField(null=True, blank=True)
    read = models.BigIntegerField(default=0)
    found = models.BigIntegerField(default=0)  # posts that were not stored before
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "mission"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_look_back_at_a_time",
            )
        ]

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    def part(self, now: datetime) -> float:
        """How much of the way is done, 0 … 1."""
        if self.state == self.State.DONE:
            return 1.0
        if self.reached is None or now <= self.since:
            return 0.0
        return min(1.0, max(0.0, (self.reached - self.since) / (now - self.since)))


def can_look_back(mission: Mission) -> list[Connection]:
    """The connections that the mission hears whose source can go back from where it stands."""
    heard = Connection.objects.filter(Q(mission=mission) | Q(mission=None), is_on=True).exclude(cursor=None)
    if mission.is_rehearsal:
        heard = heard.filter(mission=mission)
    return [connection for connection in heard if _goes_back(connection)]


def _goes_back(connection: Connection) -> bool:
    try:
        return connection.plug.rewind(connection.cursor, by=timedelta(hours=1)) != connection.cursor
    except Exception:
        return False


@transaction.atomic
def look_back(mission: Mission, *, since: datetime, by: Person | None) -> list[LookBack]:
    """Have every connection of the mission that can listened to again from `since` on, at most FARTHEST back. One that
    is at it already is left to it, and begins earlier if it has not begun. Returns those that are open now."""
    now = timezone.now()
    since = max(since, now - FARTHEST)
    asked = []
    for connection in can_look_back(mission):
        held = LookBack.objects.filter(connection=connection, mission=mission, state__in=["waiting", "running"]).first()
        if held is None:
            held = LookBack.objects.create(
                connection=connection, mission=mission, since=since, asked_by=by, asked_at=now
            )
        elif held.state == LookBack.State.WAITING:
            LookBack.objects.filter(pk=held.pk, since__gt=since).update(since=since)
        else:  # its first part was matched by older queries: begin once more
            LookBack.objects.filter(pk=held.pk).update(
                state=LookBack.State.WAITING, since=min(since, held.since), cursor=None, reached=None, read=0
            )
        asked.append(held)
    if asked:
        publish("sources", {"look_back": True})
    return asked


def look_backs_of(mission: Mission, limit: int = 10) -> list[LookBack]:
    """The newest of the mission, those at work first."""
    open_first = models.Case(models.When(state__in=["waiting", "running"], then=0), default=1)
    rows = LookBack.objects.filter(mission=mission).select_related("connection", "asked_by")
    return list(rows.order_by(open_first, "-asked_at")[:limit])


def note_look_back(pk: int, *, read: int, found: int, cursor: str | None, reached: datetime | None) -> None:
    """How far one is, in the transaction that stored what it read."""
    moved = {name: value for name, value in (("cursor", cursor), ("reached", reached)) if value is not None}
    LookBack.objects.filter(pk=pk, state=LookBack.State.RUNNING).update(
        read=F("read") + read, found=F("found") + found, **moved
    )
