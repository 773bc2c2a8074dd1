"""Who is really asking, and in which time zone they read."""

from __future__ import annotations

import ipaddress
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

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
