"""Discourse forums by their public JSON. See README.md."""

from watchfloor.sources.discourse.source import SOURCE

__all__ = ["SOURCE"]
