from __future__ import annotations

import pytest

from watchfloor.team.models import StrategyEntry
from watchfloor.team.strategy import note_strategy, strategy_log
from watchfloor.team.tests.cast import make_cast

PAGE = "/m/pivot/strategy/"


@pytest.fixture
def cast(db):
    return make_cast()


def test_the_page_says_who_changed_what_and_why(cast, client):
    client.force_login(cast.ben)
    note_strategy(
        cast.mission, cast.ana, "Changed Wifi", "<b>guests</b> say WLAN", "/m/pivot/topics/1/", kind="topic.changed"
    )
    note_strategy(cast.mission, None, "Level is now crisis", kind="level")
    html = client.get(PAGE).content.decode()
    assert html.index("Level is now crisis") < html.index("Changed Wifi")
    assert "&lt;b&gt;guests&lt;/b&gt; say WLAN" in html
    assert 'href="/m/pivot/topics/1/"' in html
    assert "Ana" in html
    assert "the installation" in html
    of_topics = client.get(PAGE, {"kind": "topic"}).content.decode()
    assert "Changed Wifi" in of_topics
    assert "Level is now crisis" not in of_topics


def test_older_entries_are_a_page_on(cast, client):
    client.force_login(cast.ana)
    for n in range(60):
        note_strategy(cast.mission, cast.ana, f"change {n:02}", kind="goal")
    first = strategy_log(cast.mission)
    assert [len(first.entries), first.older] == [50, first.entries[-1].pk]
    older = client.get(PAGE, {"before": first.older}).content.decode()
    assert "change 09" in older
    assert "change 10" not in older
    for nonsense in ("x", "٣", "9" * 40, "-1", ""):
        assert client.get(PAGE, {"before": nonsense}).status_code == 200


def test_entries_can_neither_be_changed_nor_removed(cast):
    note_strategy(cast.mission, cast.ana, "Changed Wifi")
    for change in (lambda: StrategyEntry.objects.update(text="x"), lambda: StrategyEntry.objects.all().delete()):
        with pytest.raises(TypeError, match="append-only"):
            change()
    cast.ana.delete()
    assert StrategyEntry.objects.get().person is None


def test_a_link_leads_nowhere_else(cast):
    for link in ("https://example.com/", "//example.com/", "javascript:alert(1)", "/" + "x" * 600):
        assert note_strategy(cast.mission, None, "x", link=link).link == ""


def test_long_words_are_cut(cast):
    entry = note_strategy(cast.mission, None, "x" * 2_000, "y" * 2_000)
    assert (len(entry.text), entry.text[-1], len(entry.why)) == (1_000, "…", 1_000)


def test_other_teams_find_no_log(cast, client):
    client.force_login(cast.cleo)
    assert client.get(PAGE).status_code == 404
    note_strategy(cast.mission, cast.ana, "Changed Wifi")
    assert strategy_log(cast.other).entries == []
