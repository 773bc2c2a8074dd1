"""The Sources page: what is connected, how it goes, and what administrators may change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchfloor.lib.secrets import CannotOpen
from watchfloor.lib.spans import short_span
from watchfloor.sources import actions
from watchfloor.sources.day import days
from watchfloor.sources.forms import ConnectionForm
from watchfloor.sources.models import Connection, vault
from watchfloor.sources.reads import cannot_tell, health, plug
from watchfloor.sources.source import Source, SourceError, TryAgain, installed_sources
from watchfloor.sources.webhook.reads import hook_page
from watchfloor.sources.webhook.source import SECRET
from watchfloor.team.access import SignedIn, may_manage_connections
from watchfloor.team.models import Mission, Person

CHECK_SECONDS = 20
MOST_GAPS = 20
MOST_UNKNOWN = 12
MOST_CURSOR = 20_000  # characters that support is shown
SHOWN_ONCE = "shown_once"  # in the session: a new secret on its way to the page that shows it


def connections_for(person: Person) -> QuerySet[Connection]:
    """Those that `person` may see: an administrator all; others those for all missions and for theirs."""
    if person.is_administrator:
        return Connection.objects.all()
    return Connection.objects.filter(Q(mission=None) | Q(mission__in=Mission.objects.for_person(person)))


def connection_for(person: Person, pk: int) -> Connection:
    connection = connections_for(person).select_related("mission").filter(pk=pk).first()
    if connection is None:
        raise Http404("no such connection")
    return connection


@require_safe
@login_required
def sources(request: SignedIn) -> HttpResponse:
    now = timezone.now()
    rows = list(
        connections_for(request.user)
        .select_related("mission")
        .annotate(gaps_open=Count("gaps", filter=Q(gaps__filled_at=None)))
    )
    told = days(rows, now)
    connections = sorted(
        (_row(c, now) | {"day": told.get(c.pk)} for c in rows),
        key=lambda row: (row["health"].rank, row["connection"].name),
    )
    context = {
        "connections": connections,
        "may_manage": may_manage_connections(request.user),
        "installed": [
            (name, source.facts) for name, source in sorted(installed_sources().items()) if source.facts.listens
        ],
    }
    template = "sources/_list.html" if request.headers.get("HX-Request") else "sources/sources.html"
    return render(request, template, context)


@login_required
@never_cache
def connection(request: SignedIn, pk: int) -> HttpResponse:
    """One connection. A POST by an administrator changes its settings."""
    this = connection_for(request.user, pk)
    may_manage = may_manage_connections(request.user)
    source = plug(this)
    form = None
    if may_manage and source:
        initial = {"name": this.name, "mission": this.mission, **ConnectionForm.initial_of(this.settings)}
        form = ConnectionForm(source, request.POST or None, initial=initial, kept=this.settings)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            actions.change_connection(
                this,
                name=form.cleaned_data["name"],
                mission=form.cleaned_data["mission"],
                settings=form.settings,
                secrets=form.new_secrets,
            )
            messages.success(request, _("Settings saved. The stream connects anew with them."))
            return redirect("source-connection", this.pk)
    now = timezone.now()
    unknown = sorted(this.unknown_fields.items(), key=lambda item: -item[1])
    context = {
        **_row(this, now),
        "day": days([this], now).get(this.pk),
        "form": form,
        "may_manage": may_manage,
        "cost": _cost(source, this.settings) if source else None,
        "rhythm": short_span(source.facts.rhythm) if source else None,
        "gaps": this.gaps.all()[:MOST_GAPS],
        "gaps_more": max(0, this.gaps.count() - MOST_GAPS),
        "unknown": unknown[:MOST_UNKNOWN],
        "unknown_more": max(0, len(unknown) - MOST_UNKNOWN),
        "cursor": (this.cursor or "")[:MOST_CURSOR],
        "hook": hook_page(this, request) if may_manage else None,
        "shown_once": _shown_once(request, this) if may_manage and request.method == "GET" else None,
    }
    return render(request, "sources/connection.html", context, status=422 if form and form.errors else 200)


@login_required
def add(request: SignedIn, name: str) -> HttpResponse:
    source = _managed_source(request, name)
    form = ConnectionForm(source, request.POST or None, initial={"name": source.facts.title})
    if request.method == "POST" and form.is_valid():
        made = actions.add_connection(
            source=name,
            name=form.cleaned_data["name"],
            mission=form.cleaned_data["mission"],
            settings=form.settings,
            secrets=form.new_secrets,
        )
        if name == "webhook" and SECRET not in form.new_secrets:
            _show_once(request, made, made.secrets[SECRET])
        messages.success(request, _("Connected. The first posts show here once the stream has them."))
        return redirect("source-connection", made.pk)
    context = {
        "form": form,
        "facts": source.facts,
        "cannot_tell": cannot_tell(source.facts),
        "name": name,
        "cost": _cost(source, {}),
    }
    return render(request, "sources/add.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def try_out(request: SignedIn, name: str) -> HttpResponse:
    """Try settings that are not saved, and say what came of it. Reaches the network through the guarded client."""
    source = _managed_source(request, name)
    form = ConnectionForm(source, request.POST)
    context: dict[str, Any] = {"name": name, "facts": source.facts}
    if form.is_valid():
        context |= _checked(source, form.settings, form.new_secrets)
    else:
        context["form"] = form
    if request.headers.get("HX-Request"):
        return render(request, "sources/_checked.html", context)
    return render(request, "sources/checked.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def switch(request: SignedIn, pk: int) -> HttpResponse:
    this = _managed(request, pk)
    on = request.POST.get("on") == "1"
    actions.switch(this, on=on)
    said = (
        _("%(name)s is switched on.")
        if on
        else _("%(name)s is switched off. It goes on from here when it is on again.")
    )
    messages.success(request, said % {"name": this.name})
    return redirect("source-connection", this.pk)


@require_POST
@login_required
def test(request: SignedIn, pk: int) -> HttpResponse:
    """Try the connection as it is saved."""
    this = _managed(request, pk)
    context: dict[str, Any] = {"connection": this}
    try:
        context |= _checked(plug(this), this.settings, this.secrets)
    except CannotOpen as error:
        context["error"] = SourceError(_("Opened its secrets"), this.name, str(error))
    if request.headers.get("HX-Request"):
        return render(request, "sources/_checked.html", context)
    return render(request, "sources/checked.html", context)


@login_required
def delete(request: SignedIn, pk: int) -> HttpResponse:
    """Ask, and on POST delete."""
    this = _managed(request, pk)
    if request.method == "POST":
        actions.delete_connection(this)
        messages.success(request, _("%(name)s was deleted. Its posts stay.") % {"name": this.name})
        return redirect("sources")
    return render(request, "sources/delete.html", {**_row(this, timezone.now()), "gaps": this.gaps.count()})


@require_POST
@login_required
def new_secret(request: SignedIn, pk: int) -> HttpResponse:
    """A webhook's: the new one is shown once, the present one stays good until it is forgotten."""
    this = _managed_hook(request, pk)
    _show_once(request, this, actions.make_new_secret(this))
    return redirect("source-connection", this.pk)


