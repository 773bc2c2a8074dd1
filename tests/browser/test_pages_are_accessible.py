"""axe-core on every page, wide and narrow, light and dark: no serious or critical finding, an empty console."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PIVOT = "/m/pivot-conference"
PAGES = {
    "explore": f"{PIVOT}/explore/?since=7d",
    "search": f"{PIVOT}/explore/?q=%22flat+white%22+NEAR/5+queue*",
    "query error": f"{PIVOT}/explore/?q=(wifi+AND",
    "empty": "/m/empty/explore/",
    "topics": f"{PIVOT}/topics/",
    "no topics": "/m/empty/topics/",
    "topic": f"{PIVOT}/topics/1/",
    "new topic": f"{PIVOT}/topics/new/",
    "sources": "/sources/",
    "source": "/sources/1/",
    "add source": "/sources/add/bluesky/",
    "you": "/you/",
    "password": "/password/",
    "new mission": "/missions/new/",
    "not found": "/no/such/page/",
}
DOORS = {"sign in": "/sign-in/", "no password": "/sign-in/no-password/", "used link": "/sign-in/used-up-long-ago/"}
EXPECTED = {"query error": "422", "not found": "404", "used link": "410"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", [*PAGES, *DOORS])
def test_a_page_has_no_serious_finding(open_page, name, width, theme):
    page = open_page("/static/web/eye.svg", width=width, theme=theme, signed=name in PAGES)
    if name in EXPECTED:
        page.watch.expected = (EXPECTED[name],)
    origin = page.url.removesuffix("/static/web/eye.svg")
    page.goto(origin + {**PAGES, **DOORS}[name])
    page.wait_for_load_state("load")
    if page.locator("[data-chart]").count():
        page.wait_for_selector("[data-chart] svg")
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    assert not is_wider_than_its_window(page)
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.reload()
    if page.locator("[data-chart]").count():
        page.wait_for_selector("[data-chart] svg")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    bad = [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert not bad, "\n".join(bad)


def is_wider_than_its_window(page) -> bool:
    client = page.context.new_cdp_session(page)
    size = client.send("Page.getLayoutMetrics")
    return size["cssContentSize"]["width"] > size["cssLayoutViewport"]["clientWidth"] + 1
