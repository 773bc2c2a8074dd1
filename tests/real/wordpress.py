"""A real WordPress with a MariaDB of its own on loopback, from the system's packages.

    with RealWordPress.started() as blog:
        post = blog.post("Doors open", "<p>At nine.</p>")
        blog.comment(post, "Ben", "Where?")
        blog.url                      # http://127.0.0.1:23456

Needs Debian's packages `wordpress mariadb-server php-cli php-mysql php-xml php-mbstring`, and starts in about two
seconds. The database listens on no port, only on a socket in the folder that goes with it. `python -m
tests.real.wordpress run` starts one to play with.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.real.pds import Missing, _end, free_ports

PACKAGES = "apt-get install wordpress mariadb-server php-cli php-mysql php-xml php-mbstring"
PLACES = ("/usr/share/wordpress",)
START_SECONDS = 60

CONFIG = """<?php
define('DB_NAME','wp'); define('DB_USER','wp'); define('DB_PASSWORD','wp'); define('DB_HOST','localhost:{socket}');
define('DB_CHARSET','utf8mb4'); define('DB_COLLATE','');
foreach (['AUTH_KEY','SECURE_AUTH_KEY','LOGGED_IN_KEY','NONCE_KEY','AUTH_SALT','SECURE_AUTH_SALT','LOGGED_IN_SALT',
  'NONCE_SALT'] as $k) define($k, hash('sha256','test-'.$k));
$table_prefix='wp_'; define('WP_ENVIRONMENT_TYPE','local'); /* application passwords over plain http */
define('DISABLE_WP_CRON',true); define('WP_HTTP_BLOCK_EXTERNAL',true); define('AUTOMATIC_UPDATER_DISABLED',true);
define('WP_HOME','{url}'); define('WP_SITEURL','{url}');
if (!defined('ABSPATH')) define('ABSPATH', __DIR__.'/'); require_once ABSPATH.'wp-settings.php';
"""
SETUP = """<?php define('WP_INSTALLING', true); require $argv[1].'/wp-load.php';
require ABSPATH.'wp-admin/includes/upgrade.php';
wp_install('Acme Blog','ana','ana@example.test',true,'','ana-password');
update_option('permalink_structure','/%postname%/');
foreach (['comment_moderation','comment_previously_approved','require_name_email'] as $off) update_option($off, 0);
wp_delete_post(1, true);
[$word]=WP_Application_Passwords::create_new_application_password(get_user_by('login','ana')->ID,['name'=>'tests']);
echo json_encode($word);
"""


@dataclass
class RealWordPress:
    url: str
    password: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=30))

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @classmethod
    @contextlib.contextmanager
    def started(cls) -> Iterator[RealWordPress]:
        """Start one on a free port, and end it. Raises Missing."""
        source = _installed()
        with tempfile.TemporaryDirectory(prefix="wp-") as place, contextlib.ExitStack() as ending:
            folder = Path(place)
            shutil.copytree(source, folder / "www", symlinks=False, ignore_dangling_symlinks=True)
            socket = _start_database(folder, ending)
            port = free_ports(1)[0]
            url = f"http://127.0.0.1:{port}"
            (folder / "www/wp-config.php").unlink(missing_ok=True)
            (folder / "www/wp-config.php").write_text(CONFIG.replace("{socket}", str(socket)).replace("{url}", url))
            (folder / "setup.php").write_text(SETUP)
            told = _ran("php", str(folder / "setup.php"), str(folder / "www"))
            server = subprocess.Popen(
                ["php", "-d", "opcache.enable_cli=1", "-S", f"127.0.0.1:{port}", "-t", str(folder / "www")],
                env={"PATH": os.environ["PATH"], "PHP_CLI_SERVER_WORKERS": "3"},
                stdout=subprocess.DEVNULL,
                stderr=ending.enter_context((folder / "php.log").open("w")),
                text=True,
                start_new_session=True,
            )
            ending.callback(_end_group, server)
            blog = cls(url, json.loads(told[told.index('"') :]))
            ending.callback(blog.client.close)
            _wait(lambda: blog.client.get(f"{url}/feed/").status_code < 500, "WordPress")
            yield blog

    def post(self, title: str, content: str, **fields: Any) -> int:
        """Publish a post; its number."""
        return self._call("POST", "posts", {"title": title, "content": content, "status": "publish", **fields})["id"]

    def edit(self, post: int, **fields: Any) -> None:
        self._call("POST", f"posts/{post}", fields)

    def comment(self, post: int, name: str, text: str, *, to: int = 0) -> int:
        """Comment as a visitor, under a post or (`to`) another comment; the comment's number."""
        visitor = {"author_name": name, "author_email": f"{name}@example.test"}
        body = {"post": post, "parent": to, "content": text, "status": "approve", **visitor}
        return self._call("POST", "comments", body)["id"]

    def delete(self, post: int) -> None:
        self._call("DELETE", f"posts/{post}?force=true")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        address = f"{self.url}/wp-json/wp/v2/{path}"
        answer = self.client.request(method, address, json=body, auth=("ana", self.password))
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()


