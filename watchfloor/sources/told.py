"""What a JSON object tells: each reader of a part answers None (or nothing) if it is absent or of another type.

A network's payload may hold anything. A wrong type in one part must not lose the post around it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

LARGEST = 2**63 - 1
LONGEST_LINK = 4_096
MOST_LINKS = 100

Object = dict[str, Any]


class NotRead(ValueError):
    """Why a payload can't be read, in one sentence fit for the person who handed it in."""


def json_value(raw: bytes) -> Any:
    """The value that one JSON text holds. Raises NotRead."""
    try:
        return msgspec.json.decode(raw)
    except RecursionError:
        raise NotRead("It is nested too deep.") from None
    except UnicodeDecodeError as error:
        raise NotRead(f"It is not UTF-8 (byte {error.start}).") from None
    except (msgspec.MsgspecError, ValueError) as error:
        why = str(error).removeprefix("JSON is malformed: ")
        raise NotRead(f"It is no JSON that can be read: {why}.") from None


def json_object(raw: bytes) -> Object:
    """The object that one JSON text holds. Raises NotRead."""
    value = json_value(raw)
    if not isinstance(value, dict):
        raise NotRead(f"It is a JSON {json_kind(value)}, where an object was expected.")
    return value


def json_kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {str: "text", bool: "true or false", int: "number", float: "number", list: "list", dict: "object"}
    return kinds.get(type(value), "value")


def text(of: Object, key: str) -> str | None:
    """A text that is not empty."""
    value = of.get(key)
    return value if isinstance(value, str) and value else None


def name(of: Object, key: str) -> str | None:
    """An id: a text that is not empty, or a whole number written as text."""
    value = of.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def count(of: Object, key: str) -> int | None:
    """A whole number that is not below 0 (some networks write -1 for "hidden")."""
    value = of.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        return None
    return value


def part(of: Object, key: str) -> Object:
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def parts(of: Object, key: str) -> list[Object]:
    value = of.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def instant(of: Object, key: str) -> datetime | None:
    """An ISO 8601 time that names its zone, in UTC."""
    value = of.get(key)
    if not isinstance(value, str) or len(value) > 50:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def web_links(found: list[str | None]) -> tuple[str, ...]:
    """Those that are http(s), each once, in order."""
    fit = (link for link in found if link and len(link) <= LONGEST_LINK and link[:8].lower().startswith(_WEB))
    return tuple(dict.fromkeys(fit))[:MOST_LINKS]


_WEB = ("http://", "https://")
