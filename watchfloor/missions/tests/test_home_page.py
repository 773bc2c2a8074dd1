"""The mission's home and stand-up: what they say, to whom, and how often they are made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from watchfloor.missions import views
from watchfloor.missions.goals import State
from watchfloor.missions.headline import goals_sentence, where_we_are
from watchfloor.missions.models import Goal
from watchfloor.missions.tests.conftest import NOON
from watchfloor.missions.tests.posts import post, store, topic
from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission

DAY = timedelta(days=1)


@pytest.fixture
def page(cast, client, clock):
    client.force_login(cast.ben)
    heard = {"state": "live", "heard_at": NOON, "last_post_at": NOON}
    Connection.objects.create(name="Bluesky", source="bluesky", mission=cast.mission, **heard)
    own = topic(cast.mission)
    store([post(NOON - timedelta(minutes=n), own, sentiment="positive") for n in range(40)])
    return lambda path="": client.get(f"/m/pivot/{path}").content.decode()


def test_calm_says_that_nothing_needs_you(page):
    home = page()
    assert "Nothing needs you." in home
    assert "No goal is set yet." in home
    assert "Nothing is broken" in home
    assert "40 posts by 40 authors" in home


def test_a_goal_stands_with_its_figure_and_state(page, cast):
    told = {"metric": "unique-authors", "target": 100, "starts_at": NOON - DAY, "due_at": NOON + 9 * DAY}
    Goal.objects.create(mission=cast.mission, name="Nurture the community", **told)
    home = page()
    assert "One goal on course." in home
    assert "<b >40</b><span>of 100 authors</span>" in home.replace("  ", " ")
    assert "is ahead" in home


def test_goals_without_data_are_flagged(page, cast):
    Goal.objects.create(mission=cast.mission, name="Reach 20 people", metric="gone", target=20, starts_at=NOON)
    assert "One goal has no data." in page()
    assert "not installed" in page()
    assert "Reach 20 people" in page("goals/")


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ([], "No goal is set yet."),
        (
            [State.ON_TIME, State.REACHED, State.DUE, State.UNKNOWN],
            "Two goals on course, one is tight, one has no data.",
        ),
        ([State.DUE], "One goal is tight."),
        ([State.LATE, State.LATE, State.UNKNOWN], "Two goals are late, one has no data."),
        ([State.ON_TIME] * 12, "12 goals on course."),
    ],
)
def test_the_goals_are_told_in_one_sentence(states, sentence):
    from watchfloor.missions.goals import Standing

    assert goals_sentence([Standing(Goal(), None, None, None, None, one, "") for one in states]) == sentence


def test_an_event_says_its_day():
    mission = Mission(time_zone="Europe/Berlin", starts_at=NOON, ends_at=NOON + 2 * DAY)
    assert where_we_are(mission, NOON + DAY) == "Wed 11 Mar, day 2 of 3 · 13:00 Berlin"
    assert "3 days to go" in where_we_are(mission, NOON - 3 * DAY)
    assert "2 days after" in where_we_are(mission, NOON + 4 * DAY)


def test_what_many_look_at_is_made_once(page, cast, client, monkeypatch):
    made = []
    real = views.home_of
    monkeypatch.setattr(views, "home_of", lambda *asked: (made.append(1), real(*asked))[1])
    for person in (cast.ben, cast.ana, cast.ben):
        client.force_login(person)
        client.get("/m/pivot/home/")
    assert len(made) == 1


def test_a_page_is_made_anew_as_often_as_the_level_says(page, cast, clock, monkeypatch):
    made = []
    real = views.home_of
    monkeypatch.setattr(views, "home_of", lambda *asked: (made.append(1), real(*asked))[1])
    page("home/")
    clock.shift(4)  # active: every 3 seconds
    page("home/")
    assert len(made) == 2
    cast.mission.level = "standby"
    cast.mission.save()
    clock.shift(30)
    page("home/")
    assert len(made) == 2


def test_strangers_see_no_home(cast, client):
    client.force_login(cast.cleo)
    for path in ("", "home/", "stand-up/", "goals/", "level/", "compare/"):
        assert client.get(f"/m/pivot/{path}").status_code == 404


def test_a_closed_mission_says_so(page, cast):
    cast.mission.closed_at = NOON
    cast.mission.save()
    assert "This mission is closed." in page()


def test_the_stand_up_says_what_moved_and_what_was_changed(page, cast):
    from watchfloor.team.strategy import note_strategy

    note_strategy(cast.mission, cast.ana, "Changed the topic “Wifi”", "Guests write WLAN", kind="topic.changed")
    told = page("stand-up/?since=8h")
    assert "Changed the topic “Wifi”" in told
    assert "Guests write WLAN" in told
    assert "What needs deciding" in told
    assert ">Pivot</a>" in told


@pytest.mark.parametrize("since", ["", "7d", "nonsense", "2026-03-09T08:00", "2199-01-01", "1970-01-01T00:00:00Z"])
def test_the_stand_up_begins_when_it_is_told(page, since):
    assert "What moved" in page(f"stand-up/?since={since}")


def test_a_long_name_stays_in_its_place(page, cast):
    Goal.objects.create(mission=cast.mission, name="Ministerial " * 33, metric="volume", target=9, starts_at=NOON - DAY)
    cast.mission.name = "<script>alert(1)</script>" * 16
    cast.mission.save()
    assert "<script>alert(1)" not in page()


def test_home_asks_a_bounded_number_of_questions(page, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        page()
