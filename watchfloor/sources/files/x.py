"""Tweets as X's API v2 gives them → posts: a bare tweet, or an answer `{"data": …, "includes": …}`.

What an answer includes (authors, media, the retweeted and quoted tweets) is found by id; without it the post has what
the tweet alone tells. A retweet carries the retweeted tweet's words, its own author, and `repost_of`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor.sources import told
from watchfloor.sources.post import Author, Media, MediaKind, Metrics, Post
from watchfloor.sources.source import Event, Unreadable, Written
from watchfloor.sources.told import NotRead, Object

NETWORK = "x"
MOST_MEDIA = 20
_MEDIA: dict[str, MediaKind] = {"photo": "photo", "video": "video", "animated_gif": "video"}
# X's own codes for "no language": undetermined, no words, only media, mentions, hashtags, cashtags, links, too short.
_NO_LANGUAGE = {"und", "zxx", "qam", "qct", "qht", "qme", "qst", "art"}
_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}  # X still writes the codes that ISO 639 withdrew
_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)  # where the ids' own clock starts
_FIRST_TIMED_ID = 29_700_859_247
_is_id = re.compile(r"[0-9]{1,19}").fullmatch
_is_lang = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*").fullmatch


@dataclass
class Includes:
    """What came along with the tweets, by id."""

    users: dict[str, Object] = field(default_factory=dict)
    media: dict[str, Object] = field(default_factory=dict)
    tweets: dict[str, Object] = field(default_factory=dict)


def read_x(raw: bytes) -> list[Event]:
    """One tweet, or one answer with one or several. Never raises: answers Unreadable for what can't be read."""
    try:
        payload = told.json_object(raw)
        tweets, includes = _open(payload)
    except NotRead as error:
        return [Unreadable(str(error), raw[:200])]
    alone = len(tweets) == 1
    return [_read(tweet, includes, raw if alone else None) for tweet in tweets]


def _open(payload: Object) -> tuple[list[object], Includes]:
    data = payload.get("data")
    if isinstance(data, dict):
        return [data], _includes(told.part(payload, "includes"))
    if isinstance(data, list):
        return list(data), _includes(told.part(payload, "includes"))
    if "id" in payload and "text" in payload:
        return [payload], _includes(told.part(payload, "includes"))
    if "id_str" in payload:
        raise NotRead("It is a tweet of the old API (v1.1). Import it with --format jsonl --network x.")
    if errors := told.parts(payload, "errors"):
        what = told.text(errors[0], "detail") or told.text(errors[0], "title") or "no reason given"
        raise NotRead(f"X answered with an error instead of tweets: {what[:200]}")
    if told.part(payload, "meta").get("result_count") == 0:
        return [], Includes()
    raise NotRead("It is neither a tweet (with id and text) nor an answer with data.")


def _includes(written: Object) -> Includes:
    return Includes(
        users={name: item for item in told.parts(written, "users") if (name := told.name(item, "id"))},
        media={key: item for item in told.parts(written, "media") if (key := told.text(item, "media_key"))},
        tweets={name: item for item in told.parts(written, "tweets") if (name := told.name(item, "id"))},
    )


def _read(tweet: object, includes: Includes, raw: bytes | None) -> Event:
    """`raw` None: the tweet stood among others; what is kept is itself with its own part of the includes."""
    try:
        if not isinstance(tweet, dict):
            raise NotRead(f"A tweet is a JSON {told.json_kind(tweet)}, where an object was expected.")
        return Written(tweet_post(tweet, includes), raw if raw is not None else _alone(tweet, includes))
    except NotRead as error:
        return Unreadable(str(error), (raw or msgspec.json.encode(tweet))[:200])


def tweet_post(tweet: Object, includes: Includes) -> Post:
    """A tweet object → the post. Raises NotRead."""
    tweet_id = told.name(tweet, "id")
    if tweet_id is None or not _is_id(tweet_id):
        raise NotRead("The tweet has no id of digits.")
    refers = {told.text(item, "type"): told.name(item, "id") for item in told.parts(tweet, "referenced_tweets")}
    repost_of = refers.get("retweeted")
    said = includes.tweets.get(repost_of or "", tweet)  # a retweet's own text is cut off after 140 characters
    author = _author(tweet, includes)
    return Post(
        network=NETWORK,
        id=tweet_id,
        text=_text(said),
        created_at=_created_at(tweet, tweet_id),
        url=f"https://x.com/{author.handle or 'i'}/status/{tweet_id}",
        lang=_language(told.text(tweet, "lang")),
        author=author,
        links=_links(said),
        media=_media(said, includes) or _media(tweet, includes),
        reply_to=refers.get("replied_to"),
        repost_of=repost_of,
        quote_of=refers.get("quoted"),
        conversation=told.name(tweet, "conversation_id"),
        metrics=_metrics(told.part(tweet, "public_metrics")),
    )


