"""The text index: our own tokens, in FTS5 on SQLite and in a tsvector with GIN on PostgreSQL.

It narrows a query down to posts that may match; where the query, the index and every post allow it, exactly to those
that do. Only shown posts are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.listening.language.evaluate import condition_of
from watchfloor.listening.language.index import (
    AllOf,
    AnyOf,
    IndexTerms,
    Mark,
    Narrowed,
    NoneOf,
    Phrase,
    Word,
    index_terms,
    narrow,
)
from watchfloor.listening.language.reading import Reading
from watchfloor.listening.language.tree import And, Node, Query, Term, join, walk
from watchfloor.mentions.store.engine import Engine, run_in
from watchfloor.mentions.store.store import StoredPost

DEEPEST = 16  # levels of brackets that FTS5's parser surely takes: its stack holds 100 signs. Deeper, nothing narrows
MOST_POSITIONS = 16_000  # a tsvector counts to 16,383
MOST_OF_ONE = 250  # and keeps 255 positions of a word
OVERLONG = "!overlong"  # stands for a post that a tsvector can't hold whole: it is a candidate for everything

Text = tuple[int, str | None, str]  # post id, title, text


class Matched(msgspec.Struct, frozen=True):
    """A condition in the index's own language. `exact`: what satisfies it matches (overlong posts apart)."""

    match: str
    exact: bool


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


