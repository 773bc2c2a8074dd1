"""The mission's home: fresh without a reload, readable without scripts."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser
HOME = "/m/pivot-conference/"


def said(page) -> int:
    """How many posts the page speaks of."""
    words = page.locator("#home").inner_text()
    return int(re.search(r"([\d,]+) posts by", words)[1].replace(",", ""))


def test_what_comes_in_is_counted_while_the_page_is_open(open_page, world):
    page = open_page(HOME)
    before = said(page)
    page.evaluate("document.getElementById('home').dataset.mark = 'same page'")
    world("arrive", "5")
    page.wait_for_function(
        "n => Number(document.getElementById('home').innerText.match(/([\\d,]+) posts by/)[1].replace(',', '')) >= n",
        arg=before + 5,
        timeout=20_000,
    )
    assert page.locator("#home").get_attribute("data-mark") == "same page"


def test_an_explanation_that_is_open_is_not_taken_away(open_page, world):
    page = open_page(HOME)
    why = page.locator("#home details.h-why").first
    if not why.count():
        pytest.skip("no rule finds a line in this world")
    why.locator("summary").click()
    world("arrive", "2")
    page.wait_for_timeout(5_000)
    assert page.locator("#home details.h-why[open]").count() == 1


def test_it_can_be_read_without_scripts(open_page):
    page = open_page(HOME, javascript=False)
    words = page.locator("#home").inner_text()
    for part in ("WHAT IS WORKING", "WHAT IS BROKEN", "TALK AGAINST PEOPLE", "SOURCES"):
        assert part in words.upper()
    assert said(page) > 0


def test_what_needs_deciding_fits_on_a_page_of_paper(open_page):
    page = open_page(f"{HOME}stand-up/")
    page.emulate_media(media="print")
    assert page.locator(".wf-rail").is_hidden()
    assert page.locator("text=What needs deciding").is_visible()