def _text(tweet: Object) -> str:
    long = told.text(told.part(tweet, "note_tweet"), "text")
    text = long or tweet.get("text")
    if not isinstance(text, str):
        raise NotRead("The tweet has no text.")
    # X escapes exactly these three in texts.
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _created_at(tweet: Object, tweet_id: str) -> datetime:
    if "created_at" in tweet:
        at = told.instant(tweet, "created_at")
        if at is None:
            raise NotRead("The tweet's created_at is no date with a time zone.")
        return at
    if int(tweet_id) < _FIRST_TIMED_ID:
        raise NotRead("The tweet has no created_at.")
    # Not asked for when it was fetched; the id tells it to the millisecond.
    return _EPOCH + timedelta(milliseconds=int(tweet_id) >> 22)


def _language(code: str | None) -> str | None:
    if code is None or code.lower() in _NO_LANGUAGE or not _is_lang(code):
        return None
    return _OLD_CODES.get(code.lower(), code)


def _author(tweet: Object, includes: Includes) -> Author:
    author_id = told.name(tweet, "author_id")
    user = includes.users.get(author_id or "", {})
    return Author(
        id=author_id,
        handle=told.text(user, "username") or told.text(tweet, "username"),
        name=told.text(user, "name"),
        followers=told.count(told.part(user, "public_metrics"), "followers_count"),
    )


def _links(tweet: Object) -> tuple[str, ...]:
    """Where the shortened links lead. Those to a tweet's own media are how X shows the media, and no links."""
    entities = (told.part(told.part(tweet, "note_tweet"), "entities"), told.part(tweet, "entities"))
    found = [item for part in entities for item in told.parts(part, "urls") if "media_key" not in item]
    return told.web_links([told.text(item, "unwound_url") or told.text(item, "expanded_url") for item in found])


def _media(tweet: Object, includes: Includes) -> tuple[Media, ...]:
    return tuple(
        Media(_MEDIA.get(told.text(item, "type") or "", "other"), _address(item), told.text(item, "alt_text"))
        for item in _attached(tweet, includes)[:MOST_MEDIA]
    )


def _attached(tweet: Object, includes: Includes) -> list[Object]:
    keys = told.part(tweet, "attachments").get("media_keys")
    if not isinstance(keys, list):
        return []
    return [includes.media[key] for key in keys if isinstance(key, str) and key in includes.media]


def _address(media: Object) -> str | None:
    films = [item for item in told.parts(media, "variants") if told.text(item, "content_type") == "video/mp4"]
    best = max(films, key=lambda item: told.count(item, "bit_rate") or 0, default={})
    fit = told.web_links([told.text(media, "url"), told.text(best, "url"), told.text(media, "preview_image_url")])
    return fit[0] if fit else None


def _metrics(public: Object) -> Metrics:
    return Metrics(
        likes=told.count(public, "like_count"),
        reposts=told.count(public, "retweet_count"),
        replies=told.count(public, "reply_count"),
        quotes=told.count(public, "quote_count"),
        views=told.count(public, "impression_count"),
    )


def _alone(tweet: Object, includes: Includes) -> bytes:
    """The answer that would have carried this tweet only."""
    refers = [told.name(item, "id") or "" for item in told.parts(tweet, "referenced_tweets")]
    tweets = [includes.tweets[name] for name in refers if name in includes.tweets]
    along = {
        "users": [includes.users[name] for name in [told.name(tweet, "author_id") or ""] if name in includes.users],
        "media": [media for item in (tweet, *tweets) for media in _attached(item, includes)],
        "tweets": tweets,
    }
    return msgspec.json.encode({"data": tweet, "includes": {part: items for part, items in along.items() if items}})
