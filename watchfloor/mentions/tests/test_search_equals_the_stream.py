"""A query over stored posts finds what the same query finds on the stream, post by post, on both engines."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.listening.language.evaluate import matches
from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import Query, QueryError
from watchfloor.mentions.store.store import Labelled, Scope
from watchfloor.mentions.tests.world import NOON, World
from watchfloor.sources.post import Author, Media, Metrics, Post

DAY = timedelta(days=1)

# Few words, so that they meet; each stands for a rule by which a post is cut.
WORDS = [
    "coffee", "Coffee", "tea", "teas", "cafe", "café", "CAFÉ", "flat", "white", "flats", "Acme's", "acme", "acmes",
    "don't", "wi-fi", "3.5", "#coffee", "#flat_white", "#東京", "東京", "京", "ไทย", "@ana", "@ana.example", "@acme's",
    "me@example.com", "🔥", "👍🏽", "👍", "👩‍👩‍👧", "🇩🇪", "a\u00adcme", "tea\0white", "й", "и", "ﷺ", "_",
    "x" * 120, "x" * 119 + "y",
    "https://example.com/coffee", "?", "it's", "'", "\"", "#", "۳", "ǆ", "straße", "STRASSE", "co\u0301ffee", "1️⃣", "*️⃣",
]  # fmt: skip

texts = st.lists(st.sampled_from(WORDS), max_size=9).flatmap(
    lambda words: st.sampled_from([" ", "  ", "\n", ", "]).map(lambda between: between.join(words))
)
long_texts = st.sampled_from(["coffee " * 300 + "flat white", "tea " + "x y " * 8_500 + "flat white"])
some = lambda values: st.one_of(st.none(), values)  # noqa: E731 - reads as a word

posts = st.builds(
    Post,
    network=st.sampled_from(["bluesky", "Mastodon"]),
    id=st.just(""),
    text=st.one_of(*[texts] * 12, long_texts),
    created_at=st.integers(0, 5).map(lambda hours: NOON + timedelta(hours=hours)),
    url=some(st.sampled_from(["https://Shop.example.com/1", "https://other.example/2"])),
    title=some(texts),
    lang=some(st.sampled_from(["en", "en-GB", "DE", "pt_BR"])),
    author=st.builds(
        Author,
        id=some(st.sampled_from(["did:1", "did:2"])),
        handle=st.none(),
        name=st.none(),
        followers=some(st.sampled_from([0, 99, 100, 5_000, 2**70])),
    ),
    links=st.lists(st.sampled_from(["https://example.com/offer?a=1", "http://sub.example.com"]), max_size=2).map(tuple),
    media=st.lists(st.builds(Media, kind=st.sampled_from(["photo", "video", "audio", "other"])), max_size=2).map(tuple),
    reply_to=some(st.just("1")),
    repost_of=some(st.just("2")),
    quote_of=some(st.just("3")),
    metrics=st.builds(Metrics, likes=some(st.integers(0, 12)), views=some(st.integers(0, 100))),
)
NAMES = {"did:1": ("@ana.example", "Ana Lee"), "did:2": ("acme", None), None: ("Nina", "Ana Lee")}


def named(post: Post) -> Post:
    """An account has one name at a time; posts of one account can't tell different ones."""
    handle, name = NAMES[post.author.id]
    author = Author(post.author.id, handle, name, post.author.followers)
    return msgspec.structs.replace(post, author=author)


FIELDS = [
    "network:bluesky", "network:mastodon", "lang:en", "lang:de", "lang:pt-br", "author:ana", 'author:"Ana Lee"',
    "author:acme", "site:example.com", "site:other.example", "link:offer", "has:link", "has:photo", "has:video",
    "has:media", "has:hashtag", "has:mention", "has:question", "has:emoji", "is:original", "is:reply", "is:repost",
    "is:quote", "followers:>=100", "followers:<100", "followers:0..99", "engagement:>3", "engagement:=0",
    "sentiment:negative", "sentiment:positive", "sentiment:neutral", "lang:(en OR de)",
]  # fmt: skip
TERMS = [
    "coffee", "tea", "teas", "tea*", "cof*", "café", "acme", "acme's", "acmes", "acm*", "flat", '"flat white"',
    '"flat whit*"', '"fla* white"', "#coffee", "#cof*", "#東京", "東京", "京", "@ana", "@ana.example", "@an*",
    '"love #coffee"',
    "{Coffee}", "{CAFÉ}", "{Acme's}", "wi-fi", "3.5", "🔥", "👍", "👩‍👩‍👧", "don't", "dont", "ไทย", "й", "straße",
    '"tea flat"',
    '"acme\'s tea"', '"coffee acmes"', '"@ana coffee"', "xxxx*", "x" * 120, "ﷺ", "it", "its", '"it\'s"', "_", "1️⃣",
]  # fmt: skip

