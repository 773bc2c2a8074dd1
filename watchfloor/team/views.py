"""The door: the start page, one-time links, passwords, settings of a person and of a mission."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from watchfloor.team import sign_in
from watchfloor.team.access import SignedIn, may_lead, mission_for
from watchfloor.team.forms import MissionSettingsForm, PasswordForm, YouForm, zones
from watchfloor.team.models import Mission, Person


@require_safe
@login_required
def home(request: SignedIn) -> HttpResponse:
    """To the mission that was open last; else the rehearsal, else the first one."""
    missions = Mission.objects.for_person(request.user)
    last = missions.filter(slug=request.session.get("mission", "")).first()
    mission = last or missions.order_by("-is_rehearsal", "name").first()
    if mission is None:
        return render(request, "team/no_mission.html", status=200)
    return redirect("mission-home", mission.slug)


@never_cache
def use_link(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button first: what fetches links in advance (chat previews, mail scanners) uses nothing up."""
    if request.method != "POST":
        status = 200 if sign_in.works(token) else 410
        return tell_nobody(render(request, "team/sign_in_link.html", {"works": status == 200}, status=status))
    person = sign_in.use_up(token)
    if person is None:
        return tell_nobody(render(request, "team/sign_in_link.html", {"works": False}, status=410))
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])  # gives the session a new key
    request.session[sign_in.BY_LINK] = True
    if not person.has_usable_password():
        messages.info(request, _("You are in. Set a password to come back without a link."))
    return tell_nobody(redirect("home"))


def tell_nobody(response: HttpResponse) -> HttpResponse:
    # The host alone, never the path with the token. "no-referrer" would also blank the Origin that CSRF checks.
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@sensitive_post_parameters()
@never_cache
@login_required
def password(request: SignedIn) -> HttpResponse:
    person = request.user
    came_by_link = bool(request.session.get(sign_in.BY_LINK))
    ask = person.has_usable_password() and not came_by_link
    form = PasswordForm(person, request.POST or None, ask_for_old=ask)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, person)  # a new key here; sessions elsewhere end
        request.session.pop(sign_in.BY_LINK, None)
        messages.success(request, _("Password set. Sessions on other machines were signed out."))
        return redirect("home")
    return render(request, "team/password.html", {"form": form}, status=422 if form.errors else 200)


@login_required
def you(request: SignedIn) -> HttpResponse:
    form = YouForm(request.POST or None, instance=Person.objects.get(email=request.user.email))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("you")
    return render(request, "team/you.html", {"form": form, "zones": zones()}, status=422 if form.errors else 200)


@require_POST
@login_required
def theme(request: SignedIn) -> HttpResponse:
    chosen = request.POST.get("theme")
    if chosen in ("auto", "light", "dark"):
        Person.objects.filter(email=request.user.email).update(theme=chosen)
    back = request.headers.get("Referer", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "home")


@login_required
def mission_settings(request: SignedIn, slug: str) -> HttpResponse:
    mission = mission_for(request.user, slug)
    if not may_lead(request.user, mission):
        raise PermissionDenied
    form = MissionSettingsForm(request.POST or None, instance=mission)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Settings saved."))
        return redirect("mission-settings", mission.slug)
    context = {"form": form, "zones": zones(), "mission": mission}
    return render(request, "team/mission_settings.html", context, status=422 if form.errors else 200)


@require_safe
def signed_up_nowhere(request: HttpRequest) -> HttpResponse:
    """Where allauth would let people register or ask for mail: nobody does either here."""
    return render(request, "team/ask_for_link.html")
