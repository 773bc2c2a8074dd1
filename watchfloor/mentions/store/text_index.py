"""The text index: our own tokens, in FTS5 on SQLite and in a GIN index on PostgreSQL.

It narrows a query down to posts that may match; where the query, the index and every post allow it, exactly to those
that do. Only posts that somebody is shown are in it, and whom they are shown to stands beside the words: topics and
missions (`scopes`). So one index answers "these words, in this mission" and "what this topic found".
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from watchfloor.listening.language.evaluate import condition_of
from watchfloor.listening.language.index import (
    index_terms,
    narrow,
)
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.tree import And, Node, Query, Term, join, walk
from watchfloor.mentions.store.conditions import Fts5, Matched, Tsquery, condition, quoted
from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.lexemes import ALONE, STANDS_ALIKE, difference
from watchfloor.mentions.store.store import StoredPost

MOST_CHARACTERS = 100_000  # of all different terms of a post together; a tsvector has room for a megabyte
OVERLONG = "!overlong"  # stands for a post that a tsvector can't hold whole: it is a candidate for everything
TERMS = "mentions_terms(p.text, p.more, p.less)"  # as the index of PostgreSQL has it; p is the post


Decides = Callable[[StoredPost], bool]


def decide(root: Node) -> Decides:
    """The evaluator's answer for stored posts. The sentiment is the label in force."""
    holds = condition_of(root)
    return lambda stored: holds(Reading(stored.post, lambda _: stored.sentiment))


def split(query: Query) -> tuple[Query, Node] | None:
    """A query as what asks for words and what asks for fields alone, if it is one AND the other."""
    if not isinstance(query.root, And):
        return None
    fields = [part for part in query.root.parts if _asks_fields_alone(part)]
    words = [part for part in query.root.parts if not _asks_fields_alone(part)]
    return (Query(query.text, join(And, words)), join(And, fields)) if fields and words else None


def _asks_fields_alone(part: Node) -> bool:
    return not any(isinstance(node, Term) for node in walk(part))


class Entry(NamedTuple):
    """A post as the index holds it."""

    post_id: int
    title: str | None
    text: str
    scopes: tuple[str, ...]


def scopes_of(topics: Iterable[int], missions: Iterable[int]) -> tuple[str, ...]:
    """The words that say which topics and missions show a post. Like no mark of a text."""
    return (*(topic_scope(topic) for topic in sorted(topics)), *(mission_scope(one) for one in sorted(missions)))


def topic_scope(topic: int) -> str:
    return f"!t{topic}"


def mission_scope(mission: int) -> str:
    return f"!m{mission}"


