"""A real PDS for the tests marked `pds`."""

from __future__ import annotations

import pytest

from tests.real.pds import Missing, RealPds


@pytest.fixture(scope="session")
def pds():
    try:
        started = RealPds.started()
        server = started.__enter__()
    except Missing as missing:
        pytest.skip(f"No real PDS: {missing}")
    yield server
    started.__exit__(None, None, None)


@pytest.fixture
def allowed(pds, monkeypatch):
    """The PDS, with its address on the operator's list."""
    monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{pds.port}")
    return pds
