"""The same first start with DATABASE_URL set: a real PostgreSQL server, the whole product."""

from __future__ import annotations

import pytest

from tests.product import running, until
from tests.real.postgres import PostgresServer

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def server():
    server = PostgresServer()
    yield server
    server.stop()


def test_it_opens_on_a_mission_with_posts_flowing_and_live(server, tmp_path):
    with running(tmp_path, DATABASE_URL=server.url()) as product:
        owner = product.signed_in()
        try:
            explore = "/m/pivot-conference/explore/"
            until(lambda: 'class="wf-mention' in owner.get(explore).text, "the first mention on the page")
            home, stand_up = owner.get("/"), owner.get("/m/pivot-conference/stand-up/")
            assert "What is working" in home.text
            assert "What needs deciding" in stand_up.text
            with owner.stream("GET", "/live/pivot-conference/") as stream:
                lines = stream.iter_lines()
                assert "event: mentions" in (next(lines) for _ in range(1_000))
            found = owner.get("/m/pivot-conference/explore/?q=pivot*+-is:repost")
            assert found.status_code == 200
            assert "<mark>" in found.text
        finally:
            owner.close()
    assert not (tmp_path / "watchfloor.sqlite3").exists()
