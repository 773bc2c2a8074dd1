"""The text index: our own tokens, in FTS5 on SQLite and in a tsvector with GIN on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.mentions.store.engine import Engine
from watchfloor.mentions.store.store import StoredPost


class Narrowed(msgspec.Struct, frozen=True):
    match: str
    exact: bool


def decide(query: Any) -> Callable[[StoredPost], bool]:
    raise NotImplementedError


class TextIndex:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, cursor: CursorWrapper, posts: Sequence[tuple[int, str | None, str]]) -> None:
        pass

    def remove(self, cursor: CursorWrapper, posts: Sequence[tuple[int, str | None, str]]) -> None:
        pass

    def narrow(self, query: Any) -> Narrowed | None:
        return None

    def source(self, narrowed: Narrowed, first: int, end: int) -> tuple[str, list[Any]]:
        raise NotImplementedError
