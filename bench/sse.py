"""P6: how many events a second one core hands to open pages, and how late they are.

    python -m bench.sse [--pages 250] [--seconds 8] [--rates 10 20 30 40 60 80]

Starts the web process on a database of its own, opens `pages` live streams of one mission from another process, and
announces changes at each rate for so long. Prints deliveries a second, what the web process used of a core, and how
late they came, from the commit that announced them. Asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=250)
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--rates", type=float, nargs="*", default=[10, 20, 30, 40, 60, 80])
    options.add_argument("--listen", nargs=3, metavar=("PORT", "COOKIE", "PAGES"), help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.listen:
        port, cookie, pages = asked.listen
        asyncio.run(_listen(int(port), cookie, int(pages)))
        return
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        os.environ.update(WATCHFLOOR_DATA=folder, WATCHFLOOR_PORT=str(port), WATCHFLOOR_LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
        mission_id, cookie = _world()
        server = subprocess.Popen([sys.executable, "-m", "watchfloor", "web"])
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            command = [sys.executable, "-m", "bench.sse", "--listen", str(port), cookie, str(asked.pages)]
            listener = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert listener.stdout is not None
            listener.stdout.readline()  # all are open
            for rate in asked.rates:
                _measure(rate, asked.seconds, asked.pages, mission_id, server.pid, listener)
            listener.kill()
        finally:
            server.terminate()
            server.wait(20)


def _world() -> tuple[int, str]:
    """A mission, and the session of somebody who may see it."""
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from watchfloor.team.models import Mission, Person

    call_command("migrate", verbosity=0, interactive=False)
    person = Person.objects.create_superuser("owner@example.org")
    mission = Mission.objects.create(name="Measured", slug="measured")
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return mission.pk, str(session.session_key)


def _measure(
    rate: float, seconds: float, pages: int, mission_id: int, pid: int, listener: subprocess.Popen[str]
) -> None:
    from django.db import transaction

    from watchfloor.live.announce import publish

    assert listener.stdin is not None
    assert listener.stdout is not None
    topics = {str(number): {"new": list(range(10**15, 10**15 + 3))} for number in range(5)}
    used, began, said = _cpu(pid), time.monotonic(), 0
    while (now := time.monotonic()) < began + seconds:
        if now >= began + said / rate:
            with transaction.atomic():
                publish(f"mission:{mission_id}", {"topics": topics, "at": time.time()})
            said += 1
        else:
            time.sleep(0.002)
    took, used = time.monotonic() - began, _cpu(pid) - used
    time.sleep(0.7)
    listener.stdin.write("tell\n")
    listener.stdin.flush()
    late = sorted(json.loads(listener.stdout.readline()))
    if not late:
        print(f"P6    {rate:.0f} announcements/s: nothing arrived")
        return
    a_core = len(late) / max(used, 0.01)
    print(
        f"P6    {said / took:5.1f} announcements/s × {pages} pages: {len(late) / took:9,.0f} deliveries/s of "
        f"{said * pages / took:,.0f}, {used / took:4.0%} of a core, that is {a_core:9,.0f} a core; "
        f"late p50 {statistics.median(late):.0f} ms, p99 {late[int(len(late) * 0.99)]:.0f} ms "
        f"(floor 5,000, goal 12,500 a core at p99 ≤ 250 ms)",
        flush=True,
    )


def _cpu(pid: int) -> float:
    """Seconds of a core that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _listen(port: int, cookie: str, pages: int) -> None:
    late: list[float] = []
    asked = f"GET /live/measured/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: watchfloor={cookie}\r\n\r\n".encode()
    at = re.compile(rb'"at":([0-9.]+)')

    async def watch(reader: asyncio.StreamReader) -> None:
        while data := await reader.read(1 << 16):
            now = time.time()
            late.extend((now - float(found)) * 1000 for found in at.findall(data))

    tasks = []
    for _ in range(pages):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        await reader.readuntil(b"event: hello")
        tasks.append((asyncio.create_task(watch(reader)), writer))
    print("open", flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while await commands.readline():
        print(json.dumps([round(one, 1) for one in late]), flush=True)
        late.clear()


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not come up.")


if __name__ == "__main__":
    main()