def wordpress_for_tests() -> Iterator[RealWordPress]:
    """The body of a fixture: a WordPress, or the tests are skipped with what is missing."""
    import pytest

    with contextlib.ExitStack() as ending:
        try:
            blog = ending.enter_context(RealWordPress.started())
        except Missing as missing:
            pytest.skip(f"No real WordPress: {missing}")
        yield blog


def _installed() -> Path:
    """Where WordPress' own files are. Raises Missing."""
    for program in ("php", "mariadbd", "mariadb", "mariadb-install-db"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            raise Missing(f"{program} is not installed ({PACKAGES})")
    for place in PLACES:
        if (Path(place) / "wp-load.php").exists():
            return Path(place)
    raise Missing(f"WordPress is not installed ({PACKAGES})")


def _start_database(folder: Path, ending: contextlib.ExitStack) -> Path:
    data, socket = folder / "db", folder / "s"
    user = getpass.getuser()
    _ran(
        "mariadb-install-db", "--no-defaults", f"--user={user}", f"--datadir={data}", "--skip-test-db",
        "--auth-root-authentication-method=normal",
    )  # fmt: skip
    program = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    server = subprocess.Popen(
        [
            str(program), "--no-defaults", f"--user={user}", f"--datadir={data}", f"--socket={socket}",
            f"--pid-file={folder / 'pid'}", "--skip-networking", "--innodb-buffer-pool-size=32M",
            "--performance-schema=OFF", "--innodb-flush-log-at-trx-commit=0",
        ],
        stdout=subprocess.DEVNULL,
        stderr=ending.enter_context((folder / "db.log").open("w")),
        text=True,
        start_new_session=True,
    )  # fmt: skip
    ending.callback(_end, server)
    ask = ["mariadb", "--no-defaults", "-uroot", f"--socket={socket}", "-e"]
    _wait(lambda: subprocess.run([*ask, "select 1"], capture_output=True).returncode == 0, "MariaDB", every=0.1)
    grant = "create user wp@localhost identified by 'wp'; grant all on wp.* to wp@localhost"
    _ran(*ask, f"create database wp; {grant}")
    return socket


def _ran(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise Missing(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def _wait(is_ready: Any, what: str, *, every: float = 0.05) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            if is_ready():
                return
        time.sleep(every)
    raise Missing(f"{what} did not start within {START_SECONDS} seconds")


def _end_group(server: subprocess.Popen[str]) -> None:
    """PHP's workers are its children: end its whole group, which is its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, 15)
    _end(server)


if __name__ == "__main__":
    if sys.argv[1:] != ["run"]:
        raise SystemExit("python -m tests.real.wordpress run")
    with RealWordPress.started() as blog:
        print(blog.url, "ana", blog.password)
        blog.post("Hello", "<p>A post to read.</p>")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(60)
