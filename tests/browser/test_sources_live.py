"""The list of sources follows what happens to them, without a reload."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_the_list_follows_a_connection_that_is_switched_off(open_page):
    listed = open_page("/sources/")
    row = listed.locator(".s-row").filter(has_text="Shop reviews")
    row.filter(has_text="not started").wait_for()
    other = listed.context.new_page()
    other.goto(listed.url + "3/")
    other.get_by_role("button", name="Switch off").click()
    row.filter(has_text="switched off").wait_for(timeout=10_000)
    other.get_by_role("button", name="Switch on").click()
    row.filter(has_text="not started").wait_for(timeout=10_000)
    other.close()


def test_settings_are_tried_on_the_page_and_nothing_is_saved(open_page):
    page = open_page("/sources/add/discourse/")
    page.get_by_label("Forums").fill("forum.invalid")
    page.get_by_role("button", name="Test these settings").click()
    page.locator("#checked").get_by_text("The test failed").wait_for()
    assert page.get_by_label("Forums").input_value() == "forum.invalid"
    page.goto(page.url.removesuffix("add/discourse/"))
    assert page.locator(".s-row").filter(has_text="Discourse").count() == 0
