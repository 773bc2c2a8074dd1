"""P9: how soon a page stands (LCP), how soon it answers (INP) and how much it moves (CLS), in Chromium.

    python -m bench.pages [--times 3]

Starts the whole product with its rehearsal in a folder of its own, opens the main pages at 1440 × 900 and a wall at
1920 × 1080, presses something on each, and prints the medians, the first (cold) opening apart. Asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.product import running

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
OBSERVED = """
window.told = {lcp: 0, cls: 0, inp: 0};
const each = (type, note, more) => new PerformanceObserver((list) => list.getEntries().forEach(note))
  .observe({type, buffered: true, ...more});
each("largest-contentful-paint", (one) => { told.lcp = one.startTime; });
each("layout-shift", (one) => { if (!one.hadRecentInput) told.cls += one.value; });
each("event", (one) => { if (one.interactionId) told.inp = Math.max(told.inp, one.duration); },
  {durationThreshold: 16});
"""
MISSION = "/m/pivot-conference"
# What is pressed on each: something that answers on the page itself.
PAGES = {
    "home": (f"{MISSION}/", ".wf-person"),
    "explore": (f"{MISSION}/explore/", "[data-row] [data-open]"),
    "figures": (f"{MISSION}/panels/", ".wf-person"),
    "topics": (f"{MISSION}/topics/", ".wf-person"),
    "emerging": (f"{MISSION}/emerging/", ".wf-person"),
    "goals": (f"{MISSION}/goals/", ".wf-person"),
    "stand-up": (f"{MISSION}/stand-up/", ".wf-person"),
    "sources": ("/sources/", ".wf-person"),
    "walls": (f"{MISSION}/walls/", ".wf-person"),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, default=3)
    asked = options.parse_args()
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as product,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(OBSERVED)
        page = context.new_page()
        page.goto(product.sign_in_link)
        page.click("main button")
        page.goto(f"{product.address}{MISSION}/explore/")
        page.wait_for_selector("[data-row]")
        page.wait_for_timeout(20_000)  # the rehearsal's history comes in
        print(f"P9    floor LCP 2.5 s, INP 200 ms, CLS 0.1; goal 1.0 s, 100 ms, 0.02; load {os.getloadavg()[0]:.1f}")
        for name, (path, pressed) in PAGES.items():
            _print(name, [_open(page, product.address + path, pressed) for _ in range(asked.times + 1)])
        wall = page.goto(f"{product.address}{MISSION}/walls/") and page.get_attribute("a[href$='/screen/']", "href")
        page.set_viewport_size({"width": 1920, "height": 1080})
        _print("wall", [_open(page, f"{product.address}{wall}", None) for _ in range(asked.times + 1)])
        browser.close()


def _open(page: Any, address: str, pressed: str | None) -> dict[str, float]:
    page.goto(address)
    page.wait_for_timeout(1_500)
    told = page.evaluate("({...told})")
    if pressed and page.query_selector(pressed):
        page.click(pressed)
        page.wait_for_timeout(400)
        told["inp"] = page.evaluate("told.inp")
    found: dict[str, float] = told
    return found


def _print(name: str, told: list[dict[str, float]]) -> None:
    cold, warm = told[0], told[1:]
    middle = {key: statistics.median(one[key] for one in warm) for key in ("lcp", "inp", "cls")}
    print(
        f"      {name:<10} LCP {middle['lcp']:6.0f} ms (cold {cold['lcp']:6.0f}), INP {middle['inp']:4.0f} ms, "
        f"CLS {middle['cls']:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
