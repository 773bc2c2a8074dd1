"""The API: everything a page can do, at /api/v1/. Each folder brings its own routes (`<folder>/api.py`).

Answers are JSON; errors are problems (RFC 9457, application/problem+json); lists come in pages; a key asks at most so
often a minute. The description is at /api/v1/openapi.json.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.throttling import AnonRateThrottle, AuthRateThrottle

from watchfloor.lib.problem import problem
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


class Problem(Schema):
    """An error as RFC 9457 has it. `where` and `errors` name the parts of the request that were not accepted."""

    type: str
    title: str
    status: int
    detail: str
    where: str | None = None
    hint: str | None = None
    offset: int | None = None
    errors: list[dict[str, str]] | None = None


class Described(NinjaAPI):
    """Says of every operation that it may answer with a problem."""

    def get_openapi_schema(self, **told: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**told)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["4XX"] = {"description": "What is wrong, and what to do.", "content": content}
        return schema


api = Described(
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
