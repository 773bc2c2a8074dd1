"""A batch goes through the steps and into the store, all or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.listening.models import Topic
from watchfloor.listening.revision import count_up
from watchfloor.live.models import Announcement
from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.pipeline.line import Line
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Post
from watchfloor.sources.source import Batch, Deleted, Gap, Unreadable, Written
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 7, 4, 12, tzinfo=UTC)


@pytest.fixture
def mission():
    return Mission.objects.create(name="Brand", slug="brand")


@pytest.fixture
def coffee(mission):
    return make_topic(mission, "Coffee", "coffee")


@pytest.fixture
def connection():
    return Connection.objects.create(name="Bluesky", source="bluesky", cursor="before")


def make_topic(mission, name, query):
    topic = Topic.objects.create(mission=mission, name=name, query=query, applied_version=1)
    count_up(topic.pk)
    return topic


def said(text, native_id="1", **fields):
    return Post(network="bluesky", id=native_id, text=text, created_at=NOW, **fields)


def stored(mission):
    return [s.post.text for s in mention_store().search(Scope(mission.pk))]


def test_it_stores_what_a_topic_looks_for_and_moves_the_cursor(mission, coffee, connection):
    taken = Line().take(
        Batch([Written(said("good coffee")), Written(said("good tea", "2"))], cursor="after"), connection
    )
    assert (taken.received, taken.matched, taken.stored, taken.dropped) == (2, 1, 1, {"no_topic": 1})
    assert stored(mission) == ["good coffee"]
    connection.refresh_from_db()
    assert (connection.cursor, connection.received) == ("after", 2)
    assert connection.last_post_at is not None


def test_a_repeated_batch_changes_nothing(mission, coffee, connection):
    line, batch = Line(), Batch([Written(said("good coffee"))], cursor="after")
    line.take(batch, connection)
    again = line.take(batch, connection)
    assert (again.stored, again.duplicates) == (0, 1)
    assert stored(mission) == ["good coffee"]
    assert mention_store().recount() == []


def test_a_failure_leaves_neither_posts_nor_a_moved_cursor(mission, coffee, connection, monkeypatch):
    line = Line()

    def break_down(*_args):
        raise RuntimeError("the power went")

    monkeypatch.setattr(line, "_announce", break_down)  # the last thing of the transaction
    with pytest.raises(RuntimeError):
        line.take(Batch([Written(said("good coffee"))], cursor="after"), connection)
    connection.refresh_from_db()
    assert connection.cursor == "before"
    assert stored(mission) == []
    assert mention_store().recount() == []


def test_a_topic_that_changed_since_it_was_loaded_is_matched_as_it_is_now(mission, coffee, connection):
    line = Line()
    Topic.objects.filter(pk=coffee.pk).update(query="tea", version=2)
    count_up(coffee.pk)
    taken = line.take(Batch([Written(said("good coffee")), Written(said("good tea", "2"))]), connection)
    assert (taken.stored, stored(mission)) == (1, ["good tea"])


def test_a_topic_that_is_off_finds_nothing(mission, coffee, connection):
    line = Line()
    Topic.objects.filter(pk=coffee.pk).update(is_on=False)
    count_up(coffee.pk)
    assert line.take(Batch([Written(said("good coffee"))]), connection).dropped == {"no_topic": 1}


def test_a_connection_of_one_mission_reaches_no_other(mission, coffee):
    other = Mission.objects.create(name="Rehearsal", slug="rehearsal")
    make_topic(other, "Coffee too", "coffee")
    own = Connection.objects.create(name="Made up", source="rehearsal", mission=other)
    Line().take(Batch([Written(said("good coffee"))]), own)
    assert (stored(mission), stored(other)) == ([], ["good coffee"])


def test_a_deletion_wins_wherever_it_stands(mission, coffee, connection):
    line = Line()
    line.take(Batch([Deleted("bluesky", "1"), Written(said("good coffee"))]), connection)
    assert stored(mission) == []
    line.take(Batch([Written(said("more coffee", "2"))]), connection)
    line.take(Batch([Deleted("bluesky", "2")]), connection)
    assert stored(mission) == []


def test_an_edit_that_matches_no_longer_takes_the_mention_away(mission, coffee, connection):
    line = Line()
    line.take(Batch([Written(said("good coffee"))]), connection)
    line.take(Batch([Written(said("good tea"), edited=True)]), connection)
    assert stored(mission) == []
    assert mention_store().recount() == []


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        (["good coffee", "good tea"], []),
        (["good tea", "good coffee"], ["good coffee"]),
        (["good coffee", "good tea", "more coffee"], ["more coffee"]),
        (["good coffee", "more coffee", "good tea"], []),
    ],
)
@pytest.mark.parametrize("before", [None, "old coffee", "old tea"])
def test_of_edits_in_one_batch_the_last_one_counts(mission, coffee, connection, texts, left, before):
    line = Line()
    if before:
        line.take(Batch([Written(said(before))]), connection)
    line.take(
        Batch([Written(said(text), edited=n > 0 or before is not None) for n, text in enumerate(texts)]), connection
    )
    assert stored(mission) == left
    assert mention_store().recount() == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Unreadable("not JSON", b"\xff"), "unreadable"),
        (Written(Post(network="bluesky", id="9", text="coffee " * 100_000, created_at=NOW)), "too_long"),
        (Written(Post(network="bluesky", id="x" * 1_001, text="coffee", created_at=NOW)), "unnamed"),
        (Written(Post(network="", id="1", text="coffee", created_at=NOW)), "unnamed"),
    ],
)
def test_what_is_dropped_is_counted_by_its_reason_and_the_rest_goes_on(mission, coffee, connection, event, reason):
    taken = Line().take(Batch([event, Written(said("good coffee"))]), connection)
    assert taken.dropped == {reason: 1}
    assert stored(mission) == ["good coffee"]


def test_a_gap_is_noted_once(coffee, connection):
    gap = Gap(since=NOW - timedelta(hours=2), until=NOW, why="The server had forgotten the rest.")
    line = Line()
    line.take(Batch([gap]), connection)
    line.take(Batch([gap]), connection)
    assert [(g.since, g.until, g.why) for g in connection.gaps.all()] == [(gap.since, gap.until, gap.why)]


def test_fields_that_were_not_understood_add_up(coffee, connection):
    line = Line()
    line.take(Batch([], unknown_fields={"embed.new": 2}), connection)
    line.take(Batch([], unknown_fields={"embed.new": 1, "tags": 4}), connection)
    connection.refresh_from_db()
    assert connection.unknown_fields == {"embed.new": 3, "tags": 4}


def test_it_announces_which_posts_came_by_topic(mission, coffee, connection):
    Announcement.objects.all().delete()
    Line().take(Batch([Written(said("good coffee"))]), connection)
    (announcement,) = Announcement.objects.filter(channel=f"mission:{mission.pk}")
    (ids,) = [topic["new"] for topic in announcement.payload["topics"].values()]
    assert mention_store().post(Scope(mission.pk), ids[0]).post.text == "good coffee"


def test_a_query_asks_for_the_sentiment_of_a_post_before_it_is_stored(mission, connection):
    make_topic(mission, "Angry", "coffee sentiment:negative")
    events = [
        Written(said("I hate this terrible coffee, it is awful", lang="en")),
        Written(said("I love this coffee, great!", "2", lang="en")),
    ]
    Line().take(Batch(events), connection)
    assert stored(mission) == ["I hate this terrible coffee, it is awful"]
