"""Hacker News by its public Firebase API. See README.md."""

from watchfloor.sources.hackernews.source import SOURCE

__all__ = ["SOURCE"]