terms = st.sampled_from(TERMS)
near = st.tuples(terms, st.integers(1, 4), st.sampled_from(["", "f"]), terms).map(
    lambda t: f"({t[0]} NEAR/{t[1]}{t[2]} {t[3]})"
)
queries = st.recursive(
    st.one_of(terms, terms, st.sampled_from(FIELDS), near),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} AND {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} NOT {two[1]})"),
        inner.map(lambda one: f"(NOT {one})"),
    ),
    max_leaves=6,
)


def readable(text: str) -> Query | None:
    try:
        return read(text)
    except QueryError:
        return None  # it would match the empty post


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(st.tuples(posts, st.sampled_from(["negative", "neutral", "positive", None])), min_size=1, max_size=12),
    st.lists(queries.map(readable).filter(bool), min_size=1, max_size=8),
)
def test_store_and_stream_agree(world: World, written: list[tuple[Post, str | None]], asked: list[Query]) -> None:
    with transaction.atomic(world.using):
        agree(world, [world_post(world, number, *pair) for number, pair in enumerate(written)], asked)
        transaction.set_rollback(True, using=world.using)


def world_post(world: World, number: int, post: Post, sentiment: str | None) -> Labelled:
    post = msgspec.structs.replace(named(post), id=str(number))
    return Labelled(
        post=post,
        raw=b"",
        topics=[(world.coffee.pk, 1)] if number % 3 else [(world.tea.pk, 1), (world.fire.pk, 1)],
        seen_at=NOON + DAY,
        sentiment=sentiment,  # type: ignore[arg-type]
    )


def agree(world: World, labelled: list[Labelled], asked: list[Query]) -> None:
    world.write(*labelled)
    store, brand = world.store, Scope(world.brand.pk)
    scopes = [(brand, labelled)]
    scopes.append((Scope(world.crisis.pk), [one for one in labelled if (world.fire.pk, 1) in one.topics]))
    scopes.append(
        (Scope(world.brand.pk, (world.coffee.pk,)), [one for one in labelled if (world.coffee.pk, 1) in one.topics])
    )
    scopes.append((Scope(world.brand.pk, (world.coffee.pk, world.tea.pk)), labelled))
    since, until = NOON + timedelta(hours=1), NOON + timedelta(hours=4)
    for query in asked:
        for scope, of_the_scope in scopes:
            expected = {
                one.post.id for one in of_the_scope if matches(query, one.post, lambda _, one=one: one.sentiment)
            }
            assert {stored.post.id for stored in store.search(scope, query)} == expected, query.text
            assert {stored.post.id for stored in store.matches(scope, query)} == expected, query.text
            assert store.count(scope, query) == len(expected), query.text
            chart = store.histogram(scope, query, since=NOON, until=NOON + DAY, bucket=timedelta(hours=1))
            by_hour: dict[int, int] = {}
            for one in of_the_scope:
                if one.post.id in expected:
                    hour = (one.post.created_at - NOON) // timedelta(hours=1)
                    by_hour[hour] = by_hour.get(hour, 0) + 1
            assert chart == [(NOON + timedelta(hours=hour), by_hour[hour]) for hour in sorted(by_hour)]
            within = sum(n for hour, n in by_hour.items() if 1 <= hour < 4)
            assert store.count(scope, query, since=since, until=until) == within, query.text
            assert sum(store.tally(scope, query, since=since, until=until).values()) == within, query.text


def test_every_term_alone_agrees(world: World) -> None:
    labelled = [
        world_post(world, number, Post("bluesky", "", f"{word} {other}", NOON), None)
        for number, (word, other) in enumerate(zip(WORDS, [*WORDS[7:], *WORDS[:7]], strict=True))
    ]
    agree(world, labelled, [query for text in [*TERMS, *WORDS] if (query := readable(text))])


def test_deep_and_long_queries_agree(world: World) -> None:
    deep = "coffee"
    for level in range(95):
        deep = f"((tea {'OR' if level % 2 else 'AND'} {deep}) OR wifi)" if level % 3 else f"(({deep}) NOT wine)"
    wide = " OR ".join(f"w{n}" for n in range(1_900)) + " OR coffee"
    every = "coffee " + " ".join(f"-w{n}" for n in range(1_900))
    labelled = [
        world_post(world, n, Post("bluesky", "", text, NOON), None)
        for n, text in enumerate(["coffee", "tea", "w7 coffee"])
    ]
    agree(world, labelled, [read(text) for text in (deep, wide, every)])
