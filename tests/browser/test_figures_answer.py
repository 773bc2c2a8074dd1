"""Figures in a browser: a number explains itself, a chart says exact figures, zooms, filters, and follows its place."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
PIVOT = "/m/pivot-conference"


def chart(page, name: str) -> dict:
    page.wait_for_selector(f"[data-chart={name}] svg")
    return page.locator(f"[data-chart={name}] svg").bounding_box()


def test_a_number_opens_what_it_means_and_gives_the_focus_back(open_page):
    page = open_page(f"{PIVOT}/panels/top-authors/page/?since=24h")
    page.locator(".p-figs a[data-figure]").nth(1).click()
    dialog = page.locator("dialog.wf-explain")
    dialog.wait_for()
    for words in ("Potential reach", "Σ followers, over unique authors", "By version 1", "Coverage", "Sample"):
        assert words in dialog.inner_text(), words
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.matches('a[data-figure]')")


def test_a_number_is_a_link_without_scripts(open_page):
    page = open_page(f"{PIVOT}/panels/volume/page/?since=24h", javascript=False)
    page.locator(".p-figs a[data-figure]").first.click()
    assert "/metrics/volume/" in page.url
    assert "number of posts" in page.inner_text("main")


def test_a_chart_says_exact_figures_under_the_pointer_and_zooms(open_page):
    page = open_page(f"{PIVOT}/panels/volume/page/?since=24h")
    box = chart(page, "volume")
    page.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + box["height"] * 0.6)
    page.wait_for_selector(".wf-tip:not([hidden])")
    assert "mentions" in page.inner_text(".wf-tip")
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 40, steps=4)
    page.mouse.up()
    page.wait_for_url("**/panels/volume/page/?*from=*to=*")


def test_a_bar_filters(open_page):
    page = open_page(f"{PIVOT}/panels/network-share/page/?since=24h")
    box = chart(page, "network-share")
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + 14)
    page.wait_for_url("**/explore/?*network*")


def test_a_chart_follows_its_width_and_the_theme(open_page):
    page = open_page(f"{PIVOT}/panels/volume/page/?since=24h")
    wide = chart(page, "volume")["width"]
    page.set_viewport_size({"width": 600, "height": 800})
    # Functions, not expressions: an expression that does not hold at once is evaluated again, which the policy forbids.
    narrower = "(wide) => document.querySelector('[data-chart=volume] svg')?.clientWidth < wide - 200"
    page.wait_for_function(narrower, arg=wide)
    colours = "[...document.querySelectorAll('[data-chart=volume] text')].map((t) => t.getAttribute('fill')).join()"
    before = page.evaluate(colours)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"(before) => {colours} !== before", arg=before)


def test_a_board_moves_and_keeps_still_for_those_who_ask(open_page):
    page = open_page(f"{PIVOT}/panels/hashtag-race/page/?since=24h")
    final = page.locator(".p-race li").all_inner_texts()
    page.emulate_media(reduced_motion="reduce")
    page.click("[data-play]")
    page.wait_for_selector("[data-play]:enabled")
    assert page.locator(".p-race li").all_inner_texts() == final
    assert page.evaluate("document.getAnimations().length") == 0
