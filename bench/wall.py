"""Walls under load: P4 (post received → on the wall in a browser), and eight hours in one page.

python -m bench.wall [--rate 200] [--screens 50] [--pages 2] [--seconds 60] [--hours 8]

Starts a server on a database of its own, stores matching posts at `rate` a second as the stream does, and opens the
wall on `screens` screens, of which `pages` are Chromium. P4: from the moment a post is stored to the
moment that its words stand in the page. Eight hours: as many frames as a wall sends in that time, handed to one
page as fast as it takes them; heap and nodes before and after. Prints; asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--js-flags=--expose-gc"]
SEEN = """() => { window.seen = []; new MutationObserver(() => { const now = Date.now();
  for (const found of document.getElementById("stage").textContent.matchAll(/at (\\d{13})\\./g)) {
    if (window.known?.has(found[1])) continue;
    (window.known ??= new Set()).add(found[1]);
    window.seen.push([Number(found[1]), now]);
  }
}).observe(document.getElementById("stage"), {childList: true, subtree: true}); }"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=float, default=200)
    options.add_argument("--screens", type=int, default=50)
    options.add_argument("--pages", type=int, default=2)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--hours", type=float, default=8)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.environ.update(WATCHFLOOR_DATA=folder, WATCHFLOOR_PORT=str(port), WATCHFLOOR_LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
        token = _world()
        server = subprocess.Popen([sys.executable, "-m", "watchfloor", "web"])
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            _measure(asked, f"http://127.0.0.1:{port}", token)
        finally:
            server.terminate()
            server.wait(20)


def _world() -> str:
    import django

    django.setup()
    from datetime import timedelta

    from django.core.management import call_command

    from watchfloor.first_start import OWNER, make_rehearsal
    from watchfloor.team.models import Person
    from watchfloor.wall.actions import make_wall, share_wall

    call_command("migrate", verbosity=0, interactive=False)
    owner = Person.objects.create_superuser(OWNER, name="Owner")
    wall = make_wall(make_rehearsal(), "Measured", [["pulse", "stream"]], shows_red=False)
    return share_wall(wall, by=owner, lasts=timedelta(days=1)).token


def _measure(asked: argparse.Namespace, address: str, token: str) -> None:
    from playwright.sync_api import sync_playwright

    load = os.getloadavg()[0]
    print(f"      load average {load:.1f} on {os.cpu_count()} cores before anything began", flush=True)
    told = [0] * (asked.screens - asked.pages)
    stop = threading.Event()
    watching = threading.Thread(target=lambda: asyncio.run(_watch(address, token, told, stop)))
    watching.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        pages = [browser.new_page(viewport={"width": 1920, "height": 1080}) for _ in range(asked.pages)]
        for page in pages:
            page.goto(f"{address}/w/{token}/")
            page.evaluate(SEEN)
        writing = subprocess.Popen([sys.executable, "-m", "bench.wall_posts", str(asked.rate), str(asked.seconds)])
        while writing.poll() is None:
            pages[0].wait_for_timeout(500)
        pages[0].wait_for_timeout(3_000)
        late = sorted(seen - stored for page in pages for stored, seen in page.evaluate("window.seen"))
        frames = pages[0].evaluate("window.seen.length")
        stop.set()
        watching.join()
        if late:
            print(
                f"P4    {asked.rate:.0f} posts/s, {asked.screens} walls ({asked.pages} in Chromium), "
                f"{asked.seconds:.0f} s: {len(late):,} posts seen, p50 {statistics.median(late):.0f} ms, "
                f"p99 {late[int(len(late) * 0.99)]:.0f} ms, "
                f"most {late[-1]:.0f} ms (floor p99 2,000; goal p50 150, p99 1,000); load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        print(f"      {frames} posts stood on one page; frames each screen got: {min(told)} to {max(told)}", flush=True)
        _eight_hours(asked.hours, browser, address, token)
        browser.close()


async def _watch(address: str, token: str, told: list[int], stop: threading.Event) -> None:
    import httpx

    limits = httpx.Limits(max_connections=len(told) + 5)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=None) as client:

        async def one(screen: int) -> None:
            async with client.stream("GET", f"/w/{token}/live/") as stream:
                async for line in stream.aiter_lines():
                    told[screen] += line.startswith("event: shown")

        tasks = [asyncio.create_task(one(screen)) for screen in range(len(told))]
        while not stop.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.2)  # the other thread's event
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _eight_hours(hours: float, browser, address: str, token: str) -> None:  # type: ignore[no-untyped-def]
    """A page whose stream is played from frames that this wall really sent, one after the other without a pause."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.add_init_script("""window.EventSource = class extends EventTarget {
      constructor() { super(); window.stream = this; }
      close() {}
      get readyState() { return 1; }
    };""")
    page.goto(f"{address}/w/{token}/")
    whole = _whole_frame(address, token)
    updates = int(hours * 3600 / 2.5)  # at 50 posts/s posts stay 2.5 s, and a chart's turn comes with one of those
    play = """async ([whole, from, to]) => { const frame = JSON.parse(whole);
      for (let n = from; n < to; n++) {
        const panels = {};
        for (const [number, html] of Object.entries(frame.panels))
          panels[number] = html.replace(/data-key="\\d+"/g, (_) => `data-key="${n + Math.floor(Math.random() * 9)}"`);
        const told = { ...frame, panels, whole: n % 8 === 0, at: new Date().toISOString() };
        window.stream.dispatchEvent(new MessageEvent("shown", { data: JSON.stringify(told) }));
        if (n % 20 === 0) await new Promise((done) => setTimeout(done));
      } }"""
    client = page.context.new_cdp_session(page)

    def size() -> tuple[float, int]:
        page.wait_for_timeout(1_500)
        for _ in range(3):
            client.send("HeapProfiler.collectGarbage")
        counted = client.send("Memory.getDOMCounters")
        return client.send("Runtime.getHeapUsage")["usedSize"], counted["nodes"]

    page.evaluate(play, [whole, 0, 200])  # what a page needs once is no growth
    before = size()
    began = time.monotonic()
    page.evaluate(play, [whole, 200, 200 + updates])
    after = size()
    grown = [100 * (then - now) / now for now, then in zip(before, after, strict=True)]
    print(
        f"8 h   {updates:,} updates ({hours:g} h at 50 posts/s) in {time.monotonic() - began:.0f} s: heap "
        f"{before[0] / 1e6:.2f} → {after[0] / 1e6:.2f} MB ({grown[0]:+.1f} %), nodes {before[1]:,} → {after[1]:,} "
        f"({grown[1]:+.1f} %); promised: at most 10 %",
        flush=True,
    )


def _whole_frame(address: str, token: str) -> str:
    with urllib.request.urlopen(f"{address}/w/{token}/live/", timeout=20) as stream:
        for line in stream:
            if line.startswith(b'data: {"') and b'"panels"' in line:
                return re.sub(r"^data: ", "", line.decode().strip())
    raise AssertionError("no frame")


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)


if __name__ == "__main__":
    main()
