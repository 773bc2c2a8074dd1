"""Topics: the list with what they found, writing and changing one with a preview over stored posts.

These pages show mentions, so they stand here; what a topic is and how it changes stands in `listening/`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from watchfloor.listening import actions
from watchfloor.listening.access import topic_for
from watchfloor.listening.diff import differences
from watchfloor.listening.forms import MOST_CHARACTERS, TopicForm
from watchfloor.listening.models import Topic
from watchfloor.listening.typed import Typed, read_typed
from watchfloor.mentions import reads
from watchfloor.mentions.access import enter
from watchfloor.mentions.reads import Window
from watchfloor.mentions.rows import Reasons, rows
from watchfloor.mentions.topic_reads import last_day
from watchfloor.team.access import SignedIn, may_change_listening
from watchfloor.team.models import Mission

EXAMPLES = 5
MOST_VERSIONS = 30


@require_safe
@login_required
def topics(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter(request, slug)
    found = list(Topic.objects.filter(mission=mission).order_by("-is_on", "name"))
    context = {
        "mission": mission,
        "rows": [{"row": row, "typed": read_typed(row.topic.query)} for row in last_day(found, timezone.now())],
        "may_write": may_change_listening(request.user, mission),
    }
    return render(request, "listening/topics.html", context)


@login_required
def topic_new(request: SignedIn, slug: str) -> HttpResponse:
    mission = _writable(request, slug)
    form = TopicForm(
        request.POST or None, mission=mission, initial={"query": request.GET.get("q", "")[:MOST_CHARACTERS]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_topic(mission, by=request.user, **_told(form))
        except IntegrityError:
            form.add_error("name", _("Another topic of this mission got this name just now. Choose a different one."))
        else:
            messages.success(request, _("Topic saved. It listens from now on; stored posts are being looked through."))
            return redirect("topic", slug, made.pk)
    context = {"mission": mission, "form": form, **_preview(mission, form.typed)}
    return render(request, "listening/topic.html", context, status=422 if form.errors else 200)


@login_required
def topic(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    this = topic_for(request.user, slug, pk)
    mission = enter(request, slug)
    may_write = may_change_listening(request.user, mission)
    initial = {"name": this.name, "role": this.role, "query": this.query}
    form = TopicForm(request.POST or None, mission=mission, topic=this, initial=initial)
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        if form.is_valid():
            changed = actions.change_topic(this, by=request.user, **_told(form))
            said = _("Version %(n)d is in force from now on.") if changed.version != this.version else _("Saved.")
            messages.success(request, said % {"n": changed.version} if "%" in said else said)
            return redirect("topic", slug, pk)
    context = {
        "mission": mission,
        "topic": this,
        "form": form,
        "may_write": may_write,
        "versions": _versions(this),
        **_preview(mission, form.typed),
    }
    return render(request, "listening/topic.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def topic_switch(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    this = topic_for(request.user, slug, pk)
    _writable(request, slug)
    actions.switch_topic(this, on=request.POST.get("on") == "1")
    return redirect("topic", slug, pk)


@login_required
def topic_check(request: SignedIn, slug: str) -> HttpResponse:
    """As you type: in words or what is wrong, how many stored posts it finds, and the newest of them.

    Asked by POST, because a query may be longer than an address; it changes nothing."""
    mission = enter(request, slug)
    text = (request.POST or request.GET).get("query", "")
    typed = read_typed(text[: MOST_CHARACTERS + 1])
    return render(request, "listening/_check.html", {"mission": mission, **_preview(mission, typed)})


def _preview(mission: Mission, typed: Typed) -> dict[str, Any]:
    """Counts are of posts that this mission stores: a new topic may find others from now on."""
    context: dict[str, Any] = {"typed": typed, "slug": mission.slug}
    if typed.query is None:
        return context
    now = timezone.now()
    day, week = (Window(now - timedelta(days=days), now + timedelta(minutes=1)) for days in (1, 7))
    examples = reads.newest(mission, None, query=typed.query, window=week, limit=EXAMPLES)
    return {
        **context,
        "day": reads.totals(mission, None, day, typed.query, with_authors=False).posts,
        "week": reads.totals(mission, None, week, typed.query, with_authors=False).posts,
        "examples": rows(examples, Reasons(typed.query), mission.slug, now),
    }


def _versions(topic: Topic) -> list[dict[str, Any]]:
    """Newest first, each with what it changed against the one before."""
    kept = list(topic.versions.select_related("made_by")[: MOST_VERSIONS + 1])
    pairs = zip(kept, [*kept[1:], None], strict=True)
    found = [{"version": v, "changes": differences(before.query, v.query) if before else None} for v, before in pairs]
    return found[:MOST_VERSIONS]


def _told(form: TopicForm) -> dict[str, str]:
    return {name: form.cleaned_data[name] for name in ("name", "role", "query", "why")}


def _writable(request: SignedIn, slug: str) -> Mission:
    mission = enter(request, slug)
    if not may_change_listening(request.user, mission):
        raise PermissionDenied
    return mission
