"""What differs between SQLite and PostgreSQL when many rows are written or asked for at once."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError

AT_ONCE = 900  # values in one statement: every SQLite build takes 999 or more

T = TypeVar("T")

_WRITERS_LOCK = 0x57A7C4F1  # any fixed number: the advisory lock that makes one writer at a time on PostgreSQL


class Engine:
    """One database, by its alias."""

    def __init__(self, using: str) -> None:
        self.using = using

    @property
    def connection(self) -> BaseDatabaseWrapper:
        return connections[self.using]

    @property
    def is_sqlite(self) -> bool:
        return self.connection.vendor == "sqlite"

    def writing(self) -> CursorWrapper:
        """A cursor in the caller's transaction, with the writer's place taken until that ends.

        One writer at a time, as SQLite has it anyway: counters and id slots then need no retries and can't deadlock.
        """
        if not self.connection.in_atomic_block:
            raise TransactionManagementError("The mention store writes in the caller's transaction; there is none.")
        cursor = self.connection.cursor()
        if not self.is_sqlite:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS_LOCK])
        return cursor

    def insert(
        self, cursor: CursorWrapper, table: str, columns: str, rows: Sequence[Sequence[Any]], *, then: str = ""
    ) -> None:
        """Insert `rows`; `then` is an ON CONFLICT clause."""
        if not rows:
            return
        if self.is_sqlite:
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places}) {then}", rows)
        elif not then:
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            one = "(" + ", ".join(["%s"] * len(rows[0])) + ")"
            for piece in pieces(rows, 1_000):
                values = [value for row in piece for value in row]
                cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {', '.join([one] * len(piece))} {then}", values)


def prepare(connection: BaseDatabaseWrapper, **_: object) -> None:
    """For each new connection. What the text index finds must fit in memory exactly, or PostgreSQL makes terms of whole
    pages of posts to look again; and the cost that the planner is told of that must not make it compile statements."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET work_mem = '64MB'; SET jit = off")


def pieces(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


def rows_in(cursor: CursorWrapper, sql: str, values: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of `sql`, in which `{}` stands for a list of `values`, asked for in pieces."""
    for piece in pieces(values):
        cursor.execute(sql.format(places(piece)), piece)
        yield from cursor.fetchall()


def run_in(cursor: CursorWrapper, sql: str, values: Iterable[Any]) -> int:
    """Run `sql` for `values` in pieces; say how many rows it touched."""
    touched = 0
    for piece in pieces(values):
        cursor.execute(sql.format(places(piece)), piece)
        touched += cursor.rowcount
    return touched


def places(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))
