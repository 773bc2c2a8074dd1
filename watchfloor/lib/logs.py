"""Log lines: a constant sentence, then the keys of `extra`, so that a line can be searched by either.

log.warning("Source is rate limited", extra={"connection_id": 4, "retry_after_seconds": 90})
→ 2026-07-04T12:00:00Z WARNING pipeline: Source is rate limited connection_id=4 retry_after_seconds=90
"""

from __future__ import annotations

import logging
import time

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message", "taskName"}


class KeyedLine(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        keys = "".join(f" {key}={value}" for key, value in record.__dict__.items() if key not in _OWN)
        return super().formatMessage(record) + keys.replace("\n", " ")
