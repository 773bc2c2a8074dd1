from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.listening.actions import make_topic
from watchfloor.mentions.tests.posts import HOSTILE, LONG_NAME, deleted, stored
from watchfloor.sources.models import Connection, ConnectionGap
from watchfloor.sources.post import Author
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = "/m/pivot/explore/"


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def topics(cast):
    return [
        make_topic(cast.mission, name=name, role="own", query=query, by=None)
        for name, query in (("Food", "coffee"), ("Wifi", "wifi"))
    ]


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


def page(client, **asked):
    response = client.get(PAGE, asked)
    assert response.status_code == 200
    return response.content.decode()


def ids(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-id="(\d+)"', html)]


def chart(html: str) -> dict:
    return json.loads(re.search(r'id="chart-volume" type="application/json">(.*?)</script>', html, re.DOTALL).group(1))


def test_it_shows_a_mention_with_its_author_time_and_labels(ana, topics):
    stored(topics[:1], NOON - 4 * timedelta(minutes=1), "The queue for coffee is 20 minutes")
    html = page(ana)
    for words in ("Tom Hale", "@tom.hale.bsky.social", ">4 min<", "12:56:00 CET", "negative", "0.94", "Bluesky", "31"):
        assert words in html, words


def test_what_was_found_is_marked(ana, topics):
    stored(topics[:1], NOON - HOUR, "Café: the queue for coffee")
    html = page(ana, q="caf* queue")
    assert "<mark>Café</mark>: the <mark>queue</mark> for coffee" in html


def test_without_a_query_the_topics_words_are_marked(ana, topics):
    stored(topics, NOON - HOUR, "Coffee is fine, Wifi is not")
    assert "<mark>Coffee</mark> is fine, <mark>Wifi</mark> is not" in page(ana)


def test_a_query_is_put_in_words(ana, topics):
    assert "within 5 words" in page(ana, q='"flat white" NEAR/5 queue*')


def test_a_query_that_cant_be_read_says_where(ana, topics):
    response = ana.get(PAGE, {"q": "coffee AND (wifi"})
    assert response.status_code == 422
    html = response.content.decode()
    assert 'data-error-at="11"' in html
    assert "Character 12" in html
    assert "chart-volume" not in html


def test_filters_narrow_list_and_figures_alike(ana, topics):
    stored(topics[:1], NOON - HOUR, "coffee one")
    stored(topics[1:], NOON - HOUR, "wifi two", network="mastodon", sentiment="positive")
    stored(topics[1:], NOON - 30 * HOUR, "wifi three")
    for asked, expected in (
        ({}, 2),
        ({"since": "7d"}, 3),
        ({"since": "all"}, 3),
        ({"topic": topics[0].pk}, 1),
        ({"network": "mastodon"}, 1),
        ({"sentiment": "positive"}, 1),
        ({"sentiment": ["positive", "negative"]}, 2),
        ({"q": "wifi", "since": "7d"}, 2),
        ({"q": "wifi", "network": "bluesky"}, 0),
        ({"from": "2026-11-17T06:30", "to": "2026-11-17T07:30"}, 1),  # Berlin: 06:00 UTC is 07:00
    ):
        html = page(ana, **asked)
        assert len(ids(html)) == expected, asked
        assert f"<b>{expected}</b>" in html, asked
        assert sum(bar["n"] for bar in chart(html)["data"]["bars"]) == expected, asked


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "x"},
        {"topic": "abc"},
        {"topic": "9" * 40},
        {"network": "a)b OR c"},
        {"network": "x" * 5000},
        {"sentiment": "<script>"},
        {"before": "-1"},
        {"before": "9" * 30},
        {"from": "nonsense", "to": "2026"},
        {"from": "0001-01-01T00:00", "to": "9999-12-31T00:00"},
        {"post": "x"},
        {"q": "\x00"},
        {"q": "a" * 30_000},
    ],
)
def test_nonsense_in_an_address_breaks_nothing(ana, topics, asked):
    stored(topics, NOON - HOUR, "coffee and wifi")
    response = ana.get(PAGE, asked)
    assert response.status_code in (200, 422)
    assert b"<script>alert" not in response.content


def test_what_people_wrote_runs_nowhere(ana, topics):
    stored(
        topics,
        NOON - HOUR,
        f"coffee {HOSTILE}",
        title=HOSTILE,
        author=Author(id="x", handle=HOSTILE, name=HOSTILE),
        url="javascript:alert(1)",
        links=("javascript:alert(3)", "https://user@evil.example/", "https://example.com/ok"),
    )
    html = page(ana, q="coffee")
    shown = html + ana.get(f"{PAGE}post/{ids(html)[0]}/").content.decode()
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert 'href="https://user@' not in shown
    assert 'href="https://example.com/ok" target="_blank" rel="noopener nofollow noreferrer"' in shown
    assert "style=" not in shown


def test_long_names_are_cut_and_look_alikes_marked(ana, topics):
    stored(topics, NOON - HOUR, "coffee", author=Author(id="l", handle="раypal", name=LONG_NAME))
    html = page(ana)
    assert "look-alike letters" in html
    assert f"<bdi>{LONG_NAME}" not in html
    assert 'class="wf-cut"' in html


def test_unknown_is_a_dash_and_never_nought(ana, topics):
    stored(topics, NOON - HOUR, "coffee", sentiment=None)
    html = page(ana)
    assert "sentiment unknown" in html
    assert re.search(r"reposts</span>–", html)


