"""Scenes that a mission's wall may show, and which panels of a mission serve no goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points

from watchfloor.missions.use_cases import suggested_scenes
from watchfloor.panels.registry import all_panels
from watchfloor.team.models import Mission

# Panels that show how things are, not a figure that could be aimed at.
WITHOUT_AIM = frozenset({"goals", "works-and-broken", "countdown", "announcement", "stream", "coverage"})


@dataclass(frozen=True)
class Scene:
    key: str
    panels: tuple[str, ...]
    titles: tuple[str, ...]


def scenes_of(mission: Mission) -> list[Scene]:
    """Those that its use cases suggest, and chosen ones that no longer are suggested."""
    purpose = getattr(mission, "purpose", None)
    suggested = suggested_scenes(purpose.use_cases if purpose else [], mission.kind)
    chosen = [scene for scene in (purpose.scenes if purpose else []) if isinstance(scene, list)]
    found = dict.fromkeys(tuple(str(name) for name in scene) for scene in [*suggested, *chosen])
    return [Scene("+".join(panels), panels, tuple(title_of(name) for name in panels)) for panels in found]


def chosen_scenes(mission: Mission) -> list[list[str]]:
    """What a new wall of the mission begins with: the scenes of its set-up, with the panels that exist."""
    purpose = getattr(mission, "purpose", None)
    scenes = [[str(name) for name in scene if name in all_panels()] for scene in (purpose.scenes if purpose else [])]
    return [scene for scene in scenes if scene]


def scenes_chosen(mission: Mission, scenes: Sequence[Sequence[str]]) -> None:
    """Tell those further down the house, who make walls: an entry point of the group "watchfloor.scenes_chosen" names
    a function `(mission, scenes) -> None`."""
    for point in entry_points(group="watchfloor.scenes_chosen"):
        point.load()(mission, scenes)


def title_of(name: str) -> str:
    panel = all_panels().get(name)
    return str(panel.title) if panel else name.replace("-", " ").capitalize()


def panels_without_goal(mission: Mission) -> list[tuple[str, str]]:
    """(name, title) of the panels on the chosen scenes that show no metric of any goal."""
    purpose = getattr(mission, "purpose", None)
    aimed_at = set(mission.goals.values_list("metric", flat=True))
    shown = dict.fromkeys(str(name) for scene in (purpose.scenes if purpose else []) for name in scene)
    panels = all_panels()
    return [
        (name, title_of(name))
        for name in shown
        if name in panels and name not in WITHOUT_AIM and not aimed_at.intersection(_serves(panels[name].metrics))
    ]


def _serves(metrics: tuple[str, ...]) -> set[str]:
    """A breakdown serves goals on what it breaks down."""
    found = set(metrics)
    for one in metrics:
        found |= BROKEN_DOWN.get(one, set())
    return found


BROKEN_DOWN = {
    "share-by-sentiment": {"net-sentiment-a", "net-sentiment-b", "positive-share", "negative-share"},
    "net-sentiment-a": {"net-sentiment-b", "positive-share", "negative-share"},
    "negative-share": {"net-sentiment-a", "net-sentiment-b", "positive-share"},
    "share-by-network": {"volume", "share-of-conversation"},
    "share-by-language": {"volume"},
    "top-hashtags": {"volume"},
    "top-authors": {"unique-authors", "potential-reach"},
    "top-posts": {"engagements", "engagement-rate"},
    "emerging-terms": {"velocity"},
    "volume": {"delta", "velocity"},
}
