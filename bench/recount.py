"""Every metric counted once more from exported posts, in plain Python: what the product's figures are held against.

Nothing here uses the product's code. A post is a dictionary as the JSON Lines export writes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

Post = dict[str, Any]
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Raw:
    """The exported posts of a mission, and which of its topics are ours and which are competitors'."""

    posts: list[Post]
    own: set[str]
    competitors: set[str]
    since: datetime
    until: datetime
    now: datetime
    at: dict[int, datetime] = field(default_factory=dict)

    def within(self, since: datetime, until: datetime) -> list[Post]:
        return [post for post in self.posts if since <= moment(post) < until]

    @property
    def here(self) -> list[Post]:
        return self.within(self.since, self.until)


def moment(post: Post) -> datetime:
    """When the post stands in charts: when it was written, or first seen where that can't be true."""
    if "_at" not in post:
        written, seen = (datetime.fromisoformat(post[name]) for name in ("created_at", "seen_at"))
        doubtful = written < EARLIEST or written - seen > timedelta(minutes=10)
        post["_at"] = seen if doubtful else written
    return post["_at"]  # type: ignore[no-any-return]


def author(post: Post) -> tuple[str, str] | None:
    """An account is its network and id, else its handle."""
    told = post.get("author") or {}
    if told.get("id"):
        return post["network"], told["id"]
    return (post["network"], "@" + told["handle"].casefold()) if told.get("handle") else None


def followers(posts: Iterable[Post]) -> dict[tuple[str, str], int]:
    """Of each account, as told with its latest post that tells."""
    told: dict[tuple[str, str], int] = {}
    for post in sorted(posts, key=moment):
        who, count = author(post), (post.get("author") or {}).get("followers")
        if who and count is not None:
            told[who] = count
    return told


def engagement(post: Post) -> int | None:
    told = [
        count
        for name in ("likes", "reposts", "replies", "quotes")
        if (count := (post.get("metrics") or {}).get(name)) is not None
    ]
    return sum(told) if told else None


# --- Words ---------------------------------------------------------------------------------------------------------

URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
# A sign directly before a word and not directly after one.
HASHTAG = re.compile(r"(?<![\w＃#'’])[#＃]([\w\u200c\u200d]+)")
TRACKING = re.compile(
    r"(?:utm_|pk_|mtm_|hsa_|fb_|at_).*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|twclid|ttclid|yclid|igshid|igsh|"
    r"li_fat_id|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|oly_anon_id|oly_enc_id|vero_id|wickedid|s_cid|ref_src|ref_url|"
    r"cmpid|icid|spm|scm|_ga|_gl",
    re.IGNORECASE,
)


def words_of(post: Post) -> str:
    return (post["title"] + "\n" if post.get("title") else "") + post["text"]


def hashtags(post: Post) -> set[str]:
    found = HASHTAG.findall(unicodedata.normalize("NFC", URL.sub(" ", words_of(post))))
    return {"#" + folded for tag in found if (folded := fold(tag))}


