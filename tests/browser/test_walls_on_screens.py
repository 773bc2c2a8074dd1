"""A wall before people: readable from afar, red in trouble, honest when cut off, back by itself, dark when revoked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
# What is smaller than 1/45 of the height, outside of the screen, or cut off at the bottom of its panel.
UNREADABLE = """() => {
  const unit = innerHeight / 45, bad = [];
  for (const one of document.querySelectorAll(".wf-scene *")) {
    const says = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!says || one.closest(".wf-sr") || !one.getClientRects().length) continue;
    let size = parseFloat(getComputedStyle(one).fontSize);
    if (one.ownerSVGElement) { const m = one.getScreenCTM(); size *= Math.sqrt(Math.abs(m.a * m.d - m.b * m.c)); }
    const box = one.getBoundingClientRect(), words = one.textContent.trim().slice(0, 40);
    if (size < unit * 0.98) bad.push(["small", size, words]);
    if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1) bad.push(["outside", words]);
  }
  for (const panel of document.querySelectorAll(".w-panel"))
    if (panel.scrollHeight > panel.clientHeight + 2) bad.push(["cut", panel.querySelector("h2")?.textContent]);
  return bad;
}"""
SCENES = (
    "pulse stream", "hashtag-race share-of-voice", "works-and-broken goals", "photos", "countdown announcement",
    "volume network-share language-share", "sentiment top-hashtags top-authors coverage", "top-posts questions",
    "emerging top-links", "pulse stream goals photos",
)  # fmt: skip


class Server:
    """`watchfloor web` on a database of its own, which can be killed and come back."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "WATCHFLOOR_DATA": str(folder),
            "WATCHFLOOR_PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "watchfloor.settings",
        }
        self.say()

    def say(self, *words: str) -> str:
        """A word of `tests.browser.wall_world` against its database."""
        command = [sys.executable, "-m", "tests.browser.wall_world", *words]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "watchfloor", "web"], env=self.environment, cwd=ROOT)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(15)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("walls"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def screen(browser, server):
    """`screen(scene, …)` → a page that shows a new wall by a link."""
    contexts = []

    def open_wall(*scenes: str, size: tuple[int, int] = (1920, 1080)):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        contexts.append(context)
        page = context.new_page()
        page.token = server.say("share", *scenes)
        page.goto(f"{server.address}/w/{page.token}/")
        return page

    yield open_wall
    for context in contexts:
        context.close()


def test_every_panel_is_readable_from_six_metres(screen, server):
    page = screen(*SCENES)
    for number, scene in enumerate(SCENES):
        page.wait_for_selector("#stage section h2")
        assert page.evaluate(UNREADABLE) == [], scene
        if number + 1 < len(SCENES):
            before = page.locator("#stage").get_attribute("data-scene")
            server.say("next", page.token)
            page.wait_for_selector(f"#stage:not([data-scene='{before}']) section h2")
            page.set_viewport_size({"width": 1920, "height": 1080} if number % 2 else {"width": 3840, "height": 2160})


def test_a_red_topic_takes_the_screen_and_gives_it_back(screen, server):
    page = screen("network-share")
    expect(page.locator("#stage")).not_to_have_class("is-red")
    server.say("level", "crisis")
    expect(page.locator(".w-red")).to_be_visible(timeout=15_000)
    place = page.locator(".w-red").bounding_box()
    assert place["width"] > 1_300
    assert page.evaluate(UNREADABLE) == []
    server.say("level", "active")
    expect(page.locator(".w-red")).to_have_count(0, timeout=15_000)
    expect(page.locator("#stage h2").first).to_contain_text("Where it is said")


def test_a_hidden_post_leaves_the_screen(screen, server):
    page = screen("stream")
    server.say("post", "pivot keeps a canary")
    expect(page.locator("#stage")).to_contain_text("canary", timeout=15_000)
    server.say("hide")
    expect(page.locator("#stage")).not_to_contain_text("canary", timeout=5_000)


def test_a_silent_source_stands_in_amber(screen, server):
    server.say("silent")
    page = screen("network-share")
    expect(page.locator("#sources .wf-st-fail, #sources .wf-st-due, #sources .wf-st-late").first).to_be_visible()


def test_a_revoked_link_goes_dark_and_says_so(screen, server):
    page = screen("network-share")
    page.wait_for_selector("#stage section h2")
    server.say("revoke", page.token)
    expect(page.locator(".w-ended")).to_have_text("This screen is no longer shared.", timeout=5_000)
    expect(page.locator("#stage")).to_be_hidden()


def test_it_is_grey_while_cut_off_and_comes_back_by_itself_after_the_server_was_killed(screen, server):
    page = screen("network-share")
    page.wait_for_selector("#stage section h2")
    expect(page.locator("#fresh")).to_contain_text("live")
    server.kill()
    expect(page.locator("body")).to_have_class("wf-wall is-stale", timeout=10_000)
    expect(page.locator("#fresh")).to_contain_text("cut off since")
    expect(page.locator("#next")).to_contain_text("Everything above is old")
    server.start()
    expect(page.locator("body")).to_have_class("wf-wall", timeout=40_000)
    expect(page.locator("#fresh")).to_contain_text("live")
