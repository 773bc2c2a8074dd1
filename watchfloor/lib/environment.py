"""Settings come from environment variables, each with a checked type.

    port = whole_number("WATCHFLOOR_PORT", 8000, at_least=1, at_most=65535)

A value that can't be read stops the start with one sentence that says which setting, what it held and what it takes.
A secret may also be given as a file: `WATCHFLOOR_SECRET_KEY_FILE` names a file whose content is the value.
Every reader notes its setting in `KNOWN`, from which the documentation is tested.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


class SettingRefused(SystemExit):
    """Ends the start. A SystemExit, so that no traceback hides the sentence."""

    def __init__(self, name: str, held: str, takes: str) -> None:
        super().__init__(f"{name} is set to {held!r}, but it takes {takes}. Change or unset it and start again.")


KNOWN: dict[str, str] = {}  # name → what it is for


def words(name: str, default: str, why: str, *, environment: Mapping[str, str] = os.environ) -> str:
    KNOWN[name] = why
    return environment.get(name, default)


def secret(name: str, why: str, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """The value of NAME, or the content of the file named by NAME_FILE, or None."""
    KNOWN[name] = why
    if path := environment.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise SettingRefused(f"{name}_FILE", path, f"a file that can be read ({error.strerror})") from error
    return environment.get(name)


def whole_number(
    name: str, default: int, why: str, *, at_least: int, at_most: int, environment: Mapping[str, str] = os.environ
) -> int:
    KNOWN[name] = why
    held = environment.get(name)
    if held is None or held == "":
        return default
    takes = f"a whole number from {at_least} to {at_most}"
    try:
        number = int(held)
    except ValueError:
        raise SettingRefused(name, held, takes) from None
    if not at_least <= number <= at_most:
        raise SettingRefused(name, held, takes)
    return number


def yes_or_no(name: str, default: bool, why: str, *, environment: Mapping[str, str] = os.environ) -> bool:
    KNOWN[name] = why
    held = environment.get(name, "").strip().lower()
    if held == "":
        return default
    if held in ("1", "yes", "true", "on"):
        return True
    if held in ("0", "no", "false", "off"):
        return False
    raise SettingRefused(name, held, "yes or no")


def several(name: str, why: str, *, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """A list written with commas; empty when unset."""
    KNOWN[name] = why
    return tuple(part.strip() for part in environment.get(name, "").split(",") if part.strip())


def folder(name: str, default: Path, why: str, *, environment: Mapping[str, str] = os.environ) -> Path:
    """A folder that exists afterwards, readable by its owner alone when we make it."""
    KNOWN[name] = why
    path = Path(environment.get(name) or default).expanduser().resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingRefused(name, str(path), f"a folder that can be made and written ({error.strerror})") from error
    return path


def database(
    name: str, default_file: Path, why: str, *, environment: Mapping[str, str] = os.environ
) -> dict[str, object]:
    """Django's description of the database at an address: `sqlite:///path` or `postgresql://user:secret@host:port/name`."""
    from urllib.parse import parse_qsl, unquote, urlsplit

    KNOWN[name] = why
    held = secret(name, why, environment=environment)
    takes = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME"
    if not held:
        return _sqlite(default_file)
    parts = urlsplit(held)
    if parts.scheme == "sqlite":
        if not parts.path.strip("/"):
            raise SettingRefused(name, held, takes)
        return _sqlite(Path(unquote(parts.path[1:])))
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise SettingRefused(name, f"{parts.scheme}://…", takes)
    try:
        port = parts.port
    except ValueError:
        raise SettingRefused(name, f"{parts.scheme}://…", takes) from None
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _sqlite(file: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "CONN_MAX_AGE": None,
        # A file for tests, too: several threads at a database in memory get other locks than the product ever sees.
        "TEST": {"NAME": file.with_name("tests.sqlite3")},
        "OPTIONS": {
            # IMMEDIATE: a transaction that will write takes the writer's place at its start, so that it waits its turn
            # (timeout) instead of failing in the middle when another process wrote since its first read.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; "
                "PRAGMA cache_size=-16000; PRAGMA secure_delete=FAST; PRAGMA journal_size_limit=67108864; "
                "PRAGMA wal_autocheckpoint=2000"
            ),
        },
    }
