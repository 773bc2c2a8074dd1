"""Saved views: a query with its filters and stretch of time under a name, one's own or shared with the mission."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from watchfloor.mentions.marking import SavedView
from watchfloor.team.access import may_lead
from watchfloor.team.models import Mission, Person

# What a view is made of. Paging and the chosen post are no part of it.
PARTS = ("q", "topic", "network", "sentiment", "lang", "author", "has", "tag", "category", "since", "from", "to")
LONGEST_NAME, LONGEST_ADDRESS = 120, 30_000


class ViewRefused(ValueError):
    """The message says what was refused, why, and what to do."""


def save_view(mission: Mission, *, name: str, address: str, is_shared: bool, by: Person) -> SavedView:
    """Keep a view; one of the same name and person is replaced. `address` is what stands behind the "?". Raises
    ViewRefused."""
    name = _fit_name(name)
    if len(address) > LONGEST_ADDRESS:
        raise ViewRefused(_("This view is too long to be saved. Save its query as a topic and choose that."))
    with transaction.atomic():
        found = SavedView.objects.filter(mission=mission, owner=by, name__iexact=name).first()
        view = found or SavedView(mission=mission, owner=by)
        view.name, view.address, view.is_shared = name, tidy_address(address), is_shared
        view.save()
    return view


def change_view(view: SavedView, *, name: str, is_shared: bool) -> SavedView:
    """Raises ViewRefused."""
    view.name, view.is_shared = _fit_name(name), is_shared
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "is_shared", "changed_at"])
    except IntegrityError:
        raise ViewRefused(_("You have a view “%(name)s” already. Choose another name.") % {"name": view.name}) from None
    return view


def remove_view(view: SavedView) -> None:
    view.delete()


def views_for(mission: Mission, person: Person) -> list[SavedView]:
    """Those that `person` may open, their own first."""
    found = SavedView.objects.filter(Q(owner=person) | Q(is_shared=True), mission=mission).select_related("owner")
    return sorted(found, key=lambda view: (view.owner_id != person.pk, view.name.casefold()))


def view_for(mission: Mission, pk: int, person: Person) -> SavedView:
    """One of those. Raises Http404: somebody else's own view and none look alike."""
    for view in views_for(mission, person):
        if view.pk == pk:
            return view
    raise Http404("no such view")


def may_change(view: SavedView, person: Person) -> bool:
    """Its owner may; a shared one the mission's leads, too."""
    return view.owner_id == person.pk or (view.is_shared and may_lead(person, view.mission))


def tidy_address(address: str) -> str:
    """The parts of a view alone."""
    given = QueryDict(address.lstrip("?"))
    kept = QueryDict(mutable=True)
    for part in PARTS:
        kept.setlist(part, given.getlist(part))
    return kept.urlencode()


def _fit_name(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise ViewRefused(_("A name is missing. Write one that says what the view shows."))
    if len(name) > LONGEST_NAME:
        raise ViewRefused(
            _("A name has at most %(most)d characters; this one has %(n)d.") % {"most": LONGEST_NAME, "n": len(name)}
        )
    return name
