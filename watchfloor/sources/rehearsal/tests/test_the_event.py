"""What the made-up event holds, counted from its posts."""

import re
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from watchfloor.sources.post import Post
from watchfloor.sources.rehearsal.made import Happening, Plan
from watchfloor.sources.rehearsal.plan import plan
from watchfloor.sources.source import AuthorChanged, Deleted, Written

ZONE = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def event() -> Plan:
    return plan()


@pytest.fixture(scope="module")
def posts(event: Plan) -> list[Post]:
    return event.posts


def happening(event: Plan, name: str) -> Happening:
    return next(h for h in event.happenings if h.name == name)


@pytest.mark.parametrize(("count", "days"), [(100, 1), (101, 3), (1000, 2), (3000, 5)])
def test_there_are_exactly_as_many_posts_as_asked_for(count: int, days: int) -> None:
    assert len(plan(1, count, days).posts) == count


def test_the_default_is_25_000_posts_with_ids_of_their_own(posts: list[Post]) -> None:
    assert len(posts) == 25_000
    assert len({(p.network, p.id) for p in posts}) == 25_000
    assert len({p.url for p in posts}) == 25_000


def test_89_percent_are_on_one_network(posts: list[Post]) -> None:
    networks = Counter(p.network for p in posts)
    assert 0.88 <= networks["bluesky"] / len(posts) <= 0.90
    assert set(networks) == {"bluesky", "mastodon", "wordpress", "news", "reddit"}
    assert all(count >= 200 for count in networks.values())


