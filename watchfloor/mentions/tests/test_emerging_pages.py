"""The page of emerging terms, and the way from an offer into a topic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.listening.actions import make_topic
from watchfloor.listening.models import EmergingTerm, TrendClock, TrendCount
from watchfloor.mentions.emerging import rising
from watchfloor.mentions.reads import Window, newest
from watchfloor.mentions.tests.posts import HOSTILE, LONG_NAME, deleted, stored
from watchfloor.sources.post import Author
from watchfloor.team.models import StrategyEntry
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
PAGE = "/m/pivot/emerging/"


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def topic(cast):
    return make_topic(cast.mission, name="Food", role="issue", query="(lunch OR coffee) -is:repost", by=cast.ana)


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


def offered(cast, topic, term="#pivotfood", **facts):
    text = f"lunch {term} {HOSTILE}"
    stored([topic], NOON - timedelta(minutes=20), text, native_id=term, author=Author(id="a", name=LONG_NAME))
    given = {
        "kind": "hashtag" if term[0] == "#" else "phrase",
        "shown": term,
        "score": 83.06,
        "formula": "hype/1",
        "posts": 12,
        "authors": 12,
        "volume": 13.8,
        "baseline": 0.2,
        "by_window": [0] * 14 + [12],
        "width_ms": 600_000,
        "first_posts": [newest(cast.mission, None)[0].id, 17],
        "languages": [["en", 10], [None, 2]],
        "first_seen_at": NOON - timedelta(minutes=20),
        "offered_at": NOON - timedelta(minutes=8),
        "last_rising_at": NOON - timedelta(minutes=2),
    } | facts
    return EmergingTerm.objects.create(mission=cast.mission, term=term, **given)


def test_an_offer_shows_its_score_authors_first_posts_and_language(cast, ana, topic):
    offered(cast, topic)
    html = ana.get(PAGE).content.decode()
    for words in ("#pivotfood", "<b>12</b>", "authors in 10 min", "v = 13.8 of every 100", "m = 0.2 of 100", "(hype/1)",
                  "<mark>#pivotfood</mark>", "en 10", "first seen"):  # fmt: skip
        assert words in html, words
    assert HOSTILE not in html
    assert "wf-spark" in html


def test_deleted_first_posts_are_not_shown(cast, ana, topic):
    offered(cast, topic)
    deleted("bluesky", "#pivotfood")
    html = ana.get(PAGE).content.decode()
    assert "no longer stored" in html
    assert "<mark>" not in html


def test_nothing_to_offer_says_what_belongs_there(ana):
    html = ana.get(PAGE).content.decode()
    assert "Nothing rises that you don’t listen to" in html
    assert "Looking begins with the first posts" in html


def test_the_page_says_that_it_is_still_learning(cast, ana):
    TrendClock.objects.create(mission=cast.mission, width_ms=600_000, closed_window=20, looked_at_ms=10**12)
    TrendCount.objects.bulk_create(TrendCount(mission=cast.mission, window=n, term=0, posts=3) for n in (18, 19, 20))
    assert "learning what is usual: 3 of 6 windows" in ana.get(PAGE).content.decode()


def test_adding_to_a_topic_opens_its_change_with_the_term_and_a_back_test(cast, ana, topic):
    term = offered(cast, topic)
    stored([topic], NOON - timedelta(minutes=5), "no menu? #pivotfood")
    to = ana.get(f"{PAGE}{term.pk}/add/", {"topic": topic.pk})
    assert to["Location"] == f"/m/pivot/topics/{topic.pk}/?offer={term.pk}"
    html = ana.get(to["Location"]).content.decode()
    assert "(lunch OR coffee OR #pivotfood) -is:repost" in html
    assert " <ins>OR #pivotfood</ins>" in html
    assert "rose: 12 posts by 12 authors" in html
    assert "1 <span>only new" in html
    form = {"name": "Food", "role": "issue", "query": "(lunch OR coffee OR #pivotfood) -is:repost", "why": "It rose",
            "offer": term.pk}  # fmt: skip
    assert ana.post(f"/m/pivot/topics/{topic.pk}/", form).status_code == 302
    term.refresh_from_db()
    assert (term.state, term.topic, term.state_by) == ("added", topic, cast.ana)
    assert list(StrategyEntry.objects.order_by("-pk").values_list("kind", flat=True)[:2]) == [
        "term.added",
        "topic.changed",
    ]
    assert "#pivotfood" in ana.get(PAGE, {"show": "added"}).content.decode()


def test_a_topic_of_its_own_can_be_made_of_it(cast, ana, topic):
    term = offered(cast, topic, "food trucks")
    to = ana.get(f"{PAGE}{term.pk}/add/", {"topic": ""})
    assert to["Location"] == f"/m/pivot/topics/new/?offer={term.pk}"
    html = ana.get(to["Location"]).content.decode()
    assert "&quot;food trucks&quot;</textarea>" in html
    form = {"name": "food trucks", "role": "issue", "query": '"food trucks"', "offer": term.pk}
    assert ana.post("/m/pivot/topics/new/", form).status_code == 302
    term.refresh_from_db()
    assert (term.state, str(term.topic)) == ("added", "food trucks")


def test_ignoring_is_remembered_and_undone(cast, ana, topic):
    term = offered(cast, topic)
    ana.post(f"{PAGE}{term.pk}/ignore/")
    assert "data-offer" not in ana.get(PAGE).content.decode()
    html = ana.get(PAGE, {"show": "ignored"}).content.decode()
    assert "ignored by" in html
    assert "Offer again" in html
    ana.post(f"{PAGE}{term.pk}/offer/")
    term.refresh_from_db()
    assert term.state == "offered"


def test_pages_fetch_the_list_alone_when_they_hear_of_a_change(cast, ana, topic):
    offered(cast, topic)
    html = ana.get(PAGE, {"part": "1"}).content.decode()
    assert "#pivotfood" in html
    assert "<html" not in html


def test_what_rose_long_ago_stands_below(cast, ana, topic):
    old = {"last_rising_at": NOON - timedelta(days=3), "offered_at": NOON - timedelta(days=3)}
    offered(cast, topic)
    offered(cast, topic, "#yesterday", **old)
    html = ana.get(PAGE).content.decode()
    assert html.index("#pivotfood") < html.index("Earlier") < html.index("#yesterday")


def test_the_page_asks_a_fixed_number_of_questions(cast, ana, topic, django_assert_max_num_queries):
    for n in range(12):
        offered(cast, topic, f"#tag{n}")
    ana.get(PAGE)
    with django_assert_max_num_queries(25):
        ana.get(PAGE)


def test_rising_terms_are_a_figure_for_others(cast, topic):
    offered(cast, topic)
    offered(cast, topic, "#more", score=200.0)
    offered(cast, topic, "#joke", state="ignored")
    offered(cast, topic, "#old", last_rising_at=NOON - timedelta(days=3), offered_at=NOON - timedelta(days=3))
    found = rising(cast.mission)
    assert [(one.term, one.score, one.authors) for one in found] == [("#more", 200.0, 12), ("#pivotfood", 83.06, 12)]
    assert found[0].width == timedelta(minutes=10)
    assert [one.term for one in rising(cast.mission, limit=1)] == ["#more"]
    days_ago = Window(NOON - timedelta(days=4), NOON - timedelta(days=2))
    assert [one.term for one in rising(cast.mission, days_ago)] == ["#old"]
    assert rising(cast.other) == []


def test_who_may_not_change_listening_looks_on(cast, client, topic):
    term = offered(cast, topic)
    client.force_login(cast.ben)
    html = client.get(PAGE).content.decode()
    assert "#pivotfood" in html
    assert "Ignore" not in html.replace("Ignored", "")
    assert client.get(f"{PAGE}{term.pk}/add/", {"topic": topic.pk}).status_code == 403
    for act in ("ignore", "offer"):
        assert client.post(f"{PAGE}{term.pk}/{act}/").status_code == 403
        assert client.get(f"{PAGE}{term.pk}/{act}/").status_code == 405


def test_other_teams_find_nothing(cast, client, topic):
    term = offered(cast, topic)
    client.force_login(cast.cleo)
    assert client.get(PAGE).status_code == 404
    for slug in ("pivot", "other"):
        assert client.post(f"/m/{slug}/emerging/{term.pk}/ignore/").status_code == 404
        assert client.get(f"/m/{slug}/emerging/{term.pk}/add/").status_code == 404
    form = {"name": "X", "role": "own", "query": "x", "offer": term.pk}
    client.post("/m/other/topics/new/", form)
    term.refresh_from_db()
    assert term.state == "offered", "an offer of another mission is no offer"


@pytest.mark.parametrize("value", ["", "x", "-1", "٣", "9" * 40, "1e9", "\x00", "<script>"])
def test_hostile_addresses_are_answered_plainly(cast, ana, topic, value):
    term = offered(cast, topic)
    assert ana.get(PAGE, {"show": value, "part": value}).status_code == 200
    assert ana.get(f"{PAGE}{term.pk}/add/", {"topic": value}).status_code == 302
    assert ana.get(f"/m/pivot/topics/{topic.pk}/", {"offer": value, "q": value}).status_code == 200
    assert ana.get(f"/m/pivot/topics/{topic.pk}/versions/", {"before": value}).status_code == 200
    assert ana.get("/m/pivot/topics/templates/", {"use": value, "template": value}).status_code == 200
    assert ana.get(f"{PAGE}99999999999999999999999/add/").status_code == 404
