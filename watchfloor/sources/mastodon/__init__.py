"""Mastodon and servers that speak its API: streams with REST backfill, several servers at once; replies by token."""

from watchfloor.sources.mastodon.source import SOURCE

__all__ = ["SOURCE"]
