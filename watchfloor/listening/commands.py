"""`watchfloor match` and `watchfloor query check`: the query language at the command line. No database is opened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import click
import msgspec

from watchfloor.listening.language.read import read
from watchfloor.listening.language.reading import SentimentOf, own_sentiment
from watchfloor.listening.language.tree import Query, QueryError
from watchfloor.listening.language.words import in_words
from watchfloor.listening.matcher import Matcher
from watchfloor.sources.post import Post
from watchfloor.sources.post_json import UnreadablePost, read_post

# --- match ---------------------------------------------------------------------------------------------------------


def match_command(sentiment_of: Callable[[], SentimentOf] | None = None) -> click.Command:
    """Return the `match` command. `sentiment_of` gives the function that labels a post which has no sentiment of its
    own; it is called only if a query asks for sentiment."""

    @click.command("match")
    @click.option(
        "--topics", required=True, metavar="FILE", help='Topics, one {"id": …, "query": …} a line; - is stdin.'
    )
    @click.option("--explain", is_flag=True, help="Give the terms each topic was found by, and where in the text.")
    @click.argument("posts", default="-", metavar="[POSTS]")
    def match(topics: str, explain: bool, posts: str) -> None:
        """Say which topics match each post of a file (or of standard input): one line of JSON a post.

        \b
        Example:
          watchfloor match --topics topics.jsonl posts.jsonl
          watchfloor match --topics topics.jsonl --explain < posts.jsonl
        """
        if topics == posts == "-":
            raise click.UsageError("Topics and posts can't both be standard input.")
        lines = _Lines()
        queries = _read_topics(topics, lines)
        of = _sentiment(queries, sentiment_of)
        with _opened(posts) as stream:
            _match(queries, lines.each(stream, posts), of, explain=explain, lines=lines)
        sys.exit(1 if lines.skipped else 0)

    return match


def _match(
    queries: dict[str, Query],
    posts: Iterator[tuple[int, bytes, str]],
    sentiment_of: SentimentOf,
    *,
    explain: bool,
    lines: _Lines,
) -> None:
    matcher: Matcher[str] = Matcher()
    for id, query in queries.items():
        matcher.put(id, query)
    write, encode = sys.stdout.buffer.write, msgspec.json.Encoder().encode
    for number, line, name in posts:
        try:
            post = read_post(line)
        except UnreadablePost as error:
            lines.skip(name, number, error.what)
            continue
        found: list[Any] = matcher.match(post, sentiment_of)
        if explain:
            found = [
                {"id": id, "terms": [term._asdict() for term in matcher.explain(post, id, sentiment_of)]}
                for id in found
            ]
        write(encode({"network": post.network, "id": post.id, "topics": found}) + b"\n")
    sys.stdout.buffer.flush()


def _read_topics(name: str, lines: _Lines) -> dict[str, Query]:
    """Return the queries by topic. A query that can't be read ends the command with exit status 2."""
    queries: dict[str, Query] = {}
    refused = False
    with _opened(name) as stream:
        for number, line, _name in lines.each(stream, name):
            try:
                topic = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                lines.skip(name, number, f"it is no JSON: {error}")
                continue
            what = _wrong_with(topic, queries)
            if what:
                lines.skip(name, number, what)
                continue
            try:
                queries[topic["id"]] = read(topic["query"])
            except QueryError as error:
                refused = True
                told = {"id": topic["id"], "error": error_told(error)}
                click.echo(msgspec.json.encode(told).decode(), err=True)
    if refused:
        sys.exit(2)
    return queries


def _wrong_with(topic: Any, queries: dict[str, Query]) -> str | None:
    if not isinstance(topic, dict):
        return 'a topic is an object like {"id": "t1", "query": "coffee"}'
    for field in ("id", "query"):
        if not isinstance(topic.get(field), str):
            return f"“{field}” must be text" if field in topic else f"“{field}” is missing"
    return f"there is a topic “{topic['id']}” already" if topic["id"] in queries else None


def _sentiment(queries: dict[str, Query], sentiment_of: Callable[[], SentimentOf] | None) -> SentimentOf:
    if sentiment_of is None or not any(query.asks_for("sentiment") for query in queries.values()):
        return own_sentiment
    label = sentiment_of()

    def in_force(post: Post) -> Any:
        return post.sentiment or label(post)

    return in_force


# --- query check ---------------------------------------------------------------------------------------------------


@click.group()
def query() -> None:
    """Check a query and put it in words.

    \b
    Example: watchfloor query check '"flat white" NEAR/5 queue*'
    """


# A query may begin with a minus: what is no option of ours is the query.
@query.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("query", metavar="QUERY")
def check(query: str) -> None:
    """Say in words what a query looks for, or what is wrong with it, as one line of JSON.

    \b
    Example:
      watchfloor query check '"flat white" NEAR/5 queue* -is:repost'
    """
    try:
        told: dict[str, Any] = {"ok": True, "words": in_words(read(query))}
    except QueryError as error:
        told = {"ok": False, "error": error_told(error)}
    click.echo(msgspec.json.encode(told).decode())
    sys.exit(0 if told["ok"] else 1)


def error_told(error: QueryError) -> dict[str, Any]:
    """Return an error as JSON says it: `hint` is null where there is none."""
    return {"offset": error.offset, "message": error.message, "hint": error.hint or None}


# --- Lines of a file -----------------------------------------------------------------------------------------------


class _Lines:
    """Reads files line by line and reports those that can't be read."""

    def __init__(self) -> None:
        self.skipped = 0

    def each(self, stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes, str]]:
        """Yield number, line and the file's name; empty lines are passed over."""
        for number, line in enumerate(stream, 1):
            line = line.strip()
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line:
                yield number, line, name

    def skip(self, name: str, number: int, what: str) -> None:
        self.skipped += 1
        click.echo(f"{name}:{number}: {what}", err=True)


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = open(name, "rb")  # noqa: SIM115, PTH123  # closed below; the name is shown as it was given
    except OSError as error:
        raise click.UsageError(f"{name} can't be read: {error.strerror}.") from error
    with stream:
        yield stream
