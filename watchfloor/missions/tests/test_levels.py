"""Activation levels: changed with a reason, logged, shown everywhere, and each changes what its table says."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from watchfloor.live.models import Announcement
from watchfloor.mentions.models import Post
from watchfloor.missions.tests.conftest import NOON
from watchfloor.missions.tests.posts import post, store, topic
from watchfloor.pipeline.desk import keep_only_what_missions_keep
from watchfloor.team.levels import EFFECTS
from watchfloor.team.models import Mission, StrategyEntry


@pytest.fixture
def ana(cast, client, clock):
    client.force_login(cast.ana)
    return client


def test_a_lead_changes_it_with_a_reason(ana, cast):
    assert ana.post("/m/pivot/level/", {"level": "crisis", "why": "The wifi is down"}).status_code == 302
    cast.mission.refresh_from_db()
    assert cast.mission.level == "crisis"
    entry = StrategyEntry.objects.get(mission=cast.mission, kind="level.changed")
    assert (entry.why, entry.person) == ("The wifi is down", cast.ana)
    assert Announcement.objects.filter(channel=f"mission:{cast.mission.pk}", payload__level="crisis").exists()
    for path in ("", "explore/", "goals/", "topics/"):
        page = ana.get(f"/m/pivot/{path}").content.decode()
        assert "wf-level is-crisis" in page
    assert "The wifi is down" in ana.get("/m/pivot/").content.decode()


@pytest.mark.parametrize("told", [{"level": "crisis", "why": ""}, {"level": "panic", "why": "x"}, {}])
def test_without_a_reason_or_with_a_made_up_level_nothing_changes(ana, cast, told):
    assert ana.post("/m/pivot/level/", told).status_code == 422
    cast.mission.refresh_from_db()
    assert cast.mission.level == "active"


def test_the_level_that_it_is_at_makes_no_entry(ana, cast):
    ana.post("/m/pivot/level/", {"level": "active", "why": "Just so"})
    assert not StrategyEntry.objects.filter(kind="level.changed").exists()


def test_a_viewer_sees_what_each_level_changes_and_changes_nothing(cast, client):
    client.force_login(cast.ben)
    assert "No post is removed for its age" in client.get("/m/pivot/level/").content.decode()
    assert client.post("/m/pivot/level/", {"level": "crisis", "why": "x"}).status_code == 403


def test_a_crisis_keeps_every_post(cast, clock):
    old = NOON - timedelta(days=40)
    store([post(old, topic(cast.mission))])
    Mission.objects.update(keep_days=30, level="crisis")
    keep_only_what_missions_keep()
    assert Post.objects.count() == 1
    Mission.objects.update(level="active")
    while keep_only_what_missions_keep():
        pass
    assert Post.objects.count() == 0


def test_the_higher_the_level_the_more_often_is_looked():
    effects = [EFFECTS[level] for level in Mission.Level.values]
    for lower, higher in pairwise(effects):
        assert lower.home_every > higher.home_every
        assert lower.emerging_every > higher.emerging_every
