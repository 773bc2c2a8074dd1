"""Nobody waits in tests: signs of life, cursors and second attempts come at once, and budgets are fresh."""

from __future__ import annotations

import pytest

from watchfloor.sources.mastodon import backfill, budget, feed, listen


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(listen, "SIGN_OF_LIFE_SECONDS", 0.05)
    monkeypatch.setattr(listen, "CURSOR_SECONDS", 0.0)
    monkeypatch.setattr(feed, "STEADY_SECONDS", 0.0)
    monkeypatch.setattr(feed, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(backfill, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(budget, "_budgets", {})
