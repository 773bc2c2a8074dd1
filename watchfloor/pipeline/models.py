"""Signs of life of the processes, so that any of them (and the doctor) can see who is missing."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

BEAT_EVERY = timedelta(seconds=5)


class Beat(models.Model):
    process = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    pid = models.PositiveIntegerField()

    @property
    def is_missing(self) -> bool:
        return timezone.now() - self.at > 4 * BEAT_EVERY


def beat(process: str, pid: int) -> None:
    Beat.objects.update_or_create(process=process, defaults={"at": timezone.now(), "pid": pid})
