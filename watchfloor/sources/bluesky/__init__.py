"""Bluesky: every public post, by Jetstream or straight from a relay or PDS; replies by app password."""

from watchfloor.sources.bluesky.source import SOURCE

__all__ = ["SOURCE"]
