"""Clock work of missions."""

from __future__ import annotations

from django.utils import timezone

from watchfloor.missions.history import measure_what_is_due


def measure_goals() -> bool:
    """Keep what each goal's metric is, once a day and at its date."""
    measure_what_is_due(timezone.now())
    return False