class TextIndex:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a post's row that the index is made from."""
        return () if self.engine.is_sqlite else ("more", "less")

    def values(self, entry: Entry) -> tuple[str | None, ...]:
        """Their values. Without scopes, nobody finds the post."""
        if self.engine.is_sqlite:
            return ()
        return _more_and_less(entry) if entry.scopes else (None, "")

    def add(self, cursor: CursorWrapper, entries: Sequence[Entry]) -> None:
        """Put posts in. On PostgreSQL that is done with `values`."""
        if self.engine.is_sqlite:
            in_order = [_fts5_row(entry) for entry in sorted(entries)]  # FTS5 writes a segment at each step back
            self.engine.insert(cursor, "mentions_textindex", "rowid, words, marks", in_order)

    def remove(self, cursor: CursorWrapper, entries: Sequence[Entry]) -> None:
        """Take posts out; SQLite needs the very texts that were put in. On PostgreSQL they go with their rows."""
        if self.engine.is_sqlite and entries:
            cursor.executemany(
                "INSERT INTO mentions_textindex (mentions_textindex, rowid, words, marks) "
                "VALUES ('delete', %s, %s, %s)",
                [_fts5_row(entry) for entry in sorted(entries)],
            )

    def purge(self, cursor: CursorWrapper, *, start: bool, pages: int) -> bool:
        """FTS5 keeps words of posts that are gone until their part of the index is written anew. Rewrites some pages;
        says whether there is more. PostgreSQL's vacuum does the same by itself."""
        if not self.engine.is_sqlite:
            return False
        cursor.execute("SELECT total_changes()")
        before = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO mentions_textindex (mentions_textindex, rank) VALUES ('merge', %s)",
            [-pages if start else pages],
        )
        cursor.execute("SELECT total_changes()")
        return bool(cursor.fetchone()[0] - before >= 2)  # FTS5's own sign that it still had work

    def narrow(self, query: Query) -> Matched | None:
        """None: the index can't narrow this query."""
        narrowed = narrow(query)
        write = Fts5() if self.engine.is_sqlite else Tsquery()
        whole = condition(narrowed.tree, write)
        if whole is not None and whole.exact:
            return Matched(whole.match, narrowed.exact, whole.patterns)
        text = condition(narrowed.text, write)
        return None if text is None else Matched(text.match, exact=False, patterns=text.patterns)

    def source(
        self,
        matched: Matched | None,
        scopes: Sequence[str],
        first: int,
        end: int,
        columns: Sequence[str] = (),
    ) -> tuple[str, list[Any]]:
        """A statement that gives the ids (as `id`), and `columns`, of the posts in a stretch that satisfy the condition
        and are shown to one of `scopes` (none: to anybody).

        Nothing but the stretch of ids stands beside the text: FTS5 answers both in one walk.
        """
        if self.engine.is_sqlite:
            sql = (
                "SELECT rowid AS id FROM mentions_textindex "
                "WHERE mentions_textindex MATCH %s AND rowid >= %s AND rowid < %s"
            )
            if columns:
                sql = f"SELECT i.id, {_named('p', columns)} FROM ({sql}) i CROSS JOIN mentions_post p ON p.id = i.id"
            return sql, [_fts5(matched, scopes), first, end]
        where, values = _in_terms(matched, scopes)
        sql = f"SELECT {_named('p', ['id', *columns])} FROM mentions_post p WHERE {where} AND p.id >= %s AND p.id < %s"
        return sql, [*values, first, end]

    def holds(self, post_id: str, matched: Matched | None, scopes: Sequence[str]) -> tuple[str, list[Any]]:
        """A condition on one post, by an expression that gives its id."""
        if self.engine.is_sqlite:
            sql = "SELECT 1 FROM mentions_textindex WHERE mentions_textindex MATCH %s AND rowid"
            return f"EXISTS ({sql} = {post_id})", [_fts5(matched, scopes)]
        where, values = _in_terms(matched, scopes)
        return f"EXISTS (SELECT 1 FROM mentions_post p WHERE p.id = {post_id} AND {where})", values

    def holds_overlong(self, cursor: CursorWrapper) -> bool:
        """Whether any post is too long for the index to be exact."""
        if self.engine.is_sqlite:
            return False
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM mentions_post p WHERE {TERMS} @@ %s::tsquery)", [f"'{OVERLONG}'"])
        return bool(cursor.fetchone()[0])


# --- What is written ------------------------------------------------------------------------------------------------


def _fts5_row(entry: Entry) -> tuple[int, str, str]:
    terms = index_terms(entry.title, entry.text)
    return entry.post_id, " ".join(terms.words), " ".join([*sorted(terms.marks), *entry.scopes])


def _more_and_less(entry: Entry) -> tuple[str, str]:
    """Words as they are; marks and scopes behind a "!", so that no word is taken for one."""
    terms = index_terms(entry.title, entry.text)
    marks = {f"!{mark}" for mark in (*terms.marks, *entry.scopes)}
    if sum(map(len, {*terms.words, *marks})) > MOST_CHARACTERS:
        return " ".join([OVERLONG, *(f"!{scope}" for scope in entry.scopes)]), ALONE
    return difference(terms.words, marks, entry.text)


def _named(table: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


# --- What is asked --------------------------------------------------------------------------------------------------


def _fts5(matched: Matched | None, scopes: Sequence[str]) -> str:
    parts = [] if matched is None else [f"({matched.match})"]
    if scopes:
        parts.append("(" + " OR ".join(f'marks : "{scope}"' for scope in scopes) + ")")
    return " AND ".join(parts)


def _in_terms(matched: Matched | None, scopes: Sequence[str]) -> tuple[str, list[Any]]:
    """A condition on the post `p`."""
    parts = [] if matched is None else [f"(({matched.match}) | '{OVERLONG}')"]
    if scopes:
        parts.append("(" + " | ".join(quoted(f"!{scope}") for scope in scopes) + ")")
    patterns = () if matched is None else matched.patterns
    return " AND ".join([f"{TERMS} @@ %s::tsquery", *[STANDS_ALIKE] * len(patterns)]), [" & ".join(parts), *patterns]
