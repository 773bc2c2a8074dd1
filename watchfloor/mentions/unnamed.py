"""Accounts whose handle is not known: whom to ask for next, and which rows of pages change once it is told.

A network is asked about authors of shown posts only. An erased or gone account has no row here, and one that is hidden
has to come back first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.mentions.models import Author, Word
from watchfloor.mentions.store.sql import SqlMentionStore

ASK_AGAIN_AFTER = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2), timedelta(days=1))  # then daily


@dataclass(frozen=True)
class Unnamed:
    row: int
    native_id: str


def to_ask_for(network: str, now: datetime, most: int, *, using: str = "default") -> list[Unnamed]:
    """Those who were never asked for, the newest first; then those whose turn has come again."""
    word = Word.objects.using(using).filter(word=network).first()
    if word is None:
        return []
    unnamed = (
        Author.objects.using(using)
        .filter(network=word, handle=None, state=Author.State.SHOWN, native_id__isnull=False)
        .values_list("pk", "native_id")
    )
    found = list(unnamed.filter(ask_at=None).order_by("-pk")[:most])
    if len(found) < most:
        found += unnamed.filter(ask_at__lte=now).order_by("ask_at", "-pk")[: most - len(found)]
    return [Unnamed(row, native_id) for row, native_id in found if native_id is not None]


def note_asked(rows: Collection[int], now: datetime, *, using: str = "default") -> None:
    """Plan the next time for those who are still without a handle."""
    authors = Author.objects.using(using)
    by_times: dict[int, list[int]] = {}
    for row, times in authors.filter(pk__in=rows, handle=None).values_list("pk", "times_asked"):
        by_times.setdefault(times or 0, []).append(row)
    for times, again in by_times.items():
        wait = ASK_AGAIN_AFTER[min(times, len(ASK_AGAIN_AFTER) - 1)]
        authors.filter(pk__in=again).update(times_asked=min(times + 1, 10_000), ask_at=now + wait)


def mentions_of(rows: Sequence[int], most: int, *, using: str = "default") -> dict[int, dict[int, list[int]]]:
    """The newest shown mentions of these authors, at most `most`: mission → topic → posts."""
    found: dict[int, dict[int, list[int]]] = {}
    for mission, topic, post in SqlMentionStore(using).mentions_of(rows, most):
        found.setdefault(mission, {}).setdefault(topic, []).append(post)
    return found
