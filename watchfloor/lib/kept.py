"""The most recently used values by key, shared by the threads of a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Holds at most `most` values; the one that was used least recently goes first."""

    everywhere: WeakSet[Kept[Any]] = WeakSet()  # so that tests can begin with nothing kept

    def __init__(self, most: int) -> None:
        self.most = most
        Kept.everywhere.add(self)
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made now if there is none. Two who ask at once may both make it; one is kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self.most:
                self._values.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._values)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
