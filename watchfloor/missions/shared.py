"""What many look at, made once and shared: at most one thread makes it, the others get what it made.

Kept in each process, for as long as the activation level says that a page may be old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watchfloor.lib.kept import Kept

MOST = 500


@dataclass
class _Slot:
    made_at: datetime | None = None
    html: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Shared:
    def __init__(self) -> None:
        self._slots: Kept[_Slot] = Kept(MOST)

    def get(self, key: Hashable, now: datetime, lasts: timedelta, make: Callable[[], str]) -> str:
        """What was made for `key` less than `lasts` ago, else what `make` gives now."""
        slot = self._slots.get(key, _Slot)
        with slot.lock:
            if slot.made_at is None or not timedelta(0) <= now - slot.made_at < lasts:
                slot.html = make()
                slot.made_at = now
            return slot.html

    def forget(self) -> None:
        self._slots = Kept(MOST)
