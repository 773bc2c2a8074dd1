"""What each desk has still to look at. A desk registers once, at start, and takes its arrivals in the transaction that
does the work: so a crash repeats work, and never loses or doubles it, and a slow desk holds up nothing.

    arrivals.register("engage")
    with transaction.atomic():
        for arrival in arrivals.take("engage", 100): ...
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from typing import Literal

import msgspec
from django.db import connections
from django.db.transaction import TransactionManagementError

ArrivalKind = Literal["new", "edited", "deleted"]

_desks: list[str] = []


class Arrival(msgspec.Struct, frozen=True):
    """`deleted` also stands for a post that is hidden for now; it comes as `new` again when it is back."""

    id: int
    desk: str
    kind: ArrivalKind
    post_id: int
    topic_ids: tuple[int, ...]


def register(desk: str) -> None:
    """From now on every change writes a row for `desk`. Call it in the app's `ready`, so that every process does."""
    if len(desk) > 40:
        raise ValueError(f"The name of a desk has at most 40 characters, {desk!r} has {len(desk)}.")
    if desk not in _desks:
        _desks.append(desk)


def unregister(desk: str) -> None:
    if desk in _desks:
        _desks.remove(desk)


def desks() -> tuple[str, ...]:
    return tuple(_desks)


def take(desk: str, limit: int = 100, *, using: str = "default") -> list[Arrival]:
    """The oldest arrivals of `desk`, removed in the caller's transaction. Two takers never get the same one."""
    connection = connections[using]
    if not connection.in_atomic_block:
        raise TransactionManagementError("Take arrivals in the transaction that does the work; there is none.")
    skip = "" if connection.vendor == "sqlite" else " FOR UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM mentions_arrival WHERE id IN "
            f"(SELECT id FROM mentions_arrival WHERE desk = %s ORDER BY id LIMIT %s{skip}) "
            "RETURNING id, desk, kind, post_id, topic_ids",
            [desk, limit],
        )
        rows = cursor.fetchall()
    return sorted(
        (
            Arrival(number, desk, kind, post_id, tuple(int(topic) for topic in topics.split(",") if topic))
            for number, desk, kind, post_id, topics in rows
        ),
        key=lambda arrival: arrival.id,
    )


def waiting(*, using: str = "default") -> dict[str, int]:
    """How many arrivals wait for each desk: for /metrics and doctor."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT desk, count(*) FROM mentions_arrival GROUP BY desk")
        return dict(cursor.fetchall())
