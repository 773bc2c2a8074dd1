"""The rehearsal: a made-up conference. See README.md."""

from watchfloor.sources.rehearsal.made import Happening, Item, Plan, Truth
from watchfloor.sources.rehearsal.plan import plan
from watchfloor.sources.rehearsal.source import RehearsalSettings, RehearsalSource

SOURCE = RehearsalSource()

__all__ = ["SOURCE", "Happening", "Item", "Plan", "RehearsalSettings", "RehearsalSource", "Truth", "plan"]
