"""Pages about who may enter: a mission's people, joining, the table of rights, everybody, one's own keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchfloor.team import people, sign_in
from watchfloor.team.access import SignedIn, may, mission_for
from watchfloor.team.models import ApiToken, Invitation, Membership, Mission, Person
from watchfloor.team.people import NotNow
from watchfloor.team.people_forms import InviteForm, JoinForm, KeyForm, MemberForm
from watchfloor.team.rights import ADMINISTRATOR, ROLES, Right
from watchfloor.team.tokens import make_token, revoke_token
from watchfloor.team.views import tell_nobody

NEW_LINK, NEW_KEY = "new_invitation", "new_key"  # shown once: in the session until the next page


@never_cache
@login_required
def mission_people(request: SignedIn, slug: str) -> HttpResponse:
    """Who is in the mission; those who lead it invite, change and let go."""
    mission = mission_for(request.user, slug)
    may_lead = may(request.user, mission, Right.LEAD)
    if request.method == "POST" and not may_lead:
        raise PermissionDenied
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            invited = people.invite(
                mission,
                by=request.user,
                role=asked["role"],
                for_people=asked["for_people"],
                lasts=timedelta(days=asked["days"]),
                access_until=asked["access_until"],
                note=asked["note"],
            )
        except NotNow as why:
            form.add_error(None, str(why))
        else:
            request.session[NEW_LINK] = _address(request, invited.token)
            return redirect("mission-people", mission.slug)
    context = {
        "mission": mission,
        "may_lead": may_lead,
        "form": form,
        "members": [
            (m, MemberForm(initial={"role": m.role, "until": m.until}, prefix=f"m{m.pk}"))
            for m in people.members(mission)
        ],
        "invitations": people.open_invitations(mission) if may_lead else [],
        "new_link": request.session.pop(NEW_LINK, None) if may_lead else None,
        "now": timezone.now(),
    }
    return render(request, "team/mission_people.html", context, status=422 if form.errors else 200)


def _member_form(member: Membership) -> MemberForm:
    return MemberForm(initial={"role": member.role, "until": member.until}, prefix=f"m{member.pk}")


@require_POST
@login_required
def change_member(request: SignedIn, slug: str, person_id: int) -> HttpResponse:
    mission = mission_for(request.user, slug, Right.LEAD)
    member = get_object_or_404(Membership.objects.select_related("person"), mission=mission, person_id=person_id)
    try:
        if "let_go" in request.POST:
            people.let_go(member)
            messages.success(request, _("%(person)s is no longer in this mission.") % {"person": member.person})
        else:
            form = MemberForm(request.POST, prefix=f"m{member.pk}")
            if not form.is_valid():
                raise NotNow(" ".join(str(error) for errors in form.errors.values() for error in errors))
            people.change_role(member, role=form.cleaned_data["role"], until=form.cleaned_data["until"])
            messages.success(request, _("Saved."))
    except NotNow as why:
        messages.error(request, str(why))
    return redirect("mission-people", mission.slug)


@require_POST
@login_required
def revoke_invitation(request: SignedIn, slug: str, invitation_id: int) -> HttpResponse:
    mission = mission_for(request.user, slug, Right.LEAD)
    people.revoke_invitation(get_object_or_404(Invitation, mission=mission, pk=invitation_id))
    messages.success(request, _("The invitation was revoked. Nobody joins by it any more."))
    return redirect("mission-people", mission.slug)


@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """A page first, then one button: what fetches links in advance uses no place up."""
    invitation = people.open_invitation(token)
    if invitation is None:
        return tell_nobody(render(request, "team/join.html", {"works": False}, status=410))
    person = request.user if isinstance(request.user, Person) else None
    form = JoinForm(request.POST or None) if person is None else None
    status = 200
    if request.method == "POST" and (form is None or form.is_valid()):
        told: dict[str, Any] = form.cleaned_data if form else {}
        try:
            joined = people.join(token, person=person, name=told.get("name", ""), email=told.get("email", ""))
        except NotNow as why:
            status = 409
            if form is None:
                return tell_nobody(render(request, "team/join.html", {"works": False, "why": str(why)}, status=status))
            form.add_error(None, str(why))
        else:
            if person is None:
                login(request, joined, backend=settings.AUTHENTICATION_BACKENDS[0])
                request.session[sign_in.BY_LINK] = True
                messages.info(request, _("You are in. Set a password to come back without a link."))
            request.session["mission"] = invitation.mission.slug
            return tell_nobody(redirect("home"))
    if form is not None and form.errors and status == 200:
        status = 422
    context = {"works": True, "invitation": invitation, "form": form, "token": token}
    return tell_nobody(render(request, "team/join.html", context, status=status))


@require_safe
@login_required
def rights(request: SignedIn) -> HttpResponse:
    """The table that every door asks, as it stands."""
    columns = [
        (_("administrator"), ADMINISTRATOR),
        *((Membership.Role(role).label, held) for role, held in ROLES.items()),
    ]
    rows = [(right.label, [right in held for _name, held in columns]) for right in Right]
    mine = [
        (m.mission, m.get_role_display(), m.until)
        for m in Membership.objects.current().filter(person=request.user).select_related("mission")
    ]
    context = {"columns": [name for name, _held in columns], "rows": rows, "mine": mine}
    return render(request, "team/rights.html", context)


@never_cache
@login_required
def everybody(request: SignedIn) -> HttpResponse:
    """All people of the installation: for administrators."""
    if not may(request.user, None, Right.ADMINISTER):
        raise PermissionDenied
    if request.method == "POST":
        return _change_person(request)
    found = Person.objects.prefetch_related("memberships__mission").order_by("name", "email")
    return render(request, "team/everybody.html", {"people": found, "new_link": request.session.pop(NEW_LINK, None)})


def _change_person(request: SignedIn) -> HttpResponse:
    chosen = request.POST.get("person", "")
    if not chosen.isascii() or not chosen.isdecimal() or len(chosen) > 18:
        raise Http404
    person = get_object_or_404(Person, pk=int(chosen))
    if "link" in request.POST:
        if not person.is_active:
            messages.error(request, _("%(person)s may not sign in. Allow it first.") % {"person": person})
        else:
            token = sign_in.make_link(person, settings.SIGN_IN_LINK_LASTS)
            request.session[NEW_LINK] = _absolute(request, reverse("sign-in-link", args=[token]))
        return redirect("everybody")
    try:
        people.let_in(
            person, may_sign_in="may_sign_in" in request.POST, is_administrator="is_administrator" in request.POST
        )
        messages.success(request, _("Saved."))
    except NotNow as why:
        messages.error(request, str(why))
    return redirect("everybody")


@never_cache
@login_required
def keys(request: SignedIn) -> HttpResponse:
    """One's own keys to the API."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = make_token(request.user, name=asked["name"], scopes=asked["scopes"], expires_at=asked["expires_at"])
        except NotNow as why:
            form.add_error(None, str(why))
        else:
            request.session[NEW_KEY] = made.secret
            return redirect("keys")
    context = {
        "form": form,
        "tokens": [
            (token, [Right(scope).label for scope in token.scopes])
            for token in ApiToken.objects.filter(person=request.user, revoked_at=None)
        ],
        "new_key": request.session.pop(NEW_KEY, None),
        "now": timezone.now(),
        "mission": Mission.objects.for_person(request.user).first(),
    }
    return render(request, "team/keys.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def revoke_key(request: SignedIn, token_id: int) -> HttpResponse:
    if not revoke_token(request.user, token_id):
        raise Http404
    messages.success(request, _("The key was revoked. It opens nothing any more."))
    return redirect("keys")


def _address(request: HttpRequest, token: str) -> str:
    return _absolute(request, reverse("join", args=[token]))


def _absolute(request: HttpRequest, path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
