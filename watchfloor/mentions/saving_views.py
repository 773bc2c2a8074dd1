"""Saved views: save one, open its link, rename, share or remove it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from watchfloor.mentions.access import LARGEST_ID, enter
from watchfloor.mentions.saving import (
    ViewRefused,
    change_view,
    may_change,
    remove_view,
    save_view,
    view_for,
    views_for,
)
from watchfloor.team.access import SignedIn


@login_required
def saved_views(request: SignedIn, slug: str) -> HttpResponse:
    """The list; by POST a new one from the page that is open."""
    mission = enter(request, slug)
    if request.method == "POST":
        given = request.POST
        address = given.get("address", "")
        back = f"{reverse('explore', args=[slug])}?{address}"
        try:
            view = save_view(
                mission,
                name=given.get("name", ""),
                address=address,
                is_shared=given.get("shared") == "1",
                by=request.user,
            )
        except ViewRefused as refused:
            messages.error(request, str(refused))
            return redirect(back if len(back) < 8_000 else reverse("explore", args=[slug]))
        messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
        return redirect("saved-view", slug, view.pk)
    views = [(view, may_change(view, request.user)) for view in views_for(mission, request.user)]
    return render(request, "mentions/saved_views.html", {"mission": mission, "views": views})


@require_safe
@login_required
def saved_view(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    """The link that people share: it opens Explore as it was saved, for those who may."""
    mission = enter(request, slug)
    view = view_for(mission, min(pk, LARGEST_ID), request.user)
    return redirect(f"{reverse('explore', args=[slug])}?{view.address}&view={view.pk}".replace("?&", "?"))


@require_POST
@login_required
def saved_view_change(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    mission = enter(request, slug)
    view = view_for(mission, min(pk, LARGEST_ID), request.user)
    if not may_change(view, request.user):
        raise PermissionDenied
    if "remove" in request.POST:
        remove_view(view)
        messages.success(request, _("Removed “%(name)s”.") % {"name": view.name})
        return redirect("saved-views", slug)
    try:
        change_view(view, name=request.POST.get("name", ""), is_shared=request.POST.get("shared") == "1")
        messages.success(request, _("Saved “%(name)s”.") % {"name": view.name})
    except ViewRefused as refused:
        messages.error(request, str(refused))
    return redirect("saved-views", slug)
