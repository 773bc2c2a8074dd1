"""The picture in the README: the rehearsal as it is after the first start, in a real browser.

It is written to docs/screenshots only when asked to (`WATCHFLOOR_PICTURES=1 make test`): a test run changes no file.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.product import running, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WANTED = os.environ.get("WATCHFLOOR_PICTURES") == "1"


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    with running(tmp_path_factory.mktemp("picture")) as product:
        yield product


def test_the_first_page_shows_a_living_mission(browser, product, tmp_path):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(product.sign_in_link)
    page.click("main button")
    newest = page.locator("#mentions [data-row] time").first

    def the_present_has_come():
        """The event's past is told first; then posts come as they are written."""
        page.goto(product.address + "/m/pivot-conference/explore/")
        return newest.count() and " s" in newest.inner_text()

    assert until(the_present_has_come, "posts of the present")
    expect(page.locator("[data-chart] svg")).to_be_visible(timeout=30_000)
    labels = page.locator("[data-chart] svg .role-axis-label text").all_text_contents()
    assert "0" in labels
    assert not [label for label in labels if "e+" in label]
    page.goto(product.address + "/m/pivot-conference/")
    expect(page.locator("[data-chart] svg").first).to_be_visible(timeout=30_000)
    folder = PICTURES if WANTED else tmp_path
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / "home.png")
    page.close()
    assert (folder / "home.png").stat().st_size > 20_000
