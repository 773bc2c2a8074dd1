"""The API: everything a page can do, at /api/v1/. Each folder brings its own routes (`<folder>/api.py`).

Answers are JSON; errors are problems (RFC 9457, application/problem+json); lists come in pages; a key asks at most so
often a minute. The description is at /api/v1/openapi.json.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.throttling import AnonRateThrottle, AuthRateThrottle

from watchfloor.listening.api import router as topics
from watchfloor.listening.language.tree import QueryError
from watchfloor.mentions.api import figures
from watchfloor.mentions.api import router as mentions
from watchfloor.missions.api import router as missions
from watchfloor.sources.api import router as connections
from watchfloor.team.api import router as team
from watchfloor.team.api_door import Key, Wrong
from watchfloor.team.people import NotNow
from watchfloor.wall.api import router as walls

api = NinjaAPI(
    title="Watchfloor",
    version="1",
    description="Missions, goals, topics, mentions, metrics, panels and connections.",
    auth=Key(),
    throttle=[AuthRateThrottle("600/m"), AnonRateThrottle("60/m")],
    docs_url=None,  # its page needs scripts from elsewhere
    urls_namespace="api",
)
for router in (missions, topics, mentions, figures, connections, walls, team):
    api.add_router("", router)


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """An error as RFC 9457 has it."""
    told = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail}
    told |= {name: value for name, value in more.items() if value not in ("", None)}
    return HttpResponse(json.dumps(told, default=str), status=status, content_type="application/problem+json")


TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Not now",
    413: "Too large",
    422: "Not accepted",
    429: "Too many requests",
}


@api.exception_handler(AuthenticationError)
def _no_key(request: HttpRequest, why: Any) -> HttpResponse:
    answer = problem(401, _("Send a key: “Authorization: Bearer wf_…”. Make one on the page “Keys to the API”."))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(PermissionDenied)
def _not_allowed(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(403, str(why) or _("Your role does not allow that."))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(404, _("There is nothing here, or you may not see it."))


@api.exception_handler(ValidationError)
def _not_accepted(request: HttpRequest, why: Any) -> HttpResponse:
    errors = [{"where": ".".join(str(part) for part in error["loc"]), "detail": error["msg"]} for error in why.errors]
    return problem(422, _("Some of what was sent is not right; `errors` says what."), errors=errors)


@api.exception_handler(Wrong)
def _wrong(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(why.status, why.detail, where=why.where, hint=why.hint)


@api.exception_handler(QueryError)
def _wrong_query(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(422, why.message, where="query", offset=why.offset, hint=why.hint)


@api.exception_handler(NotNow)
def _not_now(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(409, str(why))


@api.exception_handler(Throttled)
def _too_often(request: HttpRequest, why: Any) -> HttpResponse:
    seconds = max(1, int(why.wait or 60))
    answer = problem(429, _("Too many requests. Ask again in %(seconds)d seconds.") % {"seconds": seconds})
    answer["Retry-After"] = str(seconds)
    return answer


@api.exception_handler(HttpError)
def _other(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(why.status_code, str(why))
