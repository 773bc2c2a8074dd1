"""What Explore shows of a view, apart from its rows: figures, the rising hashtags, the widest authors, choices."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from watchfloor.lib.kept import Kept
from watchfloor.listening.language.tokens import cut
from watchfloor.mentions import reads
from watchfloor.mentions.explore import View
from watchfloor.mentions.marking import Mark
from watchfloor.mentions.marks_reads import marks_of_mission
from watchfloor.mentions.rows import name_of
from watchfloor.mentions.store.store import StoredPost

MOST_CHOICES = 40
LOOKED_AT = 2_000  # posts, for hashtags and authors
PARTS = 12  # of the stretch, for a hashtag's line
FEWEST_OF_A_HASHTAG = 3
SHOWN = 5
GLANCES_LAST_SECONDS = 10


@dataclass(frozen=True)
class Choices:
    """What filters offer: what the window holds, and what is chosen already."""

    networks: list[str]
    languages: list[str]
    tags: list[Mark]
    categories: list[Mark]


def choices(view: View) -> Choices:
    """Networks and languages of the window whatever the filters say, the most frequent first."""
    networks: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for slot, posts in reads.tally(view.mission, None, view.window).items():
        networks[slot.network] += posts
        if slot.language:
            languages[slot.language] += posts
    marks = marks_of_mission(view.mission)
    return Choices(
        networks=list(dict.fromkeys([*view.networks, *(name for name, _n in networks.most_common(MOST_CHOICES))])),
        languages=list(dict.fromkeys([*view.languages, *(code for code, _n in languages.most_common(MOST_CHOICES))])),
        tags=[mark for mark in marks if mark.kind == Mark.Kind.TAG],
        categories=[mark for mark in marks if mark.kind == Mark.Kind.CATEGORY],
    )


@dataclass(frozen=True)
class Hashtag:
    """`earlier` and `later`: posts in the first and the second half of the stretch. `by_part`: twelve figures."""

    name: str
    posts: int
    earlier: int
    later: int
    by_part: list[int]

    @property
    def growth(self) -> float | None:
        """later / earlier; None: it is new in the second half."""
        return self.later / self.earlier if self.earlier else None


@dataclass(frozen=True)
class Reached:
    """An author by followers, as last told. `row` is the account's number here."""

    row: int
    name: str
    followers: int | None
    posts: int


@dataclass(frozen=True)
class Glance:
    """`of`: how many posts were looked at; `is_whole`: all of the view."""

    hashtags: list[Hashtag]
    authors: list[Reached]
    of: int
    is_whole: bool


def glance(view: View) -> Glance:
    """Hashtags that rise and authors with the most followers, among the newest posts of the view. Kept for ten
    seconds, and shared by all who look at the same."""
    key = (
        *(view.mission.pk, view.topic_ids, view.query.text if view.query else "", view.marks),
        *(view.since, view.given, int(view.now.timestamp()) // GLANCES_LAST_SECONDS),
    )
    return _glances.get(key, lambda: _glance(view))


_glances: Kept[Glance] = Kept(200)


def _glance(view: View) -> Glance:
    posts = reads.newest(
        view.mission, view.topic_ids, query=view.query, window=view.window, limit=LOOKED_AT + 1, marks=view.marks
    )
    is_whole = len(posts) <= LOOKED_AT
    posts = posts[:LOOKED_AT]
    since = view.window.since if is_whole else posts[-1].at
    part = max(timedelta(seconds=1), (view.window.until - since) / PARTS)
    counted: dict[str, list[int]] = {}
    authors: dict[int, Reached] = {}
    for post in posts:
        at = min(PARTS - 1, max(0, (post.at - since) // part))
        for name in hashtags_of(post):
            counted.setdefault(name, [0] * PARTS)[at] += 1
        if post.author_row is not None:
            before = authors.get(post.author_row)
            told = post.followers_now if post.followers_now is not None else post.post.author.followers
            name = name_of(post.post.author)
            authors[post.author_row] = Reached(post.author_row, name, told, before.posts + 1 if before else 1)
    half = PARTS // 2
    tags = [Hashtag(name, sum(by), sum(by[:half]), sum(by[half:]), by) for name, by in counted.items()]
    rising = sorted(
        (tag for tag in tags if tag.posts >= FEWEST_OF_A_HASHTAG),
        key=lambda tag: (tag.later + 1) / (tag.earlier + 1),
        reverse=True,
    )
    widest = sorted(authors.values(), key=lambda one: (one.followers is None, -(one.followers or 0), -one.posts))
    return Glance(rising[:SHOWN], widest[:SHOWN], len(posts), is_whole)


def hashtags_of(post: StoredPost) -> set[str]:
    """Its hashtags, normalised, without "#"."""
    tokens = cut(post.post.title, post.post.text)
    return {other.form.lstrip("#＃") for other in tokens.others if other.kind == "hashtag"}
