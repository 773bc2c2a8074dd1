"""A pytest plugin, loaded before the settings are: tests get a data folder of their own, and none of the settings that
whoever runs them has in their environment. Each begins with nothing kept in memory: rows of the next test have the
numbers of the last one's."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

import pytest

FOR_TESTS = {"WATCHFLOOR_REAL", "WATCHFLOOR_PICTURES"}

for name in [name for name in os.environ if name.startswith("WATCHFLOOR_") and name not in FOR_TESTS]:
    del os.environ[name]
os.environ.pop("DATABASE_URL", None)
os.environ["WATCHFLOOR_DATA"] = _folder = tempfile.mkdtemp(prefix="watchfloor-tests-")
os.environ["WATCHFLOOR_LOG_LEVEL"] = "WARNING"
atexit.register(shutil.rmtree, _folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    from watchfloor.lib.kept import Kept

    for kept in list(Kept.everywhere):
        kept.clear()
