"""`watchfloor import`, `search` and `export`: posts into the store from a shell, and out of it."""

from __future__ import annotations

import re
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import click
import msgspec

from watchfloor.sources.post import NOBODY, UNCOUNTED, Post

if TYPE_CHECKING:
    from watchfloor.listening.language.tree import Query, QueryError
    from watchfloor.pipeline.imports import Counted
    from watchfloor.pipeline.line import Line
    from watchfloor.sources.files.reading import FileSettings
    from watchfloor.team.models import Mission

FORMATS = ("post", "jetstream", "mastodon", "x", "csv", "jsonl")
INTERRUPTED = 130


def say(words: str) -> None:
    """To the person at the terminal; standard output belongs to what the command hands out."""
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stderr):
        click.echo(words, err=True)


# --- import --------------------------------------------------------------------------------------------------------


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILES")
@click.option("--format", "format_name", type=click.Choice(FORMATS), default="post", show_default=True)
@click.option("--mission", metavar="M", help="The mission's name or slug; made if it is not there. Without: all.")
@click.option("--topic", "topics", multiple=True, metavar="NAME=QUERY", help="Make a topic of the mission on the way.")
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN,…", help="csv, jsonl: which column says what.")
@click.option("--network", metavar="NAME", help="csv, jsonl: the network that the posts are from.")
@click.option(
    "--dates", type=click.Choice(["dmy", "mdy"]), help="csv, jsonl: the order of day and month in 02-03-2026."
)
@click.option("--zone", default="UTC", show_default=True, help="csv, jsonl: the time zone of dates that name none.")
def import_posts(
    files: tuple[str, ...],
    format_name: str,
    mission: str | None,
    topics: tuple[str, ...],
    maps: tuple[str, ...],
    network: str | None,
    dates: str | None,
    zone: str,
) -> None:
    """Bring in posts from files; - is standard input. Packed files (gzip, zstd) are read as they are.

    What no topic of the mission looks for is not stored. The same command after an interruption goes on where it
    stopped; importing a file twice stores its posts once.

    \b
    Example: watchfloor import --mission "Pivot 2026" posts.jsonl
             watchfloor import --mission Forum --format csv --network forum \\
               --map text=body,created_at=date,author.handle=user export.csv
             watchfloor import --mission Pivot --topic 'Wifi=wifi NEAR/5 (slow OR down)' --format mastodon t.gz
    """
    settings_of = _settings(format_name, maps, network, dates, zone)
    named = [_name_and_query(topic) for topic in topics]
    if named and mission is None:
        raise click.UsageError("--topic needs --mission: a topic belongs to a mission.")
    with _ending_on_ctrl_c("What was read so far is stored; run the same command again to go on where it stopped."):
        _ready()
        from watchfloor.listening.models import Topic
        from watchfloor.pipeline.imports import Counted
        from watchfloor.pipeline.line import Line

        where = _mission_and_topics(mission, named)
        if where is None and not Topic.objects.listening().exists():
            say("There are no topics yet, so nothing will be stored. Name a mission with --mission.")
        line = Line()
        total, status = Counted(), 0
        for path in files:
            status = max(status, _import_file(line, path, settings_of, where, total))
    _say_what_was_left(total, where)
    figures = ("read", "stored", "matched", "duplicates", "skipped")
    click.echo(_json({name: getattr(total, name) for name in figures}))
    sys.exit(status)


def _settings(
    format_name: str, maps: tuple[str, ...], network: str | None, dates: str | None, zone: str
) -> Callable[[str], FileSettings]:
    """How each file is to be read, by its path. Its content's fingerprint is taken when its turn comes."""
    from watchfloor.sources.files.mapping import BadMap, clean_network, parse_map
    from watchfloor.sources.files.reading import FileSettings, fingerprint

    if format_name not in ("csv", "jsonl") and (maps or network or dates):
        raise click.UsageError(
            "--map, --network and --dates go with --format csv or jsonl; the others say it themselves."
        )
    try:
        columns = parse_map(maps)
        network = clean_network(network) if network is not None else None
    except BadMap as error:
        raise click.UsageError(str(error)) from None
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise click.UsageError(f"“{zone}” is no time zone. Name one such as Europe/Berlin.") from None

    def settings_of(path: str) -> FileSettings:
        return FileSettings(
            path=path,
            fingerprint=fingerprint(path),
            format=format_name,  # type: ignore[arg-type]  # click lets no other through
            network=network,
            columns=columns,
            dates=dates,  # type: ignore[arg-type]
            zone=zone,
        )

    return settings_of