def test_a_gap_is_drawn(cast, ana, topics):
    connection = Connection.objects.create(name="B", source="bluesky")
    ConnectionGap.objects.create(
        connection=connection, since=NOON - 3 * HOUR, until=NOON - 2 * HOUR, why="Restart", found_at=NOON
    )
    stored(topics, NOON - HOUR, "coffee")
    assert chart(page(ana))["data"]["gaps"] == [{"at": "2026-11-18T10:00:00.000Z", "to": "2026-11-18T11:00:00.000Z"}]


def test_pages_go_back_in_time_without_repeating(ana, topics):
    for n in range(60):
        stored(topics[:1], NOON - HOUR - timedelta(seconds=n), f"coffee {n}")
    first = page(ana)
    assert len(ids(first)) == 50
    second = page(ana, before=ids(first)[-1])
    assert len(ids(second)) == 10
    assert not set(ids(first)) & set(ids(second))


def test_asked_ids_come_back_only_if_they_belong(cast, ana, topics):
    stored(topics[:1], NOON - HOUR, "coffee mine", native_id="mine")
    stored(topics[1:], NOON - 2 * HOUR, "wifi other", native_id="other")
    asked = ",".join(map(str, ids(page(ana))))
    assert len(ids(ana.get(f"{PAGE}rows/", {"ids": asked}).content.decode())) == 2
    assert len(ids(ana.get(f"{PAGE}rows/", {"ids": asked, "q": "wifi"}).content.decode())) == 1
    assert len(ids(ana.get(f"{PAGE}rows/", {"ids": asked, "topic": topics[0].pk}).content.decode())) == 1
    deleted("bluesky", "mine")
    assert len(ids(ana.get(f"{PAGE}rows/", {"ids": asked}).content.decode())) == 1
    assert ids(ana.get(f"{PAGE}rows/", {"ids": "x,-1,99999999999999999999,"}).content.decode()) == []


def test_an_edit_shows_at_once_though_rows_are_kept(ana, topics):
    wrote = stored(topics[:1], NOON - HOUR, "coffee before", native_id="e")
    assert "</mark> before" in page(ana)
    from django.db import transaction

    from watchfloor.mentions.store.store import Changes, Labelled, mention_store
    from watchfloor.sources.post import Post

    post = Post(network="bluesky", id="e", text="coffee after", created_at=NOON - HOUR)
    with transaction.atomic():
        edited = Labelled(post=post, raw=b"", topics=[(topics[0].pk, 1)], seen_at=NOON, edited=True)
        mention_store().write(Changes(posts=[edited]))
    html = page(ana)
    assert wrote.stored == 1
    assert "</mark> after" in html
    assert "</mark> before" not in html
    assert ">edited<" in html


def test_a_row_says_how_long_ago_anew_each_time(ana, topics):
    with time_machine.travel(NOON, tick=False) as clock:
        stored(topics, NOON, "coffee")
        assert ">0 s<" in page(ana)
        clock.shift(90)
        assert ">1 min<" in page(ana)


def test_times_are_in_the_zone_of_the_person_else_the_mission(cast, ana, topics):
    stored(topics, NOON - HOUR, "coffee")
    assert "12:00:00 CET" in page(ana)
    cast.ana.time_zone = "Asia/Tokyo"
    cast.ana.save()
    assert "20:00:00 JST" in page(ana)


def test_an_empty_mission_offers_the_first_step(cast, ana):
    html = page(ana)
    assert "Write your first topic" in html
    assert "topics/new/" in html


def test_a_viewer_may_look_but_is_offered_no_change(cast, client, topics):
    client.force_login(cast.ben)
    assert "Save as topic" not in page(client)


@pytest.mark.parametrize(
    "address",
    ["explore/", "explore/figures/", "explore/rows/", "explore/check/", "export.csv", "export.jsonl", "topics/"],
)
def test_other_missions_are_not_there(cast, client, address):
    client.force_login(cast.cleo)
    assert client.get(f"/m/pivot/{address}").status_code == 404
    assert client.get("/m/no-such/explore/").status_code == 404


def test_a_post_of_another_mission_is_not_there(cast, client, topics):
    stored(topics, NOON - HOUR, "coffee")
    client.force_login(cast.ana)
    post_id = ids(page(client))[0]
    client.force_login(cast.cleo)
    assert client.get(f"/m/other/explore/post/{post_id}/").status_code == 404
    assert client.get("/m/other/explore/rows/", {"ids": post_id}).content.strip() == b""


def test_topics_of_another_mission_show_nothing(cast, ana, topics):
    theirs = make_topic(cast.other, name="Theirs", role="own", query="coffee", by=None)
    stored([theirs], NOON - HOUR, "coffee of theirs")
    assert "coffee of theirs" not in page(ana, topic=theirs.pk)


def test_the_page_asks_a_fixed_number_of_questions(ana, topics, django_assert_max_num_queries):
    for n in range(30):
        stored(topics, NOON - HOUR - timedelta(seconds=n), f"coffee and wifi {n}")
    page(ana)  # words of networks and languages are read once
    with django_assert_max_num_queries(32):
        page(ana)


def test_an_event_of_years_ago_is_drawn_as_it_was(ana, topics):
    for day in (10, 11, 12):
        stored(topics, datetime(2018, 7, day, 12, tzinfo=UTC), f"coffee in 2018, day {day}")
    shown = page(ana, since="all")
    assert "10 Jul 2018" in shown
    assert "12 Jul 2018" in shown


def test_a_chosen_mention_is_told_of_on_the_page_itself(ana, topics):
    stored(topics, NOON - HOUR, "coffee in the hall")
    with time_machine.travel(NOON, tick=False):
        (chosen,) = ids(page(ana))
        shown = page(ana, post=chosen)
    assert "Why it matched" in shown
    assert "1,240" in shown
