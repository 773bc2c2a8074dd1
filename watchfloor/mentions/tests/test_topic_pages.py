from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.listening.actions import make_topic
from watchfloor.listening.models import Topic
from watchfloor.mentions.tests.posts import HOSTILE, stored
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
LIST = "/m/pivot/topics/"


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def topic(cast):
    return make_topic(cast.mission, name="Food", role="issue", query="coffee", by=cast.ana)


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


def test_the_list_says_in_words_what_each_finds_and_how_much(ana, topic):
    for hours in (1, 2, 23, 25):
        stored([topic], NOON - timedelta(hours=hours), f"coffee {hours}")
    html = ana.get(LIST).content.decode()
    assert "<b>3</b>" in html
    assert "coffee" in html
    assert "applying to stored posts" in html  # nothing applied its first version yet
    Topic.objects.update(applied_version=1)
    assert "listening" in ana.get(LIST).content.decode()


def test_the_list_asks_a_fixed_number_of_questions(cast, ana, django_assert_num_queries):
    for n in range(20):
        make_topic(cast.mission, name=f"T{n}", role="own", query="coffee", by=None)
    ana.get(LIST)
    with django_assert_num_queries(
        9
    ):  # session, person, mission, topics, counters, role; for the shell: missions, sources, role
        ana.get(LIST)


def test_writing_a_topic(ana, cast):
    made = ana.post(f"{LIST}new/", {"name": "Wifi", "role": "issue", "query": "wifi OR wlan"})
    topic = Topic.objects.get()
    assert made["Location"] == f"{LIST}{topic.pk}/"
    assert (topic.mission, topic.version, topic.versions.get().made_by) == (cast.mission, 1, cast.ana)


@pytest.mark.parametrize("query", ["(wifi", "NOT spam", "&", "languge:en", "", "a" * 21_000, "( " * 300])
def test_a_query_that_cant_be_read_is_not_saved(ana, query):
    response = ana.post(f"{LIST}new/", {"name": "Wifi", "role": "issue", "query": query})
    assert response.status_code == 422
    assert not Topic.objects.exists()


def test_two_topics_cant_share_a_name(ana, topic):
    response = ana.post(f"{LIST}new/", {"name": "Food", "role": "issue", "query": "lunch"})
    assert response.status_code == 422
    assert b"has this name" in response.content


def test_a_change_is_a_version_with_its_difference(ana, topic):
    form = {"name": "Food", "role": "issue", "query": "coffee OR lunch", "why": HOSTILE}
    assert ana.post(f"{LIST}{topic.pk}/", form).status_code == 302
    html = ana.get(f"{LIST}{topic.pk}/").content.decode()
    assert "<ins> OR lunch</ins>" in html
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_checking_as_you_type(ana, topic):
    stored([topic], NOON - timedelta(hours=1), "coffee in hall B")
    stored([topic], NOON - timedelta(hours=30), "coffee in hall A")
    html = ana.post(f"{LIST}check/", {"query": "coffee hall"}).content.decode()
    assert "<b>1</b>" in html
    assert "<b>2</b>" in html
    assert "<mark>coffee</mark> in <mark>hall</mark> B" in html
    wrong = ana.post(f"{LIST}check/", {"query": "coffee languge:en"}).content.decode()
    assert 'data-error-at="7"' in wrong
    assert "lang" in wrong


def test_switching_off_and_on(ana, topic):
    ana.post(f"{LIST}{topic.pk}/switch/", {"on": "0"})
    assert not Topic.objects.get().is_on
    ana.post(f"{LIST}{topic.pk}/switch/", {"on": "1"})
    assert Topic.objects.get().is_on


def test_a_viewer_reads_and_changes_nothing(cast, client, topic):
    client.force_login(cast.ben)
    page = client.get(f"{LIST}{topic.pk}/").content.decode()
    assert "Save and use" not in page
    form = {"name": "X", "role": "own", "query": "x"}
    for address in (f"{topic.pk}/", f"{topic.pk}/switch/", "new/"):
        assert client.post(LIST + address, form).status_code == 403, address
    assert client.get(f"{LIST}new/").status_code == 403
    topic.refresh_from_db()
    assert (topic.name, topic.is_on) == ("Food", True)


def test_another_teams_topic_is_not_there(cast, client, topic):
    client.force_login(cast.cleo)
    form = {"name": "X", "role": "own", "query": "x"}
    for address in (
        f"/m/pivot/topics/{topic.pk}/",
        f"/m/other/topics/{topic.pk}/",
        f"/m/other/topics/{topic.pk}/switch/",
    ):
        assert client.post(address, form).status_code == 404, address
    topic.refresh_from_db()
    assert topic.name == "Food"
