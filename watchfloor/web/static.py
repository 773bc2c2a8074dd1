"""Static files: which files of npm packages are served, and addresses that change when a file changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.storage import FileSystemStorage, Storage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

# What pages load, and nothing else of these packages. `*` stands for fonts that a style sheet names.
PICKED = (
    "@fontsource-variable/ibm-plex-sans/standard.css",
    "@fontsource-variable/ibm-plex-sans/files/*-standard-normal.woff2",
    "@fontsource/ibm-plex-mono/400.css",
    "@fontsource/ibm-plex-mono/600.css",
    "@fontsource/ibm-plex-mono/files/*-400-normal.woff2",
    "@fontsource/ibm-plex-mono/files/*-600-normal.woff2",
    "@tabler/core/dist/css/tabler.min.css",
    "@tabler/icons-webfont/dist/tabler-icons-300.min.css",
    "@tabler/icons-webfont/dist/fonts/tabler-icons-300.woff2",
    "htmx.org/dist/htmx.min.js",
    "vega/build/vega.min.js",
    "vega-lite/build/vega-lite.min.js",
    "vega-interpreter/build/vega-interpreter.js",
)
PREFIX = "npm/"


class NpmFiles(BaseFinder):
    """Finds the picked files under `npm/…` in `node_modules`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.packages = Path(settings.ROOT) / "node_modules"
        self.storage = FileSystemStorage(location=self.packages)
        self.storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]  # what collectstatic asks for

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        name = path.removeprefix(PREFIX)
        found = [str(self.packages / name)] if path != name and self._is_picked(name) else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for pattern in PICKED:
            for file in sorted(self.packages.glob(pattern)):
                yield str(file.relative_to(self.packages)), self.storage

    def _is_picked(self, name: str) -> bool:
        return any(Path(name).match(pattern) for pattern in PICKED) and (self.packages / name).is_file()


class ServeFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped
    """WhiteNoise, answering in one piece: our files are small, and under ASGI a file can't be streamed in pieces."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        if found.status == HTTPStatus.OK and request.method == "GET":
            response["Content-Length"] = str(len(content))  # the file may have changed since it was listed
        return response


class PickedFiles(StaticFilesStorage):
    """Addresses end in a hash of the file, so that browsers may keep a file for ever and never hold an old one."""

    def url(self, name: str | None, force: bool = False) -> str:
        address = super().url(name)
        version = (_version if settings.DEBUG else _version_once)(name or "")
        return f"{address}?v={version}" if version else address


def _version(name: str) -> str:
    file = finders.find(name)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:12] if file else ""


_version_once = cache(_version)
