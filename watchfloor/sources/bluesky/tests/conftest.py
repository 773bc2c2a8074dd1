"""A real PDS for the tests marked `pds`."""

from __future__ import annotations

import pytest

from tests.real.pds import pds_for_tests


@pytest.fixture(scope="session")
def pds():
    yield from pds_for_tests()


@pytest.fixture
def allowed(pds, monkeypatch):
    """The PDS, with its address on the operator's list."""
    monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{pds.port}")
    return pds
