"""A real browser on real pages, served by uvicorn from a database of its own. Skipped where Chromium is missing."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.watch import Watch

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    why = None
    if not CHROMIUM:
        why = "Chromium is missing: install the package chromium"
    elif not (ROOT / "node_modules").is_dir():
        why = "node_modules is missing: run `make install`"
    if why:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of a running server with a made-up mission, posts and connections in its database."""
    folder = tmp_path_factory.mktemp("site")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "WATCHFLOOR_DATA": str(folder),
        "WATCHFLOOR_PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "watchfloor.settings",
    }
    run = [sys.executable, "-m", "tests.browser.world"]
    made = subprocess.run(run, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stderr
    os.environ["WATCHFLOOR_BROWSER_DATA"] = str(folder)
    server = subprocess.Popen([sys.executable, "-m", "watchfloor", "web"], env=environment, cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/healthz", server)
        yield address
    finally:
        server.terminate()
        server.wait(15)


@pytest.fixture(scope="session")
def world(site):
    """Run a word of `tests.browser.world` against the server's database, such as `world("arrive", "3")`."""

    def say(*words: str) -> str:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "WATCHFLOOR_DATA": os.environ["WATCHFLOOR_BROWSER_DATA"],
        }
        command = [sys.executable, "-m", "tests.browser.world", *words]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    return say


@pytest.fixture(scope="session")
def facts(world) -> dict:
    """The mission as people leave it behind: what the addresses of the pages hold (`tests.browser.pages`)."""
    return json.loads(world("furnish"))


# A package's, not the session's: Playwright keeps an event loop in this thread, beside which Django's database and
# asyncio.run refuse to work.
@pytest.fixture(scope="package")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def signed_in(browser, site, world) -> dict:
    """Cookies of the owner, who came by a link."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/sign-in/{world('link')}/")
    page.click("main button")
    page.wait_for_url("**/m/**")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(browser, site, signed_in):
    """`open_page("/sources/", width=390, theme="dark")` → a watched page: errors on its console fail the test."""
    watches: list[Watch] = []

    def go(path: str, *, width: int = 1440, theme: str = "light", signed: bool = True, javascript: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 800 else 900},
            color_scheme=theme,
            storage_state=signed_in if signed else None,
            java_script_enabled=javascript,
        )
        page = context.new_page()
        watches.append(Watch(page))
        page.goto(site + path)
        return page

    yield go
    for watch in watches:
        watch.page.context.close()
        assert not watch.complaints, "\n".join(watch.complaints)


def _wait_for(address: str, server: subprocess.Popen) -> None:
    until = time.monotonic() + timedelta(seconds=60).total_seconds()
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")
