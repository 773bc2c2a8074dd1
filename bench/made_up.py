"""Made-up posts with the statistics of real ones, for measuring: words by Zipf's law, 5 to 50 a post, hashtags,
handles, links and emoji, and a payload as Jetstream would have sent it. The same for a seed; nobody's real words."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from watchfloor.sources.post import Author, Media, Post

VOCABULARY = 60_000
ZIPF = 1.05
LANGUAGES = ("en", "en", "en", "en", "de", "es", "pt", "ja", None)
EMOJI = ("🔥", "😂", "❤️", "👍🏽", "☕", "🎉", "😭", "✨")

_ONSETS = [
    *"bcdfghjklmnprstvwz",
    "br",
    "ch",
    "cl",
    "dr",
    "fl",
    "gr",
    "pl",
    "pr",
    "sh",
    "sk",
    "sl",
    "sp",
    "st",
    "str",
    "th",
    "tr",
]
_VOWELS = [*"aeiou", "ai", "ea", "ee", "io", "ou", "oo"]
_CODAS = ["", "", "", "n", "r", "s", "t", "l", "m", "ck", "nd", "ng", "st", "th"]


class MadeUp:
    """`posts(n, since, until)` in the order of their times. `words[0]` is the most frequent one."""

    def __init__(self, seed: int = 1, authors: int = 50_000) -> None:
        self.random = random.Random(seed)
        self.words = self._vocabulary()
        self._weights = list(accumulate(1 / rank**ZIPF for rank in range(1, VOCABULARY + 1)))
        self._authors = [self._author() for _ in range(authors)]
        self._author_weights = list(accumulate(1 / rank**0.8 for rank in range(1, authors + 1)))

    def posts(self, n: int, since: datetime, until: datetime) -> Iterator[tuple[Post, bytes]]:
        step = (until - since) / n
        for number in range(n):
            yield self.post(since + number * step + self.random.random() * step)

    def post(self, at: datetime) -> tuple[Post, bytes]:
        dice = self.random
        author = dice.choices(self._authors, cum_weights=self._author_weights)[0]
        rkey = self._token(13)
        links: tuple[str, ...] = ()
        words = dice.choices(
            self.words, cum_weights=self._weights, k=min(50, max(5, int(dice.lognormvariate(2.8, 0.6))))
        )
        if dice.random() < 0.2:
            words.append(f"#{dice.choice(words)}")
        if dice.random() < 0.12:
            words.insert(0, f"@{dice.choices(self._authors, cum_weights=self._author_weights)[0].handle}")
        if dice.random() < 0.15:
            words.append(dice.choice(EMOJI))
        if dice.random() < 0.2:
            links = (f"https://{dice.choice(self.words)}.example/{self._token(20)}",)
        text = " ".join(words).capitalize() + dice.choice((".", "!", "?", "", ""))
        reply = (
            f"at://{dice.choice(self._authors).id}/app.bsky.feed.post/{self._token(13)}"
            if dice.random() < 0.4
            else None
        )
        media = (Media("photo", None, " ".join(words[:6])),) if dice.random() < 0.25 else ()
        lang = dice.choice(LANGUAGES)
        post = Post(
            network="bluesky",
            id=f"at://{author.id}/app.bsky.feed.post/{rkey}",
            url=f"https://bsky.app/profile/{author.id}/post/{rkey}",
            text=text,
            created_at=at,
            lang=lang,
            author=author,
            links=links,
            media=media,
            reply_to=reply,
            conversation=reply,
        )
        return post, self._payload(post, rkey)

    def _payload(self, post: Post, rkey: str) -> bytes:
        at = post.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record: dict[str, object] = {"$type": "app.bsky.feed.post", "createdAt": at, "text": post.text}
        if post.lang:
            record["langs"] = [post.lang]
        if post.reply_to:
            ref = {"cid": self._cid(), "uri": post.reply_to}
            record["reply"] = {"parent": ref, "root": ref}
        if post.links:
            record["embed"] = {
                "$type": "app.bsky.embed.external",
                "external": {"description": " ".join(self.random.choices(self.words, cum_weights=self._weights, k=15)),
                             "thumb": self._blob(), "title": post.text[:40], "uri": post.links[0]},
            }  # fmt: skip
        elif post.media:
            image = {"alt": post.media[0].alt, "aspectRatio": {"height": 1500, "width": 2000}, "image": self._blob()}
            record["embed"] = {"$type": "app.bsky.embed.images", "images": [image]}
        event = {
            "did": post.author.id,
            "time_us": int(post.created_at.timestamp() * 1e6) + 250_000,
            "kind": "commit",
            "commit": {"rev": self._token(13), "operation": "create", "collection": "app.bsky.feed.post", "rkey": rkey,
                       "record": record, "cid": self._cid()},
        }  # fmt: skip
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()

    def _blob(self) -> dict[str, object]:
        size = self.random.randrange(50_000, 900_000)
        return {"$type": "blob", "ref": {"$link": self._cid()}, "mimeType": "image/jpeg", "size": size}

    def _cid(self) -> str:
        return "bafyrei" + self._token(52)

    def _token(self, length: int) -> str:
        return "".join(self.random.choices("234567abcdefghijklmnopqrstuvwxyz", k=length))

    def _author(self) -> Author:
        handle = f"{self.random.choice(self.words)}{self.random.randrange(1000)}.bsky.social"
        return Author(id=f"did:plc:{self._token(24)}", handle=handle, name=None, followers=None)

    def _vocabulary(self) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < VOCABULARY:
            syllables = 1 if len(found) < 400 else self.random.choice((2, 2, 3))
            found["".join(
                self.random.choice(_ONSETS) + self.random.choice(_VOWELS) + self.random.choice(_CODAS)
                for _ in range(syllables)
            )] = None  # fmt: skip
        return list(found)


def seen(post: Post) -> datetime:
    return post.created_at + timedelta(milliseconds=400)
