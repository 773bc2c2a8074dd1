"""Goals: set, changed, measured, kept with the formula they were measured by."""

from __future__ import annotations

from datetime import timedelta

import pytest

from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import metric
from watchfloor.missions.baselines import propose
from watchfloor.missions.history import goals_to_measure, measure_what_is_due
from watchfloor.missions.models import Goal
from watchfloor.missions.tests.conftest import NOON
from watchfloor.missions.tests.posts import post, store, topic
from watchfloor.panels.marks import goal_lines as lines_on_charts
from watchfloor.panels.registry import panel
from watchfloor.team.models import StrategyEntry

DAY = timedelta(days=1)
TOLD = {
    "name": "Nurture the community", "metric": "unique-authors", "over": "period", "baseline": "10",
    "baseline_says": "2025", "target": "60", "starts_at": "2026-03-09T13:00", "due_at": "2026-03-20T13:00",
}  # fmt: skip


@pytest.fixture
def ana(cast, client, clock):
    client.force_login(cast.ana)
    own = topic(cast.mission)
    store([post(NOON - timedelta(minutes=n), own, sentiment="positive") for n in range(40)])
    return client


@pytest.fixture
def goal(ana, cast) -> Goal:
    assert ana.post("/m/pivot/goals/new/", TOLD).status_code == 302
    return Goal.objects.get(mission=cast.mission)


def test_a_goal_is_set_measured_and_noted(goal):
    assert (goal.baseline, goal.baseline_from, goal.target) == (10, "typed", 60)
    value = goal.values.get()
    assert (value.value, value.attainment) == (40, 60)
    assert (value.metric_version, value.attainment_version) == (metric("unique-authors").version, 1)
    assert StrategyEntry.objects.filter(kind="goal.made").exists()


def test_a_changed_goal_keeps_what_was_measured(goal, ana):
    assert ana.post(f"/m/pivot/goals/{goal.pk}/", TOLD | {"target": "110", "why": "Too easy"}).status_code == 302
    goal.refresh_from_db()
    assert goal.target == 110
    assert goal.values.get().attainment == 60
    entry = StrategyEntry.objects.get(kind="goal.changed")
    assert entry.why == "Too easy"
    assert "target: 60.0 → 110.0" in entry.text


def test_the_desk_measures_once_a_day_and_at_its_date(goal, clock):
    assert goals_to_measure(NOON) == []
    clock.move_to(NOON + DAY)
    assert measure_what_is_due(NOON + DAY) == 1
    assert measure_what_is_due(NOON + DAY + timedelta(hours=1)) == 0
    assert measure_what_is_due(goal.due_at) == 1
    assert measure_what_is_due(goal.due_at + 9 * DAY) == 0
    assert goal.values.count() == 3


WRONG = [
    *[{"name": ""}, {"metric": "made-up"}, {"target": "many"}, {"due_at": "2026-03-01T00:00"}, {"owner": "9999"}],
    *[{"over": "year"}, {"target": "1e400"}, {"topic": "77"}],
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_goal_is_shown_again(ana, wrong):
    answer = ana.post("/m/pivot/goals/new/", TOLD | wrong)
    assert answer.status_code == 422
    assert not Goal.objects.exists()


def test_a_goal_is_given_up(goal, ana):
    assert ana.post(f"/m/pivot/goals/{goal.pk}/drop/").status_code == 302
    assert not Goal.objects.exists()
    assert StrategyEntry.objects.filter(kind="goal.dropped").exists()


def test_a_baseline_is_measured_from_stored_posts(ana, cast):
    told = {"metric": "net-sentiment-a", "over": "day", "target": 50, "starts_at": NOON}
    goal = Goal.objects.create(mission=cast.mission, name="Mood", **told)
    ana.post(f"/m/pivot/goals/{goal.pk}/baseline/")
    goal.refresh_from_db()
    assert (goal.baseline, goal.baseline_from) == (100, "measured")
    assert "39 posts" in goal.baseline_says


def test_without_an_earlier_time_a_count_has_no_baseline(cast, clock):
    found = propose(cast.mission, "volume", "period", NOON)
    assert found.value is None
    assert "No earlier edition" in found.says


def test_other_missions_goals_are_not_found(goal, cast, client):
    client.force_login(cast.cleo)
    assert client.get(f"/m/other/goals/{goal.pk}/").status_code == 404
    assert client.post(f"/m/other/goals/{goal.pk}/drop/").status_code == 404
    assert Goal.objects.exists()


def test_viewers_see_goals_and_change_none(goal, cast, client):
    client.force_login(cast.ben)
    page = client.get("/m/pivot/goals/").content.decode()
    assert "Nurture the community" in page
    for path in ("goals/new/", f"goals/{goal.pk}/"):
        assert client.post(f"/m/pivot/{path}", TOLD).status_code == 403
    assert client.post("/m/pivot/goals/").status_code == 403


def test_attainment_is_a_metric_of_its_own(goal, cast):
    question = Question(cast.mission, Window(NOON - DAY, NOON), now=NOON)
    found = metric("goal-attainment")
    assert found.figure(question).value == 60
    assert [(part.name, part.value) for part in found.parts(question, 5)] == [("Nurture the community", 60)]
    empty = Question(cast.other, question.window, now=NOON)
    assert found.figure(empty).value is None
    assert "no goal" in found.figure(empty).why_unknown


def test_a_goal_is_a_line_on_the_charts_of_its_metric(cast, clock):
    told = {"mission": cast.mission, "starts_at": NOON, "due_at": NOON + 10 * DAY}
    Goal.objects.create(name="Talk", metric="volume", target=500, **told)
    Goal.objects.create(name="Mood", metric="net-sentiment-a", over="day", target=20, **told)
    Goal.objects.create(name="People", metric="unique-authors", target=90, **told)
    (line,) = lines_on_charts(cast.mission, "net-sentiment-a")
    assert (line.value, line.title) == (20, "Mood: +20 of ±100")
    (line,) = lines_on_charts(cast.mission, "volume", DAY)
    assert (line.value, line.title) == (50, "Talk: 500 mentions")
    assert not lines_on_charts(cast.mission, "volume")  # a count needs to know its buckets
    assert not lines_on_charts(cast.mission, "unique-authors", DAY)


def test_the_panels_of_a_mission_draw(goal, cast):
    question = Question(cast.mission, Window(NOON - DAY, NOON), now=NOON)
    drawn = panel("goals").draw(question)
    assert drawn.table.rows[0][:2] == ("Nurture the community", "40")
    assert panel("works-and-broken").draw(question).table.columns
    assert panel("countdown").draw(question).empty
    cast.mission.starts_at = NOON + 2 * DAY
    assert panel("countdown").draw(question).table.rows[0][1] == "2 days 0 h"
