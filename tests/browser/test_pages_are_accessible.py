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
    "compare in explore": f"{PIVOT}/explore/compare/?by=periods",
    "hidden": f"{PIVOT}/explore/hidden/",
    "marks": f"{PIVOT}/marks/",
    "labels": f"{PIVOT}/labels/",
    "labels of nothing": "/m/empty/labels/",
    "saved views": f"{PIVOT}/views/",
    "author": f"{PIVOT}/authors/1/",
    "topics": f"{PIVOT}/topics/",
    "no topics": "/m/empty/topics/",
    "topic": f"{PIVOT}/topics/1/",
    "new topic": f"{PIVOT}/topics/new/",
    "topic draft": f"{PIVOT}/topics/1/?q=pivot+OR+the+OR+coffee+hall",
    "topic history": f"{PIVOT}/topics/1/versions/",
    "topic removal": f"{PIVOT}/topics/1/remove/",
    "topic templates": f"{PIVOT}/topics/templates/",
    "emerging": f"{PIVOT}/emerging/",
    "nothing emerging": "/m/empty/emerging/",
    "strategy log": f"{PIVOT}/strategy/",
    "sources": "/sources/",
    "source": "/sources/1/",
    "add source": "/sources/add/bluesky/",
    "webhook": "/sources/3/",
    "delete source": "/sources/2/delete/",
    "figures": f"{PIVOT}/panels/?since=24h",
    "no figures": "/m/empty/panels/",
    "a figure": f"{PIVOT}/panels/volume/page/?since=24h",
    "a metric": f"{PIVOT}/metrics/potential-reach/",
    "home": f"{PIVOT}/",
    "home of nothing": "/m/empty/",
    "goals": f"{PIVOT}/goals/",
    "new goal": f"{PIVOT}/goals/new/",
    "goal": f"{PIVOT}/goals/1/",
    "stand-up": f"{PIVOT}/stand-up/",
    "level": f"{PIVOT}/level/",
    "set-up goals": f"{PIVOT}/set-up/goals/",
    "set-up topics": f"{PIVOT}/set-up/topics/",
    "set-up sources": f"{PIVOT}/set-up/sources/",
    "set-up wall": f"{PIVOT}/set-up/wall/",
    "set-up people": f"{PIVOT}/set-up/people/",
    "set-up ready": f"{PIVOT}/set-up/ready/",
    "missions": "/missions/",
    "clone": f"{PIVOT}/clone/",
    "close": f"{PIVOT}/close/",
    "compare": f"{PIVOT}/compare/empty/",
    "home rules": "/rules/",
    "you": "/you/",
    "password": "/password/",
    "new mission": "/missions/new/",
    "not found": "/no/such/page/",
}
DOORS = {"sign in": "/sign-in/", "no password": "/sign-in/no-password/", "used link": "/sign-in/used-up-long-ago/"}
EXPECTED = {"query error": "422", "not found": "404", "used link": "410"}


# Every look of the pages that people sit in front of; of the others one wide and light, one narrow and dark.
ALL_LOOKS = ("home", "explore", "topics", "topic", "sources", "source")
LOOKS = [(1440, "light"), (390, "dark"), (1440, "dark"), (390, "light")]
CASES = [(name, *look) for name in [*PAGES, *DOORS] for look in (LOOKS if name in ALL_LOOKS else LOOKS[:2])]


@pytest.mark.parametrize(("name", "width", "theme"), CASES)
def test_a_page_has_no_serious_finding(open_page, name, width, theme):
    page = open_page("/static/web/eye.svg", width=width, theme=theme, signed=name in PAGES)
    if name in EXPECTED:
        page.watch.expected = (EXPECTED[name],)
    page.goto(page.url.removesuffix("/static/web/eye.svg") + {**PAGES, **DOORS}[name])
    if page.locator("[data-chart]").count():
        page.wait_for_selector("[data-chart] svg")
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    client = page.context.new_cdp_session(page)
    size = client.send("Page.getLayoutMetrics")
    assert size["cssContentSize"]["width"] <= size["cssLayoutViewport"]["clientWidth"] + 1, "wider than its window"
    found = evaluate(client, AXE.read_text() + ";axe.run(document, {resultTypes: ['violations']})")
    bad = [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert not bad, "\n".join(bad)


def evaluate(client, expression: str):
    """By the debugger's own door: the page's policy stays in force for everything else."""
    answer = client.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"]["value"]
