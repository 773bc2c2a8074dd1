"""Errors as programs read them: RFC 9457, application/problem+json."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse

TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Not now",
    413: "Too large",
    415: "Not understood",
    422: "Not accepted",
    429: "Too many requests",
    500: "Something broke",
    503: "Not available",
}


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """`detail` says what was tried and what to do; `more` are further members, left out where they are empty."""
    told = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail}
    told |= {name: value for name, value in more.items() if value not in ("", None)}
    return HttpResponse(json.dumps(told, default=str), status=status, content_type="application/problem+json")
