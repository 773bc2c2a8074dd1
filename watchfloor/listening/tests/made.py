"""Made-up posts and queries, full of what is hard: scripts, signs, hidden characters, links, handles."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from watchfloor.sources.post import Author, Media, Metrics, Post

NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)
WORDS = [
    "coffee", "Coffee", "COFFEES", "flat", "white", "queue", "queues", "don't", "dont", "Acme's", "acme", "ACMES",
    "acmes", "rock’n’roll's", "café", "cafe\u0301", "Café", "и", "й", "Straße", "strasse", "ﬁne", "ｗｉｄｅ", "1990's",
    "3.5", "3", "5", "wi-fi", "a_b", "東京", "東", "京", "京都", "スターバックス", "ｶﾞ", "が", "か\u3099", "สวัสดี", "ไทย",
    "ພາສາລາວ", "ខ្មែរ", "မြန်မာ", "हिन्दी", "की", "العربية", "عَرَبِي", "ﷺ", "한국", "ㅋㅋ", "ㅋㅏ", "\u1112\u1161\u11ab",
    "ﾡￂ", "Ⅷ", "½", "①", "ŉ", "İ", "Σίσυφος", "ΣΊΣΥΦΟΣ", "🔥", "👍🏽", "👍", "❤️", "❤", "👩\u200d🚀", "👩", "🇩🇪", "🇫🇷",
    "🇩", "3️⃣",
    "#️⃣", "©", "™", "ℹ️", "㊗️", "🏽", "🏴\U000e0067\U000e0062\U000e007f", "x\u0308\u0323", "\u0301", "\u0327\u0301",
    "葛\U000e0100", "ー", "々", "🈁", "ココ", "™\U000e0067",
]  # fmt: skip
SIGNS = [
    " ", " ", " ", " ", "", "'", "’", "s", "'s", "’S", "#", "＃", "@", "＠", ".", "-", "_", "!", "?", "؟",
    "\u037e", "\n",
    "\u00ad", "\u200b", "\u200d", "\ufe0f", "\ufeff", "\u2066", "\u20e3", "\ufe0e", "\u02bc",
    "https://example.com/a?b", "http://", "://", "*", ",", "(", "\u00a0",
]  # fmt: skip
HANDLES = [
    "@ana",
    "@ana.bsky.social",
    "@ana@mastodon.example",
    "@acme-x",
    "#coffee",
    "#東京",
    "@東京.jp",
    "#½",
    "@½.jp",
    "me@example.com",
]

texts = st.lists(st.sampled_from(WORDS + SIGNS * 2 + HANDLES), max_size=14).map("".join)
maybe = st.none() | st.just("x")


posts = st.builds(
    lambda text, title, lang, network, author, links, kinds, likes, reply, repost, sentiment: Post(
        network=network,
        id="1",
        text=text,
        created_at=NOON,
        title=title,
        lang=lang,
        author=author,
        links=tuple(links),
        media=tuple(Media(kind=kind) for kind in kinds),
        metrics=Metrics(likes=likes),
        reply_to=reply,
        repost_of=repost,
        sentiment=sentiment,
        url="https://social.example.com/1",
    ),
    text=texts,
    title=st.none() | texts,
    lang=st.sampled_from([None, "en", "en-GB", "de", "eng"]),
    network=st.sampled_from(["bluesky", "mastodon"]),
    author=st.builds(
        Author,
        handle=st.sampled_from([None, "ana", "ana.bsky.social", "ana@mastodon.example", "Café"]),
        name=st.sampled_from([None, "Ana Lee", "café"]),
        followers=st.sampled_from([None, 0, 10, 500]),
    ),
    links=st.lists(
        st.sampled_from(["https://Example.com/Offer", "https://sub.example.com:80/?q", "ftp://x.org/a"]), max_size=1
    ),
    kinds=st.lists(st.sampled_from(["photo", "video", "audio", "other"]), max_size=2),
    likes=st.sampled_from([None, 0, 11]),
    reply=maybe,
    repost=maybe,
    sentiment=st.sampled_from([None, "negative", "positive"]),
)

_plain = st.sampled_from(WORDS + HANDLES)
_terms = st.one_of(
    _plain,
    _plain.map(lambda word: f"{word}*"),
    _plain.map(lambda word: f"#{word}"),
    _plain.map(lambda word: f"@{word}"),
    _plain.map(lambda word: f"{{{word}}}"),
    st.lists(st.sampled_from(WORDS + HANDLES), min_size=1, max_size=3).map(lambda words: '"' + " ".join(words) + '"'),
    st.lists(st.sampled_from(WORDS + HANDLES), min_size=1, max_size=3).map(lambda words: '"' + " ".join(words) + '*"'),
    st.sampled_from(["co*", "#co*", "@an*", "{Co*}", "acm*", "acmes*", "東京*", "ca*", "wi*"]),
)
_fields = st.sampled_from([
    "network:bluesky", "lang:en", "lang:(en OR de)", "author:ana", "author:@café", 'author:"ana lee"',
    "site:example.com",
    "site:org", "link:example.com/offer", "has:link", "has:photo", "has:media", "has:hashtag", "has:mention",
    "has:question",
    "has:emoji", "is:reply", "is:original", "is:(reply OR repost)", "followers:>=10", "followers:<5", "engagement:=11",
    "engagement:0..10", "sentiment:negative",
])  # fmt: skip
_near_operands = _terms | st.lists(_terms, min_size=2, max_size=3).map(lambda terms: f"({' OR '.join(terms)})")
_nears = st.builds(
    lambda left, n, f, right: f"{left} NEAR/{n}{f} {right}",
    _near_operands,
    st.integers(1, 4),
    st.sampled_from(["", "f"]),
    _near_operands,
)
queries = st.recursive(
    st.one_of(_terms, _terms, _fields, _nears),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" OR ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"-({part})"),
        inner.map(lambda part: f"({part}) AND coffee"),
    ),
    max_leaves=8,
)
