"""An analyst at the keyboard: correct, tag, hide, complete a query, answer the queue."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
EXPLORE = "/m/pivot-conference/explore/?since=all"
ROWS = "#mentions [data-row]"


def test_a_mention_is_corrected_tagged_and_hidden_by_key(open_page):
    page = open_page(EXPLORE)
    page.wait_for_selector("[data-chart] svg")
    page.keyboard.press("j")
    page.keyboard.press("j")
    row = page.locator(f"{ROWS}.is-at")
    chosen = row.get_attribute("data-id")
    row = page.locator(f"[data-id='{chosen}']")
    page.keyboard.press("3")
    expect(row.locator(".e-label")).to_contain_text("positive · you,")
    page.keyboard.press("t")
    page.keyboard.type("by key")
    page.keyboard.press("Enter")
    expect(row.locator(".e-mark")).to_contain_text("by key")
    expect(page.locator("#details .wf-chip")).to_contain_text("by key")
    page.keyboard.press("h")
    expect(row).to_contain_text("No longer shown")
    page.click("#wf-toasts >> text=Undo")
    expect(row.locator(".e-mark")).to_contain_text("by key")
    row.locator("[data-hide]").click(force=True)
    expect(row).to_contain_text("No longer shown")
    page.goto(page.url.split("/explore/")[0] + "/explore/hidden/")
    page.check(f"[name=post][value='{chosen}']")
    page.click("text=Show the ticked ones again")
    expect(page.locator(f"[data-id='{chosen}']")).to_have_count(0)


def test_several_are_ticked_and_tagged_at_once(open_page):
    page = open_page(EXPLORE)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".e-bulk")).to_contain_text("2 chosen")
    page.fill(".e-bulk [name=tag]", "several")
    page.click(".e-bulk [value=tag]")
    expect(page.locator(f"{ROWS} .e-mark", has_text="several")).to_have_count(2)


def test_the_query_box_is_a_combobox_that_keys_work(open_page):
    page = open_page(EXPLORE)
    box = page.get_by_role("combobox", name="Query")
    box.click()
    page.keyboard.type("sent")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("sentiment:")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    page.keyboard.press("Tab")
    expect(box).to_have_value("sentiment:")
    page.keyboard.type("neg")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("sentiment:negative ")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("AND (")
    expect(page.locator("#q-means")).to_contain_text("Character 24")
    expect(page.locator(".q-mirror .q-err")).to_have_text("(")


def test_the_queue_is_answered_by_key_and_taken_back(open_page):
    page = open_page("/m/pivot-conference/labels/")
    post = page.locator("[data-answers] [name=post]")
    first = post.get_attribute("value")
    page.keyboard.press("1")
    expect(post).not_to_have_value(first)
    expect(page.locator(".l-queue")).to_contain_text("Your last word: negative")
    page.keyboard.press("u")
    expect(page.locator(".l-queue")).not_to_contain_text("Your last word")


def test_stretches_are_compared_in_one_chart(open_page):
    page = open_page("/m/pivot-conference/explore/compare/?by=periods&periods=3&since=7d")
    page.wait_for_selector("[data-chart] svg")
    expect(page.locator(".c-series li")).to_have_count(3)
    page.check("[value=topics]")
    expect(page.locator(".c-topics")).to_be_visible()
    expect(page.locator(".c-periods")).to_be_hidden()
