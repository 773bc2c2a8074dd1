from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.listening.actions import make_topic
from watchfloor.mentions.tests.posts import stored
from watchfloor.metrics.registry import all_metrics
from watchfloor.panels.registry import all_panels
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def topics(cast):
    return [make_topic(cast.mission, name=name, role="own", query=name, by=None) for name in ("coffee", "wifi")]


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("name", sorted(all_panels()))
def test_every_panel_is_a_page_a_file_and_an_answer(ana, topics, name, filled):
    if filled:
        stored(topics, NOON - timedelta(hours=1), "coffee at https://example.com/?utm_source=x #food, isn't it?")
    assert ana.get(f"/m/pivot/panels/{name}/").status_code == 200
    assert ana.get(f"/m/pivot/panels/{name}.json").json()["panel"] == name
    assert b"".join(ana.get(f"/m/pivot/panels/{name}.csv").streaming_content).startswith("\ufeff".encode())


@pytest.mark.parametrize("name", sorted(all_metrics()))
def test_every_metric_has_a_page(ana, topics, name):
    stored(topics, NOON - timedelta(hours=1), "coffee and wifi")
    assert ana.get(f"/m/pivot/metrics/{name}/").status_code == 200


def test_strangers_find_no_panel(cast, client, topics):
    client.force_login(cast.cleo)
    assert client.get("/m/pivot/panels/volume/").status_code == 404
    assert client.get("/m/pivot/metrics/volume/").status_code == 404


def test_an_unknown_name_is_not_found(ana, topics):
    assert ana.get("/m/pivot/panels/volumes/").status_code == 404
    assert ana.get("/m/pivot/metrics/nothing/").status_code == 404
    assert ana.get("/m/pivot/metrics/volume/?version=99").status_code == 404
