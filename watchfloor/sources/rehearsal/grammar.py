"""Texts composed from phrase banks.

A bank is a text file of rules. `== name` begins one, every line under it is one way to say it, `%%` is a comment:

    == coffee.negative
    {Third|Fourth} time today: <minutes> minutes for a flat white at <hall>{, and then no milk|}.
    <coffee.machine> <more.sighs>

`{a|b|}` is a choice, `<name>` is a rule of the bank or a word of the moment (a speaker, a hall), `\\n` a new line. A
rule's lines are dealt like cards: each once, in random order, before any comes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from random import Random

Piece = str | tuple[str, str] | list["Sequence"]  # text, ("ref", name), choice
Sequence = list[Piece]


class Bank:
    """The rules of one language. Raises ValueError on a line that can't be read, naming it."""

    def __init__(self, *names: str) -> None:
        self.rules: dict[str, list[Sequence]] = {}
        self._dealt: dict[str, list[Sequence]] = {}
        for name in names:
            self._read(name)
        self._check()

    def __contains__(self, rule: str) -> bool:
        return rule in self.rules

    def say(self, rule: str, moment: Mapping[str, str], random: Random) -> str:
        """One text by `rule`. A `<name>` that is in `moment` is that word, else a rule."""
        out: list[str] = []
        self._say(self._deal(rule, random), moment, random, out)
        return "".join(out)

    def shuffled(self) -> Bank:
        """The same rules with nothing dealt yet."""
        fresh = Bank.__new__(Bank)
        fresh.rules, fresh._dealt = self.rules, {}
        return fresh

    def _deal(self, rule: str, random: Random) -> Sequence:
        left = self._dealt.get(rule)
        if not left:
            left = self._dealt[rule] = list(self.rules[rule])
            random.shuffle(left)
        return left.pop()

    def _say(self, sequence: Sequence, moment: Mapping[str, str], random: Random, out: list[str]) -> None:
        for piece in sequence:
            if isinstance(piece, str):
                out.append(piece)
            elif isinstance(piece, tuple):
                word = moment.get(piece[1])
                if word is None:
                    self._say(self._deal(piece[1], random), moment, random, out)
                else:
                    out.append(word)
            else:
                self._say(piece[int(random.random() * len(piece))], moment, random, out)

    def _read(self, name: str) -> None:
        text = (files(__package__) / "corpus" / name).read_text(encoding="utf-8")
        lines: list[Sequence] = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("== "):
                lines = self.rules.setdefault(line[3:].strip(), [])
            elif line.strip() and not line.startswith("%%"):
                try:
                    lines.append(_Reader(line.strip().replace("\\n", "\n")).sequence())
                except ValueError as problem:
                    raise ValueError(f"{name}:{number}: {problem}") from None

    def _check(self) -> None:
        empty = [name for name, lines in self.rules.items() if not lines]
        if empty:
            raise ValueError(f"rules without lines: {', '.join(empty)}")

    def references(self) -> set[str]:
        """Every `<name>` that the rules use."""
        found: set[str] = set()
        left: list[Piece] = [piece for lines in self.rules.values() for line in lines for piece in line]
        while left:
            piece = left.pop()
            if isinstance(piece, tuple):
                found.add(piece[1])
            elif isinstance(piece, list):
                left += [inner for option in piece for inner in option]
        return found


class _Reader:
    """Reads one line."""

    def __init__(self, line: str) -> None:
        self.line, self.at = line, 0

    def sequence(self, inside: bool = False) -> Sequence:
        found: Sequence = []
        text: list[str] = []
        while self.at < len(self.line):
            sign = self.line[self.at]
            if inside and sign in "|}":
                break
            self.at += 1
            if sign in "{<" and text:
                found.append("".join(text))
                text = []
            if sign == "{":
                found.append(self._choice())
            elif sign == "<":
                end = self.line.find(">", self.at)
                if end < 0:
                    raise ValueError("a < without >")
                found.append(("ref", self.line[self.at : end]))
                self.at = end + 1
            elif sign == "}":
                raise ValueError("a } without {")
            else:
                text.append(sign)
        if text:
            found.append("".join(text))
        return found

    def _choice(self) -> list[Sequence]:
        options = [self.sequence(inside=True)]
        while self.at < len(self.line) and self.line[self.at] == "|":
            self.at += 1
            options.append(self.sequence(inside=True))
        if self.at >= len(self.line):
            raise ValueError("a { without }")
        self.at += 1
        return options
