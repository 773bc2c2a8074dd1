"""Documents are read in a process of their own, within limits: what strangers wrote can neither stop nor fill ours.

    reader = Reader()
    document = await reader.read(answer)      # raises CannotRead
    await reader.rest()                       # ends the process; the next document starts another

The other end is `apart.py`. Messages are MessagePack with their length before them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from watchfloor.sources.feeds.document import Answer, Document

MOST_SECONDS = 15.0
_root = str(Path(__file__).resolve().parents[3])
_decoder: msgspec.msgpack.Decoder[Document] = msgspec.msgpack.Decoder(Document)


class CannotRead(Exception):
    """Why a document was given up, in one sentence."""


class Reader:
    """One process, started at need; one document at a time."""

    def __init__(self, most_seconds: float = MOST_SECONDS) -> None:
        self.most_seconds = most_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def read(self, answer: Answer) -> Document:
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(self._ask, msgspec.msgpack.encode(answer))
            except asyncio.CancelledError:
                self._end()  # the thread that waits for it comes back
                raise

    async def rest(self) -> None:
        async with self._one_at_a_time:
            self._end()

    def close(self) -> None:
        self._end()

    def _ask(self, question: bytes) -> Document:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = _started()
        assert process.stdin is not None
        assert process.stdout is not None
        too_late = threading.Event()

        def give_up() -> None:
            too_late.set()
            process.kill()

        timer = threading.Timer(self.most_seconds, give_up)
        timer.start()
        try:
            process.stdin.write(len(question).to_bytes(4) + question)
            process.stdin.flush()
            size = process.stdout.read(4)
            told = process.stdout.read(int.from_bytes(size)) if len(size) == 4 else b""
        except OSError:
            told = b""
        finally:
            timer.cancel()
        if not told or too_late.is_set():
            self._end()
            if too_late.is_set():
                raise CannotRead(f"It could not be read within {self.most_seconds:g} seconds.")
            raise CannotRead("It could not be read: the process that reads feeds gave up, for want of memory or time.")
        return _decoder.decode(told)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written is of no interest
                    pipe.close()


def _started() -> subprocess.Popen[bytes]:
    """It gets no secret of ours: neither settings nor environment."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "watchfloor.sources.feeds.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": _root, "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