def fold(word: str) -> str:
    """As words are compared: no case, no accents, full-width letters as plain ones."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare).casefold()


def links(post: Post) -> set[str]:
    written = [link.rstrip(".,;:!?)]}'\"»”…") for link in URL.findall(words_of(post))]
    return {page for link in [*post.get("links", ()), *written] if (page := page_of(link))}


def page_of(link: str) -> str:
    """The page without what follows a click."""
    parts = re.fullmatch(r"(https?)://([^/?#@\s]+)([^?#\s]*)(?:\?([^#\s]*))?(?:#\S*)?", link, re.IGNORECASE)
    if not parts:
        return ""
    scheme, host, path, query = (part or "" for part in parts.groups())
    host = re.sub(r":(?:80|443)$", "", host.lower())
    pairs = [pair for pair in query.split("&") if pair and not TRACKING.fullmatch(unquote_plus(pair.split("=")[0]))]
    return f"{scheme.lower()}://{host}{path.rstrip('/')}" + (f"?{'&'.join(pairs)}" if pairs else "")


def asks(post: Post) -> bool:
    return any(sign in URL.sub("", words_of(post)) for sign in "?？؟\u037e")


# --- Metrics -------------------------------------------------------------------------------------------------------


def tones(posts: Iterable[Post]) -> Counter[str | None]:
    return Counter(post.get("sentiment") for post in posts)


def ratio(part: float, whole: float, times: float = 100) -> float | None:
    return part / whole * times if whole else None


def volume(raw: Raw) -> float:
    return len({(post["network"], post["id"]) for post in raw.here})


def delta(raw: Raw) -> float | None:
    until = min(raw.until, _up(raw.now))
    now = len(raw.within(raw.since, until))
    before = len(raw.within(raw.since - (until - raw.since), raw.since))
    return ratio(now - before, before)


def velocity(raw: Raw, version: int = 2) -> float:
    until = min(raw.until, _up(raw.now))
    since = max(raw.since, until - HOUR) if version == 2 else raw.since
    return len(raw.within(since, until)) / ((until - since) / HOUR)


def unique_authors(raw: Raw) -> float:
    return len({author(post) for post in raw.here} - {None})


def potential_reach(raw: Raw, version: int = 2) -> float | None:
    told = followers(raw.posts)
    who = [one for post in raw.here if (one := author(post)) in told and one]
    counted = who if version == 1 else set(who)
    return sum(told[one] for one in counted) if who else None


def net_a(raw: Raw) -> float | None:
    found = tones(raw.here)
    return ratio(found["positive"] - found["negative"], found["positive"] + found["negative"])


def net_b(raw: Raw) -> float | None:
    found = tones(raw.here)
    return ratio(found["positive"] - found["negative"], sum(found.values())) if _judged(found) else None


def tone_share(tone: str) -> Callable[[Raw], float | None]:
    return lambda raw: ratio(tones(raw.here)[tone], _judged(tones(raw.here)))


def share_of_voice(raw: Raw) -> float | None:
    ours = sum(1 for post in raw.here if raw.own & set(post["topics"]))
    theirs = sum(len(raw.competitors & set(post["topics"])) for post in raw.here)
    return ratio(ours, ours + theirs) if raw.competitors else None


def share_of_conversation(raw: Raw) -> float | None:
    return ratio(sum(1 for post in raw.here if raw.own & set(post["topics"])), len(raw.here)) if raw.own else None


def engagements(raw: Raw) -> float | None:
    told = [count for post in raw.here if (count := engagement(post)) is not None]
    return sum(told) if told else None


def engagement_rate(raw: Raw) -> float | None:
    known = followers(raw.posts)
    both = [
        (count, known[who])
        for post in raw.here
        if (count := engagement(post)) is not None and (who := author(post)) in known and who
    ]
    return ratio(sum(count for count, _told in both), sum(told for _count, told in both))


def engagements_per_post(raw: Raw) -> float | None:
    told = [count for post in raw.here if (count := engagement(post)) is not None]
    return ratio(sum(told), len(told), 1)


def questions(raw: Raw) -> float:
    return sum(1 for post in raw.here if asks(post))


def photos(raw: Raw) -> float:
    return sum(1 for post in raw.here for media in post.get("media", ()) if media.get("kind") == "photo")


FIGURES: dict[str, Callable[[Raw], float | None]] = {
    "volume": volume,
    "delta": delta,
    "velocity": velocity,
    "velocity, version 1": lambda raw: velocity(raw, 1),
    "unique-authors": unique_authors,
    "potential-reach": potential_reach,
    "potential-reach, version 1": lambda raw: potential_reach(raw, 1),
    "net-sentiment-a": net_a,
    "net-sentiment-b": net_b,
    "positive-share": tone_share("positive"),
    "negative-share": tone_share("negative"),
    "share-of-voice": share_of_voice,
    "share-of-conversation": share_of_conversation,
    "engagements": engagements,
    "engagement-rate": engagement_rate,
    "engagements-per-post": engagements_per_post,
    "questions-asked": questions,
    "photos": photos,
}
PARTS: dict[str, Callable[[Raw], list[tuple[Any, float]]]] = {
    "share-by-network": lambda raw: _most(Counter(post["network"] for post in raw.here)),
    "share-by-language": lambda raw: _most(Counter(post.get("language") for post in raw.here)),
    "share-by-sentiment": lambda raw: _most(tones(raw.here)),
    "share-of-voice": lambda raw: _most(_voices(raw)),
    "top-hashtags": lambda raw: _most(Counter(tag for post in raw.here for tag in hashtags(post))),
    "top-links": lambda raw: _most(Counter(page for post in raw.here for page in links(post))),
    "top-authors": lambda raw: _most(Counter(who for post in raw.here if (who := author(post)))),
    "top-posts": lambda raw: _most(
        Counter({(p["network"], p["id"]): count for p in raw.here if (count := engagement(p)) is not None})
    ),
}


def _voices(raw: Raw) -> Counter[str | None]:
    found: Counter[str | None] = Counter(dict.fromkeys(raw.competitors, 0))  # who is not mentioned stands there with 0
    found[None] = sum(1 for post in raw.here if raw.own & set(post["topics"]))
    found.update(topic for post in raw.here for topic in raw.competitors & set(post["topics"]))
    return found


def _judged(found: Counter[str | None]) -> int:
    return sum(posts for tone, posts in found.items() if tone)


def _most(found: Counter[Any]) -> list[tuple[Any, float]]:
    return sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _up(now: datetime) -> datetime:
    """The end of the minute that runs."""
    floor = now.replace(second=0, microsecond=0)
    return floor if floor == now else floor + timedelta(minutes=1)
