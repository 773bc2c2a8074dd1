"""`watchfloor erase`, as an administrator types it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from watchfloor.listening.models import Topic
from watchfloor.listening.revision import count_up
from watchfloor.live.models import Announcement
from watchfloor.mentions.commands import erase
from watchfloor.mentions.store.store import Changes, Labelled, Scope, mention_store
from watchfloor.sources.post import Author, Post
from watchfloor.team.models import Mission

pytestmark = pytest.mark.django_db
AT = datetime(2026, 7, 4, 12, tzinfo=UTC)


@pytest.fixture
def mission():
    mission = Mission.objects.create(name="Brand", slug="brand")
    topic = Topic.objects.create(mission=mission, name="Coffee", query="coffee", applied_version=1)
    count_up(topic.pk)
    for who, native_id in (("ana", "1"), ("ana", "2"), ("ben", "3")):
        write(topic, who, native_id)
    return mission


def write(topic, who, native_id):
    author = Author(id=f"did:plc:{who}", handle=f"{who}.example")
    post = Post("bluesky", native_id, f"coffee by {who}", AT, author=author)
    mention_store().write(Changes(posts=[Labelled(post, b"{}", [(topic.pk, 1)], AT)]))


def texts(mission):
    return sorted(s.post.text for s in mention_store().search(Scope(mission.pk)))


@pytest.mark.parametrize("called", ["did:plc:ana", "ana.example", "@Ana.example"])
def test_it_erases_one_account_and_tells_open_pages(mission, called):
    Announcement.objects.all().delete()
    said = CliRunner().invoke(erase, ["--network", "bluesky", called, "--yes"])
    assert said.exit_code == 0, said.output
    assert "2 posts" in said.output
    assert texts(mission) == ["coffee by ben"]
    assert mention_store().recount() == []
    (told,) = Announcement.objects.filter(channel=f"mission:{mission.pk}")
    assert [len(topic["gone"]) for topic in told.payload["topics"].values()] == [2]


def test_what_the_account_writes_later_stays_out(mission):
    CliRunner().invoke(erase, ["--network", "bluesky", "did:plc:ana", "--yes"])
    write(Topic.objects.get(), "ana", "4")
    assert texts(mission) == ["coffee by ben"]


def test_it_asks_first(mission):
    said = CliRunner().invoke(erase, ["--network", "bluesky", "ana.example"], input="n\n")
    assert said.exit_code == 1
    assert "2 posts" in said.output
    assert len(texts(mission)) == 3


def test_it_says_when_nobody_is_called_so(mission):
    said = CliRunner().invoke(erase, ["--network", "bluesky", "cleo.example", "--yes"])
    assert said.exit_code == 1
    assert "No account" in said.output
    assert len(texts(mission)) == 3