def test_many_people_write_and_a_few_write_most(posts: list[Post]) -> None:
    by_author = Counter(p.author.id for p in posts)
    assert len(by_author) >= 3000
    busiest = sum(count for _id, count in by_author.most_common(len(by_author) // 10))
    assert 0.3 <= busiest / len(posts) <= 0.75


def test_an_author_keeps_name_and_handle(posts: list[Post]) -> None:
    known = {}
    for post in posts:
        assert known.setdefault(post.author.id, post.author) == post.author


def test_it_speaks_several_languages(event: Plan) -> None:
    spoken = Counter(t.lang for t in event.truth.values())
    assert spoken["en"] / 25_000 > 0.65
    assert {"es", "de", "fr", "pt", "ja", "ar", "hi", "th", "uk"} <= set(spoken)
    assert all(count >= 20 for count in spoken.values())


def test_what_a_network_does_not_tell_is_missing(posts: list[Post]) -> None:
    for post in posts:
        if post.network in ("news", "wordpress", "reddit"):
            assert post.author.followers is None
        if post.network == "mastodon":
            assert post.metrics.quotes is None
    on_bluesky = [p for p in posts if p.network == "bluesky"]
    told = sum(p.author.followers is not None for p in on_bluesky) / len(on_bluesky)
    assert 0.8 < told < 0.99


def test_few_texts_come_twice_unless_on_purpose(event: Plan, posts: list[Post]) -> None:
    own = [p for p in posts if not p.repost_of and not event.truth[p.id].copy_of]
    again = len(own) - len({p.text for p in own})
    assert again / len(own) < 0.03


def test_no_text_shows_the_machinery(posts: list[Post]) -> None:
    for post in posts:
        text = re.sub(r"<script>.*</script>", "", f"{post.title or ''} {post.text}")
        assert text.strip()
        assert not re.search(r"[{}|]|<[a-z0-9.]+>|\\n", text), post.text


def test_every_address_is_an_example(posts: list[Post]) -> None:
    for post in posts:
        for link in (*post.links, post.url or "", *(m.url or "" for m in post.media)):
            assert re.match(r"https://[a-z0-9.-]+\.example(/|$)", link), link
        assert post.id.startswith("at://did:rehearsal:") or ".example/" in post.id


def test_replies_reposts_and_quotes_point_at_earlier_posts_of_the_network(posts: list[Post]) -> None:
    seen: dict[str, Post] = {}
    for post in posts:
        for reference in (post.reply_to, post.repost_of, post.quote_of, post.conversation):
            if reference:
                assert seen[reference].network == post.network
        seen[post.id] = post
    assert sum(p.reply_to is not None for p in posts) > 4000
    assert sum(p.repost_of is not None for p in posts) > 2000
    assert sum(p.quote_of is not None for p in posts) > 600


def test_reposts_repeat_the_text_and_truth(event: Plan, posts: list[Post]) -> None:
    by_id = {p.id: p for p in posts}
    for post in posts:
        if post.repost_of:
            assert post.text == by_id[post.repost_of].text
            assert event.truth[post.id].mood == event.truth[post.repost_of].mood


def test_people_ask_and_the_organiser_answers_some(event: Plan, posts: list[Post]) -> None:
    own = {p.id for p in posts if not (p.reply_to or p.repost_of or p.quote_of or event.truth[p.id].copy_of)}
    asked = {id for id in own if event.truth[id].theme == "question"}
    answers = [event.truth[p.id].answers for p in posts if event.truth[p.id].answers]
    assert len(asked) > 500
    assert set(answers) <= asked
    assert 0.4 < len(set(answers)) / len(asked) < 0.9
    asking = [p for p in posts if p.id in asked]
    assert sum("#askpivot" in p.text or "@pivot" in p.text for p in asking) == len(asking)


def test_keynotes_and_days_are_busy_and_nights_are_quiet(posts: list[Post]) -> None:
    hours = Counter(p.created_at.astimezone(ZONE).strftime("%d %H") for p in posts)
    assert hours["17 09"] > 1.2 * hours["17 08"] > 0
    assert hours["17 03"] < hours["17 14"] / 5
    assert hours["16 15"] < hours["17 15"] / 3
    assert hours["19 09"] < hours["18 09"] / 3


def test_the_hashtag_nobody_planned_takes_off_at_noon_of_day_one(event: Plan, posts: list[Post]) -> None:
    planted = happening(event, "pivotfood")
    belongs = set(planted.posts)
    tagged = [p for p in posts if p.id in belongs]
    assert all("#pivotfood" in p.text for p in tagged)
    starts = min(p.created_at for p in tagged)
    assert starts == planted.starts
    assert starts.astimezone(ZONE).strftime("%d %H:%M") == "17 11:40"
    firsts = [p for p in tagged if p.created_at < starts + timedelta(minutes=10)]
    assert 5 <= len(firsts) <= 30
    assert len({p.author.id for p in firsts}) >= 5
    by_quarter = Counter((p.created_at - starts) // timedelta(minutes=15) for p in tagged)
    assert by_quarter[0] + by_quarter[1] < by_quarter[2] + by_quarter[3]
    assert by_quarter[1] < by_quarter[2] < by_quarter[3]
    assert by_quarter[4] > 3 * by_quarter[0]
    assert by_quarter[16] < by_quarter[4] / 3


def test_the_wifi_complaints_come_as_a_wave_on_day_two(event: Plan, posts: list[Post]) -> None:
    planted = happening(event, "wifi")
    assert planted.starts.astimezone(ZONE).strftime("%d %H:%M") == "18 13:34"
    wave = [p for p in posts if p.id in set(planted.posts)]
    assert sum(p.created_at < planted.starts + timedelta(minutes=20) for p in wave) >= 37
    assert sum(event.truth[p.id].mood == "negative" for p in wave) / len(wave) > 0.55
    about = [p for p in posts if re.search("wifi|wlan|ワイファイ", p.text, re.I) and p.created_at < planted.starts]
    assert len(about) < 120


def test_the_rumour_is_followed_by_corrections(event: Plan) -> None:
    rumour, correction = happening(event, "rumour"), happening(event, "correction")
    assert len(rumour.posts) > 150
    assert len(correction.posts) > 100
    assert rumour.starts < correction.starts < rumour.starts + timedelta(minutes=45)


def test_bots_copy_and_nearly_copy(event: Plan) -> None:
    spam = happening(event, "spam")
    copies = [id for id in spam.posts if event.truth[id].copy_of]
    assert 500 < len(spam.posts) < 900
    assert len(copies) > 150


def test_some_posts_are_edited_deleted_and_one_account_goes(event: Plan) -> None:
    written: set[str] = set()
    gone: set[str] = set()
    edits = deletions = 0
    for item in event.items:
        match item.event:
            case Written(post=post, edited=True):
                edits += 1
                assert post.id in written
            case Written(post=post):
                written.add(post.id)
                assert post.author.id not in gone
            case Deleted(id=id):
                deletions += 1
                assert id in written
            case AuthorChanged(author_id=author, state="gone"):
                gone.add(author)
    assert edits > 50
    assert deletions > 100
    assert len(gone) == 1
    assert len(happening(event, "account-deleted").posts) >= 1


def test_what_happens_comes_in_order(event: Plan) -> None:
    times = [item.at for item in event.items]
    assert times == sorted(times)


def test_odd_names_are_among_the_people(event: Plan, posts: list[Post]) -> None:
    names = {p.author.name or "" for p in posts}
    everyone = {person.author.name or "" for person in event.people.values()}
    assert any(len(name) == 400 for name in everyone)
    assert any("<script>" in name for name in everyone)
    assert any("\u202e" in name for name in everyone)
    assert len(names) > 2000


def test_every_truth_belongs_to_a_post(event: Plan, posts: list[Post]) -> None:
    assert set(event.truth) == {p.id for p in posts}
    moods = Counter(t.mood for t in event.truth.values())
    assert all(count > 2500 for count in moods.values())
