"""Reading a bounded number of posts: the newest that may match a query, and posts by their ids.

`search` and `matches` of the store look as far back as it takes; who must answer in bounded time looks at so many
candidates and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connections

from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.ids import LARGEST
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.seen import Stretch, stretch
from watchfloor.mentions.store.store import Scope, StoredPost

if TYPE_CHECKING:
    from watchfloor.listening.language.tree import Query


def newest_ids(
    scope: Scope,
    query: Query | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int,
    using: str = "default",
) -> list[int]:
    """Ids of the newest shown posts that the index takes for possible matches, newest first, at most `limit`. Every
    post that matches is among the candidates; the evaluator decides which of them do."""
    with connections[using].cursor() as cursor:
        return Reading(Engine(using), cursor, scope).candidates(query, stretch(since, until, before), limit)


def posts_by_id(scope: Scope, ids: Sequence[int], *, using: str = "default") -> list[StoredPost]:
    """In the order of `ids`; those that went meanwhile are left out. One that the scope's mission does not see, because
    it is not the mission's, hidden or set aside, has no topics."""
    if not ids:
        return []
    with connections[using].cursor() as cursor:
        return Reading(Engine(using), cursor, scope).load(ids)


def ids_of(scope: Scope, first: int, end: int, *, using: str = "default") -> list[int]:
    """Ids of the scope's shown posts from `first` up to and without `end`, oldest first."""
    with connections[using].cursor() as cursor:
        return Reading(Engine(using), cursor, scope).ids(Stretch(first, end))


def count_ids(scope: Scope, first: int = 0, end: int = LARGEST, *, using: str = "default") -> int:
    """How many there are."""
    with connections[using].cursor() as cursor:
        return Reading(Engine(using), cursor, scope).count(None, Stretch(first, end))
