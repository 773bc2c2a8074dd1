"""The desk asks what authors are called, by a server that answers as Bluesky's AppView is documented to."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from watchfloor.listening.models import Topic
from watchfloor.live.models import Announcement
from watchfloor.mentions.models import Author as Account
from watchfloor.mentions.store.store import Changes, Labelled, Scope, mention_store
from watchfloor.mentions.unnamed import Unnamed
from watchfloor.pipeline.authors import WhoWrote
from watchfloor.pipeline.desk import duties
from watchfloor.pipeline.look_up import LookUp, Way
from watchfloor.sources.bluesky import SOURCE as BLUESKY
from watchfloor.sources.bluesky.tests.app_view import refusing, running_app_view, saying
from watchfloor.sources.bluesky.tests.listening import allow
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Author, Post
from watchfloor.sources.source import AuthorChanged, AuthorRenamed, TryAgain
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db(transaction=True)

ANA, BEN, CLEO = (f"did:plc:{letter * 24}" for letter in "abc")


@pytest.fixture
def app_view(monkeypatch):
    with running_app_view() as view:
        view.add(ANA, "ana.example.org", name="Ana", followersCount=1_204)
        allow(monkeypatch, view.url)
        yield view


@pytest.fixture
def connection(app_view):
    return connect(app_view.url)


@pytest.fixture
def mission():
    return Mission.objects.create(name="Brand", slug="brand")


@pytest.fixture
def coffee(mission):
    return Topic.objects.create(mission=mission, name="Coffee", query="coffee", applied_version=1)


def connect(profiles, **fields):
    return Connection.objects.create(
        **{"name": "Bluesky", "source": "bluesky", "settings": {"profiles": profiles}, "state": "live"} | fields
    )


class Desk:
    """The duty with a clock that is set."""

    def __init__(self):
        self.at = timezone.now()
        self.who_wrote = WhoWrote(lambda: self.at)

    def turn(self, *, after=timedelta()):
        """One turn, the answer of the network, and the turn that writes it down."""
        self.at += after
        self.who_wrote.tell_who_wrote()
        under_way = [turns.look_up for turns in self.who_wrote.turns.values() if turns.look_up]
        for look_up in under_way:
            look_up.join()
            self.who_wrote.tell_who_wrote()
        return len(under_way)


@pytest.fixture
def desk():
    return Desk()


def write(topic, *authors, network="bluesky"):
    """A post by each; their row numbers."""
    before = set(shown(topic))
    posts = [
        Labelled(
            post=Post(
                network=network, id=f"at://{author}/{number}/{len(before)}", text="coffee", created_at=timezone.now(),
                author=Author(id=author),
            ),
            raw=b"", topics=[(topic.pk, topic.version)], seen_at=timezone.now(),
        )
        for number, author in enumerate(authors)
    ]  # fmt: skip
    change(posts=posts)
    return sorted(set(shown(topic)) - before)


def change(**changes):
    with transaction.atomic():
        mention_store().write(Changes(**changes))


def shown(topic):
    return {one.id: one.post.author for one in mention_store().search(Scope(topic.mission_id))}


def announced():
    return list(Announcement.objects.order_by("pk").values_list("channel", "payload"))


MINUTE = timedelta(minutes=1)


def test_it_tells_the_name_of_an_author_and_open_pages_hear_of_it(desk, connection, app_view, coffee):
    posts = write(coffee, ANA)
    desk.turn()
    assert [shown(coffee)[post] for post in posts] == [Author(ANA, "ana.example.org", "Ana")]
    assert Account.objects.get().followers == 1_204
    assert announced() == [(f"mission:{coffee.mission_id}", {"topics": {str(coffee.pk): {"changed": posts}}})]


def test_it_asks_for_each_author_once(desk, connection, app_view, coffee):
    write(coffee, ANA, ANA, BEN)
    for _ in range(5):
        desk.turn(after=timedelta(seconds=20))
    assert [sorted(asked) for asked in app_view.asked] == [[ANA, BEN]]


def test_an_unknown_author_is_asked_for_again_later_and_in_the_end_once_a_day(desk, connection, app_view, coffee):
    write(coffee, BEN)
    asked_at, begin = [], desk.at
    for _ in range(4 * 24 * 60 // 10):  # four days, a turn every ten minutes
        if desk.turn(after=10 * MINUTE):
            asked_at.append(desk.at - begin)
    assert len(app_view.asked) == len(asked_at) == 7
    assert all(later - earlier >= timedelta(days=1) for earlier, later in pairwise(asked_at[3:]))
    app_view.add(BEN, "ben.example.org")
    desk.turn(after=timedelta(days=1))
    assert [author.handle for author in shown(coffee).values()] == ["ben.example.org"]


def test_many_authors_are_asked_for_in_few_requests_and_these_are_apart(desk, connection, app_view, coffee):
    authors = [f"did:plc:{number:024d}".translate(str.maketrans("0189", "wxyz")) for number in range(60)]
    for author in authors:
        app_view.add(author, f"{author[8:]}.example.org")
    write(coffee, *authors)
    begin = desk.at
    for _ in range(60):
        desk.turn(after=timedelta(seconds=1))
    assert [len(asked) for asked in app_view.asked] == [25, 25, 10]
    assert desk.at - begin == MINUTE
    assert all(author.handle for author in shown(coffee).values())
    for number in range(60):  # one new author a second
        write(coffee, f"did:plc:{'d' * 22}{chr(97 + number // 26)}{chr(97 + number % 26)}")
        desk.turn(after=timedelta(seconds=1))
    assert len(app_view.asked) <= 3 + BLUESKY.facts.author_look_ups_per_minute


def test_nobody_is_asked_about_erased_gone_or_hidden_accounts(desk, connection, app_view, coffee):
    write(coffee, ANA, BEN, CLEO)
    with transaction.atomic():
        mention_store().forget_author("bluesky", ANA)
    change(authors=[AuthorChanged("bluesky", BEN, "gone"), AuthorChanged("bluesky", CLEO, "hidden")])
    desk.turn(after=MINUTE)
    assert app_view.asked == []


def test_an_account_that_was_erased_while_the_network_was_asked_stays_erased(desk, connection, app_view, coffee):
    write(coffee, ANA)
    desk.who_wrote.tell_who_wrote()
    (turns,) = desk.who_wrote.turns.values()
    turns.look_up.join()
    with transaction.atomic():
        mention_store().forget_author("bluesky", ANA)
    desk.who_wrote.tell_who_wrote()
    assert app_view.asked == [[ANA]]
    assert not Account.objects.exists()
    assert announced() == []


def test_without_an_active_connection_of_the_network_nobody_is_asked(desk, app_view, coffee):
    connect(app_view.url, is_on=False)
    Connection.objects.create(name="Rehearsal", source="rehearsal")
    Connection.objects.create(name="Gone", source="no-such-source")
    write(coffee, ANA)
    write(coffee, BEN, network="mastodon")
    assert desk.turn() == 0
    assert app_view.asked == []


@pytest.mark.parametrize("off", ["", "none"])
def test_switched_off_it_asks_nobody_and_begins_when_it_is_switched_on(desk, app_view, coffee, off, caplog):
    connection = connect(off)
    write(coffee, ANA)
    for _ in range(3):
        desk.turn(after=2 * timedelta(hours=1))
    assert (app_view.asked, caplog.records) == ([], [])
    connection.settings = {"profiles": app_view.url}
    connection.save()
    desk.turn(after=timedelta(seconds=1))
    assert app_view.asked == [[ANA]]
    assert [author.handle for author in shown(coffee).values()] == ["ana.example.org"]


def test_where_one_connection_asks_nobody_the_other_one_is_used(desk, app_view, coffee):
    connect("none")
    connect(app_view.url, state="waiting")
    write(coffee, ANA)
    desk.turn()
    assert [author.handle for author in shown(coffee).values()] == ["ana.example.org"]


def test_what_one_server_does_not_know_another_may(desk, connection, app_view, coffee, monkeypatch):
    with running_app_view() as other:
        other.add(BEN, "ben.example.org")
        allow(monkeypatch, app_view.url, other.url)
        connect(other.url)
        write(coffee, ANA, BEN)
        desk.turn()
        assert (len(app_view.asked), other.asked) == (1, [[BEN]])
    assert {author.handle for author in shown(coffee).values()} == {"ana.example.org", "ben.example.org"}


# --- Failures ---------------------------------------------------------------------------------------------------------


def test_a_rate_limit_is_obeyed(desk, connection, app_view, coffee):
    write(coffee, ANA)
    app_view.instead = refusing(429, "RateLimitExceeded", **{"Retry-After": "7200"})
    desk.turn()
    app_view.instead = None
    for _ in range(119):
        desk.turn(after=MINUTE)
    assert len(app_view.asked) == 1
    desk.turn(after=MINUTE)
    assert [author.handle for author in shown(coffee).values()] == ["ana.example.org"]


def test_a_server_in_trouble_is_asked_ever_less_often_and_nobody_is_forgotten(
    desk, connection, app_view, coffee, caplog
):
    write(coffee, ANA)
    app_view.instead = refusing(502)
    for _ in range(24 * 60):
        desk.turn(after=MINUTE)
    assert len(app_view.asked) < 40
    assert {record.message for record in caplog.records} == {"Authors could not be looked up and are later"}
    app_view.instead = None
    for _ in range(25):
        desk.turn(after=timedelta(hours=1))
    assert [author.handle for author in shown(coffee).values()] == ["ana.example.org"]


def test_an_account_that_a_server_fails_of_does_not_keep_others_from_their_names(desk, connection, app_view, coffee):
    fine = app_view.answer

    def fails_of_ben(actors):
        app_view.instead = None
        answer = (
            refusing(500)(actors) if BEN in actors else fine("/xrpc/app.bsky.actor.getProfiles?actors=" + actors[0])
        )
        app_view.instead = fails_of_ben
        return answer

    app_view.instead = fails_of_ben
    write(coffee, BEN)
    for _ in range(10):
        desk.turn(after=MINUTE)
    write(coffee, ANA)
    for _ in range(3):
        desk.turn(after=timedelta(minutes=20))
    assert sorted(str(author.handle) for author in shown(coffee).values()) == ["None", "ana.example.org"]


def test_a_wrong_address_waits_for_hands(desk, connection, app_view, coffee):
    connection.settings = {"profiles": app_view.url + "/wrong"}
    connection.save()
    write(coffee, ANA)
    for _ in range(30):
        desk.turn(after=MINUTE)
    assert app_view.asked == []
    connection.settings = {"profiles": app_view.url}
    connection.save()
    for _ in range(20):  # the account counts as asked for, so it takes minutes, not hours
        desk.turn(after=MINUTE)
    assert app_view.asked == [[ANA]]


def test_a_hostile_answer_changes_nobody_else(desk, connection, app_view, coffee):
    write(coffee, BEN)
    desk.turn()
    write(coffee, CLEO)
    app_view.instead = saying(
        {
            "profiles": [
                {"did": BEN, "handle": "taken.over"},
                {"did": CLEO, "handle": "<script>", "displayName": "\0" * 9},
            ]
        }
    )
    desk.turn(after=MINUTE)
    assert {(author.handle, author.name) for author in shown(coffee).values()} <= {(None, None), (None, "\ufffd" * 9)}


def test_a_source_that_breaks_is_asked_again_later(desk, connection, app_view, coffee, monkeypatch):
    async def broken(*_args, **_more):
        raise ZeroDivisionError

    write(coffee, ANA)
    monkeypatch.setattr(BLUESKY, "look_up_authors", broken)
    desk.turn()
    monkeypatch.undo()
    allow(monkeypatch, app_view.url)
    desk.turn(after=timedelta(seconds=59))
    assert app_view.asked == []
    desk.turn(after=timedelta(seconds=1))
    assert app_view.asked == [[ANA]]


def test_what_a_source_says_of_others_is_not_taken(monkeypatch):
    async def tells_of_all(ids, _settings, *, secrets):
        return [
            AuthorRenamed("bluesky", BEN, "ben.example"),
            AuthorRenamed("mastodon", ANA, "x"),
            AuthorRenamed("bluesky", ANA, "a.b"),
        ]

    monkeypatch.setattr(BLUESKY, "look_up_authors", tells_of_all)
    look_up = LookUp("bluesky", [Unnamed(1, ANA)], [Way(BLUESKY, None, {})])
    look_up.run()
    assert (look_up.told, look_up.failed) == ([AuthorRenamed("bluesky", ANA, "a.b")], None)


def test_a_limit_met_on_one_way_is_known_though_another_answered(monkeypatch):
    async def limited(_ids, settings, *, secrets):
        if settings == "limited":
            raise TryAgain("Limited", "there", "Later.", after=MINUTE)
        return [AuthorRenamed("bluesky", ANA, "a.b")]

    monkeypatch.setattr(BLUESKY, "look_up_authors", limited)
    look_up = LookUp("bluesky", [Unnamed(1, ANA)], [Way(BLUESKY, "limited", {}), Way(BLUESKY, "open", {})])
    look_up.run()
    assert [one.handle for one in look_up.told] == ["a.b"]
    assert isinstance(look_up.failed, TryAgain)


# --- Beside the desk's other work -------------------------------------------------------------------------------------


def test_a_turn_does_not_wait_for_the_network_and_writes_nothing_before_it_answers(desk, connection, app_view, coffee):
    write(coffee, ANA)
    may_answer = threading.Event()

    def answer_late(actors):
        may_answer.wait(60)
        return refusing(500)(actors)

    app_view.instead = answer_late
    with CaptureQueriesContext(database) as queries:
        for _ in range(3):
            desk.who_wrote.tell_who_wrote()
            desk.at += MINUTE
    may_answer.set()
    assert {query["sql"].split()[0] for query in queries.captured_queries} == {"SELECT"}
    (turns,) = desk.who_wrote.turns.values()
    turns.look_up.join()
    assert len(app_view.asked) == 1


def test_a_turn_with_nothing_to_do_asks_the_database_little(desk, connection, coffee, django_assert_max_num_queries):
    write(coffee, ANA)
    desk.turn()
    desk.at += MINUTE
    with django_assert_max_num_queries(4):
        desk.who_wrote.tell_who_wrote()


def test_it_is_one_of_the_desk_s_duties():
    assert "tell_who_wrote" in [duty.do.__name__ for duty in duties()]
