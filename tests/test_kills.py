"""Whatever is killed whenever: nothing is lost or there twice. `python -m tests.kills --kills 200` does it longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.postgres import PostgresServer

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


def kill_and_compare(*words):
    command = [sys.executable, "-m", "tests.kills", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3_000:]
    assert "nothing lost, nothing doubled" in done.stdout


def test_nothing_is_lost_or_doubled_on_sqlite():
    kill_and_compare("--kills", "12")


@pytest.mark.postgres
def test_nothing_is_lost_or_doubled_on_postgresql():
    server = PostgresServer()
    try:
        kill_and_compare("--kills", "6", "--database", server.url())
    finally:
        server.stop()