def _import_file(
    line: Line, path: str, settings_of: Callable[[str], FileSettings], mission: Mission | None, total: Counted
) -> int:
    """Import one file and add up. Says the exit status that it asks for."""
    from tqdm import tqdm

    from watchfloor.pipeline.imports import Counted, Import
    from watchfloor.sources.files.formats import NeedsMap
    from watchfloor.sources.files.opening import CannotOpen

    status = 0
    bar = tqdm(disable=not sys.stderr.isatty(), unit="B", unit_scale=True, desc=path[-40:], delay=1)

    def complain(number: int | None, why: str) -> None:
        nonlocal status
        status = 1
        say(f"{path}:{number}: {why}" if number is not None else f"{path}: {why}")

    def show(position: int, size: int | None) -> None:
        bar.total = size
        bar.update(position - bar.n)

    counted = Counted()
    try:
        task = Import(line, settings_of(path), mission, say=say, complain=complain, show=show)
        counted = task.counted
        task.run()
    except CannotOpen as error:
        complain(None, str(error))
    except NeedsMap as error:
        complain(None, str(error))
        status = 2
    finally:
        bar.close()
        total.add(counted)
    return status


def _name_and_query(written: str) -> tuple[str, str]:
    name, equals, query = (part.strip() for part in written.partition("="))
    if not equals or not name or not query or len(name) > 400:
        raise click.UsageError(f"--topic “{written}” is no NAME=QUERY.")
    return name, query


def _mission_and_topics(name: str | None, topics: list[tuple[str, str]]) -> Mission | None:
    from django.db import transaction

    from watchfloor.listening.language.read import QueryError
    from watchfloor.pipeline.imports import Refused, make_mission, make_topic, mission_called

    if name is None:
        return None
    if not name.strip():
        raise click.UsageError("--mission has no name.")
    try:
        with transaction.atomic():
            mission = mission_called(name.strip())
            if is_new := mission is None:
                mission = make_mission(name.strip())
            for topic, query in topics:
                try:
                    make_topic(mission, topic, query, is_applied=is_new)
                except QueryError as error:
                    _refuse_query(error, query)
    except Refused as error:
        raise click.UsageError(str(error)) from None
    if is_new:
        say(f"There was no mission “{mission.name}”: made it, as an event ({mission.slug}).")
    return mission


def _say_what_was_left(total: Counted, mission: Mission | None) -> None:
    if total.edited or total.deleted:
        say(f"As the file says, stored posts were changed: {total.edited:,}, and taken away: {total.deleted:,}.")
    if total.kept_out:
        say(f"Kept out, because deleted or erased earlier or older than the mission keeps: {total.kept_out:,}.")
    if unmatched := total.read - total.matched:
        whose = f"“{mission}”" if mission is not None else "any mission"
        say(
            f"Read, but looked for by no topic of {whose}, and so not stored: {unmatched:,}. "
            "To keep more, add a topic (--topic 'NAME=QUERY') and import the file again."
        )


# --- search, export ------------------------------------------------------------------------------------------------


@click.command()
@click.argument("query")
@click.option("--mission", required=True, metavar="M", help="The mission's name or slug.")
@click.option("--since", metavar="TIME", help="From then on: 2026-07-04, 2026-07-04T12:00Z, or 24h, 7d ago.")
@click.option("--until", metavar="TIME", help="Up to, and without, then.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many; without: all.")
def search(query: str, mission: str, since: str | None, until: str | None, limit: int | None) -> None:
    """Find stored posts with a query, newest first. Times without a zone are UTC.

    \b
    Example: watchfloor search --mission "Pivot 2026" 'wifi NEAR/5 slow' --since 24h --limit 20
    """
    window = _window(since, until)
    _ready()
    from watchfloor.listening.language.read import QueryError, read
    from watchfloor.mentions.store.store import Scope, mention_store

    try:
        wanted: Query = read(query)
    except QueryError as error:
        _refuse_query(error, query)
    scope = Scope(_known_mission(mission).pk)
    with _ending_on_ctrl_c():
        out = sys.stdout.buffer
        for stored in islice(mention_store().matches(scope, wanted, since=window[0], until=window[1]), limit):
            _write(out, stored.post)
        out.flush()


