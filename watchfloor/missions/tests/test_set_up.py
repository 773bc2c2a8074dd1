"""Setting up a mission: seven steps, each can be left out, nothing is lost on an error."""

from __future__ import annotations

import pytest
from django.utils import timezone

from watchfloor.listening.models import Topic
from watchfloor.missions.models import Goal
from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission, StrategyEntry

WHY = {
    "use_cases": ["care", "content"],
    "kind": "event",
    "name": "Pivot 2027",
    "hashtags": "#pivot27, #askpivot",
    "handles": "@pivot",
    "called": "",
    "competitors": "Northbound",
    "time_zone": "Europe/Berlin",
    "starts_at": "2027-03-01T09:00",
    "ends_at": "2027-03-03T18:00",
}


@pytest.fixture
def owner(cast, client, clock):
    client.force_login(cast.owner)
    return client


@pytest.fixture
def made(owner) -> Mission:
    assert owner.post("/missions/new/", WHY)["Location"] == "/m/pivot-2027/set-up/goals/"
    return Mission.objects.get(slug="pivot-2027")


def fields(page, prefix: str) -> dict[str, str]:
    """What a browser would send back of the rows that are offered."""
    with timezone.override("Europe/Berlin"):  # as the page was shown
        return _fields(page.context["forms"], prefix)


def _fields(forms, prefix: str) -> dict[str, str]:
    told = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": len(forms)}
    for form in forms:
        for bound in form:
            value = bound.value()
            if bound.name == "take":
                if value:
                    told[bound.html_name] = "on"
            elif hasattr(value, "isoformat"):
                told[bound.html_name] = value.strftime("%Y-%m-%dT%H:%M")
            elif value is not None:
                told[bound.html_name] = value
    return told


def test_a_mission_begins_with_why(made):
    assert (made.kind, made.time_zone) == ("event", "Europe/Berlin")
    assert made.starts_at.isoformat() == "2027-03-01T08:00:00+00:00"  # nine in Berlin
    assert made.purpose.use_cases == ["content", "care"] or made.purpose.use_cases == ["care", "content"]
    assert made.purpose.hashtags == ["#pivot27", "#askpivot"]


def test_the_use_cases_goals_are_set_with_one_button(owner, made):
    page = owner.get("/m/pivot-2027/set-up/goals/")
    answer = owner.post("/m/pivot-2027/set-up/goals/", fields(page, "goal"))
    assert answer["Location"] == "/m/pivot-2027/set-up/topics/"
    goals = list(made.goals.all())
    assert {"questions-asked", "engagement-rate", "photos", "unique-authors"} <= {goal.metric for goal in goals}
    assert all(goal.due_at == made.ends_at and goal.owner is not None for goal in goals)


def test_the_use_cases_topics_are_listened_for_with_one_button(owner, made):
    page = owner.get("/m/pivot-2027/set-up/topics/")
    assert owner.post("/m/pivot-2027/set-up/topics/", fields(page, "topic")).status_code == 302
    topics = {topic.name: topic.query for topic in made.topics.all()}
    assert topics["Pivot 2027"] == '("Pivot 2027" OR #pivot27 OR #askpivot OR @pivot)'
    assert "On site" in topics
    assert StrategyEntry.objects.filter(mission=made, kind__startswith="topic").exists()


def test_a_wrong_topic_keeps_everything_as_it_was_typed_and_saves_nothing(owner, made):
    told = fields(owner.get("/m/pivot-2027/set-up/topics/"), "topic")
    told |= {"topic-1-query": "(wifi AND", "topic-0-name": "My own name"}
    answer = owner.post("/m/pivot-2027/set-up/topics/", told)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "(wifi AND" in page
    assert "My own name" in page
    assert not Topic.objects.filter(mission=made).exists()


def test_a_row_that_is_left_out_is_not_judged(owner, made):
    told = fields(owner.get("/m/pivot-2027/set-up/goals/"), "goal")
    del told["goal-0-take"]
    told |= {"goal-0-target": "nonsense", "goal-0-due_at": "yesterday"}
    assert owner.post("/m/pivot-2027/set-up/goals/", told).status_code == 302
    assert Goal.objects.filter(mission=made).count() == len([name for name in told if name.endswith("-take")])


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"time_zone": "Mars/Base"}, {"ends_at": "2027-02-01T09:00"}, {"starts_at": "soon"},
     {"use_cases": ["x"]}, {"kind": "party"}, {"last_edition": "999999"}, {"baseline_since": "2027-01-01T00:00"}],
)  # fmt: skip
def test_a_wrong_beginning_is_shown_again_as_it_was_typed(owner, wrong):
    answer = owner.post("/missions/new/", WHY | wrong)
    assert answer.status_code == 422
    assert "#pivot27, #askpivot" in answer.content.decode()
    assert not Mission.objects.filter(slug="pivot-2027").exists()


