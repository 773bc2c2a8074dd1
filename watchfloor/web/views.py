"""The shell's own fragment, and pages for what went wrong."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.team.access import SignedIn, mission_for
from watchfloor.web.shell import MOST_IN_TOP_LINE, freshness


@require_safe
@never_cache
@login_required
def fresh(request: SignedIn, slug: str) -> HttpResponse:
    """The sources' states of the top line, for pages that stay open."""
    rows = freshness(mission_for(request.user, slug), timezone.now())[:MOST_IN_TOP_LINE]
    return render(request, "web/_fresh.html", {"fresh": rows})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("web/eye.svg"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)
