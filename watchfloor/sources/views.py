"""The Sources page: what is connected, how it goes, and what administrators may change."""

from __future__ import annotations

import asyncio
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
from django.views.decorators.http import require_POST, require_safe

from watchfloor.lib.secrets import CannotOpen
from watchfloor.sources import actions
from watchfloor.sources.forms import ConnectionForm
from watchfloor.sources.models import Connection
from watchfloor.sources.reads import health, plug
from watchfloor.sources.source import Source, SourceError, installed_sources
from watchfloor.team.access import SignedIn, may_manage_connections
from watchfloor.team.models import Mission, Person

CHECK_SECONDS = 20
MOST_GAPS = 20
MOST_UNKNOWN = 12


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
    rows = connections_for(request.user).select_related("mission").annotate(gaps_found=Count("gaps"))
    connections = sorted((_row(c, now) for c in rows), key=lambda row: (row["health"].rank, row["connection"].name))
    context = {
        "connections": connections,
        "may_manage": may_manage_connections(request.user),
        "installed": [(name, source.facts) for name, source in sorted(installed_sources().items())],
    }
    template = "sources/_list.html" if request.headers.get("HX-Request") else "sources/sources.html"
    return render(request, template, context)


@login_required
def connection(request: SignedIn, pk: int) -> HttpResponse:
    """One connection. A POST by an administrator changes its settings."""
    this = connection_for(request.user, pk)
    may_manage = may_manage_connections(request.user)
    source = plug(this)
    form = None
    if may_manage and source:
        initial = {"name": this.name, "mission": this.mission, **ConnectionForm.initial_of(this.settings)}
        form = ConnectionForm(source, request.POST or None, initial=initial)
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
    unknown = sorted(this.unknown_fields.items(), key=lambda item: -item[1])
    context = {
        **_row(this, timezone.now()),
        "form": form,
        "may_manage": may_manage,
        "gaps": this.gaps.all()[:MOST_GAPS],
        "unknown": unknown[:MOST_UNKNOWN],
        "unknown_more": max(0, len(unknown) - MOST_UNKNOWN),
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
        messages.success(request, _("Connected. The first posts show here once the stream has them."))
        return redirect("source-connection", made.pk)
    context = {"form": form, "facts": source.facts, "name": name, "cost": _cost(source)}
    return render(request, "sources/add.html", context, status=422 if form.errors else 200)


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
    """Try the connection once and say what came of it. Reaches the network through the source's guarded client."""
    this = _managed(request, pk)
    context: dict[str, Any] = {"connection": this}
    source = plug(this)
    try:
        if source is None:
            raise SourceError(_("Looked for the source"), this.source, _("Install the package that brought it."))
        settings = msgspec.convert(this.settings, source.settings_type)
        context["checked"] = asyncio.run(asyncio.wait_for(source.check(settings, secrets=this.secrets), CHECK_SECONDS))
    except msgspec.ValidationError as error:
        context["error"] = SourceError(
            _("Read its settings"), str(error), _("Correct the settings below and save them.")
        )
    except CannotOpen as error:
        context["error"] = SourceError(_("Opened its secrets"), this.name, str(error))
    except TimeoutError:
        context["error"] = SourceError(
            _("Waited for an answer"), _("%(n)d s") % {"n": CHECK_SECONDS}, _("Check the address, then test again.")
        )
    except SourceError as error:
        context["error"] = error
    if request.headers.get("HX-Request"):
        return render(request, "sources/_checked.html", context)
    return render(request, "sources/checked.html", context)


@require_POST
@login_required
def delete(request: SignedIn, pk: int) -> HttpResponse:
    this = _managed(request, pk)
    actions.delete_connection(this)
    messages.success(request, _("%(name)s was deleted. Its posts stay.") % {"name": this.name})
    return redirect("sources")


def _managed(request: SignedIn, pk: int) -> Connection:
    found = connection_for(request.user, pk)
    if not may_manage_connections(request.user):
        raise PermissionDenied
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
        "unknown_total": sum(connection.unknown_fields.values()),
    }


def _cost(source: Source) -> Any:
    try:
        return source.cost(msgspec.convert({}, source.settings_type))
    except msgspec.ValidationError:
        return None  # it can't be said before its settings are known
