"""`watchfloor doctor`: checks installation, settings, store and connections, and says what to do about each finding."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import click


class Finding(NamedTuple):
    ok: bool
    what: str
    do: str = ""


@click.command()
def doctor() -> None:
    """Check the installation, settings, store and connections. Exit status 1 if anything needs hands.

    \b
    Example: watchfloor doctor
    """
    import django

    django.setup()
    needs_hands = False
    for check in (_installation, _settings, _store, _processes, _connections):
        findings = list(_guarded(check))
        for finding in findings:
            click.echo(f"{'ok  ' if finding.ok else 'HELP'}  {finding.what}")
            if not finding.ok:
                needs_hands = True
                click.echo(f"      → {finding.do}")
        if check is _store and not all(finding.ok for finding in findings):
            break  # what the store would say of processes and connections can't be asked
    sys.exit(1 if needs_hands else 0)


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    from django.db import DatabaseError

    try:
        yield from check()
    except DatabaseError as error:
        yield Finding(
            False,
            f"The store does not answer: {str(error).splitlines()[0]}",
            "Check DATABASE_URL, or run `watchfloor run` once.",
        )


def _installation() -> Iterator[Finding]:
    from django.conf import settings

    yield Finding(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "Install Python 3.11 or newer.")
    found = (settings.ROOT / "node_modules" / "@tabler" / "core").is_dir()
    yield Finding(found, "Front-end files", "Run `make install`; the pages have no style without them.")
    free_mb = shutil.disk_usage(settings.DATA).free // 1_000_000
    yield Finding(
        free_mb > 500, f"{free_mb:,} MB free for {settings.DATA.name}/", "Make room: below 500 MB posts may be refused."
    )


def _settings() -> Iterator[Finding]:
    from django.conf import settings

    key = settings.DATA / "secret_key"
    if key.exists():
        private = not key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        yield Finding(
            private, "The secret key is readable by its owner alone", f"Run `chmod 600 {key.name}` in the data folder."
        )
    yield Finding(not settings.DEBUG, "Debugging is off", "Unset WATCHFLOOR_DEBUG on a server that others reach.")
    loopback = settings.HOST in ("127.0.0.1", "::1", "localhost")
    yield Finding(
        loopback or settings.HTTPS,
        "Pages are served on this machine alone or behind HTTPS",
        "Put an HTTPS proxy in front and set WATCHFLOOR_URL=https://… and WATCHFLOOR_PROXIES.",
    )
    yield Finding(
        os.access(settings.DATA, os.W_OK), "The data folder can be written", "Give it to the user that runs Watchfloor."
    )


def _store() -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding(not behind, f"Tables of this release ({connection.vendor})", "Run `watchfloor manage migrate`.")
    if behind:
        return
    if connection.vendor == "sqlite":
        unsound = _unsound_tables()
        yield Finding(
            not unsound, "The database file is sound", f"It says: {'; '.join(unsound[:3])}. Restore the last backup."
        )
    from watchfloor.mentions.store.store import mention_store

    wrong = mention_store().recount()
    yield Finding(
        not wrong, "Counters equal a recount", f"{len(wrong)} differ. Please report this: it must not happen."
    )


def _unsound_tables() -> list[str]:
    """What SQLite finds wrong with its file, table by table.

    SQLite 3.40 says "NULL value in …" of sound tables that have no row numbers; it is believed if there is a NULL.
    """
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%%'")
        for (table,) in cursor.fetchall():
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"PRAGMA quick_check({quoted})")
            for (said,) in cursor.fetchall():
                if said == "ok":
                    continue
                column = connection.ops.quote_name(said.rsplit(".", 1)[-1])
                if said.startswith(f"NULL value in {table}."):
                    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {quoted} WHERE {column} IS NULL)")  # noqa: S608
                    if not cursor.fetchone()[0]:
                        continue
                found.append(said)
    return found


def _processes() -> Iterator[Finding]:
    from watchfloor.pipeline.models import Beat

    seen = {beat.process: beat for beat in Beat.objects.all()}
    for name in ("stream", "desk"):
        there = name in seen and not seen[name].is_missing
        yield Finding(there, f"The {name} process is running", f"Start `watchfloor run` (or `watchfloor {name}`).")


def _connections() -> Iterator[Finding]:
    from django.utils import timezone

    from watchfloor.sources.models import Connection

    now = timezone.now()
    for connection in Connection.objects.filter(is_on=True):
        name = connection.name[:60]
        if connection.state == Connection.State.FAILED:
            yield Finding(False, f"{name} has failed", connection.says)
        elif connection.state == Connection.State.WAITING:
            yield Finding(False, f"{name} waits to try again", connection.says)
        elif connection.is_silent(now):
            yield Finding(False, f"{name} has been silent for longer than usual", "Open Sources and press Test.")
        else:
            yield Finding(True, f"{name}: {connection.get_state_display()}")
