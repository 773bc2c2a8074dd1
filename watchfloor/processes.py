"""Start and keep up the three processes: `web` (pages, API, live), `stream` (the line), `desk` (clock work)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import click

NAMES = ("web", "stream", "desk")
GRACE_SECONDS = 10  # for finishing what is in hand
STEADY_SECONDS = 30  # up this long, a process counts as well again


@click.command()
@click.option("--no-demo", is_flag=True, help="Do not play the rehearsal on the first start.")
def run(no_demo: bool) -> None:
    """Start pages, stream and desk; restart one that dies; stop with Ctrl-C.

    \b
    Example: watchfloor run
    """
    settings = _ready()
    from django.db import DatabaseError

    from watchfloor.first_start import first_start, sign_in_address

    try:
        first_start(demo=settings.DEMO and not no_demo)
    except DatabaseError as error:
        why = str(error).strip().splitlines()[0]
        raise SystemExit(f"The store can't be used: {why}. Check DATABASE_URL, and that its server runs.") from None
    _forget_old_counts(settings.DATA / "metrics")
    address = f"http://{'127.0.0.1' if settings.HOST in ('0.0.0.0', '::') else settings.HOST}:{settings.PORT}"  # noqa: S104
    if (taken := _who_answers(settings.HOST, settings.PORT)) is not None:
        raise SystemExit(f"Port {settings.PORT} is taken ({taken}). Stop what uses it, or set WATCHFLOOR_PORT.")
    keeper = Keeper([Kept(name, [sys.executable, "-m", "watchfloor", name]) for name in NAMES])
    keeper.start()
    if _wait_until_up(f"{address}/healthz", keeper):
        click.echo(
            f"\nWatchfloor is up. Open this link to sign in (it works once, for a day):\n\n    {sign_in_address()}\n"
        )
        click.echo("Stop with Ctrl-C.\n")
    sys.exit(keeper.keep())


@click.command()
def web() -> None:
    """Serve the pages alone.

    \b
    Example: WATCHFLOOR_PORT=8080 watchfloor web
    """
    settings = _ready()
    import uvicorn

    uvicorn.run(
        "watchfloor.asgi:application",
        host=settings.HOST,
        port=settings.PORT,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # our own middleware believes only the proxies that are configured
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,  # live screens never end by themselves; they come back
    )


@click.command()
def stream() -> None:
    """Listen to the networks alone.

    \b
    Example: watchfloor stream
    """
    _ready()
    from watchfloor.pipeline.run import main

    main()


@click.command()
def desk() -> None:
    """Do clock work and arrivals alone.

    \b
    Example: watchfloor desk
    """
    _ready()
    from watchfloor.pipeline.desk import main

    main()


@dataclass
class Kept:
    """One process that is kept running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    next_try_at: float = 0.0


@dataclass
class Keeper:
    """Starts processes, starts again the ones that die (at once, then after 1, 2, 4 … 30 s), stops all on a signal."""

    kept: list[Kept]
    stopping: bool = field(default=False)

    def start(self) -> None:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for one in self.kept:
            self._start(one)

    def keep(self) -> int:
        while not self.stopping:
            for one in self.kept:
                self._look_after(one)
            time.sleep(0.2)
        self._end_all()
        return 0

    def _start(self, one: Kept) -> None:
        # A session of its own: Ctrl-C reaches us alone, and we end them in order.
        one.process = subprocess.Popen(one.command, start_new_session=True)  # noqa: S603 - our own command
        one.started_at = time.monotonic()

    def _look_after(self, one: Kept) -> None:
        now = time.monotonic()
        if one.process is not None:
            if one.process.poll() is None:
                if one.deaths and now - one.started_at > STEADY_SECONDS:
                    one.deaths = 0
                return
            wait = 0 if one.deaths == 0 else min(2 ** (one.deaths - 1), 30)
            click.echo(
                f"{one.name} ended ({_ending(one.process.returncode)}); starting it again in {wait} s.", err=True
            )
            one.deaths, one.next_try_at, one.process = one.deaths + 1, now + wait, None
        if now >= one.next_try_at:
            self._start(one)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _end_all(self) -> None:
        running = [one.process for one in self.kept if one.process is not None and one.process.poll() is None]
        for process in running:
            process.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"


def _ready() -> Any:
    """Django set up; its settings (which carry no type)."""
    import django

    django.setup()
    from django.conf import settings

    return settings


def _forget_old_counts(folder: Path) -> None:
    """Counts start anew with the server, as Prometheus expects of a restart."""
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


def _who_answers(host: str, port: int) -> str | None:
    import socket

    try:
        with socket.create_server((host, port), reuse_port=False):
            return None
    except OSError as error:
        return error.strerror or str(error)


def _wait_until_up(address: str, keeper: Keeper) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until and not keeper.stopping:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own loopback address
                return True
        except OSError:
            time.sleep(0.1)
        for one in keeper.kept:
            if one.process is not None and one.process.poll() is not None:
                keeper._look_after(one)
    if not keeper.stopping:
        click.echo(
            "The pages do not answer after a minute. The lines above say why; `watchfloor doctor` looks further.",
            err=True,
        )
    return False


__all__ = ["Keeper", "Kept", "desk", "run", "stream", "web"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
