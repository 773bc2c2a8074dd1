"""Which state of all topics a process matches by.

Whoever changes a topic calls `count_up` in the same transaction. Whoever stores matches calls `hold` in its
transaction: no topic can then change until it commits, so what is stored was always matched by the queries in force,
and a changed query has to be applied only to posts that were stored before.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import F

from watchfloor.listening.models import Revision
from watchfloor.live.announce import publish

ONLY = 1


def count_up(topic_id: int) -> None:
    """A topic was made, changed, switched or removed. In the caller's transaction."""
    if not Revision.objects.filter(pk=ONLY).update(number=F("number") + 1):
        Revision.objects.create(pk=ONLY, number=1)
    publish("topics", {"topic": topic_id})


def hold() -> int:
    """The revision, which stays so until the caller's transaction ends. On SQLite a writing transaction has the file to
    itself; on PostgreSQL the row is locked against changes, and shared with others who hold it."""
    with connection.cursor() as cursor:
        lock = " FOR SHARE" if connection.vendor == "postgresql" else ""
        cursor.execute(f"SELECT number FROM {Revision._meta.db_table} WHERE id = %s{lock}", [ONLY])  # noqa: S608 - our own names
        row = cursor.fetchone()
    return int(row[0]) if row else 0
