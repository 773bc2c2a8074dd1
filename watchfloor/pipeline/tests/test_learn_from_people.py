"""What people say about labels: in force at once, kept, taken back; the queue; agreement; what is learnt from it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.lib.kept import Kept
from watchfloor.listening.actions import make_topic
from watchfloor.listening.language.read import read
from watchfloor.mentions import reads
from watchfloor.mentions.labels.accuracy import label_accuracy
from watchfloor.mentions.labels.again import label_again, label_stored_posts_again
from watchfloor.mentions.labels.agreement import agreement, agreement_of
from watchfloor.mentions.labels.held import is_held
from watchfloor.mentions.labels.in_use import follow_the_model, models_folder
from watchfloor.mentions.labels.people import LabelRefused, history_of, said_of, say, take_back
from watchfloor.mentions.labels.queue import answer, next_turn, skip
from watchfloor.mentions.labels.refit import (
    PROCESS,
    LearnFromPeople,
    ask_for_refit,
    ask_if_enough_was_said,
    refit,
)
from watchfloor.mentions.labels.sentiment import model_in_use, shipped_model, use_model
from watchfloor.mentions.labels.tests.test_learning import climbing
from watchfloor.mentions.marking import PersonLabel, Refit
from watchfloor.mentions.marks_actions import add_rule, make_mark
from watchfloor.mentions.rules import apply_rules_to_stored_posts
from watchfloor.mentions.tests.posts import deleted, stored
from watchfloor.pipeline.line import Line
from watchfloor.sources.post import Post
from watchfloor.sources.source import Batch, Written
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
PLACES = [f"route {n}" for n in range(12)]


@pytest.fixture
def cast(db, settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    monkeypatch.setattr("watchfloor.mentions.labels.queue._candidates", Kept(50))
    monkeypatch.setattr("watchfloor.mentions.labels.accuracy._kept", Kept(50))
    with time_machine.travel(NOON, tick=False):
        yield make_cast()
    use_model(None)


@pytest.fixture
def topic(cast):
    return make_topic(cast.mission, name="Wall", role="own", query="network:bluesky", by=None)


def only_post(mission):
    (post,) = reads.newest(mission, None)
    return post


def negative(mission):
    window = reads.Window(NOON - timedelta(days=1), NOON + timedelta(minutes=1))
    return reads.overview(mission, None, window).totals.negative


def take(topic, texts):
    """Send posts down the line, as a source would: the model in use labels them."""
    Line().take(
        Batch(
            [
                Written(Post("bluesky", str(n), text, NOON - timedelta(seconds=n), lang="en"), b"")
                for n, text in enumerate(texts)
            ]
        ),
        None,
    )


def test_a_persons_word_is_in_force_at_once_in_lists_figures_and_queries(cast, topic):
    stored([topic], NOON, "the wifi", sentiment="negative")
    assert negative(cast.mission) == 1
    say(cast.mission, only_post(cast.mission).id, "sentiment", "positive", by=cast.ana)
    assert only_post(cast.mission).sentiment == "positive"
    assert negative(cast.mission) == 0
    assert len(reads.newest(cast.mission, None, query=read("sentiment:positive"))) == 1


def test_who_said_it_when_and_what_it_was_is_kept(cast, topic):
    stored([topic], NOON, "the wifi", sentiment="negative")
    post = only_post(cast.mission).id
    say(cast.mission, post, "sentiment", "positive", by=cast.ana)
    say(cast.mission, post, "sentiment", "neutral", by=cast.ben)
    newest, oldest = history_of(cast.mission, post)
    assert (oldest.value, str(oldest.by), oldest.at, oldest.was, oldest.was_by) == (
        *("positive", "Ana", NOON, "negative", "english/1"),
    )
    assert (newest.value, str(newest.by), newest.was_by) == ("neutral", "Ben", f"person/{cast.ana.pk}")
    assert said_of(cast.mission, [post])[post]["sentiment"].by == "Ben"


def test_taking_back_gives_the_word_before_then_the_machines(cast, topic):
    stored([topic], NOON, "I love the wifi, it is great", sentiment="negative")
    post = only_post(cast.mission).id
    first = say(cast.mission, post, "sentiment", "negative", by=cast.ana)
    second = say(cast.mission, post, "sentiment", "neutral", by=cast.ben)
    take_back(cast.mission, second.pk, by=cast.ben)
    assert only_post(cast.mission).sentiment == "negative"
    take_back(cast.mission, first.pk, by=cast.ana)
    assert (only_post(cast.mission).sentiment, only_post(cast.mission).sentiment_by) == ("positive", shipped_model().by)
    assert len(history_of(cast.mission, post)) == 4
    with pytest.raises(LabelRefused):
        take_back(cast.mission, first.pk, by=cast.ana)


def test_a_corrected_language_is_judged_anew_but_a_persons_sentiment_stays(cast, topic):
    stored([topic], NOON, "I love the wifi, it is great", sentiment=None)
    post = only_post(cast.mission).id
    say(cast.mission, post, "language", "de", by=cast.ana)
    assert (only_post(cast.mission).language, only_post(cast.mission).sentiment) == ("de", None)
    say(cast.mission, post, "language", "en", by=cast.ana)
    assert only_post(cast.mission).sentiment == "positive"
    say(cast.mission, post, "sentiment", "negative", by=cast.ana)
    say(cast.mission, post, "language", "en-GB", by=cast.ana)
    assert only_post(cast.mission).sentiment == "negative"


def test_a_rule_that_asks_for_the_sentiment_hears_of_a_correction(cast, topic):
    stored([topic], NOON, "the wifi", sentiment="neutral")
    tag = make_mark(cast.mission, kind="tag", name="angry", by=cast.ana)
    add_rule(tag, query="sentiment:negative", by=cast.ana)
    while apply_rules_to_stored_posts():
        pass
    said = say(cast.mission, only_post(cast.mission).id, "sentiment", "negative", by=cast.ana)
    assert len(reads.newest(cast.mission, None, marks=((tag.pk,),))) == 1
    take_back(cast.mission, said.pk, by=cast.ana)
    assert len(reads.newest(cast.mission, None, marks=((tag.pk,),))) == 0


@pytest.mark.parametrize(
    ("kind", "value"), [("sentiment", "angry"), ("language", "klingonisch"), ("mood", "x"), ("language", "\x00")]
)
def test_what_is_no_label_is_refused(cast, topic, kind, value):
    stored([topic], NOON, "the wifi")
    with pytest.raises(LabelRefused):
        say(cast.mission, only_post(cast.mission).id, kind, value, by=cast.ana)
    assert not PersonLabel.objects.exists()


def test_a_post_of_another_mission_cant_be_labelled(cast, topic):
    stored([topic], NOON, "the wifi")
    with pytest.raises(LabelRefused):
        say(cast.other, only_post(cast.mission).id, "sentiment", "positive", by=cast.cleo)


def test_words_go_with_their_post(cast, topic):
    stored([topic], NOON, "the wifi", native_id="1")
    say(cast.mission, only_post(cast.mission).id, "sentiment", "positive", by=cast.ana)
    deleted("bluesky", "1")
    assert not PersonLabel.objects.exists()


# --- The queue ------------------------------------------------------------------------------------------------------


def answered(mission, person, count, value="neutral"):
    found = []
    for _ in range(count):
        turn = next_turn(mission, person, NOON)
        if turn.post is None:
            break
        found.append(turn)
        answer(mission, turn.post.id, value, by=person)
    return found


def test_the_queue_asks_the_least_certain_first_and_every_fifth_by_chance(cast, topic):
    take(topic, [text for text, _value in climbing(PLACES[:6])])
    turns = answered(cast.mission, cast.ana, 15)
    hard = [turn.post.sentiment_confidence for turn in turns if not turn.is_check]
    assert hard == sorted(hard)
    assert [turn.is_check for turn in turns] == [n % 5 == 4 for n in range(15)]
    assert all(is_held(turn.post.post) == turn.is_check for turn in turns)
    assert turns[-1].by_you == 14


def test_checks_are_shown_to_two_people_and_the_rest_to_one(cast, topic):
    take(topic, [text for text, _value in climbing(PLACES[:6])])
    of_ana = answered(cast.mission, cast.ana, 500)
    of_ben = answered(cast.mission, cast.ben, 500)
    assert {turn.post.id for turn in of_ben} == {turn.post.id for turn in of_ana if turn.is_check}
    assert next_turn(cast.mission, cast.owner, NOON).post is None


def test_what_is_skipped_does_not_come_again_for_that_person(cast, topic):
    take(topic, ["this route is somewhat good", "that route is somewhat bad"])
    first = next_turn(cast.mission, cast.ana, NOON).post
    skip(cast.mission, first.id, by=cast.ana, now=NOON)
    assert next_turn(cast.mission, cast.ana, NOON).post.id != first.id
    assert next_turn(cast.mission, cast.ben, NOON).post.id == first.id


def test_agreement_is_told_in_percent_and_kappa(cast, topic):
    # Cohen's own way: 20 and 15 yes/no pairs agree of 50; kappa is 0.4.
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    found = agreement_of(pairs)
    assert found.share == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert agreement_of([("a", "a")] * 3).kappa is None
    assert agreement_of([]).share is None


def test_agreement_is_of_two_peoples_last_words_on_one_post(cast, topic):
    for n in range(3):
        stored([topic], NOON - timedelta(minutes=n), f"wifi {n}")
    posts = [post.id for post in reads.newest(cast.mission, None)]
    for post, of_ana, of_ben in zip(
        posts, ("positive", "negative", "neutral"), ("positive", "positive", None), strict=True
    ):
        say(cast.mission, post, "sentiment", "neutral", by=cast.ana)
        say(cast.mission, post, "sentiment", of_ana, by=cast.ana)
        if of_ben:
            say(cast.mission, post, "sentiment", of_ben, by=cast.ben)
    found = agreement(cast.mission)
    assert (found.pairs, found.share, found.differ) == (2, 0.5, (posts[1],))


# --- Learning -------------------------------------------------------------------------------------------------------


def teach(cast, topic, places=PLACES):
    """Everybody says what is meant here, of every post, in the queue."""
    examples = climbing(list(places))
    take(topic, [text for text, _value in examples])
    meant = dict(examples)
    for post in reads.newest(cast.mission, None, limit=1_000):
        answer(cast.mission, post.id, meant[post.post.text], by=cast.ana)


def test_learning_improves_the_held_part_and_new_posts_get_the_new_model_at_once(cast, topic):
    line = Line()
    teach(cast, topic)
    before = label_accuracy(cast.mission)
    ask_for_refit(by=cast.ana)
    row = refit()
    assert row.state == Refit.State.TAKEN
    assert row.held >= 20
    assert row.accuracy_after > row.accuracy_before
    after = label_accuracy(cast.mission)
    assert (before.value, after.value) == (row.accuracy_before, row.accuracy_after)
    assert (before.labeller, after.labeller) == (shipped_model().by, row.version)
    assert after.sample == row.held
    use_model(None)  # the stream is another process
    line.reload()
    line.take(Batch([Written(Post("bluesky", "new", "Insane route 5 today", NOON, lang="en"), b"")]), None)
    (new,) = (post for post in reads.newest(cast.mission, None, limit=1_000) if post.post.id == "new")
    assert (new.sentiment, new.sentiment_by) == ("positive", row.version)


def test_held_posts_are_never_learnt_from(cast, topic, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "watchfloor.mentions.labels.learn.learn",
        lambda labelled, **_: seen.extend(text for text, _ in labelled) or (_ for _ in ()).throw(SystemExit),
    )
    teach(cast, topic)
    ask_for_refit(by=None)
    with pytest.raises(SystemExit):
        refit()
    held = {post.post.text for post in reads.newest(cast.mission, None, limit=1_000) if is_held(post.post)}
    assert held
    assert not held & set(seen)


def test_a_model_that_is_worse_on_the_held_part_is_not_used(cast, topic):
    teach(cast, topic)
    # What people said of the held part is the contrary of what can be learnt from the rest.
    other = {"positive": "negative", "negative": "positive", "neutral": "neutral"}
    for post in reads.newest(cast.mission, None, limit=1_000):
        if is_held(post.post):
            answer(cast.mission, post.id, other[post.sentiment], by=cast.ben)
    ask_for_refit(by=None)
    row = refit()
    assert row.state == Refit.State.LEFT
    assert "worse" in row.says
    assert model_in_use() is shipped_model()
    assert follow_the_model() == shipped_model().by


def test_too_few_words_are_said_and_change_nothing(cast, topic):
    take(topic, ["a good route"])
    answer(cast.mission, only_post(cast.mission).id, "positive", by=cast.ana)
    ask_for_refit(by=None)
    assert refit().state == Refit.State.TOO_FEW
    assert refit() is None
    assert label_accuracy(cast.mission).value is None


def test_a_model_file_that_is_gone_leaves_the_shipped_one(cast, topic):
    teach(cast, topic)
    ask_for_refit(by=None)
    row = refit()
    (models_folder() / row.file).unlink()
    use_model(None)
    assert follow_the_model() == shipped_model().by


def test_stored_posts_are_labelled_again_on_request_and_peoples_words_stay(cast, topic):
    teach(cast, topic, PLACES)
    ask_for_refit(by=None)
    version = refit().version
    use_model(None)
    stored([topic], NOON, "Insane route 77 today", native_id="old", sentiment="negative")
    row = label_stored_posts_again(cast.mission, by=cast.ana)
    while label_again():
        pass
    row.refresh_from_db()
    assert (row.looked, row.total, row.changed) == (145, 145, 1)
    posts = reads.newest(cast.mission, None, limit=1_000)
    assert {post.sentiment_by for post in posts} == {version, f"person/{cast.ana.pk}"}
    (old,) = (post for post in posts if post.post.id == "old")
    assert old.sentiment == "positive"


def test_it_learns_by_itself_when_enough_was_said(cast, topic):
    take(topic, [text for text, _value in climbing(PLACES[:6])])
    answered(cast.mission, cast.ana, 20)
    ask_if_enough_was_said()
    assert not Refit.objects.exists()
    answered(cast.mission, cast.ana, 20)
    ask_if_enough_was_said()
    ask_if_enough_was_said()
    assert Refit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_desk_learns_in_a_process_of_its_own_and_a_crash_of_that_is_said(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    monkeypatch.setattr("watchfloor.mentions.labels.refit.PROCESS", "watchfloor.no_such_module")
    duty = LearnFromPeople()
    row = ask_for_refit(by=None)
    duty.learn_from_people()
    duty._running.wait(30)
    duty.learn_from_people()
    row.refresh_from_db()
    assert row.state == Refit.State.FAILED
    assert not Refit.objects.filter(state=Refit.State.ASKED).exists()


def test_the_process_that_learns_starts(tmp_path):
    """With a database of its own, in which nothing waits."""
    environment = {**os.environ, "WATCHFLOOR_DATA": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/w.sqlite3"}
    manage = [sys.executable, "-m", "watchfloor.cli", "manage", "migrate", "--skip-checks", "-v0"]
    subprocess.run(manage, env=environment, check=True, timeout=120)
    subprocess.run([sys.executable, "-m", PROCESS], env=environment, check=True, timeout=60)
