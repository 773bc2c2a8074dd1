"""Changing a topic in front of its difference and back-test, with noise, judgements and the way back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
TOPICS = "/m/pivot-conference/topics/"


def made(page, name):
    """A topic of the test's own; the page stands on it."""
    page.locator("#id_name").fill(name)
    page.locator("#id_query").fill("wifi")
    page.get_by_role("button", name="Save topic").click()
    page.wait_for_url("**/topics/*/")


def test_a_draft_shows_what_it_changes_while_it_is_typed(open_page):
    page = open_page(f"{TOPICS}new/")
    made(page, "Typed")
    expect(page.get_by_role("heading", name="What it finds")).to_be_visible()
    page.locator("#id_query").fill("wifi OR queue tea")
    expect(page.locator(".t-what ins").first).to_contain_text("OR queue tea")
    expect(page.locator(".t-warn")).to_contain_text("OR stands beside AND")
    page.locator("#id_query").fill("wifi OR queue")
    expect(page.locator(".t-warn")).to_have_count(0)
    expect(page.locator(".t-new mark").first).to_be_visible()


def test_noise_and_judgements_survive_more_typing_and_stand_in_the_history(open_page):
    page = open_page(f"{TOPICS}new/")
    made(page, "Judged")
    page.locator("#id_query").fill("wifi OR queue")
    belongs = page.locator(".t-new .t-judge label").first
    belongs.click()
    expect(page.locator("[data-judged=new]")).to_have_text("1 / 1 ✓")
    if not page.locator("[data-noise]").first.is_visible():
        page.locator(".t-noise > summary").click()
    page.locator("[data-noise]", has_text="Horoscopes").click()
    assert page.locator("#id_query").input_value().startswith("(wifi OR queue)\nNOT (horoscope*")
    expect(page.locator("[data-noise]", has_text="Horoscopes")).to_be_disabled()
    expect(page.locator("[data-judged=new]")).to_have_text("1 / 1 ✓")
    expect(page.locator(".t-new .t-judge input:checked")).to_have_count(1)
    page.locator("#id_why").fill("Queues, too")
    page.get_by_role("button", name="Save and use from now on").click()
    page.get_by_role("link", name="History").click()
    expect(page.locator(".t-version").first).to_contain_text("Queues, too")
    page.get_by_role("link", name="Go back to it").click()
    page.get_by_role("button", name="Bring version 1 back").click()
    page.wait_for_url("**/topics/*/")
    expect(page.locator("#id_query")).to_have_value("wifi")


def test_it_is_a_page_without_scripts(open_page):
    page = open_page(f"{TOPICS}1/?q=pivot+OR+wifi", javascript=False)
    expect(page.locator(".t-what")).to_be_visible()
    if not page.locator("[data-noise]").first.is_visible():
        page.locator(".t-noise > summary").click()
    page.locator("[data-noise]", has_text="Horoscopes").click()
    expect(page.locator("[data-noise]", has_text="Horoscopes")).to_contain_text("is out")
    assert "NOT (horoscope*" in page.locator("#id_query").input_value()
