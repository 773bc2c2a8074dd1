"""The door that other programs send posts through: the only address that anybody may write to without signing in.

1. Is the address known, the method and the kind of body right, the body small? 2. Is it signed with this connection's
secret, now? 3. Can all of it be read? 4. Keep it, durably, and answer; the stream does the rest.
"""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from watchfloor.lib.secrets import CannotOpen
from watchfloor.sources.models import Connection
from watchfloor.sources.source import Event
from watchfloor.sources.webhook import inbox
from watchfloor.sources.webhook.body import Misread, read_body
from watchfloor.sources.webhook.models import Hook
from watchfloor.sources.webhook.signing import NoKey, NotSigned, verify
from watchfloor.sources.webhook.source import EARLIER, SECRET

MOST_BYTES = 1_000_000
TRY_AGAIN_SECONDS = 300


class Refused(Exception):
    def __init__(self, status: int, title: str, detail: str, **more: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.more = status, title, detail, more


@method_decorator(csrf_exempt, name="dispatch")
class Receive(View):
    """`POST /hooks/<token>/`. A refusal is application/problem+json (RFC 9457)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        hook = Hook.objects.select_related("connection").filter(pk=token).first()
        if hook is None:
            return problem(
                Refused(404, "No such address", "Nothing receives here. Copy the address from Sources again.")
            )
        try:
            body = _body(request)
            message_id = _believed(request, hook.connection, body)
            events = _read(body, hook.connection)
        except Refused as refused:
            inbox.count_refusal(hook, refused.status, refused.detail)
            return problem(refused)
        if not inbox.keep(hook, message_id, body, events):
            return JsonResponse({"status": "already received", "id": message_id})
        return JsonResponse({"status": "accepted", "id": message_id, "items": len(events)}, status=202)

    def http_method_not_allowed(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        answer = problem(Refused(405, "Only POST", "Send a signed POST; there is nothing to read here."))
        answer["Allow"] = "POST"
        return answer


def _body(request: HttpRequest) -> bytes:
    if request.content_type != "application/json":
        given = (request.content_type or "nothing")[:60]
        raise Refused(415, "Not JSON", f"The content type must be application/json, not {given}.")
    if request.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
        raise Refused(415, "Encoded", "Send the body as it is, without Content-Encoding.")
    too_large = Refused(413, "Too large", f"A message may have {MOST_BYTES:,} bytes. Send fewer posts at once.")
    length = request.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > MOST_BYTES:
        raise too_large
    body: bytes = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise too_large
    return body


def _believed(request: HttpRequest, connection: Connection, body: bytes) -> str:
    """The message's id. A secret that was replaced is good until it is forgotten."""
    try:
        secrets = connection.secrets
    except CannotOpen:
        secrets = {}
    keys = [key for name in (SECRET, EARLIER) if (key := secrets.get(name))]
    if not connection.is_on or not keys:
        why = "switched off" if keys else "without a usable signing secret"
        raise Refused(503, "Not receiving", f"This connection is {why}. Try again later.")
    try:
        return verify(request.headers, body, secrets=keys, now=time.time())
    except NotSigned as error:
        raise Refused(401, "Not signed", str(error)) from None
    except NoKey as error:
        raise Refused(503, "Not receiving", f"This connection's secret can't be used. {error}") from None


def _read(body: bytes, connection: Connection) -> list[Event]:
    try:
        return read_body(body, tuple(connection.settings.get("networks") or ()))
    except Misread as error:
        more = {"field": error.field} if error.field else {}
        raise Refused(422, "Not understood", str(error), **more) from None


def problem(refused: Refused) -> HttpResponse:
    told = {"type": "about:blank", "title": refused.title, "status": refused.status, "detail": refused.detail}
    answer = JsonResponse(
        {**told, **refused.more}, status=refused.status, content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip
    if refused.status == 503:
        answer["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return answer
