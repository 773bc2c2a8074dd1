from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.listening.actions import change_topic, make_topic
from watchfloor.listening.models import Topic
from watchfloor.mentions.tests.posts import HOSTILE, LONG_NAME, stored
from watchfloor.sources.post import Author
from watchfloor.team.models import StrategyEntry
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
    assert HOSTILE not in ana.get(f"{LIST}{topic.pk}/").content.decode()
    html = ana.get(f"{LIST}{topic.pk}/versions/").content.decode()
    assert " <ins>OR lunch</ins>" in html
    assert "Also looks for" in html
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_a_changed_query_needs_a_why_and_a_changed_name_does_not(ana, topic):
    refused = ana.post(f"{LIST}{topic.pk}/", {"name": "Food", "role": "issue", "query": "coffee OR lunch"})
    assert refused.status_code == 422
    assert "Say why the query changes" in refused.content.decode()
    assert ana.post(f"{LIST}{topic.pk}/", {"name": "Eating", "role": "own", "query": "coffee"}).status_code == 302
    topic.refresh_from_db()
    assert (topic.name, topic.role, topic.version) == ("Eating", "own", 1)


def test_checking_as_you_type_shows_what_is_found(ana, topic):
    stored([topic], NOON - timedelta(hours=1), "coffee in hall B")
    stored([topic], NOON - timedelta(hours=30), "coffee in hall A")
    html = ana.post(f"{LIST}check/", {"query": "coffee hall"}).content.decode()
    assert "of 1 posts of this mission" in html
    assert "of 2 posts of this mission" in html
    assert "<mark>coffee</mark> in <mark>hall</mark> B" in html
    wrong = ana.post(f"{LIST}check/", {"query": "coffee languge:en"}).content.decode()
    assert 'data-error-at="7"' in wrong
    assert "lang" in wrong


def test_a_draft_shows_its_difference_and_what_old_and_new_find(ana, topic):
    stored([topic], NOON - timedelta(hours=1), "coffee in hall B")
    stored([topic], NOON - timedelta(hours=2), "coffee and tea")
    stored([topic], NOON - timedelta(hours=3), f"tea {HOSTILE}", author=Author(name=LONG_NAME))
    html = ana.post(f"{LIST}{topic.pk}/check/", {"query": "tea"}).content.decode()
    assert "<del>coffee</del><ins>tea</ins>" in html
    assert "version 1 → 2, a draft" in html
    for words in ("1 <span>only old", "1 <span>found by both", "1 <span>only new"):
        assert html.count(words) == 2, "24 hours and 7 days"
    assert "<mark>tea</mark> &lt;script" in html
    assert "<mark>coffee</mark> in hall B" in html
    assert "at least this much" in html
    assert "<script>" not in html
    topic.refresh_from_db()
    assert topic.query == "coffee"


def test_an_unchanged_query_of_very_many_posts_is_counted_not_read(ana, cast, topic, monkeypatch):
    for module in ("topic_draft", "topic_views"):
        monkeypatch.setattr(f"watchfloor.mentions.{module}.MOST_READ_WHILE_TYPING", 3)
    for n in range(8):
        stored([topic], NOON - timedelta(hours=1 + 4 * n), f"coffee {n}")
    Topic.objects.update(applied_version=1)
    html = ana.get(f"{LIST}{topic.pk}/").content.decode()
    assert "8 <span>of 8 posts" in html
    assert "newest 3, back to" in html
    drafted = ana.post(f"{LIST}{topic.pk}/check/", {"query": "coffee OR tea"}).content.decode()
    assert "Only the newest 3 that hold a word of it were read" in drafted


def test_a_draft_in_an_address_opens_as_one(ana, topic):
    html = ana.get(f"{LIST}{topic.pk}/", {"q": "coffee OR lunch"}).content.decode()
    assert "coffee OR lunch</textarea>" in html
    assert " <ins>OR lunch</ins>" in html


def test_judged_examples_stand_in_the_log(ana, cast, topic):
    form = {"name": "Food", "role": "issue", "query": "tea", "why": "Guests drink tea", "new-12": "yes", "new-13": "no",
            "old-14": "yes", "new-x": "yes", "new-15": "maybe"}  # fmt: skip
    ana.post(f"{LIST}{topic.pk}/", form)
    why = StrategyEntry.objects.latest("pk").why
    assert why.startswith("Guests drink tea (1 of 2 looked at that only the new one finds belong. 1 of 1 looked at")


def test_noise_is_shut_out_with_a_button(ana, topic):
    stored([topic], NOON - timedelta(hours=1), "coffee: we are hiring")
    stored([topic], NOON - timedelta(hours=1), "coffee")
    form = {"name": "Food", "role": "issue", "query": "coffee OR tea", "noise": "job-ads"}
    answer = ana.post(f"{LIST}{topic.pk}/", form)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "(coffee OR tea)\nNOT (&quot;we are hiring&quot;" in html
    assert "is out" in html
    topic.refresh_from_db()
    assert topic.query == "coffee", "nothing is saved by it"
    before = ana.get(f"{LIST}{topic.pk}/").content.decode()
    assert "<b>Job ads</b> <span>− 1</span>" in before


