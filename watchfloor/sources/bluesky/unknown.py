"""Fields that a type does not name: taken out of a decoded value, and told by path."""

from __future__ import annotations

import functools
import typing
from typing import Any

import msgspec

MOST_NAMES, MOST_NAME_LENGTH = 20, 64  # names come from strangers


def without_unknown(value: Any, kind: Any, found: list[str], path: str = "") -> Any:
    """The value without fields that `kind` does not name; their paths are added to `found` ("embed.images.exif")."""
    if isinstance(value, list):
        inside = _inside(kind)
        return [without_unknown(item, inside, found, path) for item in value] if inside is not None else value
    if not (isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return value
    known, kept = _fields(kind), {}
    for name, item in value.items():
        where = f"{path}.{name}" if path else name
        if name in known:
            kept[name] = without_unknown(item, known[name], found, where)
        elif len(found) < MOST_NAMES:
            found.append(where[:MOST_NAME_LENGTH])
    return kept


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """A struct's fields by their names in JSON, each with the struct type that stands there, if any."""
    return {part.encode_name: _struct_of(part.type) for part in msgspec.structs.fields(kind)}


def _struct_of(kind: Any) -> Any:
    if isinstance(kind, type) or typing.get_origin(kind) is tuple:
        return kind
    return next((option for option in typing.get_args(kind) if isinstance(option, type)), None)


def _inside(kind: Any) -> Any:
    return _struct_of(typing.get_args(kind)[0]) if typing.get_origin(kind) is tuple else None
