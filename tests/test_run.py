"""Someone types `watchfloor run` with nothing configured."""

from __future__ import annotations

import os
import re
import signal

import httpx
import pytest

from tests.product import running, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    with running(tmp_path_factory.mktemp("first-start")) as product:
        yield product


@pytest.fixture(scope="module")
def owner(product):
    client = product.signed_in()
    yield client
    client.close()


def metric(product, name, **labels):
    text = httpx.get(f"{product.address}/metrics").text
    total = 0.0
    for line in text.splitlines():
        if line.startswith(name) and all(f'{k}="{v}"' in line for k, v in labels.items()):
            total += float(line.rsplit(" ", 1)[1])
    return total


def test_the_key_is_readable_by_its_owner_alone(product):
    assert product.sign_in_link
    assert (product.folder / "secret_key").stat().st_mode & 0o777 == 0o600


def test_it_opens_on_a_mission_with_posts_flowing(product, owner):
    page = owner.get("/")
    assert "Pivot Conference" in page.text
    explore = "/m/pivot-conference/explore/"
    until(lambda: 'class="wf-mention' in owner.get(explore).text, "the first mention on the page")
    before = metric(product, "watchfloor_mentions_stored_total")
    until(lambda: metric(product, "watchfloor_mentions_stored_total") > before, "more mentions")


def test_the_sign_in_link_works_once(product, owner):
    page = httpx.get(product.sign_in_link, follow_redirects=True)
    assert page.status_code in (404, 410)
    assert "Pivot Conference" not in page.text


def test_it_says_how_it_is(product):
    assert httpx.get(f"{product.address}/healthz").json() == {"ok": True}
    ready = until(
        lambda: (r := httpx.get(f"{product.address}/readyz").json()) and len(r["processes"]) == 2 and r, "signs of life"
    )
    assert ready == {"ok": True, "processes": {"stream": "running", "desk": "running"}}
    assert metric(product, "watchfloor_posts_received_total", source="rehearsal") > 0
    assert metric(product, "watchfloor_connection_up", source="rehearsal") == 1


def test_the_live_stream_tells_of_new_mentions(product, owner):
    slug = re.search(r"/m/([\w-]+)/", str(owner.get("/").url))[1]
    with owner.stream("GET", f"/live/{slug}/") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: hello"
        assert "event: mentions" in (next(lines) for _ in range(1_000))


def test_strangers_see_nothing(product):
    for path in ("/", "/m/pivot-conference/explore/", "/sources/", "/live/pivot-conference/"):
        answer = httpx.get(product.address + path)
        assert answer.status_code in (302, 403), path
        assert "Pivot Conference" not in answer.text


@pytest.mark.parametrize("name", ["stream", "desk", "web"])
def test_a_process_that_is_killed_comes_back(product, owner, name):
    before = until(lambda: product.processes().get(name), name)
    os.kill(before, signal.SIGKILL)
    until(lambda: product.processes().get(name) not in (None, before), f"another {name}")
    until(lambda: answers(f"{product.address}/healthz"), "the pages")


def test_it_goes_on_where_it_stopped(product, owner):
    before = metric(product, "watchfloor_mentions_stored_total")
    until(lambda: metric(product, "watchfloor_mentions_stored_total") > before, "more mentions after the kills")


def test_the_doctor_finds_nothing_wrong(product):
    import subprocess
    import sys

    answer = subprocess.run(
        [sys.executable, "-m", "watchfloor", "doctor"],
        env=product.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_it_ends_when_told_to(tmp_path):
    with running(tmp_path, WATCHFLOOR_DEMO="no") as product:
        assert product.sign_in_link
        assert product.stop() == 0
        assert product.processes() == {}


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("WATCHFLOOR_PORT", "eight", "a whole number from 1 to 65535"),
        ("WATCHFLOOR_SECRET_KEY", "short", "at least 32 characters"),
        ("DATABASE_URL", "postgresql://ana:hush@127.0.0.1:1/floor", "The store can't be used"),
        ("DATABASE_URL", "mysql://ana:hush@127.0.0.1/floor", "postgresql://USER:PASSWORD@HOST:PORT/NAME"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(tmp_path, setting, value, says):
    with running(tmp_path, **{setting: value}) as product:
        assert product._process.wait(30) == 1
        product._hearing.join(10)
    said = "".join(product.said)
    assert says in said
    assert "Traceback" not in said
    assert "hush" not in said


def answers(address):
    try:
        return httpx.get(address).status_code == 200
    except httpx.HTTPError:
        return False
