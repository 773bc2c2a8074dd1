"""After any sequence of changes the store holds what a fold in plain Python holds, and its counters equal a recount."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import connections, transaction
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from watchfloor.listening.language.read import read
from watchfloor.mentions.store.keys import post_key
from watchfloor.mentions.store.store import Changes, Labelled
from watchfloor.mentions.tests.fold import MISSION_OF, Fold, Version
from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author
from watchfloor.sources.source import AuthorChanged
from watchfloor.team.models import Mission

NUMBERS = st.integers(0, 6)
ASKED = st.sampled_from([None, None, "brand", "crisis"])

versions = st.builds(
    Version,
    number=NUMBERS,
    text=st.sampled_from(["coffee", "tea", "coffee tea", "fire coffee"]),
    minute=st.integers(0, 3),
    topics=st.frozensets(st.sampled_from(sorted(MISSION_OF)), min_size=1),
    language=st.sampled_from([None, "en"]),
    sentiment=st.sampled_from([None, "negative"]),
    edited=st.booleans(),
)
batches = st.tuples(
    st.just("batch"),
    st.lists(versions, max_size=4),
    st.lists(NUMBERS, max_size=1),
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["hidden", "back", "gone"])), max_size=2),
    ASKED,
)
labels = st.fixed_dictionaries(
    {},
    optional={"language": st.sampled_from([None, "en"]), "sentiment": st.sampled_from([None, "negative"])},
)
changes = st.one_of(
    batches,
    batches,
    batches,
    st.tuples(st.just("unmatched"), NUMBERS, ASKED),
    st.tuples(st.just("keep"), st.sampled_from(["brand", "crisis"]), st.integers(0, 4)),
    st.tuples(st.just("erase"), st.integers(0, 2)),
    st.tuples(st.just("apply"), st.sampled_from(sorted(MISSION_OF)), st.sampled_from([None, "coffee", "tea", "fire"])),
    st.tuples(st.just("relabel"), NUMBERS, labels, st.sampled_from(["person/1", "person/2", "model/2"])),
    st.tuples(st.sampled_from(["aside", "aside", "back"]), st.sampled_from(["brand", "crisis"]), st.lists(NUMBERS)),
)


@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(changes, max_size=14))
def test_any_sequence_of_changes_leaves_what_a_fold_leaves(world: World, sequence: list[tuple[Any, ...]]) -> None:
    with transaction.atomic(world.using):
        fold, player = Fold(), Player(world)
        for change in sequence:
            player.play(change, fold)
            assert player.counters() == fold.counters()
        for topic in MISSION_OF:
            shown = {(int(p.post.id), p.post.text) for p in world.shown(getattr(world, topic))}
            assert shown == fold.shown(topic)
        for mission in (world.brand, world.crisis):
            assert player.listed_aside(mission) == fold.listed_aside(mission.name)
        assert world.store.recount() == []
        assert world.rows("mentions_post") == len(fold.posts)
        player.check_the_tables_agree()
        transaction.set_rollback(True, using=world.using)


class Player:
    """Plays a change to the store and to the fold."""

    def __init__(self, world: World) -> None:
        self.world, self.store = world, world.store
        self.topic_names = {getattr(world, name).pk: name for name in MISSION_OF}

    def play(self, change: tuple[Any, ...], fold: Fold) -> None:
        note(repr(change))
        match change:
            case ("batch", posts, deleted, accounts, asked):
                posts = [post for post in posts if asked is None or all(MISSION_OF[t] == asked for t in post.topics)]
                for number in deleted:
                    fold.delete(number)
                for author, state in accounts:
                    fold.account(author, state)
                for post in posts:
                    fold.write(post, asked)
                self.store.write(
                    Changes(
                        posts=[self._labelled(post) for post in posts],
                        deleted=[("bluesky", str(number)) for number in deleted],
                        authors=[AuthorChanged("bluesky", f"did:{author}", state) for author, state in accounts],
                        mission_id=self._mission(asked),
                    )
                )
            case ("unmatched", number, asked):
                fold.edit_matches_nothing(number, asked)
                self.store.write(Changes(unmatched_edits=[("bluesky", str(number))], mission_id=self._mission(asked)))
            case ("keep", mission, minute):
                fold.keep(mission, minute)
                number = self._mission(mission)
                assert number is not None
                while self.store.remove_before(number, NOON + timedelta(minutes=minute), limit=2):
                    pass
            case ("erase", author):
                fold.erase(author)
                self.store.forget_author("bluesky", f"did:{author}")
            case ("apply", topic, word):
                fold.apply(topic, word)
                query, before = None if word is None else read(word), None
                while True:
                    applied = self.store.apply_topic(getattr(self.world, topic).pk, query, 2, before=before, chunk=2)
                    if (before := applied.before) is None:
                        break
            case ("relabel", number, labels, by):
                done = self.store.relabel(self._id(number), **labels, by=by)
                assert done == fold.relabel(number, labels, is_person=by.startswith("person/"))
            case ("aside", mission, numbers):
                moved = self.store.set_aside(self._mission(mission), [self._id(number) for number in numbers])
                assert {self._number(post_id) for post_id in moved} == fold.set_aside(mission, numbers)
            case ("back", mission, numbers):
                moved = self.store.take_back(self._mission(mission), [self._id(number) for number in numbers])
                assert {self._number(post_id) for post_id in moved} == fold.take_back(mission, numbers)
            case _:
                raise AssertionError(change)

    def counters(self) -> Counter[tuple[object, ...]]:
        found: Counter[tuple[object, ...]] = Counter()
        for mission in (self.world.brand, self.world.crisis):
            until = NOON + timedelta(minutes=9)
            tallies = self.store.tallies(mission.pk, since=NOON, until=until, bucket=timedelta(minutes=1))
            for topic, slots in tallies.items():
                name = mission.name if topic is None else self.topic_names[topic]
                for slot, posts in slots.items():
                    assert posts > 0
                    found[(name, slot.bucket, slot.language, slot.sentiment)] += posts
        return found

    def check_the_tables_agree(self) -> None:
        """No row is left that belongs to no post, or counts nothing."""
        with connections[self.world.using].cursor() as cursor:
            for table in ("raw", "setaside"):
                cursor.execute(
                    f"SELECT count(*) FROM mentions_{table} WHERE post_id NOT IN (SELECT id FROM mentions_post)"
                )
                assert cursor.fetchone() == (0,), table
            for table in ("counter", "missioncounter"):
                cursor.execute(f"SELECT count(*) FROM mentions_{table} WHERE posts <= 0")
                assert cursor.fetchone() == (0,), table

    def listed_aside(self, mission: Mission) -> set[tuple[int, frozenset[str]]]:
        return {
            (int(stored.post.id), frozenset(self.topic_names[topic] for topic in stored.topics))
            for stored in self.store.set_aside_posts(mission.pk)
        }

    def _id(self, number: int) -> int:
        """The stored post's id; 0 if it is not stored."""
        return next((post_id for post_id, found in self._numbers().items() if found == number), 0)

    def _number(self, post_id: int) -> int:
        return self._numbers()[post_id]

    def _numbers(self) -> dict[int, int]:
        with connections[self.world.using].cursor() as cursor:
            cursor.execute("SELECT id, key FROM mentions_post")
            by_key = {key: post_id for post_id, key in cursor.fetchall()}
        keys = {number: post_key("bluesky", str(number)) for number in range(7)}
        return {by_key[key]: number for number, key in keys.items() if key in by_key}

    def _mission(self, name: str | None) -> int | None:
        return None if name is None else int(getattr(self.world, name).pk)

    def _labelled(self, version: Version) -> Labelled:
        at = NOON + timedelta(minutes=version.minute)
        return self.world.labelled(
            version.text,
            *[getattr(self.world, topic) for topic in sorted(version.topics)],
            id=str(version.number),
            created_at=at,
            seen_at=NOON + timedelta(minutes=9),
            author=Author(id=f"did:{version.author}"),
            language=version.language,
            sentiment=version.sentiment,
            edited=version.edited,
            raw=b"{}",
        )
