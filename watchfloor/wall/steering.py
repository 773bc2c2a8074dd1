"""Which scene a wall shows at a moment. Without a pin it follows from the time alone, so screens keep in step without
asking each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.wall.models import Scene, Wall


@dataclass(frozen=True)
class Showing:
    """`scene` None: the wall has none. `until`: when the next one comes; None while it is pinned, blank or alone."""

    scene: Scene | None
    next: Scene | None
    until: datetime | None


def showing(wall: Wall, scenes: Sequence[Scene], now: datetime) -> Showing:
    """What `wall` shows at `now`. `scenes` are its own, in their order."""
    if not scenes:
        return Showing(None, None, None)
    if wall.pinned_id is not None:
        pinned = next((scene for scene in scenes if scene.pk == wall.pinned_id), None)
        if pinned is not None:
            return Showing(pinned, None, None)
    number, until = _turn(wall, now)
    scene = scenes[number % len(scenes)]
    if len(scenes) == 1 or wall.is_blank:
        return Showing(scene, None, None)
    return Showing(scene, scenes[(number + 1) % len(scenes)], until)


def _turn(wall: Wall, now: datetime) -> tuple[int, datetime]:
    """How many scenes have passed since the rotation began, and when the one of now ends."""
    stays = timedelta(seconds=wall.rotate_seconds)
    number = max(0, (now - wall.began_at) // stays)
    return number, wall.began_at + (number + 1) * stays


def begins_so_that(wall: Wall, scenes: Sequence[Scene], scene: Scene, now: datetime) -> datetime:
    """When the rotation would have had to begin for `scene` to begin `now`."""
    place = next((number for number, one in enumerate(scenes) if one.pk == scene.pk), 0)
    return now - place * timedelta(seconds=wall.rotate_seconds)
