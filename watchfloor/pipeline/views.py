"""For machines that watch this one: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from watchfloor.pipeline import gauges
from watchfloor.pipeline.models import Beat


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"ok": True})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The store answers, and its tables are those of this release. Says which processes were seen lately."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
        processes = {b.process: "missing" if b.is_missing else "running" for b in Beat.objects.all()}
    except DatabaseError:
        return JsonResponse({"ok": False, "why": "The store does not answer."}, status=503)
    if behind:
        return JsonResponse({"ok": False, "why": "The store is behind. Run `watchfloor manage migrate`."}, status=503)
    return JsonResponse({"ok": True, "processes": processes})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text. Open to this machine, to others by bearer token."""
    if not (_is_from_this_machine(request) or _bears_token(request)):
        return HttpResponse(
            "Send the bearer token of WATCHFLOOR_METRICS_TOKEN.\n", status=403, content_type="text/plain"
        )
    return HttpResponse(gauges.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_from_this_machine(request: HttpRequest) -> bool:
    """Loopback, and not a proxy on this machine that speaks for somebody else."""
    if request.META.get("watchfloor.forwarded", False):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _bears_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    return token is not None and token != "" and hmac.compare_digest(given.encode(), token.encode())
