"""What changed, for those who watch: a short-lived log that every web process reads. Rows are pruned after minutes."""

from __future__ import annotations

from django.db import models


class Announcement(models.Model):
    """One change. Visible when its transaction commits, and read at once by every process."""

    channel = models.CharField(max_length=80)
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="announcement_prune")]  # for pruning by age
