"""axe-core on every page and a wall, wide and narrow, light and dark: no serious finding, an empty console."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.pages import PAGES

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# Every look of the pages that people sit in front of; of the others one wide and light, one narrow and dark.
ALL_LOOKS = ("home", "explore", "emerging", "topic", "sources", "wall-remote")
LOOKS = [(1440, "light"), (390, "dark"), (1440, "dark"), (390, "light")]
CASES = [(name, *look) for name in PAGES for look in (LOOKS if name in ALL_LOOKS else LOOKS[:2])]


@pytest.mark.parametrize(("name", "width", "theme"), CASES)
def test_a_page_has_no_serious_finding(open_page, site, facts, name, width, theme):
    shown = PAGES[name]
    page = open_page("/static/web/eye.svg", width=width, theme=theme, signed=shown.signed)
    if shown.answer != 200:
        page.watch.expected = (str(shown.answer),)
    answer = page.goto(site + shown.path.format_map(facts))
    assert answer.status == shown.answer
    if page.locator("[data-chart]").count():
        page.wait_for_selector("[data-chart] svg")
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    client = page.context.new_cdp_session(page)
    size = client.send("Page.getLayoutMetrics")
    assert size["cssContentSize"]["width"] <= size["cssLayoutViewport"]["clientWidth"] + 1, "wider than its window"
    assert not serious_findings(client)


def test_a_screen_by_a_link_has_no_serious_finding(open_page, site, facts):
    """A wall has one look, which is dark."""
    page = open_page(f"/w/{facts['share']}/", width=1920, signed=False)
    page.wait_for_selector("#stage section")
    assert not serious_findings(page.context.new_cdp_session(page))


def serious_findings(client) -> list[str]:
    found = evaluate(client, AXE.read_text() + ";axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def evaluate(client, expression: str):
    """By the debugger's own door: the page's policy stays in force for everything else."""
    answer = client.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"]["value"]