def test_going_back_to_an_earlier_version(ana, cast, topic):
    change_topic(topic, name="Food", role="issue", query="tea", by=cast.ana, why="x")
    stored([topic], NOON - timedelta(hours=1), "coffee")
    page = ana.get(f"{LIST}{topic.pk}/versions/1/restore/").content.decode()
    assert "Bring version 1 back" in page
    assert "1 <span>only new" in page
    assert ana.post(f"{LIST}{topic.pk}/versions/1/restore/", {"why": "Too narrow"}).status_code == 302
    topic.refresh_from_db()
    assert (topic.query, topic.version) == ("coffee", 3)
    assert "brings back version 1" in ana.get(f"{LIST}{topic.pk}/versions/").content.decode()
    assert ana.get(f"{LIST}{topic.pk}/versions/9/restore/").status_code == 404


def test_a_long_history_has_pages(ana, cast, topic):
    for n in range(25):
        change_topic(topic, name="Food", role="issue", query=f"coffee {n}", by=cast.ana, why=f"change {n}")
    first = ana.get(f"{LIST}{topic.pk}/versions/").content.decode()
    assert "Version 26" in first
    assert "Version 6<" not in first
    assert "Version 6<" in ana.get(f"{LIST}{topic.pk}/versions/", {"before": "7"}).content.decode()


def test_a_topic_is_removed_after_a_word_of_warning(ana, topic):
    stored([topic], NOON - timedelta(hours=1), "coffee")
    assert "found 1 posts" in ana.get(f"{LIST}{topic.pk}/remove/").content.decode()
    assert ana.post(f"{LIST}{topic.pk}/remove/", {"why": "Over"})["Location"] == LIST
    assert ana.get(f"{LIST}{topic.pk}/").status_code == 404
    assert "Food" not in ana.get(LIST).content.decode().split("</h1>")[1].split("data-toast")[0]


def test_a_template_is_filled_in_and_begun_with(ana, cast):
    assert "Questions to us" in ana.get(f"{LIST}templates/").content.decode()
    given = {"template": "event-questions", "hashtags": "#pivot26, pivot conf", "handles": "@pivot"}
    html = ana.get(f"{LIST}new/", given).content.decode()
    assert "(#pivot26 OR &quot;pivot conf&quot; OR @pivot)" in html
    missing = ana.get(f"{LIST}new/", {**given, "handles": " "})
    assert missing.status_code == 422
    assert "Fill in: Your accounts." in missing.content.decode()


def test_the_list_shows_warnings_and_how_far_a_change_is_applied(ana, cast, topic):
    make_topic(cast.mission, name="Loose", role="own", query="tea milk OR sugar", by=None)
    Topic.objects.filter(pk=topic.pk).update(applying_done=1_200, applying_of=4_800)
    html = ana.get(LIST).content.decode()
    assert "1 warning" in html
    assert "1,200 of 4,800" in html
    assert "1,200 of 4,800" in ana.get(f"{LIST}{topic.pk}/state/").content.decode()


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
    changing = (f"{topic.pk}/switch/", "new/", f"{topic.pk}/remove/", f"{topic.pk}/versions/1/restore/")
    for address in (f"{topic.pk}/", *changing):
        assert client.post(LIST + address, form).status_code == 403, address
    for address in ("new/", "templates/", f"{topic.pk}/remove/", f"{topic.pk}/versions/1/restore/"):
        assert client.get(LIST + address).status_code == 403, address
    assert client.get(f"{LIST}{topic.pk}/versions/").status_code == 200
    topic.refresh_from_db()
    assert (topic.name, topic.is_on) == ("Food", True)


def test_another_teams_topic_is_not_there(cast, client, topic):
    client.force_login(cast.cleo)
    form = {"name": "X", "role": "own", "query": "x"}
    for address in (
        f"/m/pivot/topics/{topic.pk}/",
        f"/m/other/topics/{topic.pk}/",
        f"/m/other/topics/{topic.pk}/switch/",
        f"/m/other/topics/{topic.pk}/remove/",
        f"/m/other/topics/{topic.pk}/check/",
        f"/m/other/topics/{topic.pk}/versions/1/restore/",
    ):
        assert client.post(address, form).status_code == 404, address
    for page in ("state/", "versions/", "versions/1/restore/", "remove/", ""):
        for slug in ("pivot", "other"):
            assert client.get(f"/m/{slug}/topics/{topic.pk}/{page}").status_code == 404, page
    topic.refresh_from_db()
    assert topic.name == "Food"
