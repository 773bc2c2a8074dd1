"""What somebody sees who sits in front of Explore while posts come in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
EXPLORE = "/m/pivot-conference/explore/"
FIRST = "#mentions [data-row]:first-child"


def settled(page):
    page.wait_for_selector("[data-chart] svg")
    page.mouse.move(700, 20)


def test_posts_arrive_by_themselves_and_figures_follow(open_page, world):
    page = open_page(EXPLORE)
    settled(page)
    before = page.locator(FIRST).get_attribute("data-id")
    count = int(page.locator(".e-totals b").first.inner_text().replace(",", ""))
    world("arrive", "3")
    page.wait_for_selector(f"{FIRST}:not([data-id='{before}'])")
    expect(page.locator(".e-totals b").first).to_have_text(f"{count + 3:,}")
    assert page.title().startswith("Explore")  # hostile names and texts ran nowhere


def test_nothing_moves_while_somebody_reads(open_page, world):
    page = open_page(EXPLORE)
    settled(page)
    page.locator(FIRST).hover()
    before = page.locator(FIRST).get_attribute("data-id")
    world("arrive", "4")
    button = page.locator("[data-show-new]")
    expect(button).to_have_text("4 new, show")
    assert page.locator(FIRST).get_attribute("data-id") == before
    page.keyboard.press("n")
    expect(button).to_be_hidden()
    assert page.locator(FIRST).get_attribute("data-id") != before


def test_a_deleted_post_leaves_a_tombstone(open_page, world):
    page = open_page(EXPLORE)
    settled(page)
    older = page.locator(FIRST).get_attribute("data-id")
    world("arrive", "1")
    page.wait_for_selector(f"{FIRST}:not([data-id='{older}'])")
    before = page.locator(FIRST).get_attribute("data-id")
    world("delete")
    expect(page.locator("#mentions .is-gone").first).to_contain_text("No longer shown")
    assert page.locator(f"#mentions [data-id='{before}']").count() == 1


def test_a_filtered_page_takes_only_what_belongs(open_page, world):
    page = open_page(EXPLORE + "?q=nothingeverwrotethis")
    page.mouse.move(700, 20)
    world("arrive", "8")
    wide = open_page(EXPLORE + "?q=wifi")
    settled(wide)
    before = wide.locator(FIRST).get_attribute("data-id")
    world("arrive", "8")
    wide.wait_for_selector(f"{FIRST}:not([data-id='{before}'])")
    for text in wide.locator("#mentions .wf-words").all_inner_texts():
        assert "wifi" in text.lower()
    assert page.locator("#mentions [data-row]").count() == 0


def test_a_cut_off_page_says_since_when(open_page):
    page = open_page("/static/web/eye.svg")
    page.watch.expected = ("ERR_FAILED", "/live/")
    page.route("**/live/**", lambda route: route.abort())
    page.goto(page.url.removesuffix("/static/web/eye.svg") + EXPLORE)
    stale = page.locator("#wf-stale")
    expect(stale).to_be_visible(timeout=20_000)
    expect(stale).to_contain_text("cut off since")
    page.unroute("**/live/**")
    expect(stale).to_be_hidden(timeout=20_000)


def test_keys_walk_the_page(open_page):
    page = open_page(EXPLORE)
    settled(page)
    page.keyboard.press("Tab")
    expect(page.locator(".wf-skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#mentions [data-row]").nth(1)).to_have_class("wf-mention is-at")
    page.keyboard.press("k")
    expect(page.locator(FIRST)).to_have_class("wf-mention is-at")
    page.keyboard.press("Enter")
    expect(page.locator("#details")).to_contain_text("Why it matched")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("wifi")
    expect(page.locator("#q-means")).to_contain_text("wifi")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=wifi**")
    settled(page)
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sources/")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/topics/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/topics/*/")


def test_dragging_over_the_chart_zooms(open_page):
    page = open_page(EXPLORE)
    settled(page)
    place = page.locator("[data-chart]").bounding_box()
    page.mouse.move(place["x"] + 200, place["y"] + 60)
    page.mouse.down()
    page.mouse.move(place["x"] + 300, place["y"] + 70, steps=5)
    page.mouse.up()
    page.wait_for_url("**from=**to=**")


def test_the_chart_follows_theme_and_width(open_page):
    page = open_page(EXPLORE)
    settled(page)
    wide = page.locator("[data-chart] svg").bounding_box()["width"]
    label = page.locator("[data-chart] svg text").first
    light = label.get_attribute("fill")
    page.locator(".wf-person").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("[data-chart] svg text").first).not_to_have_attribute("fill", light)
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_timeout(300)
    narrow = page.locator("[data-chart] svg").bounding_box()["width"]
    assert narrow < 700
    assert narrow != wide
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")  # kept on the person
    page.locator(".wf-person").click()
    page.get_by_role("button", name="Auto").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_checking_a_topic_while_it_is_typed(open_page):
    page = open_page("/m/pivot-conference/topics/new/")
    page.locator("#id_query").press_sequentially("wifi languge:en", delay=5)
    expect(page.locator("#t-check")).to_contain_text("Character 6")
    expect(page.locator(".q-err").first).to_be_visible()
    page.locator("#id_query").fill("flat white")
    expect(page.locator("#t-check mark").first).to_be_visible()


def test_it_is_a_page_without_scripts(open_page):
    page = open_page(EXPLORE + "?q=queue", javascript=False)
    expect(page.locator("#mentions mark").first).to_have_text("queue")
    page.locator("#mentions [data-row] a", has_text="Details").first.click()
    expect(page.locator("#details")).to_contain_text("Why it matched")
    page.locator("summary", has_text="Last 24 h").click()
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.locator(".wf-filter b").first).to_have_text("Last 7 days")
