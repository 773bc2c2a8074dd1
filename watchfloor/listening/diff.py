"""What changed between two versions of a query, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True)
class Change:
    kind: Literal["same", "added", "removed"]
    text: str


def differences(before: str, after: str) -> list[Change]:
    """In reading order, what was removed before what took its place. Joined, same + added is `after`."""
    old, new = _words(before), _words(after)
    found: list[Change] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Change("same", "".join(new[j1:j2])))
            continue
        if i2 > i1:
            found.append(Change("removed", "".join(old[i1:i2])))
        if j2 > j1:
            found.append(Change("added", "".join(new[j1:j2])))
    return found


def _words(query: str) -> list[str]:
    return re.findall(r"\s+|[()\"]|[^\s()\"]+", query)
