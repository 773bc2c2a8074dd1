"""The whole way, nothing made up in between: real accounts on a real Bluesky PDS, the whole product, a real browser.

A newcomer sets up a mission of their own, writes a topic, connects the PDS, and watches.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import msgspec
import pytest
from playwright.sync_api import expect
from websockets.sync.client import connect

from tests.product import running, until
from tests.real.bridge import lines_of
from tests.real.pds import pds_for_tests

pytestmark = [pytest.mark.browser, pytest.mark.pds, pytest.mark.slow]


@contextmanager
def told_by(pds):
    """cid → when the PDS told of that record, as another listener hears it."""
    heard: dict[str, float] = {}
    with connect(f"{pds.ws}/xrpc/com.atproto.sync.subscribeRepos", compression=None, proxy=None) as frames:

        def listen():
            for frame in frames:
                now = time.monotonic()
                for line in lines_of(frame):
                    heard.setdefault(msgspec.json.decode(line).get("commit", {}).get("cid"), now)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield heard
        frames.close()
        thread.join(10)


@pytest.fixture(scope="module")
def pds():
    yield from pds_for_tests()


@pytest.fixture(scope="module")
def product(pds, tmp_path_factory):
    allowed = f"127.0.0.1:{pds.port}"
    folder = tmp_path_factory.mktemp("bluesky")
    with running(folder, WATCHFLOOR_DEMO="no", WATCHFLOOR_ALLOW_ADDRESSES=allowed) as product:
        yield product


@pytest.fixture(scope="module")
def page(browser, product):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(product.sign_in_link)
    page.click("main button")
    page.wait_for_load_state()
    yield page
    page.close()


@pytest.fixture(scope="module")
def explore(product, page, pds):
    """The newcomer's way from an empty server to the live list of an own mission."""
    page.goto(product.address + "/missions/new/")
    page.get_by_label("Name").fill("Corner Café")
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.goto(f"{product.address}/m/corner-cafe/topics/new/")
    page.get_by_label("Name").fill("Coffee")
    page.locator("[name=query]").fill('coffee OR "flat white"')
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("main")).to_contain_text("Coffee")
    page.goto(product.address + "/sources/add/bluesky/")
    page.get_by_label("Name", exact=True).fill("Our PDS")
    page.locator("[name=setting_mode]").select_option("firehose")
    page.locator("[name=setting_service]").fill(pds.ws)
    page.locator("[name=setting_profiles]").fill(pds.http)
    page.get_by_role("button", name="Connect Bluesky").click()
    page.wait_for_url("**/sources/*/")
    page.goto(product.address + "/sources/")
    expect(page.locator("main")).to_contain_text("live", timeout=20_000)
    page.goto(f"{product.address}/m/corner-cafe/explore/")
    page.mouse.move(700, 20)
    return page


def test_posts_replies_and_deletions_of_real_accounts_are_followed(explore, pds):
    page, ana, ben = explore, pds.account("ana"), pds.account("ben")
    # The first event after a quiet time wakes the PDS' sequencer, which then looks once a second.
    ana.post("nothing of interest")
    delays = []
    with told_by(pds) as told_at:
        for number in range(5):
            posted = ana.post(f"The coffee here is number {number}")
            expect(page.locator("#mentions")).to_contain_text(f"is number {number}", timeout=10_000)
            delays.append(time.monotonic() - until(lambda: told_at.get(posted["cid"]), "the event itself"))  # noqa: B023
    answer = ben.reply("A flat white, please", posted)
    expect(page.locator("#mentions")).to_contain_text("A flat white, please", timeout=10_000)
    assert page.locator("#mentions [data-row]").count() == 6

    began = time.monotonic()
    ben.delete(answer["uri"])
    expect(page.locator("#mentions .is-gone")).to_have_count(1, timeout=10_000)
    deleted_after = time.monotonic() - began
    page.reload()
    expect(page.locator("#mentions [data-row]")).to_have_count(5)
    assert "A flat white, please" not in page.content()
    print(
        f"\nfrom the PDS' event to the page: {', '.join(f'{delay * 1000:.0f}' for delay in sorted(delays))} ms; "
        f"the deletion {deleted_after * 1000:.0f} ms"
    )


def test_an_edit_changes_what_is_shown(explore, pds):
    page, cleo = explore, pds.account("cleo")
    posted = cleo.post("coffee, but cold")
    expect(page.locator("#mentions")).to_contain_text("coffee, but cold", timeout=10_000)
    cleo.edit(posted["uri"], "coffee, and hot now")
    expect(page.locator("#mentions")).to_contain_text("coffee, and hot now", timeout=10_000)
    expect(page.locator("#mentions")).not_to_contain_text("coffee, but cold")


def test_an_open_page_learns_what_an_author_is_called(explore, pds):
    page, eve = explore, pds.account("eve")
    eve.post("coffee with eve")
    row = page.locator("#mentions [data-row]").filter(has_text="coffee with eve")
    expect(row).to_have_count(1, timeout=10_000)
    expect(row.locator(".wf-who b")).to_have_text("eve.test", timeout=20_000)


def test_an_account_that_hides_and_comes_back_is_followed(explore, pds):
    page, dora = explore, pds.account("dora")
    dora.post("coffee at dora's")
    expect(page.locator("#mentions")).to_contain_text("coffee at dora's", timeout=10_000)
    dora.deactivate()
    expect(page.locator("#mentions")).not_to_contain_text("coffee at dora's", timeout=10_000)
    dora.activate()

    def shown_again():
        page.reload()
        return "coffee at dora's" in page.locator("#mentions").inner_text()

    assert until(shown_again, "the post of the account that came back")
