"""The whole product, started as a person starts it, in a folder and on a port of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")

PATIENCE_SECONDS = 60  # for what takes a second on an idle machine


class Product:
    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WATCHFLOOR_")}
        self.environment = kept | {
            "WATCHFLOOR_DATA": str(folder),
            "WATCHFLOOR_PORT": str(self.port),
            "WATCHFLOOR_LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "watchfloor", "run"],
            env=self.environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.said.append(line)

    @property
    def sign_in_link(self) -> str:
        """Printed on the terminal once the pages answer."""
        return until(lambda: re.search(r"http://\S+/sign-in/\S+", "".join(self.said)), "the sign-in link", self.said)[0]

    def signed_in(self) -> httpx.Client:
        """A browser's session, by the link from the terminal."""
        client = httpx.Client(base_url=self.address, follow_redirects=True, timeout=30)
        page = client.get(self.sign_in_link)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text
        answer = client.post(
            self.sign_in_link, data={"csrfmiddlewaretoken": token[1]}, headers={"Referer": self.sign_in_link}
        )
        assert answer.status_code == 200, answer.text
        return client

    def processes(self) -> dict[str, int]:
        """name → pid of the processes that are kept running."""
        found = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                    parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, IndexError):
                    continue
                if parent == self._process.pid and b"watchfloor" in words:
                    found[words[-2].decode()] = int(folder.name)
        return found

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(30)
            self._hearing.join(10)
            return code
        except subprocess.TimeoutExpired:
            for pid in self.processes().values():
                os.kill(pid, signal.SIGKILL)
            self._process.kill()
            raise


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Product]:
    product = Product(folder, **settings)
    try:
        yield product
    finally:
        if product._process.poll() is None:
            product.stop()


def until(look: Callable[[], T | None], what: str, said: object = "") -> T:
    """What `look` finds; asks again until it does."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s for {what}; it said: {said}")
