"""How connections are, in a shape, a word and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.utils.translation import gettext as _

from watchfloor.lib.spans import short_span
from watchfloor.sources.coverage import BEHIND, Coverage, Hole, coverage, heard_by, minutes
from watchfloor.sources.models import Connection
from watchfloor.sources.source import Facts, Source, installed_sources

__all__ = [
    "Coverage",
    "Health",
    "Hole",
    "NetworkMark",
    "cannot_tell",
    "coverage",
    "health",
    "heard_by",
    "minutes",
    "network_marks",
    "plug",
]

State = Connection.State


@dataclass(frozen=True)
class Health:
    """`shape` is the component's suffix (ok, due, fail, unknown); `word` the state, `short` for the top line.
    `rank` sorts the worst first."""

    shape: str
    word: str
    short: str
    rank: int

    @property
    def is_calm(self) -> bool:
        return self.rank >= 3


def health(connection: Connection, now: datetime) -> Health:
    """The state of a connection as people should see it: silence and lag are states of their own, not a green light."""
    if not connection.is_on:
        return Health("unknown", _("switched off"), _("off"), 4)
    if connection.source not in installed_sources():
        return Health("fail", _("its source is not installed"), _("not installed"), 0)
    if connection.state == State.FAILED:
        return Health("fail", _("needs hands"), _("needs hands"), 0)
    if connection.state == State.WAITING:
        return Health("due", _("waiting to try again"), _("trying again"), 1)
    if connection.state == State.CONNECTING:
        return Health("due", _("connecting"), _("connecting"), 2)
    if connection.state == State.DONE:
        return Health("unknown", _("finished"), _("finished"), 4)
    if connection.state == State.NEW:
        return Health("unknown", _("not started"), _("not started"), 3)
    return _live(connection, now)


def _live(connection: Connection, now: datetime) -> Health:
    if connection.is_silent(now):
        since = connection.last_post_at or connection.heard_at or now
        words = _("silent %(span)s") % {"span": short_span(now - since)}
        return Health("due", words, words, 1)
    lag = timedelta(seconds=connection.lag_seconds or 0)
    if lag > BEHIND:
        words = _("behind %(span)s") % {"span": short_span(lag)}
        return Health("due", words, words, 2)
    if connection.says:  # a part of it, one feed of many, goes wrong
        return Health("due", _("live, with trouble"), _("trouble"), 2)
    if connection.last_post_at is None:
        return Health("ok", _("live"), _("live"), 3)
    return Health("ok", _("live"), short_span(now - connection.last_post_at), 3)


def plug(connection: Connection) -> Source | None:
    """The connection's source; None if the package that brought it was taken away."""
    return installed_sources().get(connection.source)


def cannot_tell(facts: Facts) -> list[str]:
    """What a network does not tell, in words."""
    words = {
        "lang": _("language"),
        "title": _("title"),
        "url": _("address"),
        "author.id": _("account"),
        "author.handle": _("handle"),
        "author.name": _("name"),
        "author.followers": _("followers"),
        "metrics.likes": _("likes"),
        "metrics.reposts": _("reposts"),
        "metrics.replies": _("number of replies"),
        "metrics.quotes": _("quotes"),
        "metrics.views": _("views"),
    }
    return [words.get(field, field) for field in facts.cannot_tell]


@dataclass(frozen=True)
class NetworkMark:
    title: str
    letters: str
    shape: str


@cache
def network_marks() -> dict[str, NetworkMark]:
    """How each known network is marked, by its name in posts. A source that carries any network marks none."""
    marks = {name: NetworkMark(*mark) for name, mark in KNOWN_NETWORKS.items()}
    for source in installed_sources().values():
        for network in source.facts.networks[:1]:
            marks.setdefault(network, NetworkMark(source.facts.title, source.facts.letters, source.facts.shape))
    return marks


# Networks whose posts come in by files before they have a source of their own.
KNOWN_NETWORKS = {
    "bluesky": ("Bluesky", "Bs", "microblog"),
    "mastodon": ("Mastodon", "M", "microblog"),
    "x": ("X", "X", "microblog"),
    "twitter": ("Twitter", "T", "microblog"),
    "threads": ("Threads", "Th", "microblog"),
    "reddit": ("Reddit", "R", "community"),
    "lemmy": ("Lemmy", "L", "community"),
    "hackernews": ("Hacker News", "H", "community"),
    "discourse": ("Discourse", "D", "community"),
    "facebook": ("Facebook", "F", "community"),
    "wordpress": ("WordPress", "W", "page"),
    "blog": ("Blog", "B", "page"),
    "feed": ("Feed", "F", "page"),
    "web": ("Web", "W", "page"),
    "forum": ("Forum", "Fo", "community"),
    "news": ("News", "N", "page"),
    "youtube": ("YouTube", "Yt", "media"),
    "instagram": ("Instagram", "Ig", "media"),
    "telegram": ("Telegram", "Tg", "microblog"),
}
