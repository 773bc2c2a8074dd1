"""Cloning, closing, opening again and comparing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from watchfloor.missions.compare import compare
from watchfloor.missions.editions import clone_mission, close_mission, reopen_mission
from watchfloor.missions.models import Goal, KeptFigure, Purpose
from watchfloor.missions.tests.conftest import NOON
from watchfloor.missions.tests.posts import post, store, topic
from watchfloor.sources.models import Connection
from watchfloor.team.models import Membership, Mission

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def edition(cast, clock) -> Mission:
    mission = cast.mission
    mission.starts_at, mission.ends_at = NOON - 2 * DAY, NOON - DAY
    mission.save()
    Purpose.objects.create(mission=mission, use_cases=["care"], hashtags=["#pivot26"], scenes=[["pulse", "stream"]])
    own = topic(mission)
    topic(mission, "Given up", "nothing", is_on=False)
    store([post(NOON - 2 * DAY + n * HOUR, own, sentiment="positive") for n in range(20)])
    told = {"starts_at": mission.starts_at, "due_at": mission.ends_at}
    Goal.objects.create(mission=mission, name="Talk", metric="volume", baseline=5, target=30, owner=cast.ana, **told)
    Goal.objects.create(
        mission=mission, name="Own mood", metric="net-sentiment-a", over="day", topic=own, target=9, **told
    )
    Connection.objects.create(name="Its own", source="rehearsal", mission=mission)
    return mission


def test_the_next_edition_begins_where_this_one_ended(edition, cast):
    copy = clone_mission(edition, name="Pivot 2027", by=cast.owner)
    assert (copy.starts_at, copy.ends_at, copy.last_edition, copy.level) == (None, None, edition, "standby")
    talk = copy.goals.get(name="Talk")
    assert (talk.baseline, talk.baseline_from, talk.target, talk.due_at) == (20, "edition", 30, None)
    assert "Pivot Conference" in talk.baseline_says
    assert [one.name for one in copy.topics.all()] == ["Pivot"]
    assert copy.goals.get(name="Own mood").topic == copy.topics.get()
    assert copy.purpose.hashtags == ["#pivot26"]
    assert not copy.connections.exists()
    assert [one.person for one in copy.memberships.all()] == [cast.owner]


def test_a_closed_mission_listens_no_more_and_keeps_its_figures(edition, cast):
    close_mission(edition, why="It is over", by=cast.ana)
    assert edition.closed_at == NOON
    assert not edition.topics.filter(is_on=True).exists()
    assert not edition.connections.filter(is_on=True).exists()
    kept = KeptFigure.objects.get(mission=edition, metric="volume")
    assert (kept.value, kept.version, kept.since) == (20, 1, NOON - 2 * DAY)
    assert edition.goals.get(name="Talk").values.get().value == 20


def test_closing_twice_changes_nothing(edition, cast):
    close_mission(edition, why="", by=cast.ana)
    kept = set(KeptFigure.objects.values_list("pk", "value"))
    close_mission(edition, why="", by=cast.ana)
    assert set(KeptFigure.objects.values_list("pk", "value")) == kept


def test_what_closing_switched_off_listens_again_when_it_is_opened(edition, cast):
    close_mission(edition, why="", by=cast.ana)
    reopen_mission(edition, why="", by=cast.ana)
    assert edition.closed_at is None
    assert [one.name for one in edition.topics.filter(is_on=True)] == ["Pivot"]


def test_a_clone_of_a_closed_edition_takes_what_it_listened_to_and_what_it_kept(edition, cast):
    close_mission(edition, why="", by=cast.ana)
    KeptFigure.objects.filter(metric="volume").update(value=77)
    copy = clone_mission(edition, name="Next", by=cast.owner)
    assert copy.goals.get(name="Talk").baseline == 77
    assert [one.name for one in copy.topics.all()] == ["Pivot"]


def test_editions_are_compared_by_the_hour_since_each_began(edition, cast):
    other = Mission.objects.create(name="Now", slug="now", starts_at=NOON - 3 * HOUR, ends_at=NOON + DAY)
    own = topic(other)
    store([post(NOON - 3 * HOUR + n * HOUR, own, sentiment="negative") for n in range(3)])
    found = compare(other, edition, NOON)
    assert found.by_hour
    by_offset = {point.offset: point for point in found.points}
    assert (by_offset[0].ours, by_offset[0].theirs) == (1, 1)
    assert (by_offset[5].ours, by_offset[5].theirs) == (None, 1)
    row = next(row for row in found.rows if row.metric.name == "volume")
    assert (row.ours, row.theirs, row.change) == (3, 3, "0 %")


def test_both_must_be_visible(edition, cast, client):
    client.force_login(cast.ben)
    assert client.get("/m/pivot/compare/other/").status_code == 404
    assert client.get("/m/pivot/compare/?with=other").status_code == 404
    Membership.objects.create(mission=cast.other, person=cast.ben)
    assert client.get("/m/pivot/compare/other/").status_code == 200
    assert client.get("/m/pivot/compare/pivot/").status_code == 404


def test_leads_close_and_only_administrators_clone(edition, cast, client):
    client.force_login(cast.ana)
    assert client.post("/m/pivot/clone/", {"name": "Mine"}).status_code == 403
    client.force_login(cast.ben)
    assert client.post("/m/pivot/close/", {}).status_code == 403
    client.force_login(cast.ana)
    assert client.post("/m/pivot/close/", {"why": "over"}).status_code == 302
    assert "This mission is closed." in client.get("/m/pivot/").content.decode()
    assert client.post("/m/pivot/reopen/").status_code == 302


def test_the_list_of_missions_shows_ones_own(edition, cast, client):
    client.force_login(cast.ben)
    page = client.get("/missions/").content.decode()
    assert "Pivot Conference" in page
    assert "Other Brand" not in page
