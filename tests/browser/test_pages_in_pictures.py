"""A picture of every page and of every scene of a wall, with the rehearsal as it is after the first start.

They are written to docs/screenshots only when asked to (`WATCHFLOOR_PICTURES=1 make test`): that takes minutes, and a
test run changes no file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import NO_PAGE, PAGES, SCREENS
from tests.product import running, until

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "screenshots"
WANTED = os.environ.get("WATCHFLOOR_PICTURES") == "1"
SIZES = {1440: 900, 390: 844}
THEMES = ("light", "dark")
SCREEN_SIZES = {1920: 1080, 3840: 2160}
QUALITY = 62
LARGEST_MB = 12
FILLED = {"slug": "s", "long": "l", "invitation": "i", "share": "t"}  # the rest are numbers

SHOWN_PANELS_ARE_DRAWN = """() => [...document.querySelectorAll(".p-gallery > div")]
    .every((one) => one.getBoundingClientRect().top > innerHeight || one.querySelector("[data-panel]"))"""

asked_for = pytest.mark.skipif(not WANTED, reason="pictures are made when WATCHFLOOR_PICTURES=1 is set")


def test_every_address_is_a_page_in_pictures_or_none():
    held = {resolve(_filled(shown.path, FILLED)).url_name for shown in PAGES.values() if shown.answer != 404}
    stands = {name for name, route in _addresses() if not route.startswith("api/")}
    assert stands == held | SCREENS | set(NO_PAGE), "name it in tests/browser/pages.py"
    assert not (held | SCREENS) & set(NO_PAGE)


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    with running(tmp_path_factory.mktemp("pictures")) as product:
        yield product


@pytest.fixture(scope="module")
def facts(product) -> dict[str, object]:
    """The rehearsal has caught up with the present, and people have left their things in it."""
    client = product.signed_in()

    def the_present_has_come() -> bool:
        answer = client.get("/m/pivot-conference/explore/?since=1h")
        return "data-ago>" in answer.text and " s</time>" in answer.text

    assert until(the_present_has_come, "posts of the present")
    said = subprocess.run(
        [sys.executable, "-m", "tests.browser.furnish"], env=product.environment, cwd=ROOT, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout.strip().splitlines()[-1])
    found["cookies"] = [{"name": one.name, "value": one.value, "url": product.address} for one in client.cookies.jar]
    client.close()
    return found


@asked_for
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_page_has_its_pictures(browser, product, facts):
    folder = PICTURES / "pages"
    _empty(folder)
    for width, height in SIZES.items():
        for theme in THEMES:
            for signed in (True, False):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
                )
                if signed:
                    context.add_cookies(facts["cookies"])
                page = context.new_page()
                for name, shown in PAGES.items():
                    if shown.signed == signed:
                        answer = page.goto(product.address + _filled(shown.path, facts))
                        assert answer
                        assert answer.status == shown.answer, f"{name}: {answer.status}"
                        _settle(page)
                        _keep(page, folder / f"{name}-{width}-{theme}.webp")
                context.close()
    _write_index()


@asked_for
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_scene_has_its_pictures(browser, product, facts):
    folder = PICTURES / "wall"
    _empty(folder)
    desk = browser.new_context()
    desk.add_cookies(facts["cookies"])
    remote = desk.new_page()
    remote.goto(product.address + _filled("/m/{slug}/walls/{wall}/remote/", facts))
    screens = []
    for width, height in SCREEN_SIZES.items():
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        screens.append(context.new_page())
        screens[-1].goto(product.address + _filled("/w/{share}/", facts))
    _press(remote.locator("button[name=pin]"))
    expect(remote.locator("button[name=unpin]")).to_be_visible(timeout=30_000)
    for number, scene in enumerate(facts["scenes"], 1):
        _press(remote.locator(f"button[name=go][value='{scene}']"))
        for screen in screens:
            expect(screen.locator("#stage")).to_have_attribute("data-scene", str(scene), timeout=30_000)
            _settle(screen)
            _keep(screen, folder / f"scene-{number}-{screen.viewport_size['width']}.webp")
    _press(remote.locator(f"button[name=go][value='{facts['scenes'][0]}']"))
    for screen in screens:
        expect(screen.locator("#stage")).to_have_attribute("data-scene", str(facts["scenes"][0]), timeout=30_000)
    remote.locator("#words").fill("The keynote begins ten minutes later, in hall A")
    _press(remote.get_by_role("button", name="Show it"))
    for screen in screens:
        expect(screen.locator("#announcement")).to_be_visible(timeout=30_000)
        _keep(screen, folder / f"announcement-{screen.viewport_size['width']}.webp")
    _press(remote.get_by_role("button", name="Take the announcement away"))
    _press(remote.get_by_role("button", name="Blank"))
    for screen in screens:
        expect(screen.locator("#scene.is-blank")).to_have_count(1, timeout=30_000)
        _keep(screen, folder / f"blank-{screen.viewport_size['width']}.webp")
    _press(remote.get_by_role("button", name="Show again"))
    remote.goto(product.address + _filled("/m/{slug}/level/", facts))
    remote.locator("[name=level][value=crisis]").check()
    remote.locator("#id_why").fill("Water in hall A")
    remote.locator("main form").get_by_role("button").first.click()
    for screen in screens:
        expect(screen.locator(".wf-red")).to_be_visible(timeout=30_000)  # the wall changes its shape
        _settle(screen)
        _keep(screen, folder / f"crisis-{screen.viewport_size['width']}.webp")
    product.stop()
    for screen in screens:
        expect(screen.locator("body.is-stale")).to_have_count(1, timeout=60_000)
        _keep(screen, folder / f"cut-off-{screen.viewport_size['width']}.webp")
        screen.context.close()
    desk.close()
    _write_index()


def _addresses(found: URLResolver | None = None, before: str = "") -> Iterator[tuple[str | None, str]]:
    for one in (found or get_resolver()).url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield one.name, route
        else:
            yield from _addresses(one, route)


def _filled(path: str, facts: dict[str, object]) -> str:
    class Facts(dict):  # type: ignore[type-arg]
        def __missing__(self, key: str) -> int:
            assert facts is FILLED, key
            return 1

    return path.format_map(Facts(facts)).partition("?")[0] if facts is FILLED else path.format_map(facts)


def _press(button: Locator) -> None:
    """On the remote: its buttons and fields are new ones with every answer."""
    old = button.page.locator("#remote form").first.element_handle()
    with button.page.expect_response(lambda answer: answer.request.method == "POST"):
        button.click()
    old.wait_for_element_state("hidden")


def _settle(page: Page) -> None:
    """Charts are drawn, fonts and pictures are there."""
    if page.locator("[data-chart]").count():
        page.locator("[data-chart] svg").first.wait_for(timeout=30_000)
    page.wait_for_function(SHOWN_PANELS_ARE_DRAWN, timeout=30_000)
    page.evaluate("document.fonts.ready")
    page.mouse.move(2, 2)


def _keep(page: Page, file: Path) -> None:
    Image.open(BytesIO(page.screenshot())).convert("RGB").save(file, quality=QUALITY, method=4)


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.webp"):
        file.unlink()


def _write_index() -> None:
    rows = [
        "# What it looks like",
        "",
        "Made by `tests/browser/test_pages_in_pictures.py` with the rehearsal playing.",
        "",
    ]
    rows += ["## Pages", "", "| page | 1440 light | 1440 dark | 390 light | 390 dark |", "|---|---|---|---|---|"]
    for name in PAGES:
        links = (f"[{width} {theme}](pages/{name}-{width}-{theme}.webp)" for width in SIZES for theme in THEMES)
        rows.append(f"| {name} | {' | '.join(links)} |")
    rows += ["", "## Walls", "", "| scene | 1920 × 1080 | 3840 × 2160 |", "|---|---|---|"]
    for file in sorted((PICTURES / "wall").glob("*-1920.webp")):
        name = file.name.removesuffix("-1920.webp")
        rows.append(f"| {name} | [1920](wall/{name}-1920.webp) | [3840](wall/{name}-3840.webp) |")
    (PICTURES / "README.md").write_text("\n".join(rows) + "\n")
    size = sum(file.stat().st_size for file in PICTURES.rglob("*.*"))
    assert size < LARGEST_MB * 1_000_000, f"{size / 1_000_000:.1f} MB of pictures"
