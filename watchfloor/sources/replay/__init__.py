"""Recorded posts, played again on their own clock. See README.md."""

from watchfloor.sources.replay.recordings import open_recording
from watchfloor.sources.replay.source import ReplaySettings, ReplaySource

SOURCE = ReplaySource()

__all__ = ["SOURCE", "ReplaySettings", "ReplaySource", "open_recording"]
