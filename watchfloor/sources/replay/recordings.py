"""Where replayed posts come from: a file in the data folder's `imports`, or a provider that a later folder registers.

from watchfloor.sources.replay import SOURCE
SOURCE.providers["stored"] = lambda settings: store.posts(settings.mission, settings.since, settings.until)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from watchfloor.sources.post import Post
from watchfloor.sources.post_json import UnreadablePost, read_post
from watchfloor.sources.source import NeedsHands

Provider = Callable[[Any], Iterator[Post]]  # settings → posts, oldest first
LONGEST = 2_000_000  # bytes of a line


class Recorded:
    """A recording in the order of time. `times` are its lines' times; a line that can't be read has the time of the one
    before it, and comes right after it. `name` changes when the recording is another one."""

    def __init__(self, name: str, index: list[tuple[datetime, int]], read: Callable[[int], Iterator[bytes]]) -> None:
        # Sorting is stable: what was written at the same time stays in the order of the recording.
        index.sort(key=lambda entry: entry[0])
        self.name = name
        self.times = [time for time, _where in index]
        self._places = [where for _time, where in index]
        self._read = read

    @classmethod
    def of_lines(cls, name: str, lines: list[bytes]) -> Recorded:
        return cls(name, _index(enumerate(lines)), lambda where: iter((lines[where],)))

    def since(self, done: int) -> Iterator[tuple[datetime, bytes]]:
        """(time, line) of all after the first `done`."""
        for time, where in zip(self.times[done:], self._places[done:], strict=True):
            for line in self._read(where):
                yield time, line


def file_recording(path: str, root: Path) -> Recorded:
    """The JSONL file `path` in `root`. Reads it once for the times; the lines are read again as they are played."""
    with open_recording(path, root) as file:
        begin = crc32(file.read(65_536))
        file.seek(0)
        index = _index(_lines_of(file))

    def read(where: int) -> Iterator[bytes]:
        with open_recording(path, root) as file:
            file.seek(where)
            yield file.readline(LONGEST).strip()

    return Recorded(f"{path}:{begin:08x}", index, read)


def _index(lines: Any) -> list[tuple[datetime, int]]:
    found: list[tuple[datetime, int]] = []
    early: list[int] = []  # unreadable ones before the first post
    for where, line in lines:
        try:
            at = read_post(line).created_at
        except UnreadablePost:
            if not found:
                early.append(where)
                continue
            at = found[-1][0]
        found.append((at, where))
    return [(found[0][0], where) for where in early] + found if found else []


def open_recording(path: str, root: Path) -> BinaryIO:
    """Open the file `path`, relative to `root`, for reading. Raises NeedsHands for anything outside `root`, links that
    lead out of it included, and for what is no readable file."""
    folder = root.resolve()
    try:
        found = (folder / path).resolve()
        if not found.is_relative_to(folder) or not found.is_file():
            raise FileNotFoundError(path)
        return found.open("rb")
    except (OSError, ValueError) as problem:
        raise NeedsHands(
            "Tried to open the recording, and found no readable file of that name", path[:200],
            f"Put the file into {folder} and give its name there.",
        ) from problem  # fmt: skip


def _lines_of(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(offset, line) of the lines that are not empty. A line over LONGEST comes cut, so that a file without line ends
    can't fill the memory."""
    while True:
        where = file.tell()
        line = file.readline(LONGEST)
        if not line:
            return
        if not line.endswith(b"\n") and len(line) == LONGEST:
            while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
        if line.strip():
            yield where, line.strip()
