"""Connecting a source on its page: what it will cost, a test before it is saved; deleting it is asked twice."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from watchfloor.sources import views
from watchfloor.sources.models import Connection
from watchfloor.sources.source import Checked, Cost, Facts, NeedsHands, TryAgain, installed_sources
from watchfloor.team.tests.cast import make_cast

SOURCES = ["bluesky", "discourse", "feeds", "hackernews", "mastodon", "rehearsal", "replay", "webhook"]


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def owner(cast, client):
    client.force_login(cast.owner)
    return client


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_has_a_page_that_says_what_it_takes(owner, name):
    page = owner.get(f"/sources/add/{name}/").content.decode()
    for words in ("Cost", "Can’t tell", "Limits", "Terms", "Test these settings"):
        assert words in page
    assert "metrics." not in page


def test_the_list_offers_every_source_that_listens(owner):
    page = owner.get("/sources/").content.decode()
    for name in SOURCES:
        assert f"/sources/add/{name}/" in page
    assert "/sources/add/file/" not in page


class _Tried:
    """A source whose check answers what the test wants; all else is the real Discourse."""

    def __init__(self, answer):
        self.real, self.answer, self.asked = installed_sources()["discourse"], answer, []
        self.settings_type, self.name = self.real.settings_type, "discourse"
        self.facts: Facts = self.real.facts

    async def check(self, settings, *, secrets):
        self.asked.append((settings, secrets))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def cost(self, settings) -> Cost:
        return self.real.cost(settings)


@pytest.fixture
def tried(monkeypatch):
    def with_answer(answer):
        source = _Tried(answer)
        monkeypatch.setattr(views, "installed_sources", lambda: {"discourse": source})
        return source

    return with_answer


FORM = {"name": "Forum", "setting_sites": "forum.example\n other.example"}


def test_settings_are_tried_without_being_saved(owner, tried):
    source = tried(Checked("3 posts read, the newest 4 min old.", {"forum.example": "Coffee"}))
    page = owner.post("/sources/add/discourse/try/", FORM, headers={"HX-Request": "true"}).content.decode()
    for words in ("The test passed", "3 posts read, the newest 4 min old.", "Coffee", "requests an hour"):
        assert words in page
    assert "<html" not in page
    assert source.asked[0][0].sites == ("forum.example", "other.example")
    assert not Connection.objects.exists()
    assert "<html" in owner.post("/sources/add/discourse/try/", FORM).content.decode()


def test_what_failed_says_what_to_do(owner, tried):
    tried(NeedsHands("The forum asks for a sign-in", "<b>forum.example</b>", "Only public forums can be heard."))
    page = owner.post("/sources/add/discourse/try/", FORM).content.decode()
    assert "Only public forums can be heard." in page
    assert "<b>forum.example" not in page


@pytest.mark.parametrize(
    ("after", "words"),
    [(None, "Check the settings, then test again."), (timedelta(seconds=90), "Wait 1 min, then test again.")],
)
def test_a_test_does_not_try_again_by_itself_and_says_so(owner, tried, after, words):
    tried(TryAgain("The forum was asked too often", "forum.example", "It is tried again by itself.", after=after))
    page = owner.post("/sources/add/discourse/try/", FORM).content.decode()
    assert words in page
    assert "by itself" not in page


def test_nothing_is_tried_with_settings_that_are_wrong(owner, tried):
    source = tried(Checked("Never"))
    answer = owner.post("/sources/add/discourse/try/", {**FORM, "setting_sites": "a b"}, headers={"HX-Request": "true"})
    assert "Nothing was tried" in answer.content.decode()
    assert "no forum" in answer.content.decode()
    assert source.asked == []
    assert owner.post("/sources/add/discourse/try/", {}).status_code == 422


def test_only_administrators_try(cast, client):
    client.force_login(cast.ana)
    assert client.post("/sources/add/discourse/try/", FORM).status_code == 403
    client.force_login(cast.owner)
    assert client.post("/sources/add/nothing/try/", FORM).status_code == 404
    assert client.get("/sources/add/discourse/try/").status_code == 405


def test_settings_are_asked_for_in_words_and_bounded(owner):
    page = owner.get("/sources/add/hackernews/").content.decode()
    for words in ("Seconds between looks", "About 15,000 are written in a day", 'min="10"', 'max="3600"'):
        assert words in page
    refused = owner.post("/sources/add/hackernews/", {"name": "HN", "setting_every_seconds": "1"})
    assert refused.status_code == 422
    assert owner.post("/sources/add/hackernews/", {"name": "HN", "setting_every_seconds": "60"}).status_code == 302
    assert Connection.objects.get().settings["every_seconds"] == 60


def test_a_choice_of_several_is_boxes_to_tick(owner):
    page = owner.get("/sources/add/mastodon/").content.decode()
    assert page.count('type="checkbox"') == 4
    told = {"name": "M", "setting_servers": "mastodon.social", "setting_streams": ["public", "public:local"]}
    assert owner.post("/sources/add/mastodon/", told).status_code == 302
    this = Connection.objects.get()
    assert this.settings["streams"] == ["public", "public:local"]
    page = owner.get(f"/sources/{this.pk}/").content.decode()
    assert len(re.findall(r'type="checkbox"[^>]* checked', page)) == 2
    assert ">\nmastodon.social<" in page


def test_deleting_is_asked_twice(owner):
    this = Connection.objects.create(name="N" * 400, source="hackernews", received=1204)
    page = owner.get(f"/sources/{this.pk}/delete/").content.decode()
    assert "1,204" in page
    assert "Keep it" in page
    assert Connection.objects.exists()
    assert owner.post(f"/sources/{this.pk}/delete/").status_code == 302
    assert not Connection.objects.exists()