@pytest.mark.parametrize("step", ["goals", "topics", "sources", "wall", "people"])
def test_a_step_that_is_left_out_stays_open(owner, made, step):
    assert owner.post(f"/m/pivot-2027/set-up/{step}/", {"skip": "1"}).status_code == 302
    made.purpose.refresh_from_db()
    assert step not in made.purpose.steps_done
    assert owner.get("/m/pivot-2027/set-up/")["Location"] == "/m/pivot-2027/set-up/goals/"


def test_open_networks_and_a_rehearsal_are_heard_with_a_tick(owner, made):
    owner.post("/m/pivot-2027/set-up/sources/", {"source": ["bluesky", "rehearsal"], "speed": "60"})
    heard = {one.source: one for one in Connection.objects.all()}
    assert heard["bluesky"].mission is None
    assert heard["rehearsal"].mission == made
    assert heard["rehearsal"].settings == {"speed": 60.0}
    owner.post("/m/pivot-2027/set-up/sources/", {"source": ["bluesky", "rehearsal", "webhook"], "speed": "60"})
    assert Connection.objects.count() == 2


def test_a_lead_who_is_no_administrator_adds_no_source(cast, client):
    client.force_login(cast.ana)
    assert client.post("/m/pivot/set-up/sources/", {"source": ["bluesky"]}).status_code == 302
    assert not Connection.objects.exists()


def test_scenes_are_chosen_and_their_panels_flagged_without_a_goal(owner, made):
    from watchfloor.missions.scenes import panels_without_goal, scenes_of

    keys = [scene.key for scene in scenes_of(made)]
    owner.post("/m/pivot-2027/set-up/wall/", {"scene": [keys[0], "made-up"]})
    made.purpose.refresh_from_db()
    assert made.purpose.scenes == [list(scenes_of(made)[0].panels)]
    assert panels_without_goal(Mission.objects.get(pk=made.pk))


def test_the_purpose_is_written_from_the_answers_until_somebody_writes_their_own(owner, made):
    from watchfloor.missions.purpose_words import purpose_words

    owner.post("/m/pivot-2027/set-up/goals/", fields(owner.get("/m/pivot-2027/set-up/goals/"), "goal"))
    words = purpose_words(Mission.objects.get(pk=made.pk))
    assert "“Pivot 2027” is our event from 1 March 2027 to 3 March 2027." in words
    assert "take care of customers on every channel" in words
    owner.post("/m/pivot-2027/set-up/ready/", {"purpose": "We are here to help."})
    assert purpose_words(Mission.objects.get(pk=made.pk)) == "We are here to help."


def test_readiness_knows_what_it_can_and_asks_the_rest(owner, made):
    from watchfloor.missions.readiness import checklist

    state = {one.item.key: one for one in checklist(made)}
    assert len(state) == 14
    assert state["use-case"].is_ready
    assert not state["goal"].is_ready
    told = {"triage-answer": "The tree on the wall", "triage-who": "Ben", "triage-ready": "on", "goal-ready": "on"}
    owner.post("/m/pivot-2027/set-up/ready/", told)
    state = {one.item.key: one for one in checklist(Mission.objects.get(pk=made.pk))}
    assert (state["triage"].is_ready, state["triage"].who) == (True, "Ben")
    assert state["triage"].answered_by.name == "Owner"
    assert state["triage"].answered_at is not None
    assert not state["goal"].is_ready  # it knows better


def test_a_preview_looks_through_the_posts_that_the_person_may_see(owner, made, cast):
    from watchfloor.missions.tests.conftest import NOON
    from watchfloor.missions.tests.posts import post, store, topic

    own = topic(cast.mission)
    store([post(NOON, own, text="pivot wifi down") for _ in range(3)])
    page = owner.post("/m/pivot-2027/set-up/check/", {"topic-2-query": "wifi"}).content.decode()
    assert '<b class="wf-strong">3</b>' in page
    assert "Pivot Conference" in page


@pytest.mark.parametrize("step", ["why", "goals", "topics", "sources", "wall", "people", "ready"])
def test_only_leads_set_up_and_strangers_see_no_mission(cast, client, step):
    client.force_login(cast.ben)
    assert client.get(f"/m/pivot/set-up/{step}/").status_code == 403
    assert client.post(f"/m/pivot/set-up/{step}/", {}).status_code == 403
    client.force_login(cast.cleo)
    assert client.get(f"/m/pivot/set-up/{step}/").status_code == 404
    client.force_login(cast.ana)
    assert client.get(f"/m/pivot/set-up/{step}/").status_code == 200
