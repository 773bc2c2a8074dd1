"""Cells of exported tables, made harmless."""

from __future__ import annotations

from typing import Any

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would read as a formula gets an apostrophe in front, also behind leading blanks."""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    return "'" + text if text.lstrip(" \n\v\f\u00a0\ufeff").startswith(DANGEROUS) else text
