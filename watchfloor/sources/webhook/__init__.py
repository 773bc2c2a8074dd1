"""Webhook in: other programs send posts to an address of ours, signed. See README.md."""

from watchfloor.sources.webhook.source import SOURCE

__all__ = ["SOURCE"]