@require_POST
@login_required
def forget_secret(request: SignedIn, pk: int) -> HttpResponse:
    this = _managed_hook(request, pk)
    actions.forget_earlier_secret(this)
    messages.success(request, _("The earlier secret is forgotten: what is signed with it is refused from now on."))
    return redirect("source-connection", this.pk)


def _checked(source: Source | None, told: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """What a test of these settings finds: `checked`, or `error` with what to do; and what listening would cost."""
    try:
        if source is None:
            raise SourceError(_("Looked for the source"), _("this server"), _("Install the package that brought it."))
        settings = msgspec.convert(told, source.settings_type)
        checked = asyncio.run(asyncio.wait_for(source.check(settings, secrets=secrets), CHECK_SECONDS))
        return {"checked": checked, "cost": source.cost(settings) if hasattr(source, "cost") else None}
    except msgspec.ValidationError as error:
        return {
            "error": SourceError(_("Read its settings"), str(error), _("Correct the settings below and save them."))
        }
    except TimeoutError:
        waited = _("%(n)d s") % {"n": CHECK_SECONDS}
        return {"error": SourceError(_("Waited for an answer"), waited, _("Check the address, then test again."))}
    except TryAgain as error:
        # The stream tries again by itself; a test does not.
        wait = _("Wait %(span)s, then test again.") % {"span": short_span(error.after)} if error.after else None
        return {"error": SourceError(error.tried, error.on, wait or _("Check the settings, then test again."))}
    except SourceError as error:
        return {"error": error}


def _show_once(request: SignedIn, connection: Connection, secret: str) -> None:
    """Hand a secret to the next page, encrypted: the session is kept in the database."""
    sealed = vault().seal({"secret": secret}).decode()
    request.session[SHOWN_ONCE] = {"connection": connection.pk, "sealed": sealed}


def _shown_once(request: SignedIn, connection: Connection) -> str | None:
    held = request.session.get(SHOWN_ONCE)
    if not held or held.get("connection") != connection.pk:
        return None
    del request.session[SHOWN_ONCE]
    try:
        return vault().open(held["sealed"].encode()).get("secret")
    except CannotOpen:
        return None


def _managed(request: SignedIn, pk: int) -> Connection:
    found = connection_for(request.user, pk)
    if not may_manage_connections(request.user):
        raise PermissionDenied
    return found


def _managed_hook(request: SignedIn, pk: int) -> Connection:
    found = _managed(request, pk)
    if found.source != "webhook":
        raise Http404("no webhook")
    return found


def _managed_source(request: SignedIn, name: str) -> Source:
    if not may_manage_connections(request.user):
        raise PermissionDenied
    source = installed_sources().get(name)
    if source is None:
        raise Http404("no such source")
    return source


def _row(connection: Connection, now: datetime) -> dict[str, Any]:
    source = plug(connection)
    return {
        "connection": connection,
        "health": health(connection, now),
        "facts": source.facts if source else None,
        "cannot_tell": cannot_tell(source.facts) if source else [],
        "unknown_total": sum(connection.unknown_fields.values()),
    }


def _cost(source: Source, told: Mapping[str, Any]) -> Any:
    try:
        return source.cost(msgspec.convert(told, source.settings_type))
    except msgspec.ValidationError:
        return None  # it can't be said before its settings are known
