"""What is done from Explore: filters, acts on mentions, saved views, completion, comparing, conversations, authors."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from watchfloor.lib.kept import Kept
from watchfloor.listening.actions import make_topic
from watchfloor.mentions import reads
from watchfloor.mentions.complete import complete
from watchfloor.mentions.marking import Mark, PersonLabel, SavedView
from watchfloor.mentions.marks_actions import make_mark, mark_posts
from watchfloor.mentions.tests.posts import HOSTILE, LONG_NAME, stored
from watchfloor.sources.post import Author
from watchfloor.team.models import Membership
from watchfloor.team.tests.cast import make_cast

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = "/m/pivot/explore/"
ACT = "/m/pivot/explore/act/"


@pytest.fixture
def cast(db, monkeypatch):
    for cache in ("labels.queue._candidates", "labels.accuracy._kept", "explore_reads._glances"):
        monkeypatch.setattr(f"watchfloor.mentions.{cache}", Kept(50))
    with time_machine.travel(NOON, tick=False):
        yield make_cast()


@pytest.fixture
def topic(cast):
    return make_topic(cast.mission, name="Food", role="own", query="coffee", by=None)


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


def ids(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-row data-id="(\d+)"', html)]


def page(client, **asked):
    response = client.get(PAGE, asked)
    assert response.status_code == 200, asked
    return response.content.decode()


def posts(cast):
    return [post.id for post in reads.newest(cast.mission, None)]


def says(response) -> str:
    return response.json()["says"]


def act(client, **fields):
    return client.post(ACT, fields, headers={"x-requested-with": "fetch"})


# --- Filters --------------------------------------------------------------------------------------------------------


def test_language_author_has_and_marks_narrow_list_figures_and_export_alike(cast, ana, topic):
    stored([topic], NOON - HOUR, "coffee one", author=Author(id="1", handle="ana.example", name="Ana Lee"))
    stored([topic], NOON - HOUR, "coffee two?", lang="de", author=Author(id="2", handle="ben.example", name='B "B" B'))
    stored([topic], NOON - HOUR, "coffee three #queue", author=Author(id="3", handle="cleo.example"))
    noise = make_mark(cast.mission, kind="tag", name="noise", by=cast.ana)
    food = make_mark(cast.mission, kind="category", name="Food", by=cast.ana)
    queue = make_mark(cast.mission, kind="category", name="Queue", parent=food, by=cast.ana)
    newest = posts(cast)
    mark_posts(cast.mission, noise, newest[:2], by=cast.ana)
    mark_posts(cast.mission, queue, newest[1:2], by=cast.ana)
    for asked, expected in (
        ({"lang": "de"}, 1),
        ({"author": "ana.example"}, 1),
        ({"author": "@ana"}, 1),
        ({"author": "Ana Lee"}, 1),
        ({"author": ["ana", "cleo"]}, 2),
        ({"has": "question"}, 1),
        ({"has": ["question", "hashtag"]}, 2),
        ({"tag": noise.pk}, 2),
        ({"category": queue.pk}, 1),
        ({"category": food.pk}, 1),
        ({"tag": noise.pk, "category": food.pk}, 1),
        ({"tag": noise.pk, "q": "one"}, sum(1 for pk in newest[:2] if pk == newest[2])),
        ({"tag": 99_999}, 3),
    ):
        html = page(ana, **asked)
        assert len(ids(html)) == expected, asked
        assert f"<b>{expected}</b><span>mentions" in html, asked
        lines = b"".join(ana.get("/m/pivot/export.jsonl", asked).streaming_content).splitlines()
        assert len(lines) == expected, asked


def test_marks_of_another_mission_filter_nothing_here(cast, ana, topic):
    theirs = make_mark(cast.other, kind="tag", name="secret", by=None)
    stored([topic], NOON - HOUR, "coffee")
    html = page(ana, tag=theirs.pk)
    assert len(ids(html)) == 1
    assert "secret" not in html


# --- Acts -----------------------------------------------------------------------------------------------------------


def test_mentions_are_tagged_sorted_hidden_and_corrected_many_at_once(cast, ana, topic):
    for n in range(3):
        stored([topic], NOON - n * HOUR, f"coffee {n}")
    some = posts(cast)[:2]
    food = make_mark(cast.mission, kind="category", name="Food", by=cast.ana)
    assert says(act(ana, do="tag", tag="Noise", post=some)) == "Tagged 2 mentions “Noise”."
    assert says(act(ana, do="tag", tag="noise", post=some[:1])) == "Tagged 1 mention “Noise”."
    assert says(act(ana, do="sort", category=food.pk, post=some)) == "Put 2 mentions into “Food”."
    assert says(act(ana, do="sentiment", sentiment="positive", post=some)) == "Corrected 2 mentions."
    html = page(ana)
    assert html.count('class="wf-chip e-mark"') == 4
    assert "· you, 0 s ago" in html
    assert says(act(ana, do="hide", post=some)) == "Hid 2 mentions from lists, figures and walls."
    assert len(ids(page(ana))) == 1
    assert len(ids(ana.get("/m/pivot/explore/hidden/").content.decode())) == 2
    assert says(act(ana, do="show", post=some)) == "Showing 2 mentions again."
    assert len(ids(page(ana))) == 3


def test_others_read_who_corrected(cast, ana, topic, client):
    stored([topic], NOON - HOUR, "coffee")
    act(ana, do="sentiment", sentiment="positive", post=posts(cast))
    client.force_login(cast.ben)
    assert "· Ana, 0 s ago" in page(client)


def test_without_scripts_the_forms_lead_back(cast, ana, topic):
    stored([topic], NOON - HOUR, "coffee")
    answer = ana.post(ACT, {"hide": posts(cast), "next": "/m/pivot/explore/?q=coffee"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/m/pivot/explore/?q=coffee"
    assert "Hid 1 mention from lists" in answer.content.decode()
    for evil in ("https://evil.example/", "//evil.example/", "0", "javascript:alert(1)", "/\\evil.example", ""):
        assert ana.post(ACT, {"hide": "1", "next": evil}).url == PAGE, evil


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "tag", "tag": "x"},
        {"do": "tag", "tag": "", "post": "1"},
        {"do": "tag", "tag": "x" * 400, "post": "1"},
        {"do": "sort", "category": "9" * 30, "post": "1"},
        {"do": "sentiment", "sentiment": "angry", "post": "1"},
        {"do": "language", "language": HOSTILE, "post": "1"},
        {"do": "take-back", "said": "x"},
        {"do": "explode", "post": "1"},
        {},
    ],
)
def test_what_cant_be_done_is_said_and_changes_nothing(cast, ana, fields):
    answer = act(ana, **fields)
    assert answer.status_code == 422
    assert says(answer)
    assert not Mark.objects.exists()
    assert not PersonLabel.objects.exists()


def test_who_may_only_look_may_not_act_and_strangers_see_nothing(cast, topic, client):
    stored([topic], NOON - HOUR, "coffee")
    client.force_login(cast.ben)
    assert act(client, do="hide", post=posts(cast)).status_code == 403
    assert client.post("/m/pivot/marks/change/", {"do": "make", "kind": "tag", "name": "x"}).status_code == 403
    assert client.post("/m/pivot/labels/answer/", {"post": posts(cast)[0], "sentiment": "positive"}).status_code == 403
    assert client.get("/m/pivot/export.xlsx").status_code == 403
    assert "e-bulk" not in page(client).split("</main>")[0].split('id="mentions"')[0]
    client.force_login(cast.cleo)
    for path in ("explore/act/", "marks/change/", "labels/answer/", "labels/learn/", "views/"):
        assert client.post(f"/m/pivot/{path}").status_code == 404, path
    for path in ("explore/compare/", "explore/hidden/", "marks/", "labels/", "views/", "export.xlsx"):
        assert client.get(f"/m/pivot/{path}").status_code == 404, path


# --- Saved views ----------------------------------------------------------------------------------------------------


def test_a_view_is_saved_and_its_link_opens_it_for_those_who_may(cast, ana, topic, client):
    answer = ana.post("/m/pivot/views/", {"name": "Queues", "address": "q=queue&since=7d&post=3&evil=1"})
    view = SavedView.objects.get()
    assert answer.url == f"/m/pivot/views/{view.pk}/"
    assert ana.get(answer.url).url == f"/m/pivot/explore/?q=queue&since=7d&view={view.pk}"
    client.force_login(cast.ben)
    assert client.get(answer.url).status_code == 404
    assert client.post(f"{answer.url}change/", {"name": "x"}).status_code == 404
    client.force_login(cast.ana)
    client.post(f"{answer.url}change/", {"name": "Queues", "shared": "1"})
    client.force_login(cast.ben)
    assert client.get(answer.url).status_code == 302
    assert "Queues" in page(client)
    assert client.post(f"{answer.url}change/", {"name": "x"}).status_code == 403
    client.force_login(cast.cleo)
    assert client.get(answer.url).status_code == 404


def test_the_same_name_replaces_and_a_lead_may_remove_what_is_shared(cast, ana, topic, client):
    Membership.objects.filter(person=cast.ben).update(role="analyst")
    client.force_login(cast.ben)
    for query in ("a", "b"):
        client.post("/m/pivot/views/", {"name": "Mine", "address": f"q={query}", "shared": "1"})
    view = SavedView.objects.get()
    assert view.address == "q=b"
    client.force_login(cast.ana)
    client.post(f"/m/pivot/views/{view.pk}/change/", {"remove": "1"})
    assert not SavedView.objects.exists()


# --- Completion -----------------------------------------------------------------------------------------------------


def offered(mission, text, at=None):
    found = complete(mission, text, len(text) if at is None else at)
    return [item.label for item in found.items]


def test_fields_values_and_stored_words_are_offered(cast, topic):
    stored([topic], NOON - HOUR, "coffee at #pivotfood with @ana.example", network="mastodon")
    stored([topic], NOON - HOUR, "coffee again #pivotfood pivots")
    assert "sentiment:" in offered(cast.mission, "sent")
    assert offered(cast.mission, "sentiment:n") == ["negative", "neutral"]
    assert offered(cast.mission, "coffee -has:ph") == ["photo"]
    assert sorted(offered(cast.mission, "network:")) == ["bluesky", "mastodon"]
    assert offered(cast.mission, "#piv") == ["#pivotfood"]
    assert offered(cast.mission, "piv") == ["pivotfood", "pivots"]
    assert offered(cast.mission, "@an") == ["@ana.example"]
    assert "Food" in offered(cast.mission, "foo")
    assert offered(cast.mission, '"flat wh') == []
    found = complete(cast.mission, "wifi sentiment:po OR x", 17)
    assert (found.start, found.end, [item.insert for item in found.items]) == (15, 17, ["positive"])


def test_words_that_only_others_hear_are_not_offered(cast, topic):
    theirs = make_topic(cast.other, name="Secret", role="own", query="secretplan", by=None)
    stored([theirs], NOON - HOUR, "the secretplan of #secrets", author=Author(id="9", handle="secret.agent"))
    assert offered(cast.mission, "secr") == []
    assert offered(cast.mission, "author:secr") == []


@pytest.mark.parametrize(
    "text", ["(" * 3000, '"' * 99, "\x00", "🔥", "a" * 20_050, "tag:" + "x" * 500, "#", "-", HOSTILE]
)
def test_whatever_is_typed_completion_answers(ana, topic, text):
    for at in ("", "0", "5", "999999", "x", "-1"):
        assert ana.post("/m/pivot/explore/complete/", {"q": text, "at": at}).status_code == 200


# --- Exports --------------------------------------------------------------------------------------------------------


def test_exports_say_tags_categories_and_whose_labels_they_are(cast, ana, topic):
    stored([topic], NOON - HOUR, "=1+1 coffee", native_id="a")
    stored([topic], NOON - 2 * HOUR, "coffee", native_id="b")
    first = posts(cast)[:1]
    act(ana, do="tag", tag="=noise", post=first)
    act(ana, do="sentiment", sentiment="positive", post=first)
    text = b"".join(ana.get("/m/pivot/export.csv").streaming_content).decode("utf-8-sig")
    top, second = csv.DictReader(io.StringIO(text, newline=""))
    assert (top["sentiment"], top["sentiment_by"], top["tags"]) == ("positive", "Ana", "'=noise")
    assert second["sentiment_by"] == "english/1"
    line = json.loads(next(iter(b"".join(ana.get("/m/pivot/export.jsonl").streaming_content).splitlines())))
    assert line["tags"] == [{"name": "=noise", "by": "Ana"}]
    book = zipfile.ZipFile(io.BytesIO(b"".join(ana.get("/m/pivot/export.xlsx").streaming_content)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "'=1+1 coffee" in sheet
    assert "<f>" not in sheet
    assert sheet.count("<row ") == 3
    assert "Pivot Conference" in book.read("xl/worksheets/sheet2.xml").decode()


# --- Comparing ------------------------------------------------------------------------------------------------------


def test_topics_periods_and_missions_are_compared_on_one_scale(cast, client, topic):
    other = make_topic(cast.mission, name="Wifi", role="own", query="wifi", by=None)
    theirs = make_topic(cast.other, name="Tea", role="own", query="tea", by=None)
    for n in range(3):
        stored([topic], NOON - n * HOUR, f"coffee {n}")
    stored([other], NOON - HOUR, "wifi")
    stored([topic], NOON - 30 * HOUR, "coffee yesterday")
    stored([theirs], NOON - HOUR, "tea")
    client.force_login(cast.owner)
    for asked, names, values in (
        ({"by": "topics"}, ["Food", "Wifi"], ["3", "1"]),
        ({"by": "periods", "topic": topic.pk}, [], ["3", "1"]),
        ({"by": "periods", "periods": "3"}, [], ["4", "1", "0"]),
        ({"by": "missions", "with": "other"}, ["Pivot Conference", "Other Brand"], ["4", "1"]),
    ):
        html = client.get("/m/pivot/explore/compare/", asked).content.decode()
        assert re.findall(r"data-figure[^>]*><b>([^<]*)</b>", html) == values, asked
        for name in names:
            assert name in html
    client.force_login(cast.ana)
    html = client.get("/m/pivot/explore/compare/", {"by": "missions", "with": "other"}).content.decode()
    assert "Other Brand" not in html


@pytest.mark.parametrize("asked", [{"metric": "x"}, {"by": "x"}, {"periods": "x"}, {"with": HOSTILE}, {"since": "all"}])
def test_comparing_anything_gives_a_page(ana, asked):
    assert ana.get("/m/pivot/explore/compare/", asked).status_code == 200


# --- Conversations and authors --------------------------------------------------------------------------------------


def test_a_conversation_shows_what_is_stored_and_says_what_is_not(cast, ana, topic):
    stored([topic], NOON - 5 * HOUR, "coffee: the root", native_id="root")
    stored([topic], NOON - 4 * HOUR, "coffee: an answer", native_id="a", reply_to="root", conversation="root")
    stored(
        [topic],
        NOON - 3 * HOUR,
        "coffee: answers what is not here",
        native_id="b",
        reply_to="gone",
        conversation="root",
    )
    stored([topic], NOON - 2 * HOUR, "coffee: quotes it", native_id="c", quote_of="a")
    stored([topic], NOON - 2 * HOUR, "coffee: something else", native_id="d")
    asked = next(post.id for post in reads.newest(cast.mission, None) if post.post.id == "a")
    html = ana.get(f"/m/pivot/explore/post/{asked}/conversation/").content.decode()
    order = re.findall(r"coffee</mark>: (the root|an answer|answers what is not here|quotes it|something else)", html)
    assert order == ["the root", "an answer", "quotes it", "answers what is not here"]
    assert "4 posts are stored here" in html
    assert "1 post is named that no topic of this mission found" in html
    assert "not stored here" in html


def test_an_author_card_tells_of_this_missions_posts_alone(cast, ana, topic, client):
    theirs = make_topic(cast.other, name="Tea", role="own", query="tea", by=None)
    tom = Author(id="tom", handle="tom.hale.bsky.social", name=LONG_NAME, followers=1240)
    stored([topic], NOON - 3 * HOUR, "coffee", author=tom)
    stored([topic], NOON - HOUR, "coffee again", author=tom, sentiment="positive")
    stored([theirs], NOON - HOUR, "tea only", author=tom)
    stored([theirs], NOON - HOUR, "tea", author=Author(id="x", handle="x.example"))
    rows = {post.post.author.id: post.author_row for post in reads.newest(cast.other, None)}
    html = ana.get(f"/m/pivot/authors/{rows['tom']}/").content.decode()
    assert "1,240" in html
    assert "tea only" not in html
    assert len(ids(html)) == 2
    assert ana.get(f"/m/pivot/authors/{rows['x']}/").status_code == 404
    assert ana.get(f"/m/pivot/authors/{'9' * 30}/").status_code == 404


# --- The pages of marks and labels ----------------------------------------------------------------------------------


def test_marks_and_rules_are_kept_on_a_page(cast, ana, topic):
    ana.post("/m/pivot/marks/change/", {"do": "make", "kind": "category", "name": "Food"})
    food = Mark.objects.get()
    ana.post("/m/pivot/marks/change/", {"do": "make", "kind": "category", "name": "Queue", "parent": food.pk})
    ana.post("/m/pivot/marks/change/", {"do": "add-rule", "mark": food.pk, "query": "queue"})
    html = ana.get("/m/pivot/marks/").content.decode()
    assert "applying to stored mentions" in html
    assert "Queue" in html
    answer = ana.post("/m/pivot/marks/change/", {"do": "add-rule", "mark": food.pk, "query": "queue ("}, follow=True)
    assert "Character 7" in answer.content.decode()
    assert ana.post("/m/pivot/marks/change/", {"do": "rename", "mark": "9" * 30, "name": "x"}).status_code == 404


def test_the_queue_takes_answers_skips_and_takes_back(cast, ana, topic):
    for n in range(3):
        stored([topic], NOON - n * HOUR, f"coffee {n}")
    html = ana.get("/m/pivot/labels/").content.decode()
    post = re.search(r'name="post" value="(\d+)"', html).group(1)
    ana.post("/m/pivot/labels/answer/", {"post": post, "sentiment": "positive"})
    html = ana.get("/m/pivot/labels/").content.decode()
    assert f'name="post" value="{post}"' not in html
    said = re.search(r'name="said" value="(\d+)"', html).group(1)
    ana.post("/m/pivot/labels/answer/", {"said": said, "take-back": "1"})
    assert reads.post(cast.mission, int(post)).sentiment_by != f"person/{cast.ana.pk}"
    ana.post("/m/pivot/labels/answer/", {"post": post, "skip": "1"})
    assert f'name="post" value="{post}"' not in ana.get("/m/pivot/labels/").content.decode()
    for wrong in ({"post": "9" * 30}, {"post": "x", "sentiment": "positive"}, {"said": "x", "take-back": "1"}, {}):
        assert ana.post("/m/pivot/labels/answer/", wrong).status_code == 302
