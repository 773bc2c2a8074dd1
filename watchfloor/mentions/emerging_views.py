"""Emerging terms: what rises and is not listened to, with what to do about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchfloor.listening.access import emerging_term_for
from watchfloor.listening.models import EmergingTerm, Topic
from watchfloor.listening.trends.actions import ignore_term, offer_term_again
from watchfloor.listening.trends.suggest import as_query
from watchfloor.listening.typed import read_typed
from watchfloor.mentions.access import enter
from watchfloor.mentions.emerging import first_posts_of, offers, watch_state
from watchfloor.mentions.rows import shown
from watchfloor.team.access import SignedIn, may_change_listening
from watchfloor.team.models import Mission

STATES = tuple(EmergingTerm.State.values)
LONGEST_EXAMPLE = 240


@require_safe
@never_cache
@login_required
def emerging(request: SignedIn, slug: str) -> HttpResponse:
    """The page; with `part`, only its list, for pages that heard of a change."""
    mission = enter(request, slug)
    show = request.GET.get("show", "")
    context = _list(request, mission, show if show in STATES else EmergingTerm.State.OFFERED)
    fragment = "mentions/_emerging_list.html" if "part" in request.GET else "mentions/emerging.html"
    return render(request, fragment, context)


@require_POST
@login_required
def emerging_ignore(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    term = _changeable(request, slug, pk)
    ignore_term(term, by=request.user)
    messages.success(request, _("“%(term)s” is offered no more. Find it under Ignored.") % {"term": term.shown})
    return redirect("emerging", slug)


@require_POST
@login_required
def emerging_offer(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    term = _changeable(request, slug, pk)
    offer_term_again(term, by=request.user)
    messages.success(request, _("“%(term)s” is offered again.") % {"term": term.shown})
    return redirect("emerging", slug)


@require_safe
@login_required
def emerging_add(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    """To the page that changes the chosen topic, with the term in its query; to a new topic where none was chosen."""
    term = _changeable(request, slug, pk)
    chosen = request.GET.get("topic", "")
    known = chosen.isascii() and chosen.isdecimal() and len(chosen) < 19
    topic = Topic.objects.kept().filter(mission=term.mission, pk=int(chosen)).first() if known else None
    address = reverse("topic", args=[slug, topic.pk]) if topic else reverse("topic-new", args=[slug])
    return redirect(f"{address}?offer={term.pk}")


def _list(request: SignedIn, mission: Mission, show: str) -> dict[str, Any]:
    now = timezone.now()
    found = offers(mission, now, show=show)
    terms = [*found.now, *found.earlier]
    first_posts = first_posts_of(mission, terms)
    rows = {one.pk: _row(one, first_posts[one.pk]) for one in terms}
    return {
        "mission": mission,
        "slug": mission.slug,
        "now": now,
        "show": show,
        "offers": found,
        "now_rows": [rows[one.pk] for one in found.now],
        "earlier_rows": [rows[one.pk] for one in found.earlier],
        "topics": list(Topic.objects.kept().filter(mission=mission, is_on=True).order_by("name")),
        "watch": watch_state(mission),
        "may_write": may_change_listening(request.user, mission),
    }


def _row(one: EmergingTerm, posts: list[Any]) -> dict[str, Any]:
    query = read_typed(as_query(one)).query
    minutes = one.width_ms / 60_000
    return {
        "term": one,
        "window": _("%(n)g min") % {"n": minutes} if minutes >= 1 else _("%(n)g s") % {"n": one.width_ms / 1_000},
        "per_100": f"{one.volume:.3g}",
        "before_per_100": f"{one.baseline:.2g}" if one.baseline else "0",
        "languages": [(code, posts_in) for code, posts_in in one.languages if code][:3],
        "posts": [shown(post, [query] if query else [], LONGEST_EXAMPLE) for post in posts],
    }


def _changeable(request: SignedIn, slug: str, pk: int) -> EmergingTerm:
    term = emerging_term_for(request.user, slug, pk)
    if not may_change_listening(request.user, enter(request, slug)):
        raise PermissionDenied
    return term
