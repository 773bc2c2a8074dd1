"""Stored posts for the replay: a mission's posts of a period, oldest first."""

from __future__ import annotations

from collections.abc import Iterator

from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.sources.post import Post
from watchfloor.sources.replay.source import ReplaySettings
from watchfloor.sources.source import NeedsHands
from watchfloor.team.models import Mission


def posts_of_period(settings: ReplaySettings) -> Iterator[Post]:
    """Raises NeedsHands if there is no such mission. Held in memory whole: the store reads newest first."""
    mission = Mission.objects.filter(slug=settings.mission).first()
    if mission is None:
        raise NeedsHands(
            "There is no such mission to replay", str(settings.mission)[:100], "Name a mission by its slug."
        )
    stored = mention_store().matches(Scope(mission.pk), since=settings.since, until=settings.until)
    yield from reversed([one.post for one in stored])
