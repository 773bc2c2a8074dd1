"""A conversation as it is stored here: what a post answers, what answers it, and who quotes it.

Networks tell which post another one answers, by its id. Upwards that is looked up; downwards the posts of the days
after are looked through, because what a post answers stands in no index. What is named and not stored is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.mentions import reads
from watchfloor.mentions.store.keys import post_key
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import Scope, StoredPost
from watchfloor.mentions.store.stored import ids_by_key
from watchfloor.team.models import Mission

HIGHEST = 50  # answers upwards
LOOKED_THROUGH = 20_000  # posts, for answers downwards
STRETCHES = (timedelta(hours=6), timedelta(days=2), timedelta(days=7))  # after the first post
DEEPEST = 8  # shown as steps; deeper ones stand on the last


@dataclass(frozen=True)
class Turn:
    """One place in the conversation. `post` None: one that is named, but that this mission does not store."""

    post: StoredPost | None
    native_id: str
    depth: int
    is_asked: bool
    is_quote: bool = False


@dataclass(frozen=True)
class Conversation:
    """`looked_until`: answers were looked for among posts up to then; `is_cut`: not among all of them."""

    turns: list[Turn]
    looked_until: datetime
    is_cut: bool

    @property
    def missing(self) -> int:
        return sum(1 for turn in self.turns if turn.post is None)

    @property
    def stored(self) -> int:
        return len(self.turns) - self.missing


def conversation_of(mission: Mission, asked: StoredPost, now: datetime) -> Conversation:
    """From the root down to the answers and quotes, oldest first on each step."""
    network = asked.post.network
    above = list(_above(mission, asked))
    known: dict[str, StoredPost] = {post.post.id: post for post in above if post}
    known[asked.post.id] = asked
    roots = {name for name in (asked.post.conversation, *(post.post.id for post in above if post)) if name}
    first = min(post.at for post in known.values())
    found, looked_until, is_cut = _below(mission, network, set(known) | roots, roots, first, now)
    known |= {post.post.id: post for post in found}
    known.setdefault(asked.post.id, asked)

    # Who stands under whom. A parent that is not stored keeps its place.
    children: dict[str, list[tuple[StoredPost, bool]]] = {}
    for post in sorted(known.values(), key=lambda one: one.id):
        parent, is_quote = _parent_of(post, known)
        if parent is not None:
            children.setdefault(parent, []).append((post, is_quote))
    tops = [post.post.id for post in known.values() if _parent_of(post, known)[0] is None]
    tops += [name for name in children if name not in known]
    tops.sort(key=lambda name: known[name].id if name in known else min(post.id for post, _quote in children[name]))
    turns: list[Turn] = []
    waiting = [(name, 0, False) for name in reversed(tops)]
    seen: set[str] = set()
    while waiting:
        name, depth, is_quote = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        turns.append(Turn(known.get(name), name, min(depth, DEEPEST), name == asked.post.id, is_quote))
        waiting += [(post.post.id, depth + 1, quote) for post, quote in reversed(children.get(name, []))]
    return Conversation(turns, looked_until, is_cut)


def _parent_of(post: StoredPost, known: dict[str, StoredPost]) -> tuple[str | None, bool]:
    told = post.post
    if told.reply_to:
        return told.reply_to, False
    for other in (told.quote_of, told.repost_of):
        if other:
            return other, True
    if told.conversation and told.conversation != told.id and told.conversation in known:
        return told.conversation, False
    return None, False


def _above(mission: Mission, asked: StoredPost) -> Iterator[StoredPost | None]:
    """What it answers, and what that answers, up to the first that is not stored."""
    store = SqlMentionStore(mission._state.db or "default")
    post, seen = asked, {asked.post.id}
    with store.engine.connection.cursor() as cursor:
        for _ in range(HIGHEST):
            named = post.post.reply_to or post.post.quote_of or post.post.repost_of
            if not named or named in seen:
                return
            seen.add(named)
            ids = ids_by_key(cursor, [post_key(asked.post.network, named)])
            loaded = Reading(store.engine, cursor, Scope(mission.pk)).load(list(ids.values()))
            shown = [one for one in loaded if one.topics]
            if not shown:
                return
            post = shown[0]
            yield post


def _below(
    mission: Mission, network: str, named: set[str], roots: set[str], first: datetime, now: datetime
) -> tuple[list[StoredPost], datetime, bool]:
    """Posts that answer or quote one of the conversation, and those that answer these."""
    candidates: list[StoredPost] = []
    looked, since, is_cut = 0, first, False
    for stretch in STRETCHES:
        until = min(first + stretch, now + timedelta(minutes=1))
        if until <= since:
            break
        left = LOOKED_THROUGH - looked
        posts = reads.newest(mission, None, window=reads.Window(since, until), limit=left + 1)
        is_cut = len(posts) > left
        looked += len(posts)
        candidates += [post for post in posts[:left] if post.post.network == network]
        since = until
        if is_cut:
            break
    found: dict[str, StoredPost] = {}
    wanted, more = set(named), True
    while more:
        more = False
        for post in candidates:
            told = post.post
            if told.id in found or told.id in named:
                continue
            if {told.reply_to, told.quote_of, told.repost_of} & wanted or told.conversation in roots:
                found[told.id] = post
                wanted.add(told.id)
                more = True
    return list(found.values()), since, is_cut
