"""Talk against people: where it is said, by how many, and how few say most of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from watchfloor.mentions.reads import Window
from watchfloor.mentions.store.store import Scope, mention_store
from watchfloor.team.models import Mission

MOST_POSTS = 50_000  # the newest of the window; more are not read one by one
LOUDEST = 10
MOST_NETWORKS = 6


@dataclass(frozen=True)
class NetworkVoices:
    """Shares are 0 … 1. `people` None: no author of this network is known."""

    network: str
    posts: int
    people: int
    talk: float
    of_people: float | None


@dataclass(frozen=True)
class Voices:
    """`loudest`: the part of the posts with a known author that the ten loudest wrote, None if fewer than ten wrote.
    `is_cut`: only the newest posts of the window were looked at."""

    posts: int
    people: int
    networks: tuple[NetworkVoices, ...]
    loudest: float | None
    is_cut: bool


def voices(mission: Mission, window: Window) -> Voices:
    labels = mention_store().labels(Scope(mission.pk), since=window.since, until=window.until, limit=MOST_POSTS + 1)
    found = [(post.network, post.author_row) for post in labels]
    is_cut = len(found) > MOST_POSTS
    found = found[:MOST_POSTS]
    by_network = Counter(network for network, _author in found)
    wrote = Counter(author for _network, author in found if author is not None)
    people = Counter(network for network, author in set(found) if author is not None)
    networks = tuple(
        NetworkVoices(
            network=network or "",
            posts=posts,
            people=people[network],
            talk=posts / len(found),
            of_people=people[network] / len(wrote) if people[network] else None,
        )
        for network, posts in by_network.most_common(MOST_NETWORKS)
    )
    loudest = (
        sum(posts for _author, posts in wrote.most_common(LOUDEST)) / wrote.total() if len(wrote) > LOUDEST else None
    )
    return Voices(len(found), len(wrote), networks, loudest, is_cut)
