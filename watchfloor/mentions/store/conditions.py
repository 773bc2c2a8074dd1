"""What a query asks of the text index, in the words of FTS5 and of PostgreSQL's tsquery."""

from __future__ import annotations

import msgspec

from watchfloor.listening.language.index import AllOf, AnyOf, Mark, Narrowed, NoneOf, Phrase, Word
from watchfloor.mentions.store.lexemes import side_by_side

DEEPEST = 16  # levels of brackets that FTS5's parser surely takes: its stack holds 100 signs. Deeper, nothing narrows


class Matched(msgspec.Struct, frozen=True):
    """A condition in the index's own language. `exact`: what satisfies it matches (overlong posts apart)."""

    match: str
    exact: bool
    patterns: tuple[str, ...] = ()  # PostgreSQL: regular expressions that must be found, too (lexemes.side_by_side)


class Fts5:
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


class Tsquery:
    """Conditions in the language of tsquery."""

    def word(self, word: Word) -> Matched:
        return Matched(f"{quoted(word.form)}{':*' if word.prefix else ''}", exact=True)

    def mark(self, mark: Mark) -> Matched:
        return Matched(f"{quoted('!' + mark.form)}{':*' if mark.prefix else ''}", exact=True)

    def phrase(self, phrase: Phrase) -> Matched:
        # No positions are kept: most texts say by themselves whether words stand side by side, else the evaluator does.
        pattern = side_by_side([(word.form, word.prefix) for word in phrase.words])
        return Matched(
            " & ".join(self.word(word).match for word in phrase.words),
            exact=False,
            patterns=() if pattern is None else (pattern,),
        )

    def all_of(self, parts: list[str], but: list[str], *, exact: bool) -> Matched:
        return Matched(" & ".join([f"({part})" for part in parts] + [f"!({part})" for part in but]), exact)

    def any_of(self, parts: list[str], *, exact: bool) -> Matched:
        return Matched(" | ".join(f"({part})" for part in parts), exact)


def quoted(form: str) -> str:
    return "'" + form.replace("\\", "\\\\").replace("'", "''") + "'"


def condition(tree: Narrowed, write: Fts5 | Tsquery, depth: int = 0) -> Matched | None:
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
        parts = [condition(part, write, depth + 1) for part in tree.parts]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        either = write.any_of([part.match for part in known], exact=all(part.exact for part in known))
        if not all(part.patterns for part in known):
            return either
        return msgspec.structs.replace(either, patterns=("|".join(f"(?:{part.patterns[0]})" for part in known),))
    holding = [condition(part, write, depth + 1) for part in tree.parts if not isinstance(part, NoneOf)]
    lacking = [condition(part.part, write, depth + 1) for part in tree.parts if isinstance(part, NoneOf)]
    needed = [part for part in holding if part is not None]
    if not needed:
        return None
    barred = [part.match for part in lacking if part is not None and part.exact]
    is_exact = len(needed) == len(holding) and all(part.exact for part in needed) and len(barred) == len(lacking)
    every = write.all_of([part.match for part in needed], barred, exact=is_exact)
    return msgspec.structs.replace(every, patterns=tuple(pattern for part in needed for pattern in part.patterns))
