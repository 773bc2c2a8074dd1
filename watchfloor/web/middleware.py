"""Who is really asking, and in which time zone they read."""

from __future__ import annotations

import ipaddress
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy as _

from watchfloor.lib.problem import problem

SAYS = {
    400: _("The request can't be read. Send what /api/v1/openapi.json describes."),
    404: _("There is nothing at this address. /api/v1/openapi.json lists all there are."),
    405: _("This address does not take this method. `Allow` names those that it takes."),
    500: _("Something went wrong that should not have. The server's log has the details."),
}
FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
)


class TrustedProxies(MiddlewareMixin):
    """Believes X-Forwarded-For and -Proto from the configured proxies alone; everyone else's are taken away.

    The person's address is the rightmost one that is no proxy of ours: what stands left of it, they may have written.
    """

    def process_request(self, request: HttpRequest) -> None:
        told = {name: request.META.pop(name, "") for name in FORWARDED}
        # Whoever opens something to this machine alone must know that a proxy on it spoke for somebody else.
        request.META["watchfloor.forwarded"] = any(told.values())
        if not _is_proxy(request.META.get("REMOTE_ADDR", "")):
            return
        for address in reversed([part.strip() for part in told["HTTP_X_FORWARDED_FOR"].split(",") if part.strip()]):
            if not _is_address(address):
                break
            request.META["REMOTE_ADDR"] = address
            if not _is_proxy(address):
                break
        if told["HTTP_X_FORWARDED_PROTO"] in ("http", "https"):
            request.META["HTTP_X_FORWARDED_PROTO"] = told["HTTP_X_FORWARDED_PROTO"]


class ProblemsForPrograms(MiddlewareMixin):
    """Whoever asks the API is answered in its own form when something before or behind it says no."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_told = response.status_code < 400 or response.get("Content-Type", "").startswith("application/problem+json")
        if is_told or not request.path.startswith("/api/"):
            return response
        answer = problem(response.status_code, str(SAYS.get(response.status_code, SAYS[500])))
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer


class PersonsZone(MiddlewareMixin):
    """Times are shown in the person's zone, if they chose one; else pages of a mission choose that mission's."""

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        timezone.deactivate()
        zone = getattr(request.user, "time_zone", "")
        if zone:
            timezone.activate(ZoneInfo(zone))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        timezone.deactivate()
        return response


def _is_proxy(address: str) -> bool:
    return any(
        _is_address(address) and _is_address(proxy) and _same(address, proxy) for proxy in settings.TRUSTED_PROXIES
    )


def _same(address: str, proxy: str) -> bool:
    return ipaddress.ip_address(address) == ipaddress.ip_address(proxy)


def _is_address(words: str) -> bool:
    try:
        ipaddress.ip_address(words)
    except ValueError:
        return False
    return True
