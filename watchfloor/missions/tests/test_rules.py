"""What puts a line on the home page."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from watchfloor.missions.rules import all_rules, look
from watchfloor.missions.tests.conftest import NOON
from watchfloor.missions.tests.posts import post, store, topic
from watchfloor.missions.watch import Watch
from watchfloor.sources.models import Connection, ConnectionGap
from watchfloor.sources.post import Author

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def mission(cast):
    Connection.objects.create(
        name="Bluesky", source="bluesky", state="live", heard_at=NOON, last_post_at=NOON, mission=cast.mission
    )
    return cast.mission


def a_day_of_talk(*topics, negative_every: int = 10):
    """One post a minute over the last day, one in ten of them negative."""
    return [
        post(NOON - n * MINUTE, *topics, sentiment="negative" if n % negative_every == 0 else "positive")
        for n in range(30, 24 * 60)
    ]


def lines(mission, rule: str):
    found = look(Watch(mission, NOON))
    return [line for line in (*found.working, *found.broken) if line.rule == rule]


def test_trouble_in_a_topic_shows_with_its_reason_and_its_posts(mission, client, cast):
    own, wifi = topic(mission, "Pivot"), topic(mission, "Wifi", "wifi", role="issue")
    store(a_day_of_talk(own))
    store(
        [post(NOON - n * 30 * MINUTE / 30, own, wifi, sentiment="negative", text="pivot wifi down") for n in range(20)]
    )
    (line,) = lines(mission, "trouble-in-a-topic")
    assert (line.title, line.lead, line.needs_you) == ("Wifi", "20", True)
    assert "at least 8" in line.why
    asked = parse_qs(urlsplit(line.link).query)
    assert asked["topic"] == [str(wifi.pk)]
    assert asked["sentiment"] == ["negative"]
    client.force_login(cast.ana)
    page = client.get(line.link).content.decode()
    assert page.count("pivot wifi down") >= 20 or ">20<" in page


def test_a_broad_topic_does_not_repeat_the_trouble_of_a_narrow_one(mission):
    own, wifi = topic(mission, "Pivot"), topic(mission, "Wifi", "wifi")
    store(a_day_of_talk(own))
    store([post(NOON - n * MINUTE / 10, own, wifi, sentiment="negative") for n in range(150)])
    assert [line.title for line in lines(mission, "trouble-in-a-topic")] == ["Wifi"]


def test_trouble_of_a_competitor_is_not_ours(mission):
    own, rival = topic(mission, "Pivot"), topic(mission, "Northbound", "northbound", role="competitor")
    store(a_day_of_talk(own))
    store([post(NOON - n * MINUTE / 2, rival, sentiment="negative") for n in range(30)])
    assert not lines(mission, "trouble-in-a-topic")


def test_a_busy_hour_alone_is_no_trouble(mission):
    own = topic(mission, "Pivot")
    store(a_day_of_talk(own))
    busy = [post(NOON - n * MINUTE / 20, own, sentiment="negative" if n % 10 == 0 else "positive") for n in range(400)]
    store(busy)
    assert not lines(mission, "trouble-in-a-topic")


def test_few_posts_are_no_trouble(mission):
    own, wifi = topic(mission, "Pivot"), topic(mission, "Wifi", "wifi")
    store(a_day_of_talk(own))
    store([post(NOON - n * MINUTE, own, wifi, sentiment="negative") for n in range(7)])
    assert not lines(mission, "trouble-in-a-topic")


def test_one_text_by_many_accounts_is_told(mission):
    own = topic(mission, "Pivot")
    text = "I'm following pivot live today, join in here: https://pivot.example/{n} @{n}"
    store([post(NOON - n * MINUTE, own, text=text.format(n=n)) for n in range(14)])
    (line,) = lines(mission, "copies")
    assert line.lead == "14"
    assert not line.needs_you


def test_one_account_that_repeats_itself_is_no_wave(mission):
    own = topic(mission, "Pivot")
    me = Author(id="did:me", handle="me.example")
    store(
        [
            post(NOON - n * MINUTE, own, text="the same long text about pivot once more, again", author=me)
            for n in range(14)
        ]
    )
    assert not lines(mission, "copies")


def test_questions_without_a_reply_wait(mission):
    questions = topic(mission, "Questions", "pivot has:question")
    store([post(NOON - (25 + n) * MINUTE, questions, text=f"pivot where is hall {n}?") for n in range(20)])
    (line,) = lines(mission, "questions-waiting")
    assert line.lead == "20"


def test_questions_with_a_reply_do_not(mission):
    questions = topic(mission, "Questions", "pivot has:question")
    asked = [post(NOON - (25 + n) * MINUTE, questions, text=f"pivot where is hall {n}?") for n in range(20)]
    answers = [
        post(NOON - n * MINUTE / 2, questions, text="pivot: over there?", reply_to=one.post.id)
        for n, one in enumerate(asked)
    ]
    store([*asked, *answers])
    assert not lines(mission, "questions-waiting")


def test_a_post_that_carries_is_told(mission):
    own = topic(mission, "Pivot")
    store([post(NOON - n * MINUTE, own, likes=2) for n in range(60)])
    store([post(NOON - MINUTE, own, likes=500, text="pivot clip", sentiment="positive")])
    (line,) = lines(mission, "post-carries")
    assert (line.lead, line.title) == ("500", "“pivot clip”")
    assert f"post={line.post_id}" in line.link


def test_a_source_that_needs_hands_needs_you(mission):
    topic(mission)
    Connection.objects.update(state="failed", says="Signed in. Enter a new app password.")
    (line,) = lines(mission, "source-down")
    assert line.needs_you
    assert "app password" in line.says


def test_a_hole_of_the_last_hour_is_told_until_it_is_filled(mission):
    topic(mission)
    heard = Connection.objects.get()
    told = {"since": NOON - 30 * MINUTE, "until": NOON - 10 * MINUTE, "why": "A restart.", "found_at": NOON}
    gap = ConnectionGap.objects.create(connection=heard, **told)
    (line,) = lines(mission, "gap-lately")
    assert line.lead == "20 min"
    gap.filled_at = NOON
    gap.save()
    assert not lines(mission, "gap-lately")


def test_a_mission_without_topics_or_sources_hears_nothing(mission):
    assert [line.title for line in lines(mission, "not-listening")] == ["Nothing is listened for"]
    topic(mission)
    assert not lines(mission, "not-listening")
    Connection.objects.update(is_on=False)
    assert [line.title for line in lines(mission, "not-listening")] == ["Nothing is heard"]


def test_a_rehearsal_is_looked_at_through_windows_as_fast_as_it_plays(mission):
    topic(mission)
    Connection.objects.create(name="Fast", source="rehearsal", mission=mission, settings={"speed": 60})
    assert Watch(mission, NOON).scaled(20 * MINUTE) == timedelta(seconds=20)


def test_every_rule_has_a_name_of_its_own_and_words():
    names = [rule.name for rule in all_rules()]
    assert len(names) == len(set(names))
    assert all(len(str(rule.condition)) > 40 for rule in all_rules())
