"""What was announced, for those who keep what they worked out until something changes."""

from __future__ import annotations

from django.db.models import Max

from watchfloor.live.models import Announcement


def newest_change(channel: str) -> int | None:
    """The number of the newest announcement on the channel; None if none stands any more."""
    newest: int | None = Announcement.objects.filter(channel=channel).aggregate(newest=Max("pk"))["newest"]
    return newest