class TextIndex:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, cursor: CursorWrapper, posts: Sequence[Text]) -> None:
        if self.engine.is_sqlite:
            in_order = [_fts5_row(post) for post in sorted(posts, key=_id)]  # FTS5 writes a segment at each step back
            self.engine.insert(cursor, "mentions_textindex", "rowid, words, marks", in_order)
        else:
            rows = [(post_id, tsvector(index_terms(title, text))) for post_id, title, text in posts]
            self.engine.insert(cursor, "mentions_textindex", "post_id, terms", rows)

    def remove(self, cursor: CursorWrapper, posts: Sequence[Text]) -> None:
        """Take posts out; SQLite needs the very texts that were put in."""
        if not self.engine.is_sqlite:
            run_in(cursor, "DELETE FROM mentions_textindex WHERE post_id IN ({})", [post_id for post_id, _, _ in posts])
        elif posts:
            cursor.executemany(
                "INSERT INTO mentions_textindex (mentions_textindex, rowid, words, marks) "
                "VALUES ('delete', %s, %s, %s)",
                [_fts5_row(post) for post in sorted(posts, key=_id)],
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
        write = _Fts5() if self.engine.is_sqlite else _Tsquery()
        whole = _compile(narrowed.tree, write)
        if whole is not None and whole.exact:
            return Matched(whole.match, narrowed.exact)
        text = _compile(narrowed.text, write)
        return None if text is None else Matched(text.match, exact=False)

    def source(self, matched: Matched, first: int, end: int, *, overlong: bool = True) -> tuple[str, list[Any]]:
        """A statement that gives the ids (as `id`) of the posts in a stretch that satisfy the condition.

        Nothing but the stretch of ids stands beside the text: FTS5 answers both in one walk.
        """
        if self.engine.is_sqlite:
            return (
                "SELECT rowid AS id FROM mentions_textindex "
                "WHERE mentions_textindex MATCH %s AND rowid >= %s AND rowid < %s",
                [matched.match, first, end],
            )
        match = f"({matched.match}) | '{OVERLONG}'" if overlong else matched.match
        return (
            "SELECT post_id AS id FROM mentions_textindex "
            "WHERE terms @@ %s::tsquery AND post_id >= %s AND post_id < %s",
            [match, first, end],
        )

    def holds_overlong(self, cursor: CursorWrapper) -> bool:
        """Whether any post is too long for the index to be exact."""
        if self.engine.is_sqlite:
            return False
        cursor.execute("SELECT EXISTS (SELECT 1 FROM mentions_textindex WHERE terms @@ %s::tsquery)", [f"'{OVERLONG}'"])
        return bool(cursor.fetchone()[0])


# --- What is written ------------------------------------------------------------------------------------------------


def _fts5_row(post: Text) -> tuple[int, str, str]:
    terms = index_terms(post[1], post[2])
    return post[0], " ".join(terms.words), " ".join(sorted(terms.marks))


def tsvector(terms: IndexTerms) -> str:
    """Words with their positions, marks without, each behind a "!" so that no word is taken for a mark."""
    if len(terms.words) > MOST_POSITIONS:
        return _quoted(OVERLONG)
    places: dict[str, list[int]] = {}
    for position, word in enumerate(terms.words, 1):
        places.setdefault(word, []).append(position)
    if any(len(positions) > MOST_OF_ONE for positions in places.values()):
        return _quoted(OVERLONG)
    words = [f"{_quoted(word)}:{','.join(map(str, positions))}" for word, positions in places.items()]
    return " ".join([*words, *(_quoted(f"!{mark}") for mark in terms.marks)])


def _quoted(form: str) -> str:
    return "'" + form.replace("\\", "\\\\").replace("'", "''") + "'"


# --- What is asked --------------------------------------------------------------------------------------------------


class _Fts5:
    """Conditions in the language of FTS5."""

    def word(self, word: Word) -> Matched:
        return Matched(f"words : {self._string(word.form)}{' *' if word.prefix else ''}", exact=True)

    def mark(self, mark: Mark) -> Matched:
        return Matched(f"marks : {self._string(mark.form)}{' *' if mark.prefix else ''}", exact=True)

    def phrase(self, phrase: Phrase) -> Matched:
        *firsts, last = phrase.words
        if any(word.prefix for word in firsts):  # FTS5 takes a prefix only at the end
            return self.all_of([self.word(word).match for word in phrase.words], [], exact=False)
        whole = " ".join(word.form for word in phrase.words)
        return Matched(f"words : {self._string(whole)}{' *' if last.prefix else ''}", exact=True)

    def all_of(self, parts: list[str], but: list[str], *, exact: bool) -> Matched:
        found = " AND ".join(f"({part})" for part in parts)
        return Matched(f"({found}) NOT ({self._or(but)})" if but else found, exact)

    def any_of(self, parts: list[str], *, exact: bool) -> Matched:
        return Matched(self._or(parts), exact)

    @staticmethod
    def _or(parts: list[str]) -> str:
        return " OR ".join(f"({part})" for part in parts)

    @staticmethod
    def _string(form: str) -> str:
        return '"' + form.replace('"', '""') + '"'


class _Tsquery:
    """Conditions in the language of tsquery."""

    def word(self, word: Word) -> Matched:
        return Matched(f"{_quoted(word.form)}{':*' if word.prefix else ''}", exact=True)

    def mark(self, mark: Mark) -> Matched:
        return Matched(f"{_quoted('!' + mark.form)}{':*' if mark.prefix else ''}", exact=True)

    def phrase(self, phrase: Phrase) -> Matched:
        return Matched(" <-> ".join(self.word(word).match for word in phrase.words), exact=True)

    def all_of(self, parts: list[str], but: list[str], *, exact: bool) -> Matched:
        return Matched(" & ".join([f"({part})" for part in parts] + [f"!({part})" for part in but]), exact)

    def any_of(self, parts: list[str], *, exact: bool) -> Matched:
        return Matched(" | ".join(f"({part})" for part in parts), exact)


def _compile(tree: Narrowed, write: _Fts5 | _Tsquery, depth: int = 0) -> Matched | None:
    """`tree` as a condition that at least the same posts satisfy; None: any post may. Neither engine can ask for "all
    but" alone, and what is not exact can't be taken away."""
    if isinstance(tree, Word):
        return write.word(tree)
    if isinstance(tree, Mark):
        return write.mark(tree)
    if isinstance(tree, Phrase):
        return write.phrase(tree)
    if depth >= DEEPEST or not isinstance(tree, AllOf | AnyOf):
        return None
    if isinstance(tree, AnyOf):
        parts = [_compile(part, write, depth + 1) for part in tree.parts]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return write.any_of([part.match for part in known], exact=all(part.exact for part in known))
    holding = [_compile(part, write, depth + 1) for part in tree.parts if not isinstance(part, NoneOf)]
    lacking = [_compile(part.part, write, depth + 1) for part in tree.parts if isinstance(part, NoneOf)]
    needed = [part for part in holding if part is not None]
    if not needed:
        return None
    barred = [part.match for part in lacking if part is not None and part.exact]
    is_exact = len(needed) == len(holding) and all(part.exact for part in needed) and len(barred) == len(lacking)
    return write.all_of([part.match for part in needed], barred, exact=is_exact)


def _id(post: Text) -> int:
    return post[0]