@click.command()
@click.option("--mission", required=True, metavar="M", help="The mission's name or slug.")
@click.option("--since", metavar="TIME", help="From then on: 2026-07-04, 2026-07-04T12:00Z, or 24h, 7d ago.")
@click.option("--until", metavar="TIME", help="Up to, and without, then.")
def export(mission: str, since: str | None, until: str | None) -> None:
    """Write a mission's mentions as posts, newest first, with their topics and labels. `import` reads it back.

    \b
    Example: watchfloor export --mission "Pivot 2026" --since 7d > week.jsonl
    """
    window = _window(since, until)
    _ready()
    from tqdm import tqdm

    from watchfloor.listening.models import Topic
    from watchfloor.mentions.store.store import Scope, mention_store

    found = _known_mission(mission)
    names = dict(Topic.objects.filter(mission=found).values_list("pk", "name"))
    stored = mention_store().matches(Scope(found.pk), None, since=window[0], until=window[1])
    quiet = not sys.stderr.isatty() or sys.stdout.isatty()
    with _ending_on_ctrl_c():
        out = sys.stdout.buffer
        for one in tqdm(stored, disable=quiet, unit=" posts", delay=2):
            labels = {
                "topics": sorted(names[topic] for topic in one.topics if topic in names),
                "language": one.language,
                "sentiment": one.sentiment,
                "score": one.sentiment_score,
                "labeller": one.sentiment_by or None,
            }
            _write(out, one.post, labels)
        out.flush()


def _write(out: BinaryIO, post: Post, labels: dict[str, Any] | None = None) -> None:
    # Only these very objects are left out as "not told".
    post = msgspec.structs.replace(
        post,
        author=NOBODY if post.author == NOBODY else post.author,
        metrics=UNCOUNTED if post.metrics == UNCOUNTED else post.metrics,
    )
    if labels is None:
        out.write(msgspec.json.encode(post) + b"\n")
        return
    # The label in force stands for the one that came along: no key is written twice.
    plain = msgspec.json.encode(msgspec.structs.replace(post, sentiment=None))
    out.write(plain[:-1] + b"," + msgspec.json.encode(labels)[1:] + b"\n")


# --- What they share -----------------------------------------------------------------------------------------------

_ago = re.compile(r"(\d{1,6})\s*([mhdw])").fullmatch
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _window(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    now = datetime.now(UTC)
    first, last = (_moment(name, text, now) for name, text in (("--since", since), ("--until", until)))
    if first is not None and last is not None and first >= last:
        raise click.UsageError("--until is not after --since: no post can be between.")
    return first, last


def _moment(name: str, text: str | None, now: datetime) -> datetime | None:
    """`24h` (ago) or an ISO time; without a zone it is UTC."""
    if text is None:
        return None
    try:
        if found := _ago(text.strip()):
            return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.UsageError(f"{name} “{text}” is no time. Say 2026-07-04, 2026-07-04T12:00Z, 24h or 7d.") from None


def _known_mission(name: str) -> Mission:
    from watchfloor.pipeline.imports import mission_called
    from watchfloor.team.models import Mission

    mission = mission_called(name.strip())
    if mission is None:
        there = ", ".join(Mission.objects.values_list("slug", flat=True)[:20]) or "none"
        raise click.UsageError(f"There is no mission “{name}”. There are: {there}.")
    return mission


def _refuse_query(error: QueryError, query: str) -> NoReturn:
    """As `match` does: the error on standard error, exit status 2."""
    say(_json({"query": query, "error": {"offset": error.offset, "message": error.message, "hint": error.hint}}))
    sys.exit(2)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@contextmanager
def _ending_on_ctrl_c(what_now: str = "") -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        sys.stdout.flush()
        say(f"\nStopped. {what_now}".rstrip())
        sys.exit(INTERRUPTED)


def _ready() -> None:
    """Set up Django, and see that the tables are of this release. Makes them where there are none yet."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending and connection.vendor == "sqlite" and _is_empty():
            call_command("migrate", verbosity=0, interactive=False)
            pending = []
    except DatabaseError as error:
        raise click.ClickException(
            f"The store can't be reached: {str(error).strip().splitlines()[0]} "
            "Check DATABASE_URL, or run `watchfloor doctor`."
        ) from None
    if pending:
        raise click.ClickException(
            f"The tables are behind this release by {len(pending)} steps. "
            "Stop Watchfloor, run `watchfloor manage migrate`, then try again."
        )


def _is_empty() -> bool:
    """Whether nobody has used the store yet: there are no tables, only some (a first start that was cut off), or no one
    in them."""
    from django.db import connection

    names = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in {"team_person", "team_mission"} & names:
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - our own names
            if cursor.fetchone():
                return False
    return True
