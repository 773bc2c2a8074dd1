"""The operator allows loopback for the ports that a test's servers got."""

from __future__ import annotations

import pytest


@pytest.fixture
def allow(monkeypatch):
    def allow(*sites):
        monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", ",".join(f"127.0.0.1:{site.port}" for site in sites))

    return allow
