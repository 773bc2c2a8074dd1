"""What each desk has still to look at. A desk registers once, at start, and takes its arrivals in the transaction that
does the work: so a crash repeats work, and never loses or doubles it, and a slow desk holds up nothing.

    arrivals.register("engage")
    with transaction.atomic():
        for arrival in arrivals.take("engage", 100): ...
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec
from django.db import connections
from django.db.transaction import TransactionManagementError

ArrivalKind = Literal["new", "edited", "deleted"]

_desks: dict[str, Callable[[str], bool] | None] = {}


class Arrival(msgspec.Struct, frozen=True):
    """`deleted` also stands for a post that is hidden for now; it comes as `new` again when it is back."""

    id: int
    desk: str
    kind: ArrivalKind
    post_id: int
    topic_ids: tuple[int, ...]


def register(desk: str, wanting: Callable[[str], bool] | None = None) -> None:
    """From now on every change writes a row for `desk`. Call it in the app's `ready`, so that every process does.

    `wanting` is asked in the transaction that would write them whether they are wanted at all, with the database's
    alias. Whoever makes its answer true must take the writer's place first, so that no batch is between.
    """
    if len(desk) > 40:
        raise ValueError(f"The name of a desk has at most 40 characters, {desk!r} has {len(desk)}.")
    _desks.setdefault(desk, wanting)


def unregister(desk: str) -> None:
    _desks.pop(desk, None)


def desks() -> tuple[str, ...]:
    return tuple(_desks)


def wanting(names: Iterable[str], *, using: str = "default") -> tuple[str, ...]:
    """Those of the desks that want arrivals now."""
    asked = ((name, _desks.get(name)) for name in names)
    return tuple(name for name, wants in asked if wants is None or wants(using))


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
