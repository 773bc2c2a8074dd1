"""Terms that rise are offered: when, which, how often, and at what cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from watchfloor.listening.actions import change_topic, make_topic
from watchfloor.listening.models import EmergingTerm, TrendClock, TrendCount
from watchfloor.listening.trends.actions import ignore_term, note_added, offer_term_again
from watchfloor.listening.trends.windows import speed_of, width_ms
from watchfloor.live.models import Announcement
from watchfloor.mentions import emerging_watch
from watchfloor.mentions.emerging import rising
from watchfloor.mentions.emerging_watch import Watch
from watchfloor.mentions.reads import Window
from watchfloor.mentions.store.store import Changes, Labelled, mention_store
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Author, Post
from watchfloor.team.models import Mission, StrategyEntry
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cast(db):
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        yield make_cast()


@pytest.fixture
def topic(cast):
    return make_topic(cast.mission, name="Pivot", role="own", query="pivot", by=None)


def write(topic, *posts):
    """(minutes after noon, author, text[, fields of the post])"""
    labelled = [
        Labelled(
            post=Post(
                "bluesky",
                f"{at}/{who}/{text}",
                f"pivot, {text}",
                NOON + at * MINUTE,
                author=Author(id=str(who)),
                **(more[0] if more else {}),
            ),
            raw=b"",
            topics=[(topic.pk, topic.version)],
            seen_at=NOON + at * MINUTE,
            language="en" if who != "x" else "de",
        )
        for at, who, text, *more in posts
    ]  # fmt: skip
    with transaction.atomic():
        mention_store().write(Changes(posts=labelled))


def chatter(since=-150, until=10, step=0.25):
    """Forty different people every ten minutes, who say nothing in common."""
    n = int((until - since) / step)
    return [(since + i * step, f"c{i}", f"Thing{i} item{i * 7}") for i in range(n)]


def wave(tag, people=6, start=5, step=0.5):
    return [(start + n * step, f"w{n}", f"so {tag} number{n}") for n in range(people)]


def look(mission, watch=None):
    watch = watch or Watch()
    while watch.look(mission):
        pass
    return {one.term: one for one in EmergingTerm.objects.filter(mission=mission)}


def test_a_hashtag_that_rises_is_offered_with_its_facts(cast, topic):
    write(topic, *chatter(), *wave("#PivotFood"), (9, "x", "auch #pivotfood mittags"))
    found = look(cast.mission)
    assert list(found) == ["#pivotfood"]
    one = found["#pivotfood"]
    assert (one.shown, one.kind, one.state, one.authors, one.posts) == ("#PivotFood", "hashtag", "offered", 7, 7)
    assert (one.first_seen_at, len(one.first_posts)) == (NOON + 5 * MINUTE, 5)
    assert NOON + 5 * MINUTE < one.offered_at <= NOON + 10 * MINUTE
    assert one.by_window == [0] * 14 + [7]
    assert one.languages == [["en", 6], ["de", 1]]
    assert one.score > 0
    assert one.formula == "hype/1"


def test_it_is_announced_once(cast, topic):
    write(topic, *chatter(), *wave("#food", 12))
    look(cast.mission)
    told = [a.payload for a in Announcement.objects.filter(channel=f"mission:{cast.mission.pk}")]
    assert [(one["event"], one["term"]) for one in told if "offer" in one] == [("emerging", "#food")]


def test_phrases_rise_too_and_echoes_are_one_offer(cast, topic):
    write(topic, *chatter(), *[(2 + n * 0.3, f"w{n}", f"the big food trucks word{n}") for n in range(12)])
    assert list(look(cast.mission)) == ["big food trucks"]
    later = [(20 + n * 0.3, f"v{n}", f"#eat the great soup kitchen word{n}") for n in range(12)]
    write(topic, *later, *chatter(10, 24))
    assert set(look(cast.mission)) == {"big food trucks", "#eat"}


def test_hashtags_that_never_stand_apart_are_one_offer(cast, topic):
    write(topic, *chatter(), *wave("#food #yum"), *wave("#drinks"), (9, "z", "only #food"))
    assert set(look(cast.mission)) == {"#food", "#drinks"}


def test_copies_reposts_and_one_who_repeats_count_for_nobody(cast, topic):
    copies = [(3 + n / 5, f"b{n}", "Get your free #coins today, dear visitors of the fair") for n in range(20)]
    reposts = [(3 + n / 5, f"r{n}", f"look {n} #shared", {"repost_of": "1"}) for n in range(20)]
    repeats = [(3 + n / 5, "loud", f"again {n} and again{n} #me") for n in range(20)]
    write(topic, *chatter(), *copies, *reposts, *repeats)
    assert look(cast.mission) == {}


def test_what_topics_listen_to_is_not_offered(cast, topic):
    make_topic(cast.mission, name="Food", role="issue", query="#food OR lunch", by=None)
    write(topic, *chatter(), *wave("#food"), *wave("#lunch"), *wave("#drinks"))
    assert list(look(cast.mission)) == ["#drinks"]


def test_what_was_always_said_does_not_rise(cast, topic):
    always = [(at, f"a{at}{n}", f"#usual thing{n} at{at}") for at in range(-150, 10) for n in range(2)]
    write(topic, *chatter(), *always)
    assert look(cast.mission) == {}


def test_nothing_is_offered_before_it_knows_what_is_usual(cast, topic):
    write(topic, *chatter(since=-15), *wave("#food"))
    assert look(cast.mission) == {}


def test_an_ignored_term_stays_ignored_and_can_be_offered_again(cast, topic):
    write(topic, *chatter(), *wave("#food"))
    [one] = look(cast.mission).values()
    ignore_term(one, by=cast.ana, why="A joke")
    ignore_term(one, by=cast.ana)  # changes nothing
    write(topic, *chatter(10, 20), *wave("#food", 12, start=12))
    one = look(cast.mission)["#food"]
    assert (one.state, one.state_by, one.authors) == ("ignored", cast.ana, 6)
    assert rising(cast.mission, Window(NOON, NOON + timedelta(hours=1))) == []
    offer_term_again(one, by=cast.ben)
    assert EmergingTerm.objects.get().state == "offered"
    kinds = StrategyEntry.objects.filter(kind__startswith="term").order_by("pk").values_list("kind", "why")
    assert list(kinds) == [("term.ignored", "A joke"), ("term.offered", "")]


def test_an_added_term_is_no_longer_looked_for(cast, topic):
    write(topic, *chatter(), *wave("#food"))
    [one] = look(cast.mission).values()
    changed = change_topic(topic, name="Pivot", role="own", query="pivot OR #food", by=cast.ana, why="x")
    note_added(one, changed, by=cast.ana)
    write(changed, *chatter(10, 20), *wave("#food", 12, start=12))
    one = look(cast.mission)["#food"]
    assert (one.state, one.topic, one.authors) == ("added", topic, 6)
    assert [r.term for r in rising(cast.mission, Window(NOON, NOON + timedelta(hours=1)))] == ["#food"]


def test_a_restart_goes_on_where_it_stood(cast, topic):
    watch = Watch()
    write(topic, *chatter(until=0))
    look(cast.mission, watch)
    before = TrendClock.objects.get().looked_at_ms
    write(topic, *chatter(0, 10), *wave("#food"))
    assert "#food" in look(cast.mission, Watch())
    assert TrendClock.objects.get().looked_at_ms > before
    counted = set(TrendCount.objects.values_list("window", flat=True))
    assert len(counted) <= 14


def test_what_was_counted_is_the_same_whether_watched_live_or_caught_up(cast, topic):
    posts = sorted([*chatter(), *wave("#food"), *wave("#drinks", 4, start=-60)])
    watch = Watch()
    for at in range(0, len(posts), 40):
        write(topic, *posts[at : at + 40])
        look(cast.mission, watch)
    live = set(TrendCount.objects.values_list("window", "term", "posts"))
    TrendClock.objects.all().delete()
    TrendCount.objects.all().delete()
    look(cast.mission)
    assert set(TrendCount.objects.values_list("window", "term", "posts")) == live


def test_nothing_new_costs_a_few_questions(cast, topic, django_assert_max_num_queries):
    write(topic, *chatter())
    watch = Watch()
    look(cast.mission, watch)
    with django_assert_max_num_queries(6):
        assert watch.look(cast.mission) is False


def test_of_a_flood_an_even_sample_is_read(cast, topic, monkeypatch):
    monkeypatch.setattr(emerging_watch, "MOST_POSTS", 30)
    write(topic, *chatter(step=0.1), *wave("#food", 80, start=1, step=0.1))
    assert "#food" in look(cast.mission)
    most = max(TrendCount.objects.filter(term=0).values_list("posts", flat=True))
    assert most <= 30


def test_who_fell_far_behind_skips_to_the_newest(cast, topic):
    write(topic, *[(-60 * 24 * 30 + n, f"o{n}", f"old{n} post{n}") for n in range(50)])
    look(cast.mission)
    write(topic, *chatter(), *wave("#food"))
    watch = Watch()
    turns = 0
    while watch.look(cast.mission):
        turns += 1
    assert turns < 200
    assert EmergingTerm.objects.filter(term="#food").exists()


def test_windows_go_by_kind_rate_and_the_speed_of_what_is_played(cast):
    minute = 60_000
    event, brand = cast.mission, cast.other
    assert width_ms(event, 420, 60 * minute) == 10 * minute
    assert width_ms(event, 420, 14 * 60 * minute) == 60 * minute, "little is written: longer windows"
    assert width_ms(brand, 420, 60 * minute) == 60 * minute
    assert width_ms(event, 420, 210 * minute) == 20 * minute
    assert width_ms(event, 420, 210 * minute, now_ms=10 * minute) == 10 * minute, "kept while it still serves"
    assert width_ms(event, 3, 10**12) == 24 * 60 * minute
    Connection.objects.create(name="R", source="rehearsal", mission=event, settings={"speed": 60})
    assert speed_of(event) == 60
    assert width_ms(event, 420, minute) == 10_000
    Connection.objects.update(source="replay", settings={"speed": 60, "shift": False, "path": "x"})
    assert speed_of(event) == 1, "it keeps its own dates"


def test_the_duty_looks_at_open_missions_and_rests_by_what_it_cost(cast, topic):
    write(topic, *chatter(), *wave("#food"))
    watch = Watch()
    while watch.look_for_emerging_terms():
        pass
    assert EmergingTerm.objects.filter(mission=cast.mission).count() == 1
    assert watch._known[cast.mission.pk].rests_until > 0
    Mission.objects.update(closed_at=NOON)
    assert watch.look_for_emerging_terms() is False
