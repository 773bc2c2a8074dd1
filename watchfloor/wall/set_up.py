"""A mission's set-up makes its first wall: of the scenes that were chosen there, or that its purpose suggests."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from watchfloor.missions.scenes import chosen_scenes, scenes_of
from watchfloor.panels.registry import all_panels
from watchfloor.team.models import Mission
from watchfloor.wall.actions import MOST_PANELS, make_wall
from watchfloor.wall.models import Wall

# What a wall starts with where no purpose says more: how much, who says what; hashtags and our share; what is well.
FIRST_SCENES = (("pulse", "stream"), ("hashtag-race", "share-of-voice"), ("works-and-broken", "goals"))


def scenes_were_chosen(mission: Mission, scenes: Sequence[Sequence[str]]) -> None:
    """Called by the set-up. A mission that has a wall keeps it as it is: people arranged it."""
    if not Wall.objects.filter(mission=mission).exists() and (suit := that_suit_walls(scenes)):
        make_wall(mission, _("Wall of %(mission)s") % {"mission": mission.name[:300]}, scenes=suit)


def first_scenes(mission: Mission) -> list[list[str]]:
    """What a new wall of the mission shows: what its set-up chose, else what its purpose suggests."""
    suggested = [scene.panels for scene in scenes_of(mission)]
    chosen = that_suit_walls(chosen_scenes(mission)) or that_suit_walls(suggested)
    return chosen or [list(scene) for scene in FIRST_SCENES]


def that_suit_walls(scenes: Sequence[Sequence[str]]) -> list[list[str]]:
    panels = all_panels()
    suit = [[str(name) for name in scene if name in panels and "wall" in panels[name].suits] for scene in scenes]
    return [scene[:MOST_PANELS] for scene in suit if scene]
