"""Keeps what a page complains about: errors of scripts, refused by the content security policy, files not found."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page, Request


class Watch:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        page.watch = self  # type: ignore[attr-defined]
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("requestfailed", self._failed)

    def _said(self, message: ConsoleMessage) -> None:
        words = f"{message.type}: {message.text}"
        if message.type in ("error", "warning") and not any(part in words for part in self.expected):
            self.complaints.append(words)

    def _failed(self, request: Request) -> None:
        # Leaving a page ends its stream and what it was asking for.
        if "ERR_ABORTED" not in (request.failure or "") and not self.expected:
            self.complaints.append(f"failed: {request.url} {request.failure}")
