"""Say that something changed. Part of the caller's transaction: heard when it commits, never if it rolls back."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import connection
from django.utils import timezone

from watchfloor.live.models import Announcement

WIRE = "watchfloor"  # PostgreSQL's channel; ours travel inside
RIGHTS = "rights"  # somebody's rights changed: whoever shows something asks whether it still may
LONGEST_NOTICE = 7_000  # bytes; PostgreSQL refuses 8,000


def publish(channel: str, payload: dict[str, Any]) -> None:
    """Announce `payload` on `channel` (`mission:12`, `sources`, `topics`, `rights`) to every process.

    Open pages hear a mission's channel as an event called "mentions", unless `payload["event"]` names another.
    """
    row = Announcement.objects.create(channel=channel, payload=payload, at=timezone.now())
    if connection.vendor == "postgresql":
        # Rows become visible out of order there, so readers are told which row, not asked to look for newer ids.
        notice = msgspec.json.encode([row.pk, channel, payload])
        if len(notice) > LONGEST_NOTICE:
            notice = msgspec.json.encode([row.pk, channel, None])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [WIRE, notice.decode()])
