"""Calling a command as a shell does, for tests."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import click
from click.testing import CliRunner


class Ran(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def figures(self) -> dict[str, int]:
        """The last line on standard output."""
        return json.loads(self.out.splitlines()[-1])

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.split("\n") if line]


def run(command: click.Command, *words: object, stdin: bytes | None = None) -> Ran:
    result = CliRunner().invoke(command, [str(word) for word in words], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)
