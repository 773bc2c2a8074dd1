"""A real Bluesky PDS and its PLC directory on loopback, with real accounts.

    with RealPds.started() as pds:
        ana = pds.account("ana")
        uri = ana.post("hello")["uri"]

The Node packages are installed once, by `npm ci` from the lock in `tests/real/bluesky`, into `var/real/bluesky` (or
`WATCHFLOOR_REAL`/bluesky): about 80 seconds, because SQLite is compiled. Run `python -m tests.real.pds install` ahead
of the tests; `python -m tests.real.pds run` starts one to play with.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent / "bluesky"
ROOT = Path(__file__).parent.parent.parent
PASSWORD = "correct horse battery staple"
START_SECONDS, INSTALL_SECONDS = 40, 240


class Missing(Exception):
    """What the machine lacks for a PDS, in one sentence."""


def install() -> Path:
    """The folder with the installed packages; installs them if they are not there or not these. Raises Missing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed (Node 20 and npm run the PDS)")
    folder = Path(os.environ.get("WATCHFLOOR_REAL", ROOT / "var" / "real")) / "bluesky"
    folder.mkdir(parents=True, exist_ok=True)
    lock = HERE / "package-lock.json"
    mark, wanted = folder / "installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    with (folder / "lock").open("w") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        if mark.exists() and mark.read_text() == wanted:
            return folder
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, folder / name)
        command = ["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"]
        with subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        ) as npm:
            try:
                said, _ = npm.communicate(timeout=INSTALL_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise Missing(f"npm ci was not done within {INSTALL_SECONDS} seconds") from error
            finally:
                if npm.poll() is None:
                    os.killpg(npm.pid, signal.SIGKILL)  # its compilers with it
        if npm.returncode:
            raise Missing(f"npm ci failed: {(said.strip().splitlines() or [npm.returncode])[-1]}")
        mark.write_text(wanted)
    return folder


def pds_for_tests() -> Iterator[RealPds]:
    """The body of a fixture: a PDS, or the tests are skipped with what is missing."""
    import pytest

    with contextlib.ExitStack() as ending:
        try:
            server = ending.enter_context(RealPds.started())
        except Missing as missing:
            pytest.skip(f"No real PDS: {missing}")
        yield server


@dataclass
class RealPds:
    port: int
    process: subprocess.Popen[str]
    log: Path
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=30))

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @classmethod
    @contextlib.contextmanager
    def started(cls) -> Iterator[RealPds]:
        """Start one on free ports, and end it. Raises Missing."""
        packages = install()
        with tempfile.TemporaryDirectory(prefix="pds-") as folder, contextlib.ExitStack() as ending:
            plc_port, port = free_ports(2)
            log = Path(folder) / "log"
            process = subprocess.Popen(
                ["node", "-r", HERE / "loopback.js", HERE / "net.js", str(plc_port), str(port)],
                env=_environment(packages, Path(folder)),
                stdout=ending.enter_context(log.open("w")),
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            ending.callback(_end, process)
            pds = cls(port, process, log)
            ending.callback(pds.client.close)
            pds._wait_until_ready()
            yield pds

    def account(self, name: str) -> Account:
        """A new account with the handle NAME.test, and an app password."""
        body = {"handle": f"{name}.test", "email": f"{name}@example.test", "password": PASSWORD}
        made = self.call("com.atproto.server.createAccount", body)
        account = Account(self, made["did"], made["handle"], made["accessJwt"])
        account.app_password = account.call("com.atproto.server.createAppPassword", {"name": "tests"})["password"]
        return account

    def call(self, method: str, body: dict[str, Any] | None = None, *, token: str | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.client.post(f"{self.http}/xrpc/{method}", json=body, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{method}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else {}

    def get(self, method: str, **params: str) -> httpx.Response:
        return self.client.get(f"{self.http}/xrpc/{method}", params=params)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Missing(f"the PDS ended at once: {self.log.read_text()[-300:]}")
            with contextlib.suppress(httpx.HTTPError):
                if self.client.get(f"{self.http}/xrpc/_health").status_code == 200:
                    return
            time.sleep(0.1)
        raise Missing(f"the PDS did not start within {START_SECONDS} seconds: {self.log.read_text()[-300:]}")


@dataclass
class Account:
    pds: RealPds
    did: str
    handle: str
    token: str
    app_password: str = ""

    def call(self, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self.pds.call(method, body, token=self.token)

    def post(self, text: str, **record: Any) -> dict[str, Any]:
        """Write a post; its `uri` and `cid`."""
        body = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now(), "langs": ["en"], **record}
        return self.call(
            "com.atproto.repo.createRecord", {"repo": self.did, "collection": "app.bsky.feed.post", "record": body}
        )

    def reply(self, text: str, to: dict[str, Any], root: dict[str, Any] | None = None) -> dict[str, Any]:
        refs = {name: {"uri": ref["uri"], "cid": ref["cid"]} for name, ref in (("parent", to), ("root", root or to))}
        return self.post(text, reply=refs)

    def edit(self, uri: str, text: str) -> dict[str, Any]:
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now(), "langs": ["en"]}
        key = uri.rsplit("/", 1)[1]
        return self.call(
            "com.atproto.repo.putRecord",
            {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": key, "record": record},
        )

    def delete(self, uri: str) -> None:
        key = uri.rsplit("/", 1)[1]
        self.call("com.atproto.repo.deleteRecord", {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": key})

    def upload(self, content: bytes, kind: str) -> dict[str, Any]:
        """Upload a file; the blob to put into a record."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        url = f"{self.pds.http}/xrpc/com.atproto.repo.uploadBlob"
        return self.pds.client.post(url, content=content, headers=headers).raise_for_status().json()["blob"]

    def rename(self, handle: str) -> None:
        self.call("com.atproto.identity.updateHandle", {"handle": handle})
        self.handle = handle

    def deactivate(self) -> None:
        self.call("com.atproto.server.deactivateAccount", {})

    def activate(self) -> None:
        self.call("com.atproto.server.activateAccount")

    def remove(self) -> None:
        """Delete the account for good, as an administrator may."""
        answer = self.pds.client.post(
            f"{self.pds.http}/xrpc/com.atproto.admin.deleteAccount",
            json={"did": self.did},
            auth=("admin", "admin-pass"),
        )
        answer.raise_for_status()


def free_ports(count: int) -> list[int]:
    """Ports above 20000 that nobody listens on now."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            taken = held.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))
            if (port := taken.getsockname()[1]) > 20_000:
                ports.append(port)
    return ports


def _environment(packages: Path, folder: Path) -> dict[str, str]:
    (folder / "blobs").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "NODE_PATH": str(packages / "node_modules"),
        "LOG_ENABLED": "false",
        "PDS_HOSTNAME": "localhost",
        "PDS_DEV_MODE": "true",
        "PDS_DATA_DIRECTORY": str(folder),
        "PDS_BLOBSTORE_DISK_LOCATION": str(folder / "blobs"),
        "PDS_SERVICE_HANDLE_DOMAINS": ".test",
        "PDS_INVITE_REQUIRED": "false",
        "PDS_JWT_SECRET": "0123456789abcdef0123456789abcdef",
        "PDS_ADMIN_PASSWORD": "admin-pass",
        "PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX": "11" * 32,
        "PDS_RATE_LIMITS_ENABLED": "false",
        "PDS_DISABLE_SSRF_PROTECTION": "true",
    }


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        print(install())
    else:
        with RealPds.started() as running:
            print(running.http, flush=True)
            running.process.wait()
