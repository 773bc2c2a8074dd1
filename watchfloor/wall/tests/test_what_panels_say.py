"""What a wall says can be read by a visitor: titles with their time, five things at most, nothing of the team's own."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from watchfloor.missions.models import Goal, Purpose
from watchfloor.panels.registry import all_panels
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Author
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall import actions
from watchfloor.wall.drawing import places
from watchfloor.wall.models import Scene, Wall
from watchfloor.wall.tests.world import say, shown, topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def wall(cast):
    return actions.make_wall(cast.mission, "Lobby", scenes=[["stream"]])


@pytest.fixture
def pivot(cast):
    return topic(cast.mission, role="own", query="pivot OR #pivot26")


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<(title|svg).*?</\1>", " ", html, flags=re.S)).split())


SUIT = sorted(name for name, one in all_panels().items() if "wall" in one.suits)


@pytest.mark.parametrize("name", SUIT)
def test_a_panel_without_data_says_so(wall, name):
    html = shown(wall, name)
    assert re.search(r"<h2[^>]*>\S", html)
    assert len(words(html)) > len(words(re.search(r"<h2.*?</h2>", html)[0])), html


@pytest.mark.parametrize("name", SUIT)
def test_no_panel_holds_a_link_or_a_script_and_titles_say_which_time(wall, pivot, name):
    for number in range(9):
        author = Author(id=f"x{number}", name="<script>alert(1)</script> " + "N" * 400, handle="h.example.social")
        say(pivot, f"pivot <b>bold</b> #pivot26 #tag{number} https://bad.example/{number}?", author=author)
    html = shown(wall, name)
    assert "<script" not in html
    assert "<a " not in html
    assert "http" not in words(html)
    assert "h.example.social" not in html
    if name in ("pulse", "hashtag-race", "network-share", "share-of-voice"):
        assert "last 24 hours" in html


def test_the_period_is_in_the_title_and_the_comparison(wall, pivot):
    Wall.objects.update(period="1h")
    assert "Mentions, last hour" in shown(wall, "pulse")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@ben.example.social @kim@chaos.example look at pivot", "look at pivot"),
        ("ask @tom.example.social about https://a.example/x pivot", "ask @… about pivot"),
        ("@pivot where is the pivot hall?", "@pivot where is the pivot hall?"),
        ("mail me at ana@pivot.example or pivot", "mail me at ana@pivot.example or pivot"),
    ],
)
def test_handles_of_others_and_links_are_left_out_of_posts(cast, wall, pivot, text, said):
    Purpose.objects.create(mission=cast.mission, handles=["@pivot"])
    say(pivot, text)
    assert re.search(r"<p dir[^>]*>(.*?)</p>", shown(wall, "stream"))[1] == said


def test_who_gave_no_name_is_not_named_by_a_handle(wall, pivot):
    say(pivot, author=Author(id="x", handle="tom.hale.bsky.social"))
    assert "somebody" in shown(wall, "stream")
    assert "tom.hale" not in shown(wall, "stream") + shown(wall, "top-authors")


def test_it_says_five_things_at_most(wall, pivot):
    for number in range(12):
        say(pivot, f"pivot #tag{number}")
    assert shown(wall, "top-hashtags").count("data-key=") == 5
    assert shown(wall, "stream").count("<article") == 3


@pytest.mark.parametrize("name", ["hashtag-race", "top-hashtags", "stream", "top-authors"])
def test_blocked_words_stay_off_whatever_they_stand_in(cast, wall, pivot, name):
    actions.change_wall(wall, blocked_words="damn*")
    say(pivot, "pivot #damnit #fine", author=Author(id="1", name="Damned Dan"))
    say(pivot, "pivot #fine", author=Author(id="2", name="Fine Fay"))
    html = shown(wall, name).casefold()
    assert "fine" in html
    assert "damn" not in html


def test_ours_are_marked_in_the_race(wall, pivot):
    for _ in range(2):
        say(pivot, "pivot #pivot26 #food")
    drawn = re.findall(r'<div class="(w-bar[^"]*)" data-key="([^"]*)"', shown(wall, "hashtag-race"))
    bars = {name: classes for classes, name in drawn}
    assert "is-own" in bars["#pivot26"]
    assert "is-own" not in bars["#food"]


def test_a_broken_source_is_named_without_its_inner_matter(cast, wall, pivot):
    Connection.objects.create(
        name="Bluesky",
        source="bluesky",
        mission=cast.mission,
        state="failed",
        says="Password of @secret refused.",
    )
    html = shown(wall, "works-and-broken")
    assert "Bluesky" in html
    assert "secret" not in html


def test_a_quoted_post_that_waits_for_approval_is_not_quoted(cast, wall, pivot):
    from watchfloor.missions.rules import Line
    from watchfloor.wall.lists import works_and_broken

    post = say(pivot, "pivot words of somebody")
    line = Line("9", "", "“words of somebody”", "", "", "", "", 1.0, post_id=post, rule="post-carries")
    drawn = type("Drawn", (), {"rows": (("working", line),)})()
    held = Wall.objects.select_related("mission").get(pk=wall.pk)
    assert [said.title for said in works_and_broken(held, drawn)] == ["“words of somebody”"]
    held.posts = "approved"
    assert works_and_broken(held, drawn) == []


def test_goals_are_bars_with_their_targets(cast, wall, pivot):
    now = timezone.now()
    Goal.objects.create(mission=cast.mission, name="Be heard", metric="volume", baseline=0, target=10,
                        starts_at=now - timedelta(hours=1), due_at=now + timedelta(hours=1))  # fmt: skip
    for _ in range(5):
        say(pivot)
    html = shown(wall, "goals")
    assert "Be heard" in html
    assert "of 10" in words(html)
    assert '<rect width="50.00"' in html


def test_each_wall_shows_its_own_announcement(cast, wall):
    actions.make_wall(cast.mission, "Backstage", announcement="Crew only")
    Wall.objects.filter(pk=wall.pk).update(announcement="Doors open")
    assert "Doors open" in shown(wall, "announcement")
    assert "Crew only" not in shown(wall, "announcement")


def test_four_panels_stand_two_by_two_and_words_get_the_room(wall):
    def widths(*names):
        return [place.columns for place in places(Scene(wall=wall, panels=[{"panel": name} for name in names]))]

    assert widths("pulse") == [12]
    assert widths("pulse", "stream") == [5, 7]
    assert widths("works-and-broken", "goals") == [7, 5]
    assert widths("pulse", "goals", "volume") == [4, 4, 4]
    assert widths("pulse", "stream", "goals", "photos") == [6, 6, 6, 6]
    assert widths("pulse", "no-such-panel") == [12]
