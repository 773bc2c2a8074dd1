"""What the columns of an unknown file are likely to say, from their names and the first rows.

A name counts whatever its spelling: `createdAt`, `Created At` and `created_at` are one. What was guessed is told to the
person who imports, so that they can put it right with --map.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from watchfloor.sources.files.dates import Dates, NoDate, Order, instant
from watchfloor.sources.files.mapping import look_up

# field → names, likeliest first; a dot leads into a nested object
NAMES: dict[str, tuple[str, ...]] = {
    "text": ("text", "full_text", "body", "content", "message", "tweet", "tweet_text", "post_text", "post", "comment",
             "comment_text", "caption", "selftext", "status", "description", "snippet"),
    "created_at": ("created_at", "created", "date", "datetime", "date_time", "timestamp", "time", "published_at",
                   "published", "posted_at", "tweet_created", "created_utc", "created_time", "date_created",
                   "post_date", "publish_date", "published_date", "date_posted", "pub_date", "pubdate", "tweet_date"),
    "id": ("id_str", "id", "post_id", "tweet_id", "status_id", "message_id", "comment_id", "native_id", "mention_id",
           "uri", "guid"),
    "url": ("url", "permalink", "post_url", "tweet_url", "status_url", "permalink_url", "link"),
    "title": ("title", "headline", "subject"),
    "lang": ("lang", "language", "text_lang", "language_code"),
    "network": ("network", "platform"),
    "author.id": ("author_id", "user_id", "author.id", "user.id_str", "user.id", "account.id", "from_user_id",
                  "user_id_str"),
    "author.handle": ("screen_name", "username", "user_name", "handle", "author_handle", "author_username",
                      "user_screen_name", "author.handle", "author.username", "user.screen_name", "user.username",
                      "user.name", "account.acct", "account.username", "user", "author", "account", "from_user",
                      "nickname", "poster"),
    "author.name": ("display_name", "author_name", "full_name", "author.name", "author.display_name", "user.name",
                    "user.display_name", "account.display_name", "name"),
    "author.followers": ("followers_count", "followers", "follower_count", "user_followers", "user_followers_count",
                         "author_followers", "author.followers", "user.followers_count", "user.followers",
                         "author.public_metrics.followers_count", "account.followers_count"),
    "links": ("links", "urls", "expanded_urls", "urls_expanded_url", "entities.urls"),
    "media": ("media", "media_urls", "media_url", "photos", "images", "image_url"),
    "reply_to": ("reply_to", "in_reply_to_status_id_str", "in_reply_to_status_id", "reply_to_status_id",
                 "in_reply_to_id", "in_reply_to_tweet_id", "in_response_to_tweet_id", "in_reply_to", "parent_id"),
    "repost_of": ("repost_of", "retweet_status_id", "retweeted_status_id", "retweeted_status.id_str", "retweet_of"),
    "quote_of": ("quote_of", "quoted_status_id_str", "quoted_status_id"),
    "conversation": ("conversation", "conversation_id", "thread_id"),
    "metrics.likes": ("likes", "like_count", "likes_count", "favorite_count", "favorites", "favourites",
                      "favorites_count", "public_metrics.like_count", "metrics.likes"),
    "metrics.reposts": ("reposts", "repost_count", "retweets", "retweet_count", "retweets_count", "shares",
                        "share_count", "reblogs_count", "public_metrics.retweet_count", "metrics.reposts"),
    "metrics.replies": ("replies", "reply_count", "replies_count", "comments", "comment_count", "comments_count",
                        "num_comments", "public_metrics.reply_count", "metrics.replies"),
    "metrics.quotes": ("quotes", "quote_count", "quotes_count", "public_metrics.quote_count", "metrics.quotes"),
    "metrics.views": ("views", "view_count", "views_count", "impressions", "impression_count",
                      "public_metrics.impression_count", "metrics.views"),
    "sentiment": ("sentiment", "airline_sentiment", "sentiment_label"),
}  # fmt: skip
_LISTS = {"links", "media"}
DEEPEST, MOST_PATHS = 3, 1_000
_hump = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_other = re.compile(r"[^a-z0-9.]+")


def guess_map(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The likeliest mapping, from a file's first rows. May lack `text` or `created_at`: then nobody can tell."""
    paths: dict[str, str] = {}
    for row in rows:
        for path in _paths(row):
            paths.setdefault(plain_name(path), path)
        if len(paths) >= MOST_PATHS:
            break
    mapping: dict[str, str] = {}
    for field, names in NAMES.items():
        for name in names:
            column = paths.get(name)
            if (
                column is not None
                and column not in mapping.values()
                and _fits(field, [look_up(row, column) for row in rows])
            ):
                mapping[field] = column
                break
    return mapping


def plain_name(name: str) -> str:
    """A column's name without its spelling: `createdAt`, `Created at` → `created_at`."""
    return _other.sub("_", _hump.sub("_", name.strip()).lower()).strip("_")


def _paths(row: Mapping[str, Any], before: str = "", depth: int = 1) -> list[str]:
    found = []
    for key, value in row.items():
        path = f"{before}{key}"
        found.append(path)
        if isinstance(value, Mapping) and depth < DEEPEST:
            found += _paths(value, f"{path}.", depth + 1)
    return found[:MOST_PATHS]


def _fits(field: str, values: list[Any]) -> bool:
    """Whether a column's first values can be what its name says."""
    told = [value for value in values if value is not None and value != ""]
    if not told:
        return field not in ("text", "created_at")
    if field == "created_at":
        return 2 * sum(_is_date(value) for value in told) >= len(told)
    if field in _LISTS:
        return all(isinstance(value, str | list) for value in told)
    return all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in told)


def _is_date(value: Any) -> bool:
    if not isinstance(value, str | int | float):
        return False
    orders: tuple[Order, ...] = ("dmy", "mdy")
    for order in orders:
        try:
            instant(value, Dates(order))
        except NoDate:
            continue
        return True
    return False
